"""`plan`: the best model, rule and number of calls for a budget."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.cost import Calls
from kcurve.errors import ArgumentError
from kcurve.planning.cascade import Cascade, cascades as cascades_of
from kcurve.planning.choice import Choice, More, Plan
from kcurve.planning.judgement import Judgement
from kcurve.planning.points import Points
from kcurve.planning.tabulation import points
from kcurve.rules import Rule, Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.systems import Costs, Rules, Systems
    from kcurve.stopping import ReplayableRule

_NEXT = 1.1


def plan(
    systems: Systems | Points,
    *,
    budget: float,
    cost: Costs = Calls(),  # noqa: B008 - frozen
    rules: Rules = Vote(),  # noqa: B008 - frozen
    k: int | Iterable[int] | None = None,
    beyond: bool = False,
    cascades: bool = False,
    include_reward: bool = True,
    tolerance: float = 0.002,
    keep: float | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    rng: int = 0,
) -> Plan:
    """Choose the best model, rule and number of calls that a budget pays for.

    Parameters
    ----------
    systems : mapping of str to AnswerLog, TalliedLog or Curve; or Points
        Systems by name, best with logs of the same questions; see `points`. A table of points is
        taken as it is, and `cost`, `rules`, `k`, `beyond` and `include_reward` are not used.
    budget : float
        Mean cost per question that may be spent, in the unit of `cost`; above 0.
    cost : CostModel or mapping of str to CostModel
        What calls cost, for all systems or for each by name.
    rules, k, beyond, include_reward
        Which choices there are; see `points`.
    cascades : bool
        Whether pairs of systems are choices too, of which the cheap one answers first and the other
        is asked when its vote is close; see `cascades`.
    tolerance : float
        Accuracy that makes no difference, in [0, 1]: 0.002 is a fifth of a point.
    keep : float, optional
        Only choices that keep the budget with at least this probability, 0.5 to 1. By default those
        whose mean cost in the log is within it.
    level : float
        Probability of the intervals.
    resamples : int
        Draws that probabilities and intervals are made of.
    rng : int
        Seed. The same seed gives the same plan.

    Returns
    -------
    Plan

    Raises
    ------
    ArgumentError
        If the budget pays for nothing, or a setting is out of range.
    MissingColumnError
        If a rule or a cost model needs a column that a log lacks.

    Notes
    -----
    The choice is the point of highest mean score among those whose mean cost is within the budget.
    Probabilities count draws of the Bayesian bootstrap, in which all points see the same random
    weights of the questions (`Points.draws`): they are about fresh questions of the same kind,
    and pairing removes what the points have in common. Two things are
    added to its draws: differences between systems shrink as far as noise can explain them (a
    hierarchical model), and one imagined question, on which each system is right or wrong by a fair coin,
    keeps fifty questions that all systems answer alike from proving them equal.

    The best of many measurements is an optimistic one. `Plan.accuracy` is the measured accuracy less
    the `Plan.optimism`: what repeating the choice in every draw gains over the same point in the
    log (Efron's bootstrap estimate of bias). The interval around it is wide enough for
    whichever of the points that win in some draw was chosen (the largest deviation among them).

    References
    ----------
    Rubin, "The Bayesian Bootstrap", 1981.
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 10 (bias).
    Andrews, Kitagawa and McCloskey, "Inference on Winners", 2024.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.planning import plan
    >>> advice = plan({"codex": kc.example_log()}, budget=12)
    >>> advice.choice.k, round(advice.accuracy, 3)
    (12, 0.873)
    >>> advice.saved.k, round(advice.saved.cost)
    (11, 11)
    """
    number_between("budget", budget, 0, float("inf"), low_excluded=True)
    number_between("tolerance", tolerance, 0, 1)
    number_between("level", level, 0.5, 1 - 1e-12)
    positive_integer("resamples", resamples)
    if keep is not None:
        number_between("keep", keep, 0.5, 1)
    if isinstance(systems, Points):
        if cascades:
            raise ArgumentError(
                "cascades need logs, got points; join them: points.joined(cascades(...))"
            )
        table = systems
    else:
        chosen = tuple(rules) if isinstance(rules, Iterable) else (rules,)
        table = points(
            systems,
            rules=chosen,
            k=k,
            cost=cost,
            include_reward=include_reward,
            beyond=beyond,
            rng=rng,
        )
        if cascades:
            table = _with_cascades(table, systems, chosen, cost)
    judged = Judgement.of(table, budget, keep=keep, resamples=resamples, rng=rng)
    return _advice(judged, tolerance, level)


def _advice(judged: Judgement, tolerance: float, level: float) -> Plan:
    table, budget = judged.points, judged.budget
    chosen = judged.best(budget)
    affordable = judged.affordable(budget)
    saved = judged.cheapest(
        affordable & (table.accuracy >= table.accuracy[chosen] - tolerance - 1e-12)
    )
    near = judged.near_best(tolerance)

    def choice(point: int, best: float | None = None) -> Choice:
        gap, low, high = judged.difference(chosen, point, level)
        return Choice(
            point=point,
            system=table.system[point],
            rule=table.rule[point],
            k=int(table.k[point]),
            cost=float(table.mean_cost[point]),
            measured=float(table.accuracy[point]),
            difference=gap,
            difference_low=low,
            difference_high=high,
            budget_kept=float(judged.budget_kept[point]),
            best=float(judged.best_probability[point]) if best is None else best,
            near_best=float(near[point]),
        )

    more = judged.best(_NEXT * budget)
    gain, gain_low, gain_high = judged.difference(chosen, more, level)
    mean, low, high = judged.limits(chosen, level)
    return Plan(
        budget=budget,
        choice=choice(chosen),
        accuracy=mean,
        low=low,
        high=high,
        saved=choice(saved),
        next_tenth=More(
            budget=_NEXT * budget, choice=choice(more), gain=gain, low=gain_low, high=gain_high
        ),
        alternatives=tuple(choice(*each) for each in _alternatives(judged, affordable)),
        tolerance=tolerance,
        level=level,
        points=table,
        best=judged.best_probability,
    )


def _with_cascades(
    table: Points, systems: Systems, rules: tuple[Rule | ReplayableRule, ...], cost: Costs
) -> Points:
    votes = [rule for rule in rules if isinstance(rule, Vote)]
    if not votes:
        raise ArgumentError(f"cascades vote: rules must hold a Vote, got {rules!r}")
    for rule in votes:
        table = table.joined(cascades_of(systems, cost=cost, rule=rule))
    return table


def _alternatives(judged: Judgement, affordable: NDArray[np.bool_]) -> list[tuple[int, float]]:
    """Return the best affordable point of every system and rule, the best first.

    With it the probability that the system and rule have the best point.

    The cascades of two systems differ in their settings only, and count as one.
    """
    table = judged.points
    kinds = [
        (system, Cascade if isinstance(rule, Cascade) else rule)
        for system, rule in zip(table.system, table.rule, strict=True)
    ]
    number = {kind: code for code, kind in enumerate(dict.fromkeys(kinds))}
    codes = np.array([number[kind] for kind in kinds])
    found = []
    for code in np.unique(codes[affordable]):
        own = affordable & (codes == code)
        top = table.accuracy[own].max()
        point = judged.cheapest(own & (table.accuracy >= top - 1e-12))
        found.append((point, float(judged.best_probability[codes == code].sum())))
    return sorted(found, key=lambda each: (-table.accuracy[each[0]], table.mean_cost[each[0]]))
