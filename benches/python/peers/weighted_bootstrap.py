"""Bootstrap replicates of the weighted vote: each drawn sample adds its score to what its answer claims.

NumPy: indices for a batch of replicates, and one ``np.bincount`` with weights per stretch between grid points. numba: the
loop over draws, two draws per 64-bit word. Claims that are level up to rounding tie, and ties are split. Scores are
positive, so that an answer without a ballot never leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from logs import CORRECT
from peers.numba_expert import GOLDEN, HALF, LOWER, _mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 250_000
LEVEL = 1e-9


def numpy_replicates(
    codes: NDArray[np.int32],
    scores: NDArray[np.float64],
    k: NDArray[np.int64],
    *,
    replicates: int,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the credit [replicates, K] of one question; scores [n] positive, ``k`` increasing."""
    rng = np.random.default_rng(seed)
    n_answers, most = int(codes.max()) + 1, int(k[-1])
    credit = np.empty((replicates, len(k)))
    tolerance = LEVEL * float(scores.max()) * k
    size = max(1, BATCH // most)
    for first in range(0, replicates, size):
        rows = min(size, replicates - first)
        drawn = rng.integers(len(codes), size=(rows, most), dtype=np.uint32)
        cells = codes[drawn] + n_answers * np.arange(rows)[:, None]
        weights = scores[drawn]
        claims = np.zeros((rows, n_answers))
        start = 0
        for point, end in enumerate(k):
            claims += np.bincount(
                cells[:, start:end].ravel(), weights[:, start:end].ravel(), rows * n_answers
            ).reshape(rows, n_answers)
            level = claims >= claims.max(axis=1, keepdims=True) - tolerance[point]
            credit[first : first + rows, point] = level[:, CORRECT] / level.sum(axis=1)
            start = end
    return credit


def numba_replicates(
    codes: NDArray[np.int32],
    scores: NDArray[np.float64],
    k: NDArray[np.int64],
    *,
    replicates: int,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the credit [replicates, K] of one question; scores [n] positive, ``k`` increasing."""
    credit = np.zeros((replicates, len(k)))
    small = codes.astype(np.uint8 if codes.max() < 256 else np.uint32)
    _loop(small, scores, k, np.uint64(seed), credit)
    return credit


@nb.njit
def _loop(answers, scores, k, seed, credit):
    n = np.uint64(len(answers))
    n_answers = int(answers.max()) + 1
    tolerance = LEVEL * scores.max()
    even = np.zeros(n_answers)
    odd = np.zeros(n_answers)
    state = seed
    for replicate in range(len(credit)):
        even[:] = 0.0
        odd[:] = 0.0
        drawn = 0
        for point in range(len(k)):
            step = k[point] - drawn
            for _ in range(step // 2):
                state += GOLDEN
                word = _mixed(state)
                i = ((word >> HALF) * n) >> HALF
                j = ((word & LOWER) * n) >> HALF
                even[answers[i]] += scores[i]
                odd[answers[j]] += scores[j]
            if step % 2:
                state += GOLDEN
                i = ((_mixed(state) >> HALF) * n) >> HALF
                even[answers[i]] += scores[i]
            drawn = k[point]
            least = (even + odd).max() - tolerance * drawn
            if even[CORRECT] + odd[CORRECT] >= least:
                level = 0
                for answer in range(n_answers):
                    level += even[answer] + odd[answer] >= least
                credit[replicate, point] = 1.0 / level
