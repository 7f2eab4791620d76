"""`compute_optimal`: the size, strategy and number of calls of least error for every amount of compute."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between
from kcurve.cost import Flops
from kcurve.errors import ArgumentError
from kcurve.planning.comparison import frontier
from kcurve.planning.optimum import ComputeOptimal
from kcurve.planning.points import Points
from kcurve.planning.switches import Switch, envelopes, law_of, switches
from kcurve.planning.tabulation import named_systems
from kcurve.rules import Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from kcurve.planning.frontiers import Frontier
    from kcurve.planning.tabulation import Costs, Systems
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

_BUDGETS = 60
_SLACK = 1e-9


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
    >>> from kcurve.cost import Calls
    >>> from kcurve.planning import compute_optimal
    >>> from kcurve.simulate import BetaQuestions
    >>> logs = {
    ...     name: BetaQuestions(a=a, b=2).log(300, 32) for name, a in (("small", 3), ("large", 6))
    ... }
    >>> found = compute_optimal(logs, sizes={"small": 1e9, "large": 8e9}, cost=Calls())
    >>> found.at(1).system
    'large'
    """
    names = systems.systems if isinstance(systems, Points) else tuple(named_systems(systems))
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
    # Who is the best within a budget is on the frontier; the others need not be looked at.
    able = np.union1d(made.members, np.flatnonzero(made.probability))
    accuracy, costs = made.accuracy_draws[:, able], made.cost_draws[:, able]
    winners = np.array([_best(accuracy, costs, c) for c in grid])
    size = np.array(list(known.values()))
    estimate = envelopes(made.accuracy[None], made.cost[None], size[system])
    estimated = switches(next(estimate))
    drawn = envelopes(made.accuracy_draws, made.cost_draws, size[system])
    return ComputeOptimal(
        frontier=made,
        sizes=known,
        compute=grid,
        point=point,
        probability=np.array([_shares(row, system[able], len(known)) for row in winners]),
        switches=tuple(estimated),
        size_law=law_of(estimated),
        law_draws=np.array([_line(switches(row)) for row in drawn]),
    )


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


def _shares(winners: NDArray[np.int64], system: NDArray[np.int64], systems: int) -> Floats:
    """Return how often a point of each system wins; draws in which nothing is payable are left out."""
    payable = winners[winners >= 0]
    counts = np.bincount(system[payable], minlength=systems)
    return counts / max(len(payable), 1)


def _line(found: list[Switch]) -> tuple[float, float]:
    law = law_of(found)
    return (nan, nan) if law is None else (law.a, law.b)
