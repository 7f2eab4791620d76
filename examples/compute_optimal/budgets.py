"""The second paper's questions: which strategy and which size spend a budget of FLOPs best."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import kcurve as kc
from kcurve.cost import Flops
from kcurve.planning import Points, points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray
    from results import Results

    Floats = NDArray[np.float64]

SAMPLING = {"vote": kc.Vote(), "weighted vote": kc.WeightedVote(), "best-of-n": kc.BestOfN()}
SEARCHES = ("REBASE", "MCTS")
STRATEGIES = (*SAMPLING, *SEARCHES)

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class SearchRule:
    """What stands for a search in a table of points."""

    label: str


class Spent(NamedTuple):
    """A policy under a strategy of some size: its error, with the limits of a 95 % interval, and what it took."""

    policy: str
    strategy: str
    size: int
    error: float
    low: float
    high: float
    flops: float
    flops_with_reward: float


class Advantage(NamedTuple):
    """How much more of the questions one strategy answers than another, of the same policy and for the same FLOPs."""

    policy: str
    strategy: str
    other: str
    questions: str
    sizes: str
    difference: float
    low: float
    high: float


@cache
def tabulated(
    results: Results,
    *,
    with_reward: bool = False,
    chosen: Callable[[str], bool] | None = None,
) -> Points:
    """Return all strategies of all policies as points of accuracy and FLOPs.

    Parameters
    ----------
    results
        What the models brought.
    with_reward
        Whether the FLOPs of the reward model count: it reads every token once that it has to score.
    chosen
        Which questions; all by default.
    """
    reward = float(results.parameters["reward"]) if with_reward else 0.0
    models = {
        name: Flops(results.parameters[name], reward_parameters=reward) for name in results.policies
    }
    systems = {name: list(_curves(log, chosen)) for name, log in results.logs.items()}
    sampled = points(systems, cost=models)
    return _with_searches(sampled, results, reward)


@cache
def draws(table: Points) -> Floats:
    """Return what the accuracies of all points may be on fresh questions, [R, P]: the same questions for all."""
    return table.draws(DRAWS)[0]


def _curves(log: kc.AnswerLog, chosen: Callable[[str], bool] | None) -> Iterable[kc.Curve]:
    kept = log
    if chosen is not None:
        kept = log.select(questions=np.array([chosen(question) for question in log.question]))
    k = numbers_of_samples(log)
    for rule in SAMPLING.values():
        # Drawn without replacement, so that nothing is taken for known that was only sampled.
        method = (
            kc.Bootstrap(replacement=False) if isinstance(rule, kc.WeightedVote) else kc.Exact()
        )
        yield kc.curve(kept, rule, k=k, method=method, interval=None)


def numbers_of_samples(log: kc.AnswerLog) -> list[int]:
    """Return 1, 2, 4, ... and all samples of a log."""
    n = int(log.n_samples.min())
    return sorted({*(2**i for i in range(n.bit_length())), n})


def _with_searches(sampled: Points, results: Results, reward: float) -> Points:
    row_of = {question: row for row, (_, question) in enumerate(sampled.question)}
    columns: dict[tuple[str, str, int], tuple[Floats, Floats]] = {}
    for one in results.searched:
        if one.question not in row_of:
            continue
        key = (one.policy, one.strategy, one.size)
        if key not in columns:
            columns[key] = (np.full(len(row_of), np.nan), np.full(len(row_of), np.nan))
        score, tokens = columns[key]
        score[row_of[one.question]] = one.correct
        tokens[row_of[one.question]] = one.tokens
    keys = sorted(columns)
    score = np.column_stack([columns[key][0] for key in keys])
    tokens = np.column_stack([columns[key][1] for key in keys])
    parameters = np.array([results.parameters[policy] for policy, _, _ in keys], np.float64)
    judging = 2.0 * reward * tokens
    return Points(
        system=(*sampled.system, *(policy for policy, _, _ in keys)),
        rule=(*sampled.rule, *(SearchRule(strategy) for _, strategy, _ in keys)),
        k=np.concatenate([sampled.k, [size for _, _, size in keys]]),
        score=np.hstack([sampled.score, score]),
        cost=np.hstack([sampled.cost, 2.0 * parameters * tokens + judging]),
        reward_cost=np.hstack([sampled.reward_cost, judging]),
        question=sampled.question,
        unit_of=sampled.unit_of,
        cost_unit=sampled.cost_unit,
    )


def strategy_of(rule: object) -> str:
    """Return the name of a point's strategy."""
    return next((name for name, own in SAMPLING.items() if own == rule), getattr(rule, "label", ""))


def places(table: Points, *, policy: str | None = None, strategy: str | None = None) -> list[int]:
    """Return the positions of the points of a policy or a strategy, by their cost."""
    found = [
        place
        for place in range(len(table))
        if policy in {None, table.system[place]}
        and strategy in {None, strategy_of(table.rule[place])}
    ]
    return sorted(found, key=lambda place: table.mean_cost[place])


def spendings(results: Results) -> list[Spent]:
    """Return error and FLOPs of every policy, strategy and size."""
    alone, judged = tabulated(results), tabulated(results, with_reward=True)
    # Quantiles of the draws would have no width where every question is answered right.
    found = kc.frontier(alone, resamples=DRAWS)
    return [
        Spent(
            alone.system[place],
            strategy,
            int(alone.k[place]),
            1 - float(alone.accuracy[place]),
            1 - float(found.high[place]),
            1 - float(found.low[place]),
            float(alone.mean_cost[place]),
            float(judged.mean_cost[place]),
        )
        for policy in results.policies
        for strategy in STRATEGIES
        for place in places(alone, policy=policy, strategy=strategy)
    ]


def advantage(
    table: Points, policy: str, strategy: str, other: str, questions: str = "all"
) -> Advantage | None:
    """Return how much better a strategy is than another at equal FLOPs, the mean over its sizes.

    The accuracy of the other is interpolated in the logarithm of its FLOPs; sizes that cost less or more than any of
    the other's are left out. None if all are.
    """
    own, others = (places(table, policy=policy, strategy=name) for name in (strategy, other))
    budget = np.log(table.mean_cost)
    within = [p for p in own if budget[others[0]] <= budget[p] <= budget[others[-1]]]
    if not within:
        return None

    def gain(values: Floats) -> Floats:
        """Return the gain by the accuracies of all points, [..., P]."""
        matched = np.zeros(values.shape[:-1])
        for place in within:
            matched += values[..., place] - interpolated(
                budget[place], budget[others], values[..., others]
            )
        return matched / len(within)

    low, high = np.quantile(gain(draws(table)), [0.025, 0.975])
    sizes = " ".join(str(table.k[place]) for place in within)
    difference = float(gain(table.accuracy))
    return Advantage(policy, strategy, other, questions, sizes, difference, float(low), float(high))


def interpolated(at: float, x: Floats, y: Floats) -> Floats:
    """Return the values at a place of the piecewise linear functions through y, [..., n], at increasing x, [n]."""
    right = int(np.clip(np.searchsorted(x, at), 1, len(x) - 1))
    share = (at - x[right - 1]) / (x[right] - x[right - 1])
    return np.asarray((1 - share) * y[..., right - 1] + share * y[..., right])
