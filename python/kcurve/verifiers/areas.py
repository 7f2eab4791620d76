"""The area under the ROC curve: how often a right sample outscores a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Placements(NamedTuple):
    """Of each sample: how many of the other kind it beats, by its group; ties count one half.

    For a right sample the wrong ones below it, for a wrong sample the right ones above it; doubled,
    so that they are whole numbers.
    """

    doubled: Integers
    """[S], in the order of the samples."""
    group: Integers
    """The group of each sample, [S]."""
    right: Integers
    """Right samples of each group, [G]."""
    wrong: Integers
    """Wrong samples of each group, [G]."""


def placements(group: Integers, score: Floats, right: NDArray[np.bool_]) -> Placements:
    """Return the placements within groups, numbered from 0."""
    groups = int(group.max()) + 1
    order = np.lexsort((score, group))
    group_, score_, right_ = group[order], score[order], right[order]
    n_right = np.bincount(group, right, minlength=groups).astype(np.int64)
    n_wrong = np.bincount(group, minlength=groups) - n_right
    first = np.ones(len(order), dtype=bool)
    first[1:] = (group_[1:] != group_[:-1]) | (score_[1:] != score_[:-1])
    level = np.cumsum(first) - 1
    level_group = group_[first]
    right_at = np.bincount(level, right_).astype(np.int64)
    wrong_at = np.bincount(level) - right_at
    right_to, wrong_to = np.cumsum(right_at), np.cumsum(wrong_at)
    before = np.cumsum(n_right) - n_right, np.cumsum(n_wrong) - n_wrong
    wrong_below = wrong_to - wrong_at - before[1][level_group]
    right_above = n_right[level_group] + before[0][level_group] - right_to
    doubled = np.empty(len(order), dtype=np.int64)
    doubled[order] = np.where(
        right_, (2 * wrong_below + wrong_at)[level], (2 * right_above + right_at)[level]
    )
    return Placements(doubled, group, n_right, n_wrong)


class PooledArea(NamedTuple):
    """The area over all pairs of a right and a wrong sample."""

    area: float
    influence: Floats
    """By question, [Q]."""


def pooled_area(samples: ScoredSamples) -> PooledArea:
    """Return the area with all samples in one pool, and what each question does to it.

    The influence is Obuchowski's: the placements of a question's samples less what the area makes
    one expect, over the numbers of right and of wrong samples.
    """
    found = placements(np.zeros_like(samples.question), samples.score, samples.right)
    n_right, n_wrong = int(found.right[0]), int(found.wrong[0])
    area = int(found.doubled[samples.right].sum()) / (2 * n_right * n_wrong)
    excess = found.doubled / 2 - area * np.where(samples.right, n_wrong, n_right)
    return PooledArea(area, samples.sums(excess / (n_right * n_wrong)))


class WithinAreas(NamedTuple):
    """The area within each question that has right and wrong samples; NaN for the others, [Q]."""

    area: Floats
    noise: Floats
    """DeLong's variance of each area; NaN unless there are two right and two wrong samples."""


def within_areas(samples: ScoredSamples) -> WithinAreas:
    """Return the areas within questions."""
    groups = samples.n_questions
    found = placements(samples.question, samples.score, samples.right)
    n_right = np.zeros(groups, dtype=np.int64)
    n_wrong = np.zeros(groups, dtype=np.int64)
    n_right[: len(found.right)], n_wrong[: len(found.wrong)] = found.right, found.wrong
    mixed = (n_right > 0) & (n_wrong > 0)
    pairs = np.where(mixed, n_right * n_wrong, 1)
    wins = samples.sums(np.where(samples.right, found.doubled, 0))
    area = np.where(mixed, wins / (2 * pairs), np.nan)
    other = np.where(samples.right, n_wrong[samples.question], n_right[samples.question])
    share = found.doubled / (2 * np.maximum(other, 1))
    square = (share - np.where(mixed, area, 0.0)[samples.question]) ** 2
    noise = np.full(groups, np.nan)
    twice = (n_right > 1) & (n_wrong > 1)
    parts = [
        samples.sums(square * kind)[twice] / (count[twice] * (count[twice] - 1.0))
        for kind, count in ((samples.right, n_right), (~samples.right, n_wrong))
    ]
    noise[twice] = parts[0] + parts[1]
    return WithinAreas(area, noise)
