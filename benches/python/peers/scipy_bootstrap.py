"""Bootstrap replicates of the vote curve by ``scipy.stats.bootstrap`` with a vectorised statistic.

SciPy draws resamples as long as the data and hands over a batch of them; the statistic is the whole curve: the vote
among the first k of each resample. To draw more than the log has samples, the data are the log repeated; to draw fewer,
the rest of a resample goes unused. A batch holds about a million draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 1_000_000
MOST_COMPARED = 8


def replicate_curves(
    codes: NDArray[np.int32], k: NDArray[np.int64], *, replicates: int, seed: int = 0
) -> NDArray[np.float64]:
    """Return the score [replicates, K] of one question in each replicate, ties split; ``k`` increasing."""
    most = int(k[-1])
    n_answers = int(codes.max()) + 1
    copies = 1 if most <= len(codes) else most // len(codes)
    if copies * len(codes) < most:
        raise ValueError(f"max(k) must be a multiple of the {len(codes)} samples, got {most}")
    data = np.tile(codes, copies)
    starts = np.concatenate([[0], k[:-1]])

    def curve(drawn: NDArray[np.int32], axis: int = -1) -> NDArray[np.float64]:
        assert axis == -1
        drawn = np.atleast_2d(drawn)[:, :most]
        tallies = np.cumsum(_tallies(drawn, starts, k, n_answers), axis=0)
        first = tallies == tallies.max(axis=-1, keepdims=True)
        return first[..., CORRECT] / first.sum(axis=-1)

    result = stats.bootstrap(
        (data,),
        curve,
        n_resamples=replicates,
        batch=max(1, BATCH // len(data)),
        vectorized=True,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return result.bootstrap_distribution.T


def _tallies(
    drawn: NDArray[np.int32], starts: NDArray[np.int64], k: NDArray[np.int64], n_answers: int
) -> NDArray[np.int64]:
    """Count the answers [K, batch, A] of each stretch between grid points."""
    if n_answers <= MOST_COMPARED:
        counts = [
            np.add.reduceat(drawn == answer, starts, axis=-1, dtype=np.int64)
            for answer in range(n_answers)
        ]
        return np.stack(counts, axis=-1).transpose(1, 0, 2)
    rows = np.arange(len(drawn))[:, None] * n_answers
    return np.stack(
        [
            np.bincount(
                (rows + drawn[:, start:end]).ravel(), minlength=len(drawn) * n_answers
            ).reshape(len(drawn), n_answers)
            for start, end in zip(starts, k, strict=True)
        ]
    )
