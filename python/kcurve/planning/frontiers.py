"""What no other system, rule and number of calls beats in accuracy and cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.curve.table import without_nan
from kcurve.errors import ArgumentError
from kcurve.planning.advice import plan
from kcurve.planning.crossing import Crossing, crossing_of
from kcurve.planning.envelope import envelope, unbeaten
from kcurve.planning.settings import SystemSettings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from kcurve.planning.choice import Plan
    from kcurve.planning.points import Points

    Floats = NDArray[np.float64]

_SHOWN = 24


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Frontier:
    """Accuracy against cost of every point, and which points no other beats. Made by `frontier`.

    Attributes
    ----------
    points : Points
        All points, with scores and costs by question.
    members : int64 [F]
        The points on the frontier of the estimates, the cheapest first.
    probability : float64 [P]
        Probability of each point to be on the frontier of fresh questions.
    low, high : float64 [P]
        Interval of each point's accuracy on fresh questions; NaN for a single question.
    cost_low, cost_high : float64 [P]
        Interval of its mean cost.
    level : float
        Probability of the intervals.
    accuracy_draws, cost_draws : float64 [R, P]
        The joint draws behind them.
    rng : int
        Their seed.
    axes : mapping of str to mapping of str to object
        For every axis the value of each system, by name; empty unless axes were named.
    """

    points: Points
    members: NDArray[np.int64]
    probability: Floats
    low: Floats
    high: Floats
    cost_low: Floats
    cost_high: Floats
    level: float
    accuracy_draws: Floats
    cost_draws: Floats
    rng: int
    axes: SystemSettings = field(default_factory=SystemSettings)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in ("members", "probability", "low", "high", "cost_low", "cost_high"):
            getattr(self, name).setflags(write=False)

    @property
    def accuracy(self) -> Floats:
        """Mean score of each point, float64 [P]."""
        return self.points.accuracy

    @property
    def cost(self) -> Floats:
        """Mean cost of each point, float64 [P]."""
        return self.points.mean_cost

    @cached_property
    def system_probability(self) -> dict[str, float]:
        """Probability of each system to have a point on the frontier."""
        drawn = unbeaten(self.accuracy_draws, self.cost_draws)
        names = np.array(self.points.system)
        return {
            name: float(drawn[:, names == name].any(axis=1).mean()) for name in self.points.systems
        }

    def accuracy_at(self, cost: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return the best accuracy that costs buy, with its interval.

        Between two points of the frontier, giving each question to one of them at random buys the
        costs between theirs.

        Parameters
        ----------
        cost : float or array_like of float [B]
            Mean costs per question.

        Returns
        -------
        mean, low, high : float64 [B]
            NaN below the cheapest point. The interval is that of the best of all points in each
            draw, moved to surround the estimate: the best of many noisy points is optimistic.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import frontier
        >>> found = frontier({"codex": kc.example_log()})
        >>> found.accuracy_at(4.5)[0].round(3)
        array([0.854])
        """
        budgets = np.atleast_1d(np.asarray(cost, np.float64))
        order = np.argsort(budgets, kind="stable")
        place = np.argsort(order, kind="stable")
        mean = envelope(self.accuracy[None], self.cost[None], budgets[order])[0]
        drawn = envelope(self.accuracy_draws, self.cost_draws, budgets[order])
        payable = np.isfinite(mean)
        low, high = np.full(len(mean), np.nan), np.full(len(mean), np.nan)
        if payable.any():
            outside = (1 - self.level) / 2
            limits = np.nanquantile(drawn[:, payable], [outside, 0.5, 1 - outside], axis=0)
            low[payable], high[payable] = np.clip(
                mean[payable] + limits[[0, 2]] - limits[1], 0.0, 1.0
            )
        return mean[place], low[place], high[place]

    def best_at(self, cost: float, *, tolerance: float = 0.002) -> Plan:
        """Return the best point for a mean cost per question, and how sure that is; see `plan`.

        Raises
        ------
        ArgumentError
            If no point is as cheap.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import frontier
        >>> frontier({"codex": kc.example_log()}).best_at(7).choice.k
        7
        """
        return plan(
            self.points,
            budget=cost,
            tolerance=tolerance,
            level=self.level,
            resamples=len(self.accuracy_draws),
            rng=self.rng,
        )

    def crossing(self, behind: str, ahead: str) -> Crossing:
        """Return from which cost on the system `ahead` beats the system `behind`.

        Each system is taken at its best rule and number of calls for every cost.

        Parameters
        ----------
        behind, ahead : str
            Names of systems.

        Raises
        ------
        ArgumentError
            If there is no such system.
        """
        for name in (behind, ahead):
            if name not in self.points.systems:
                raise ArgumentError(
                    f"there is no system {name!r}; the systems are "
                    f"{', '.join(map(repr, self.points.systems))}"
                )
        draws = self.accuracy_draws, self.cost_draws
        return crossing_of(self.points, draws, behind=behind, ahead=ahead, level=self.level)

    def crossings(self) -> tuple[Crossing, ...]:
        """Return where the systems of the frontier take over from one another, the cheapest first.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import frontier
        >>> from kcurve.simulate import BetaQuestions
        >>> weak, strong = BetaQuestions(a=2, b=2), BetaQuestions(a=6, b=1)
        >>> logs = {"weak": weak.log(99, 9), "strong": strong.log(99, 9)}
        >>> len(frontier(logs).crossings())
        0
        """
        names = [self.points.system[i] for i in self.members]
        pairs = dict.fromkeys(pair for pair in pairwise(names) if pair[0] != pair[1])
        return tuple(self.crossing(behind, ahead) for behind, ahead in pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return the frontier as plain Python values, ready for JSON: a row for each point.

        NaN becomes None.
        """
        on = set(self.members.tolist())
        low, high = without_nan(self.low), without_nan(self.high)
        rows = [
            {
                "system": self.points.system[i],
                **{axis: values[self.points.system[i]] for axis, values in self.axes.items()},
                "rule": repr(self.points.rule[i]),
                "k": int(self.points.k[i]),
                "cost": float(self.cost[i]),
                "cost_low": float(self.cost_low[i]),
                "cost_high": float(self.cost_high[i]),
                "accuracy": float(self.accuracy[i]),
                "low": low[i],
                "high": high[i],
                "on_frontier": i in on,
                "probability": float(self.probability[i]),
            }
            for i in range(len(self.points))
        ]
        return {
            "cost_unit": self.points.cost_unit,
            "n_questions": self.points.n_questions,
            "level": self.level,
            "system_probability": self.system_probability,
            "points": rows,
        }

    def to_arrow(self) -> _core.TableStream:
        """Return a row per point as an Arrow stream.

        ``system`` is the position of the name in ``points.systems``, ``rule`` that of the rule among
        the different ones of ``points.rule``, and an axis that is no number that of its value.
        """
        systems = {name: i for i, name in enumerate(self.points.systems)}
        rules = {rule: i for i, rule in enumerate(dict.fromkeys(self.points.rule))}
        on = np.zeros(len(self.points), dtype=np.int64)
        on[self.members] = 1
        return _core.TableStream(
            [
                ("system", np.array([systems[name] for name in self.points.system])),
                ("rule", np.array([rules[rule] for rule in self.points.rule])),
                ("k", self.points.k),
                ("cost", self.cost),
                ("cost_low", self.cost_low),
                ("cost_high", self.cost_high),
                ("accuracy", self.accuracy),
                ("low", self.low),
                ("high", self.high),
                ("on_frontier", on),
                ("probability", self.probability),
                *((axis, self.axes.column(axis, self.points.system)) for axis in self.axes),
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw accuracy against cost, a line for each system and rule, and the frontier with its band.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.planning.frontier_plot import plot_frontier  # noqa: PLC0415 - optional

        return plot_frontier(self, ax)

    def __repr__(self) -> str:
        """Show the ends of the frontier."""
        cheapest, dearest = self.members[0], self.members[-1]
        return (
            f"Frontier({len(self.members)} of {len(self.points)} points, "
            f"{self.points.n_questions} questions: "
            f"{self.accuracy[cheapest]:.4f} at {self.cost[cheapest]:.4g} "
            f"({self.points.label(int(cheapest))}) to {self.accuracy[dearest]:.4f} at "
            f"{self.cost[dearest]:.4g} {self.points.cost_unit} ({self.points.label(int(dearest))}))"
        )

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - slow to import

        names = ("choice", self.points.cost_unit, "accuracy", "low", "high", "on the frontier")
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        rows = "".join(
            f"<tr><td>{escape(self.points.label(int(i)))}</td><td>{self.cost[i]:.4g}</td>"
            f"<td>{self.accuracy[i]:.4f}</td><td>{self.low[i]:.4f}</td><td>{self.high[i]:.4f}</td>"
            f"<td>{self.probability[i]:.2f}</td></tr>"
            for i in self.members[:_SHOWN]
        )
        return f"<table><caption>{escape(repr(self))}</caption><tr>{head}</tr>{rows}</table>"
