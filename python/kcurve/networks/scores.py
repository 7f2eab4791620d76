"""Who leads among candidates, for one selection or for many at once.

Candidates are codes along the last axis: equal codes are equal answers, -1 is a candidate that cannot win
because it has no answer. Verdicts are a table ``won[..., i, j]``: 1 if i won the comparison in which i
was shown before j, -1 if j won it, 0 if it was not made or its reply was unusable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Integers = NDArray[np.integer]

_LEVEL = 1e-9
"""Scores that differ by less are level: sums of 0.5 and 0.01 in any order."""


def alike(codes: Integers) -> Bools:
    """Return which pairs [..., n, n] have the same answer; a candidate is like itself if it has one."""
    return np.asarray(
        (codes[..., :, None] == codes[..., None, :]) & (codes >= 0)[..., :, None], dtype=np.bool_
    )


def unlike(codes: Integers) -> Bools:
    """Return which pairs [..., n, n] have different answers."""
    answered = codes >= 0
    both = answered[..., :, None] & answered[..., None, :]
    return np.asarray(both & (codes[..., :, None] != codes[..., None, :]))


def repeats(codes: Integers) -> Integers:
    """Return how many earlier candidates have the same answer [..., n]."""
    same = alike(codes)
    return np.asarray(np.tril(same, -1).sum(axis=-1))


def firsts(codes: Integers) -> Bools:
    """Return which candidates are the first with their answer [..., n]."""
    return np.asarray((codes >= 0) & (repeats(codes) == 0))


def vote_leaders(codes: Integers) -> Bools:
    """Return the first candidate of each answer that the most candidates have [..., n]."""
    votes = np.zeros(codes.shape, dtype=np.int64)
    # One pass for each answer: the square of the candidates would be too much for a large vote.
    for answer in range(int(codes.max()) + 1):
        has = codes == answer
        first = has.argmax(axis=-1)[..., None]
        np.put_along_axis(
            votes,
            first,
            np.take_along_axis(votes, first, axis=-1) + has.sum(axis=-1, keepdims=True),
            axis=-1,
        )
    return _leaders(votes, votes > 0)


def pairwise_leaders(codes: Integers, won: Integers, *, win: float, shared: float) -> Bools:
    """Return the candidates with the largest sum of what they won [..., n].

    Each comparison won counts `win`, each other candidate with the same answer `shared`.
    """
    wins = (won == 1).sum(axis=-1) + (won == -1).sum(axis=-2)
    others = alike(codes).sum(axis=-1) - 1
    return _leaders(win * wins + shared * others, codes >= 0)


def rate_leaders(codes: Integers, asked: Bools, won: Integers) -> Bools:
    """Return the first candidate of each answer with the highest mean win rate [..., n].

    The rate of one answer against another is the share of the comparisons between their candidates
    that it won; the mean is over the other answers.
    """
    same = alike(codes).astype(np.float64)
    wins = (won == 1).astype(np.float64) + np.swapaxes(won == -1, -1, -2)
    made = asked.astype(np.float64) + np.swapaxes(asked, -1, -2)
    # From candidates to answers: the sums over all that share one.
    wins, made = same @ wins @ same, same @ made @ same
    rates = np.divide(wins, made, out=np.zeros_like(wins), where=made > 0)
    first = firsts(codes)
    return _leaders((rates * first[..., None, :]).sum(axis=-1), first)


def _leaders(scores: Floats | Integers, allowed: Bools) -> Bools:
    claims = np.where(allowed, scores, -np.inf)
    best = claims.max(axis=-1, keepdims=True)
    return np.asarray((claims >= best - _LEVEL) & allowed, dtype=np.bool_)
