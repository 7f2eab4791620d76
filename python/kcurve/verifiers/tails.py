"""The top shares of each question's scores, and how much richer in right samples they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]


class Tail(NamedTuple):
    """What the top share of each question's samples holds."""

    right: Floats
    """Right samples in the tail, whole ones and parts of the last tie, [Q]."""
    wrong: Floats
    """Wrong samples in the tail, [Q]."""


def top_tail(samples: ScoredSamples, share: float) -> Tail:
    """Return the tail of the highest-scored `share` of each question.

    A tie that the limit of the share goes through is in it in part, each of its samples alike, so
    that a group of equal top scores has the same composition however small the share is.
    """
    size = np.bincount(samples.question, minlength=samples.n_questions)
    first = np.ones(len(samples.score), dtype=bool)
    first[1:] = (samples.question[1:] != samples.question[:-1]) | (
        samples.score[1:] != samples.score[:-1]
    )
    level = np.cumsum(first) - 1
    tied = np.bincount(level)
    owner = samples.question[first]
    above = np.cumsum(size)[owner] - np.cumsum(tied)
    part = np.clip((share * size[owner] - above) / tied, 0, 1)[level]
    return Tail(samples.sums(part * samples.right), samples.sums(part * ~samples.right))


def top_group(samples: ScoredSamples) -> Tail:
    """Return the group of equal top scores of each question."""
    return Tail(*(values for values in _top(samples)))


def _top(samples: ScoredSamples) -> tuple[Floats, Floats]:
    top = np.full(samples.n_questions, -np.inf)
    np.maximum.at(top, samples.question, samples.score)
    at_top = samples.score == top[samples.question]
    return samples.sums(at_top & samples.right), samples.sums(at_top & ~samples.right)


class Ratio(NamedTuple):
    """How much likelier a right sample is to be in the tail than a wrong one of its question."""

    value: float
    influence: Floats
    """By question, [Q]."""


def tail_ratio(samples: ScoredSamples, tail: Tail) -> Ratio:
    """Return Mantel and Haenszel's ratio of the rates of right and wrong samples.

    ``sum a_q n0_q / n_q over sum b_q n1_q / n_q`` for a_q of n1_q right and b_q of n0_q wrong samples
    in the tail: questions count only against themselves. Infinite if no wrong sample is there, NaN if
    no right one is either.
    """
    n_right, n = samples.sums(samples.right), samples.sums(np.ones(len(samples.score)))
    n = np.maximum(n, 1)
    above = tail.right * (n - n_right) / n
    below = tail.wrong * n_right / n
    total = below.sum()
    if total == 0:
        value = np.inf if above.sum() > 0 else np.nan
        return Ratio(value, np.full(len(n), np.nan))
    value = above.sum() / total
    return Ratio(float(value), (above - value * below) / total)
