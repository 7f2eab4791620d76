"""What draws of accuracy and cost say about a choice among points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.bands import critical_value, proportion_interval
from kcurve.errors import ArgumentError
from kcurve.planning.kinship import believed_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.points import Points

    Floats = NDArray[np.float64]

_SLACK = 1e-9
"""Sums of costs that are equal differ by rounding."""

_EVEN = 1e-12
"""Accuracies that are equal by symmetry differ by rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgement:
    """Points under a budget, with joint draws [R, P] of their accuracy and mean cost.

    Attributes
    ----------
    measured : float64 [R, P]
        Accuracy in draws of the Bayesian bootstrap.
    accuracy : float64 [R, P]
        What to believe of it.
    cost : float64 [R, P]
        Mean cost.
    """

    points: Points
    budget: float
    measured: Floats
    accuracy: Floats
    cost: Floats
    keep: float | None = None

    @classmethod
    def of(
        cls, points: Points, budget: float, *, keep: float | None, resamples: int, rng: int
    ) -> Judgement:
        """Draw accuracy and cost.

        A bootstrap is right about much data and many differences, but it believes every difference
        that it sees, and none that it does not see; `believed_points` amends it.
        """
        measured, cost = points.draws(resamples, rng=rng)
        affordable = points.mean_cost <= budget * (1 + _SLACK)
        random = np.random.default_rng([rng, 2])
        accuracy = believed_points(points, measured, affordable, random)
        return cls(
            points=points,
            budget=budget,
            measured=measured,
            accuracy=accuracy,
            cost=cost,
            keep=keep,
        )

    @cached_property
    def budget_kept(self) -> Floats:
        """Probability that the mean cost on fresh questions is within the budget, [P]."""
        return np.asarray((self.cost <= self.budget * (1 + _SLACK)).mean(axis=0))

    def affordable(self, budget: float) -> NDArray[np.bool_]:
        """Return which points a budget pays for, [P]."""
        if self.keep is None:
            return np.asarray(self.points.mean_cost <= budget * (1 + _SLACK))
        return np.asarray((self.cost <= budget * (1 + _SLACK)).mean(axis=0) >= self.keep)

    def best(self, budget: float) -> int:
        """Return the affordable point of highest accuracy; of equals the cheapest.

        Raises
        ------
        ArgumentError
            If no point is affordable.
        """
        allowed = self.affordable(budget)
        if not allowed.any():
            cheapest = int(np.argmin(self.points.mean_cost))
            sure = "" if self.keep is None else f" with probability {self.keep:g}"
            raise ArgumentError(
                f"budget must pay for at least one choice{sure}; the cheapest, "
                f"{self.points.label(cheapest)}, costs {self.points.mean_cost[cheapest]:.6g} "
                f"{self.points.cost_unit} a question, got {budget:.6g}"
            )
        top = self.points.accuracy[allowed].max()
        return self.cheapest(allowed & (self.points.accuracy >= top - _EVEN))

    def cheapest(self, among: NDArray[np.bool_]) -> int:
        """Return the cheapest of some points; of equals the one of fewest calls."""
        order = np.lexsort((self.points.k, self.points.mean_cost))
        return int(order[among[order]][0])

    @cached_property
    def _contest(self) -> Floats:
        """Drawn accuracies of the points that the drawn costs keep within the budget, else -inf."""
        return np.where(self.cost <= self.budget * (1 + _SLACK), self.accuracy, -np.inf)

    @cached_property
    def _top(self) -> Floats:
        """The highest accuracy within the budget in each draw, [R]; -inf where nothing is."""
        return np.asarray(self._contest.max(axis=1))

    @cached_property
    def best_probability(self) -> Floats:
        """Probability that each point is the best affordable one, [P]; equals share it."""
        top = self._contest >= self._top[:, None] - _EVEN
        top &= np.isfinite(self._top)[:, None]
        share = top / np.maximum(top.sum(axis=1, keepdims=True), 1)
        return np.asarray(share.mean(axis=0) / max(float(np.isfinite(self._top).mean()), _EVEN))

    def near_best(self, tolerance: float) -> Floats:
        """Return the probability that each point is at most `tolerance` below the best, [P]."""
        reached = self.accuracy >= (self._top - tolerance - _EVEN)[:, None]
        return np.asarray(reached.mean(axis=0))

    @cached_property
    def _winners(self) -> NDArray[np.intp]:
        """Which point a plan would choose in each draw, [R]: the best of what is affordable now."""
        allowed = self.affordable(self.budget)
        return np.asarray(np.argmax(np.where(allowed, self.measured, -np.inf), axis=1))

    @cached_property
    def optimism(self) -> float:
        """How much the measured accuracy of a best choice exceeds its accuracy, on average.

        A plan takes the point that measures best, partly because its noise is favourable. The draws
        do to the log what the log did to the truth: in each the same choice is made again, and what
        the choice scores there is compared with what it scores in the log.
        """
        drawn = self.measured[np.arange(len(self.measured)), self._winners]
        gap = drawn - self.points.accuracy[self._winners]
        return max(0.0, float(gap.mean()))

    def limits(self, point: int, level: float) -> tuple[float, float, float]:
        """Return the accuracy to expect of a choice, and an interval that allows for choosing.

        Wilson's interval at the effective number of questions around the accuracy less the
        `optimism`. Its critical value is that of the largest deviation among all points that win in
        some draw, so that it holds whichever of them was chosen.
        """
        units = len(np.unique(self.points.unit_of[~np.isnan(self.points.score[:, point])]))
        mean = float(np.clip(self.points.accuracy[point] - self.optimism, 0.0, 1.0))
        if units < 2:
            return mean, np.nan, np.nan
        # Weights of n units that sum to one vary less than fresh units do, by this factor.
        variance = float(self.measured[:, point].var()) * (units + 1) / (units - 1)
        critical = critical_value(level, units - 1) * self._selection_factor(level)
        low, high = proportion_interval(
            np.array([mean]), np.array([variance]), float(units), critical
        )
        return mean, float(low[0]), float(high[0])

    def _selection_factor(self, level: float) -> float:
        contenders = np.unique(self._winners)
        drawn = self.measured[:, contenders]
        deviation = drawn.std(axis=0)
        varying = deviation > _EVEN
        if not varying.any():
            return 1.0
        ratios = np.abs(drawn - drawn.mean(axis=0))[:, varying] / deviation[varying]
        return max(
            1.0, float(np.quantile(ratios.max(axis=1), level)) / critical_value(level, np.inf)
        )

    def difference(self, first: int, second: int, level: float) -> tuple[float, float, float]:
        """Return what to believe of the second point's accuracy less the first's, with its interval."""
        if first == second:
            return 0.0, 0.0, 0.0
        measured = self.points.accuracy[second] - self.points.accuracy[first]
        drawn = self.accuracy[:, second] - self.accuracy[:, first]
        noise = self.measured[:, second] - self.measured[:, first]
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        return float(measured + (drawn - noise).mean()), float(low), float(high)
