"""Where one system overtakes another as the budget grows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.planning.envelope import EVEN, knots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kcurve.planning.points import Points

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The cost from which on one system is ahead of another for good.

    Attributes
    ----------
    behind, ahead : str
        The system that is overtaken, and the one that overtakes it.
    cost : float
        The mean cost per question from which on `ahead` scores higher at every cost looked at;
        infinite if it is not ahead at the end.
    low, high : float
        Its interval, by draws; infinite limits say that it may not overtake at all.
    probability : float
        Probability that it is ahead at the highest cost looked at.
    from_the_start : float
        Probability that it is ahead at every cost that pays for both.
    range : tuple of float
        The costs looked at: from where both can be paid to the dearest point of either.
    turns : tuple of (float, str)
        All costs at which the leader changes in the estimate, and who leads from there.
    level : float
        Probability of the interval.
    """

    behind: str
    ahead: str
    cost: float
    low: float
    high: float
    probability: float
    from_the_start: float
    range: tuple[float, float]
    turns: tuple[tuple[float, str], ...]
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; what is infinite becomes None."""

        def number(value: float) -> float | None:
            return value if isfinite(value) else None

        return {
            "behind": self.behind,
            "ahead": self.ahead,
            "cost": number(self.cost),
            "low": number(self.low),
            "high": number(self.high),
            "probability": self.probability,
            "from_the_start": self.from_the_start,
            "range": list(self.range),
            "turns": [list(turn) for turn in self.turns],
            "level": self.level,
        }


def crossing_of(
    points: Points, draws: tuple[Floats, Floats], *, behind: str, ahead: str, level: float
) -> Crossing:
    """Find where the envelope of `ahead` overtakes that of `behind`; draws of accuracy and cost."""
    names = np.array(points.system)
    estimate = _leads(points.accuracy[None], points.mean_cost[None], names, behind, ahead)[0]
    drawn = _leads(*draws, names, behind, ahead)
    starts = np.array([each.overtaken for each in drawn])
    outside = (1 - level) / 2
    low, high = np.quantile(starts, [outside, 1 - outside], method="inverted_cdf")
    return Crossing(
        behind=behind,
        ahead=ahead,
        cost=estimate.overtaken,
        low=float(low),
        high=float(high),
        probability=float(np.isfinite(starts).mean()),
        from_the_start=float(np.mean([each.overtaken <= each.first for each in drawn])),
        range=(estimate.first, float(estimate.cost[-1])),
        turns=tuple((cost, ahead if forwards else behind) for cost, forwards in estimate.changes()),
        level=level,
    )


@dataclass(frozen=True, slots=True)
class _Lead:
    """How far one envelope is above another: linear between costs, from where both can be paid."""

    cost: Floats
    gap: Floats

    @property
    def first(self) -> float:
        return float(self.cost[0])

    @property
    def overtaken(self) -> float:
        """The cost from which on the gap stays positive; infinite if it does not."""
        behind = np.flatnonzero(self.gap <= EVEN)
        if not len(behind):
            return self.first
        last = int(behind[-1])
        return inf if last + 1 == len(self.gap) else self._zero(last, last + 1)

    def changes(self) -> Iterator[tuple[float, bool]]:
        """Yield where the sign changes, and whether it is positive from there."""
        known = np.flatnonzero(np.abs(self.gap) > EVEN)
        for before, after in pairwise(known.tolist()):
            if self.gap[before] * self.gap[after] < 0:
                # Level stretches between the two belong to the one that led before.
                yield self._zero(after - 1, after), bool(self.gap[after] > 0)

    def _zero(self, i: int, j: int) -> float:
        part = -self.gap[i] / (self.gap[j] - self.gap[i])
        return float(self.cost[i] + np.clip(part, 0.0, 1.0) * (self.cost[j] - self.cost[i]))


def _leads(
    accuracy: Floats, cost: Floats, names: NDArray[np.str_], behind: str, ahead: str
) -> list[_Lead]:
    """Return how far the envelope of `ahead` is above that of `behind`, for every draw [R, P]."""
    found = []
    sides = [knots(accuracy[:, names == name], cost[:, names == name]) for name in (behind, ahead)]
    for (costs_a, of_a), (costs_b, of_b) in zip(*sides, strict=True):
        first = max(costs_a[0], costs_b[0])
        both = np.union1d(costs_a, costs_b)
        both = both[both >= first]
        gap = np.interp(both, costs_b, of_b) - np.interp(both, costs_a, of_a)
        found.append(_Lead(both, gap))
    return found
