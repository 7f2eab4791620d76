"""Answers by their part in the limit of a vote: who leads, who can still win, and how likely."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kcurve import _core
from kcurve.theory.distributions import missing_mass, rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TIE = 1e-12
"""Masses that differ by less than this, relative to the larger, are level: 0.1 + 0.2 and 0.3."""


def leading_answers(probabilities: Floats, masses: Floats) -> NDArray[np.bool_]:
    """Return which answers lead: have the largest mass of those that occur."""
    claims = np.where(probabilities > 0, masses, -np.inf)
    first = claims.max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(first - claims <= TIE * np.abs(first)) & (probabilities > 0)


def two_largest(masses: Floats) -> tuple[Floats, Floats]:
    """Return the largest and the second largest mass; 0 where there is no second."""
    if masses.shape[-1] == 1:
        return masses[..., 0], np.zeros(masses.shape[:-1])
    largest = np.partition(masses, -2, axis=-1)
    return largest[..., -1], largest[..., -2]


class Contest(NamedTuple):
    """Answer distributions in rows, by their part in the limit."""

    masses: Floats
    """Probability of each answer, [R, A]."""
    right: NDArray[np.bool_]
    """Which answers are correct, [R, A]."""
    leading: NDArray[np.bool_]
    """Which answers are modes, [R, A]."""

    @classmethod
    def of(cls, masses: Floats, right: NDArray[np.bool_]) -> Contest:
        """Make the contests of the rows of masses [..., A]."""
        return cls(rows(masses), rows(right), rows(leading_answers(masses, masses)))

    @property
    def limit(self) -> Floats:
        """Share of the modes that is correct, [R]."""
        return np.asarray(
            (self.leading & self.right).sum(axis=-1) / self.leading.sum(axis=-1).clip(1)
        )

    def error(self, k: NDArray[np.int64], *, threads: int | None = None) -> Floats:
        """Return the error after k calls, [R, K], k of one row or of R."""
        # Modes win alike. Of what outsiders, and draws without an answer, take from them, the share
        # `limit` is taken from correct ones; what a correct outsider takes counts for it.
        inert = missing_mass("p", self.masses)
        outside = ~self.leading
        share = self.limit[:, None]
        taken = [
            _core.vote_accuracy(self.masses, np.ascontiguousarray(who), inert, k, "split", threads)
            for who in (outside & self.right, outside & ~self.right)
        ]
        nothing = inert[:, None] ** k
        return np.asarray(np.abs(taken[0] * (1 - share) - share * (taken[1] + nothing)))

    def rate(self, missing: Floats) -> Floats:
        """Return the exponential rate of the error, [R]."""
        limit = self.limit[:, None]
        # Who counts: outsiders on either side of the limit, whoever can move the score.
        moving = ~self.leading & (self.masses > 0) & (self.right | (limit > 0))
        moving &= ~self.right | (limit < 1)
        rates = np.where(moving, _win_rates(self.masses), np.inf).min(axis=-1)
        with np.errstate(divide="ignore"):
            # Nobody votes at all.
            silence = np.where(self.limit > 0, -np.log(missing), np.inf)
        return np.asarray(np.minimum(rates, silence))


def _win_rates(masses: Floats) -> Floats:
    """Return the rate at which each answer ceases to be in first place, [R, A]."""
    ordered = -np.sort(-masses, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(masses)
        sums = np.cumsum(np.log(ordered), axis=-1)
        # With the m largest ahead: the geometric mean of theirs and one's own.
        ahead = np.arange(1, masses.shape[-1] + 1)
        means = np.exp((logs[..., None] + sums[..., None, :]) / (ahead + 1))
        means = np.concatenate([masses[..., None], means], axis=-1)
        taken = np.concatenate(
            [np.zeros((*masses.shape[:-1], 1)), np.cumsum(ordered, axis=-1)], axis=-1
        )
        # They stop where the next one is below the mean: those ahead pull it up one by one.
        following = np.concatenate([ordered, np.zeros((*masses.shape[:-1], 1))], axis=-1)
        ahead_of_all = np.argmax(following[..., None, :] <= means, axis=-1)
        pick = ahead_of_all[..., None]
        mean = np.take_along_axis(means, pick, axis=-1)[..., 0]
        spent = np.take_along_axis(np.broadcast_to(taken[..., None, :], means.shape), pick, axis=-1)
        departure = spent[..., 0] + masses - (ahead_of_all + 1) * mean
        return np.asarray(-np.log1p(-np.minimum(departure, 1.0)))
