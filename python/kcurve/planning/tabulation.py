"""`points`: from logs and curves to one table of scores and costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from kcurve._validation import instance
from kcurve.cost import Calls, calls_cost
from kcurve.curve import Curve, curve
from kcurve.curve.estimate import fewest_samples, numbers_of_calls
from kcurve.curve.evaluation import drawn_log
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.planning.points import Noise, Points
from kcurve.planning.systems import (
    System,
    cost_models,
    named_systems,
    question_clusters,
    question_keys,
)
from kcurve.posterior import Posterior
from kcurve.rules import Rule, Vote
from kcurve.stopping import RankedDifficulty, ReplayableRule, Replayed, replay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.cost import CostModel
    from kcurve.planning.systems import Costs, Rules, Systems

    Floats = NDArray[np.float64]

_EVERY_K = 32
_GRID = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The points of one system under one rule."""

    system: str
    rule: Rule | ReplayableRule | RankedDifficulty
    k: NDArray[np.int64]
    score: Floats
    cost: Floats
    reward_cost: Floats
    log: AnswerLog | TalliedLog
    covariance: Floats | None = None


def points(
    systems: Systems,
    *,
    rules: Rules = Vote(),  # noqa: B008 - frozen
    k: int | Iterable[int] | None = None,
    cost: Costs = Calls(),  # noqa: B008 - frozen
    include_reward: bool = True,
    beyond: bool = False,
    rng: int = 0,
) -> Points:
    """Tabulate what every system scores and costs under every rule and number of calls.

    Parameters
    ----------
    systems : mapping of str to AnswerLog, TalliedLog, Curve, Replayed, or a sequence of them
        Systems by name. Logs of the same questions are paired by data set and question id. A log of
        several models, given by itself, is a system for each. A curve brings its own rule and k, a
        replay of a stopping rule its own single point.
    rules : rule, stopping rule, or iterable of them
        What decides, for every log. A stopping rule is one point: it is replayed with at most as
        many calls as k allows.
    k : int or iterable of int, optional
        Numbers of calls; of those a log has not enough samples for, none become points. The default
        is all up to 32 and about 40 more, log-spaced.
    cost : CostModel or mapping of str to CostModel
        What calls cost, for all systems or for each by name.
    include_reward : bool
        Whether what judging and scoring cost is part of the cost.
    beyond : bool
        Predict scores by `Posterior`, so that k may exceed the samples; without `k` up to 8 times.
    rng : int
        Seed of predictions.

    Returns
    -------
    Points

    Raises
    ------
    ArgumentError
        If there is no system, a model of cost is missing, units differ, or no k fits a log.
    MissingColumnError
        If a rule or a cost model needs a column that a log lacks.

    Examples
    --------
    >>> import kcurve as kc
    >>> found = points({"codex": kc.example_log()}, k=[1, 5, 10])
    >>> found
    Points(3 points of codex; 999 questions, calls)
    >>> found.accuracy.round(3)
    array([0.798, 0.858, 0.871])
    """
    if isinstance(rules, str):
        raise TypeError(f"rules must be objects such as kcurve.Vote(), got {rules!r}")
    chosen = tuple(rules) if isinstance(rules, Iterable) else (rules,)
    if not chosen:
        raise ArgumentError("rules must have at least one rule, got none")
    for rule in chosen:
        instance("rules", rule, *get_args(Rule), ReplayableRule)
    wanted = None if k is None else tuple(numbers_of_calls(k, 1, Vote()).tolist())
    named = named_systems(systems)
    models = cost_models(cost, named)
    blocks = [
        block
        for name, entries in named.items()
        for entry in entries
        for block in _blocks(
            name,
            entry,
            chosen,
            wanted,
            models[name],
            include=include_reward,
            beyond=beyond,
            rng=rng,
        )
    ]
    return _joined(blocks, models[next(iter(named))].unit)


def _blocks(
    name: str,
    entry: System,
    rules: Sequence[Rule | ReplayableRule],
    k: Sequence[int] | None,
    cost: CostModel,
    *,
    include: bool,
    beyond: bool,
    rng: int,
) -> Iterable[_Block]:
    if isinstance(entry, Curve):
        scores = _Scores(entry.log, entry.rule, entry.k, entry.per_question)
        yield _priced(name, scores, cost, include=include)
        return
    if isinstance(entry, Replayed):
        # What it was replayed with may have been another model of cost.
        settings = {key: getattr(entry, key) for key in ("most", "orders", "rng", "ties")}
        yield _of_replay(name, replay(entry.log, entry.rule, cost=cost, **settings))
        return
    posterior = Posterior(entry, rng=rng) if beyond else None
    for rule in rules:
        if isinstance(rule, ReplayableRule):
            log = _one_by_one(name, entry)
            most = None if k is None else min(max(k), fewest_samples(log))
            yield _of_replay(name, replay(log, rule, most=most, cost=cost, rng=rng))
            continue
        calls = _calls(name, entry, rule, k, beyond=beyond)
        if posterior is None:
            made = curve(entry, rule, k=calls, interval=None)
            scores = _Scores(entry, rule, made.k, made.per_question)
        else:
            told = posterior.predict(calls, rule=rule, interval="accuracy")
            scores = _Scores(entry, rule, told.k, told.expected, told.covariance)
        yield _priced(name, scores, cost, include=include)


def _one_by_one(name: str, log: AnswerLog | TalliedLog) -> AnswerLog:
    if not isinstance(log, AnswerLog):
        raise ArgumentError(
            f"a stopping rule sees samples one by one, which the tallied log of system {name!r} does "
            "not have; read it with read_log"
        )
    return log


def _of_replay(name: str, made: Replayed) -> _Block:
    cost = made.cost
    assert cost is not None  # noqa: S101 - it was replayed with a cost model
    return _Block(
        system=name,
        rule=made.rule,
        k=np.array([made.most], dtype=np.int64),
        score=made.score[:, None].copy(),
        cost=cost[:, None].copy(),
        reward_cost=np.zeros((len(cost), 1)),
        log=made.log,
    )


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scores of one system under one rule, before they are priced."""

    log: AnswerLog | TalliedLog
    rule: Rule
    k: NDArray[np.int64]
    per_question: Floats
    covariance: Floats | None = None


def _priced(name: str, scores: _Scores, cost: CostModel, *, include: bool) -> _Block:
    price = calls_cost(scores.log, scores.rule, scores.k.tolist(), cost)
    unknown = np.argwhere(np.isnan(price.total))
    if len(unknown):
        question, place = unknown[np.argmin(unknown[:, 1])]
        raise ArgumentError(
            f"{cost!r} does not know what k={scores.k[place]} costs on question "
            f'"{scores.log.question[question]}" of system {name!r}: pass smaller k, or another cost'
        )
    reward = price.reward if include else np.zeros_like(price.reward)
    return _Block(
        system=name,
        rule=scores.rule,
        k=scores.k,
        score=scores.per_question,
        cost=price.policy + reward,
        reward_cost=reward,
        log=scores.log,
        covariance=scores.covariance,
    )


def _calls(
    name: str,
    log: AnswerLog | TalliedLog,
    rule: Rule,
    k: Sequence[int] | None,
    *,
    beyond: bool,
) -> list[int]:
    fewest = fewest_samples(drawn_log(log, rule))
    allowed = numbers_of_calls(None, fewest, rule)
    most = int(allowed[-1]) * (8 if beyond else 1)
    if k is None:
        spaced = np.geomspace(_EVERY_K, max(most, _EVERY_K), _GRID).round().astype(np.int64)
        every = np.arange(rule.least_calls, min(most, _EVERY_K) + 1)
        return [int(calls) for calls in np.union1d(every, spaced[spaced <= most])]
    asked = numbers_of_calls(k, fewest, rule)
    fit = asked[(asked >= rule.least_calls) & (beyond | (asked <= most))]
    if not len(fit):
        raise ArgumentError(
            f"no k fits system {name!r}: {rule.label} allows k from {rule.least_calls} to {most} "
            f"with its {fewest} samples a question, got {asked[0]} to {asked[-1]}; "
            "pass beyond=True to predict more calls than were sampled"
        )
    return [int(calls) for calls in fit]


def _joined(blocks: Sequence[_Block], unit: str) -> Points:
    keys = [question_keys(block.log) for block in blocks]
    row_of = {key: row for row, key in enumerate(sorted(set().union(*keys)))}
    shape = (len(row_of), sum(len(block.k) for block in blocks))
    score, cost, reward = (np.full(shape, np.nan) for _ in range(3))
    unit_of: dict[tuple[str, str], tuple[str, ...]] = {}
    noise: list[Noise] = []
    first = 0
    for block, own in zip(blocks, keys, strict=True):
        rows = np.array([row_of[key] for key in own])
        columns = slice(first, first + len(block.k))
        score[rows, columns] = block.score
        cost[rows, columns] = block.cost
        reward[rows, columns] = block.reward_cost
        if block.covariance is not None:
            here = np.arange(columns.start, columns.stop)
            noise.append(Noise(points=here, covariance=block.covariance))
        clusters = question_clusters(block.log)
        for key, cluster in zip(own, clusters, strict=True):
            if cluster is not None or key not in unit_of:
                unit_of[key] = key if cluster is None else ("cluster", cluster, "")
        first = columns.stop
    numbers: dict[tuple[str, ...], int] = {}
    return Points(
        system=tuple(block.system for block in blocks for _ in block.k),
        rule=tuple(block.rule for block in blocks for _ in block.k),
        k=np.concatenate([block.k for block in blocks]),
        score=score,
        cost=cost,
        reward_cost=reward,
        question=tuple(row_of),
        unit_of=np.array([numbers.setdefault(unit_of[key], len(numbers)) for key in row_of]),
        cost_unit=unit,
        noise=tuple(noise),
    )
