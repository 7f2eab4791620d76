"""What is best for every amount of compute: results of `compute_optimal`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve.table import without_nan
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.laws import SizeFit
    from kcurve.planning.frontiers import Frontier
    from kcurve.planning.switches import Switch

    Floats = NDArray[np.float64]

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best use of an amount of compute.

    Attributes
    ----------
    compute : float
        The budget per question, C.
    size : float
        N, the parameters of the best model.
    system, rule, k
        What is best.
    spent : float
        What it costs, at most C.
    tokens : float
        T, the tokens generated per question if a token costs ``2 N``; scoring is left out.
    error : float
        1 less its measured accuracy.
    expected, low, high : float
        The error to expect on fresh questions, corrected for having been chosen, and its interval.
    confidence : float
        Probability that its error is at most 0.002 above the least that can be had.
    probability : dict of str to float
        Probability of each system to be the best at this budget, under any of its rules and k.
    """

    compute: float
    size: float
    system: str
    rule: Any
    k: int
    spent: float
    tokens: float
    error: float
    expected: float
    low: float
    high: float
    confidence: float
    probability: dict[str, float]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ComputeOptimal:
    """What is best for every amount of compute. Made by `compute_optimal`.

    Attributes
    ----------
    frontier : Frontier
        All points, and those that no other beats.
    sizes : mapping of str to float
        Parameters of each system.
    compute : float64 [C]
        Budgets per question, increasing.
    point : int64 [C]
        The best point for each.
    probability : float64 [C, S]
        Share of draws in which each system, in the order of `sizes`, is best at each budget;
        `at` has the more careful probabilities of a plan.
    switches : tuple of Switch
        Where the best size changes.
    size_law : SizeFit or None
        ``log10 C = a log10 N + b`` through the switches; None if fewer than three sizes are ever
        optimal.
    law_draws : float64 [R, 2]
        a and b fitted again to every draw; NaN where fewer than three sizes are optimal.
    """

    frontier: Frontier
    sizes: Mapping[str, float]
    compute: Floats
    point: NDArray[np.int64]
    probability: Floats
    switches: tuple[Switch, ...]
    size_law: SizeFit | None
    law_draws: Floats

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.compute, self.point, self.probability, self.law_draws):
            values.setflags(write=False)

    @cached_property
    def size(self) -> Floats:
        """N_opt, the size that is optimal for each budget, float64 [C]."""
        system = self.frontier.points.system
        return np.array([self.sizes[system[point]] for point in self.point])

    @cached_property
    def error(self) -> Floats:
        """The least error for each budget, float64 [C]."""
        return np.asarray(1 - self.frontier.accuracy[self.point])

    def at(self, compute: float) -> Optimum:
        """Return the best use of an amount of compute per question.

        ``(N_opt(C), T_opt(C); S) = arg min of E(N, T; S)`` over what costs at most C: numbers of
        calls are whole, so that the budget is seldom met exactly.

        Raises
        ------
        ArgumentError
            If it pays for nothing.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.cost import Calls
        >>> from kcurve.planning import compute_optimal
        >>> found = compute_optimal(
        ...     {"codex": kc.example_log()}, sizes={"codex": 1e10}, cost=Calls()
        ... )
        >>> found.at(7.5).k
        7
        """
        number_between("compute", compute, 0, inf, low_excluded=True)
        made = self.frontier
        cheapest = float(made.cost.min())
        if compute < cheapest * (1 - _SLACK):
            raise ArgumentError(
                f"compute must pay for the cheapest choice, {cheapest:.4g} "
                f"{made.points.cost_unit} a question, got {compute:.4g}"
            )
        advice = made.best_at(compute)
        choice = advice.choice
        size = self.sizes[choice.system]
        spent = float(made.points.cost[:, choice.point][self._asked(choice.point)].mean())
        reward = float(made.points.reward_cost[:, choice.point][self._asked(choice.point)].mean())
        names = np.array(made.points.system)
        return Optimum(
            compute=float(compute),
            size=size,
            system=choice.system,
            rule=choice.rule,
            k=choice.k,
            spent=spent,
            tokens=(spent - reward) / (2 * size),
            error=1 - choice.measured,
            expected=1 - advice.accuracy,
            low=1 - advice.high,
            high=1 - advice.low,
            confidence=advice.confidence,
            probability={name: float(advice.best[names == name].sum()) for name in self.sizes},
        )

    def _asked(self, point: int) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.frontier.points.score[:, point]))

    @property
    def law_intervals(self) -> dict[str, tuple[float, float]]:
        """Intervals of a and b over fresh questions; NaN where the law is not defined in most draws."""
        outside = (1 - self.frontier.level) / 2
        defined = self.law_draws[~np.isnan(self.law_draws).any(axis=1)]
        if len(defined) < len(self.law_draws) / 2:
            return {"a": (nan, nan), "b": (nan, nan)}
        low, high = np.quantile(defined, [outside, 1 - outside], axis=0)
        return {name: (float(low[i]), float(high[i])) for i, name in enumerate(("a", "b"))}

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; NaN becomes None."""
        table = self.frontier.points
        return {
            "cost_unit": table.cost_unit,
            "sizes": dict(self.sizes),
            "compute": self.compute.tolist(),
            "size": self.size.tolist(),
            "choice": [table.label(int(point)) for point in self.point],
            "error": self.error.tolist(),
            "probability": self.probability.tolist(),
            "switches": [asdict(each) for each in self.switches],
            "size_law": None if self.size_law is None else self.size_law.to_dict(),
            "law_intervals": {
                name: without_nan(np.array(ends)) for name, ends in self.law_intervals.items()
            },
        }

    def to_arrow(self) -> _core.TableStream:
        """Return a row per budget as an Arrow stream: compute, size, point, spent, error."""
        return _core.TableStream(
            [
                ("compute", self.compute),
                ("size", self.size),
                ("point", self.point),
                ("spent", self.frontier.cost[self.point]),
                ("error", self.error),
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw error against compute, a line for each system and rule, and the least error.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.planning.frontier_plot import plot_errors  # noqa: PLC0415 - optional

        return plot_errors(self, ax)

    def __repr__(self) -> str:
        """Show the sizes that are optimal, and the law."""
        sizes = " -> ".join(f"{size:.4g}" for size in dict.fromkeys(self.size.tolist()))
        law = self.size_law
        found = "no law" if law is None else f"log10 C = {law.a:.4g} log10 N + {law.b:.4g}"
        return f"ComputeOptimal(N = {sizes} from {self.compute[0]:.4g} to {self.compute[-1]:.4g}; {found})"
