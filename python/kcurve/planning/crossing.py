"""Where one system overtakes another as the budget grows."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.planning.envelope import EVEN, envelope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.points import Points

    Floats = NDArray[np.float64]

_GRID = 512


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
    accuracy, cost = draws
    names = np.array(points.system)
    a, b = names == behind, names == ahead
    first = max(points.mean_cost[a].min(), points.mean_cost[b].min())
    last = max(points.mean_cost[a].max(), points.mean_cost[b].max(), first * (1 + 1e-9))
    grid = np.geomspace(first, last, _GRID) if first > 0 else np.linspace(first, last, _GRID)
    estimate = _gap(points.accuracy[None], points.mean_cost[None], a, b, grid)[0]
    drawn = _gap(accuracy, cost, a, b, grid)
    starts = _overtaken(drawn, grid)
    outside = (1 - level) / 2
    low, high = np.quantile(starts, [outside, 1 - outside], method="inverted_cdf")
    leads = np.sign(np.where(np.abs(estimate) <= EVEN, 0.0, estimate))
    known = np.flatnonzero(leads)
    changes = known[1:][leads[known[1:]] != leads[known[:-1]]]
    return Crossing(
        behind=behind,
        ahead=ahead,
        cost=float(_overtaken(estimate[None], grid)[0]),
        low=float(low),
        high=float(high),
        probability=float(np.isfinite(starts).mean()),
        from_the_start=float((starts <= grid[0]).mean()),
        range=(float(grid[0]), float(grid[-1])),
        turns=tuple((float(grid[i]), ahead if leads[i] > 0 else behind) for i in changes),
        level=level,
    )


def _gap(
    accuracy: Floats, cost: Floats, a: NDArray[np.bool_], b: NDArray[np.bool_], grid: Floats
) -> Floats:
    """Return how far b's envelope is above a's, [R, G]; a system that cannot be paid yet is behind."""
    of_a = envelope(accuracy[:, a], cost[:, a], grid)
    of_b = envelope(accuracy[:, b], cost[:, b], grid)
    return np.asarray(np.nan_to_num(of_b, nan=-1.0) - np.nan_to_num(of_a, nan=-1.0))


def _overtaken(gap: Floats, grid: Floats) -> Floats:
    """Return the cost from which on the gap [R, G] stays positive, [R]; infinite if it does not."""
    behind = gap <= EVEN
    last = np.where(behind.any(axis=1), gap.shape[1] - 1 - np.argmax(behind[:, ::-1], axis=1), -1)
    return np.asarray(np.append(grid, np.inf)[last + 1])
