"""`compute_optimal`: the size, strategy and number of calls of least error for every amount of compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between
from kcurve.cost import Flops
from kcurve.curve.table import without_nan
from kcurve.errors import ArgumentError
from kcurve.planning.frontiers import Frontier, frontier
from kcurve.planning.points import Points
from kcurve.planning.switches import Switch, envelopes, law_of, switches
from kcurve.rules import Vote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from kcurve.laws import SizeFit
    from kcurve.planning.tabulation import Costs, Systems
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

_BUDGETS = 60
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
        Probability of each system, in the order of `sizes`, to be the best for each.
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


def compute_optimal(
    systems: Systems | Points,
    *,
    sizes: Mapping[str, float],
    cost: Costs | None = None,
    rules: Rule | Iterable[Rule] = Vote(),  # noqa: B008 - frozen
    k: int | Iterable[int] | None = None,
    budgets: ArrayLike | None = None,
    include_reward: bool = False,
    level: float = 0.95,
    resamples: int = 2000,
    rng: int = 0,
) -> ComputeOptimal:
    """Find the model size, strategy and number of calls of least error for every amount of compute.

    Parameters
    ----------
    systems : mapping of str to AnswerLog, TalliedLog or Curve; or Points
        A log of each size, best of the same questions; see `points`.
    sizes : mapping of str to float
        N, the parameters of each system.
    cost : CostModel or mapping of str to CostModel, optional
        What calls cost. The default is ``Flops(N)`` of each size.
    rules, k
        Which strategies and numbers of calls; see `points`.
    budgets : array_like of float [C], optional
        Compute per question. The default is 60, log-spaced, from the cheapest point to the dearest
        one of the frontier.
    include_reward : bool
        Whether what scoring costs is part of the compute; the paper leaves it out.
    level, resamples, rng
        Probability of the intervals, draws, and seed; see `frontier`.

    Returns
    -------
    ComputeOptimal

    Raises
    ------
    ArgumentError
        If a size is missing or not positive, or a budget pays for nothing.

    Notes
    -----
    `ComputeOptimal.at` takes what costs at most C. The law needs what costs exactly C, and numbers of
    calls are whole: the accuracy of a size is taken to be linear in log C between its points that no
    other point of it beats, and level beyond the last.

    The law is fitted through the amounts of compute at which the best size changes, with the
    geometric mean of both sizes as N. Where the error is a parabola of log N around the optimum, as
    it is close to it, two sizes are equally good exactly where the optimum is half-way between them.
    The middle of the range in which a size is best would need both its ends, which the smallest and the
    largest size do not have. A switch may come from the limits of a log rather than from the law:
    `Switch.reason` says so. `ComputeOptimal.law_intervals` fits the law again to every draw.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3 (compute-optimal inference).

    Examples
    --------
    >>> from kcurve.cost import Tokens
    >>> from kcurve.simulate import BetaQuestions
    >>> logs = {
    ...     name: BetaQuestions(a=a, b=2).log(300, 32) for name, a in (("small", 3), ("large", 6))
    ... }
    >>> from kcurve.cost import Calls
    >>> from kcurve.planning import compute_optimal, points
    >>> found = compute_optimal(logs, sizes={"small": 1e9, "large": 8e9}, cost=Calls())
    >>> found.at(1).system
    'large'
    """
    names = tuple(systems.systems) if isinstance(systems, Points) else tuple(_named(systems))
    known = _checked(sizes, names)
    made = frontier(
        systems,
        cost={name: Flops(size) for name, size in known.items()} if cost is None else cost,
        rules=rules,
        k=k,
        include_reward=include_reward,
        level=level,
        resamples=resamples,
        rng=rng,
    )
    grid = _grid(made) if budgets is None else np.unique(np.asarray(budgets, np.float64))
    point = np.array([_best(made.accuracy[None], made.cost[None], c)[0] for c in grid])
    if (point < 0).any():
        raise ArgumentError(
            f"budgets must pay for the cheapest choice, {float(made.cost.min()):.4g} "
            f"{made.points.cost_unit} a question, got {float(grid[0]):.4g}"
        )
    place = {name: i for i, name in enumerate(known)}
    system = np.array([place[name] for name in made.points.system])
    winners = np.array([_best(made.accuracy_draws, made.cost_draws, c) for c in grid])
    size = np.array(list(known.values()))
    estimate = envelopes(made.accuracy[None], made.cost[None], size[system])
    estimated = switches(next(estimate))
    drawn = envelopes(made.accuracy_draws, made.cost_draws, size[system])
    return ComputeOptimal(
        frontier=made,
        sizes=known,
        compute=grid,
        point=point,
        probability=np.array([_shares(row, system) for row in winners]),
        switches=tuple(estimated),
        size_law=law_of(estimated),
        law_draws=np.array([_line(switches(row)) for row in drawn]),
    )


def _named(systems: Systems) -> Iterable[str]:
    instance("systems", systems, Mapping)
    return systems  # type: ignore[return-value]  # a mapping, as was checked


def _checked(sizes: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    missing = [name for name in names if name not in sizes]
    if missing:
        raise ArgumentError(
            f"sizes must have the parameters of every system; {missing[0]!r} is missing"
        )
    for name in names:
        number_between(f"the size of {name!r}", sizes[name], 0, inf, low_excluded=True)
    return {name: float(sizes[name]) for name in names}


def _grid(made: Frontier) -> Floats:
    ends = made.cost[made.members[[0, -1]]]
    return np.geomspace(ends[0], max(ends[1], ends[0] * (1 + _SLACK)), _BUDGETS)


def _best(accuracy: Floats, cost: Floats, budget: float) -> NDArray[np.int64]:
    """Return the most accurate point within the budget in each draw [R, P], of equals the cheapest; or -1."""
    payable = cost <= budget * (1 + _SLACK)
    scores = np.where(payable, accuracy, -np.inf)
    top = scores.max(axis=1)
    level = scores >= top[:, None] - 1e-12
    best = np.argmin(np.where(level & payable, cost, np.inf), axis=1)
    return np.where(payable.any(axis=1), best, -1)


def _shares(winners: NDArray[np.int64], system: NDArray[np.int64]) -> Floats:
    """Return how often a point of each system wins; draws in which nothing is payable are left out."""
    payable = winners[winners >= 0]
    counts = np.bincount(system[payable], minlength=int(system.max()) + 1)
    return counts / max(len(payable), 1)


def _line(found: list[Switch]) -> tuple[float, float]:
    law = law_of(found)
    return (nan, nan) if law is None else (law.a, law.b)
