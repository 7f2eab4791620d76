"""The score of the sample that best-of-n chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.errors import LogError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def chosen_scores(samples: ScoredSamples, k: Integers, *, replacement: bool) -> Floats:
    """Return the expected highest score of k samples of each question, [Q, K].

    ``sum_r s_(r) C(r - 1, k - 1) / C(N, k)`` over the ranks r of its N scores in ascending order;
    with replacement ``sum_r s_(r) ((r / N)^k - ((r - 1) / N)^k)``. Samples without a score are no
    part of a maximum: scores of minus infinity are left out, and a draw of nothing else does not count.

    Raises
    ------
    LogError
        If a score is infinite, so that there is no mean.
    """
    endless = int(np.count_nonzero(samples.score == np.inf))
    if endless:
        raise LogError(
            f"{endless} scores are infinite and have no mean; clip them, or leave them out as NaN"
        )
    size = np.bincount(samples.question, minlength=samples.n_questions)
    start = np.cumsum(size) - size
    found = np.full((samples.n_questions, len(k)), np.nan)
    # Questions of one size share their weights.
    for each in np.unique(size[size > 0]):
        questions = np.flatnonzero(size == each)
        scores = samples.score[start[questions][:, None] + np.arange(each)]
        weights = rank_weights(int(each), k, replacement=replacement)
        scored = scores > -np.inf
        chance = scored @ weights
        total = np.where(scored, scores, 0.0) @ weights
        found[questions] = np.divide(
            total, chance, out=np.full(total.shape, np.nan), where=chance > 0
        )
    return found


def rank_weights(n: int, k: Integers, *, replacement: bool) -> Floats:
    """Return the chance that the highest of k draws from n has rank 1, ..., n, [n, K]."""
    rank = np.arange(1, n + 1)
    if replacement:
        return np.asarray((rank[:, None] / n) ** k - ((rank[:, None] - 1) / n) ** k)
    weights = np.zeros((n, len(k)))
    current = np.full(n, 1 / n)
    for calls in range(1, int(k.max()) + 1):
        weights[:, k == calls] = current[:, None]
        if calls < n:
            # C(r - 1, k) / C(n, k + 1) over C(r - 1, k - 1) / C(n, k); 0 for ranks up to k.
            current = current * ((rank - calls).clip(0) / calls) * ((calls + 1) / (n - calls))
    return weights
