"""What frontiers state, against systems whose accuracy and cost are known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import kcurve as kc
from kcurve.cost import Tokens
from kcurve.planning import Points, frontier
from kcurve.simulate import BetaQuestions

WORLDS = 60
CALLS = [1, 3, 5, 9, 15]


def world(seed):
    """Three systems on 250 questions each: what a log shows, and what is true."""
    random = np.random.default_rng([11, seed])
    kinds = {name: BetaQuestions(a=a, b=b) for name, (a, b) in zip("xyz", random.uniform(1, 5, (3, 2)), strict=True)}  # fmt: skip
    price = dict(zip(kinds, np.exp(random.uniform(3, 6, 3)), strict=True))
    logs = {}
    for number, (name, kind) in enumerate(kinds.items()):
        log = kind.log(250, 20, rng=100 * seed + number)
        length = price[name] * random.gamma(4, 0.25, 250)
        tokens = np.repeat(length, 20) * random.gamma(4, 0.25, 250 * 20)
        logs[name] = replace(log, tokens_out=tokens)
    found = frontier(logs, cost=Tokens(), k=CALLS, resamples=400, rng=seed)
    score = np.concatenate([kind.accuracy(kc.Vote(), CALLS) for kind in kinds.values()])
    cost = np.concatenate([price[name] * np.array(CALLS) for name in kinds])
    table = found.points
    truth = Points(
        system=table.system,
        rule=table.rule,
        k=table.k.copy(),
        score=score[None],
        cost=cost[None],
        reward_cost=np.zeros((1, len(cost))),
        question=(("", "truth"),),
        unit_of=np.zeros(1, np.int64),
        cost_unit=table.cost_unit,
    )
    return found, frontier(truth, resamples=1)


@pytest.fixture(scope="module")
def worlds():
    return [world(seed) for seed in range(WORLDS)]


def members(found):
    on = np.zeros(len(found.points), dtype=bool)
    on[found.members] = True
    return on


def error(values):
    """Three standard errors of the mean over worlds."""
    return 3 * np.std(values, ddof=1) / np.sqrt(len(values))


def test_as_many_points_are_on_the_frontier_as_stated(worlds):
    gaps = [found.probability.mean() - members(true).mean() for found, true in worlds]
    assert abs(np.mean(gaps)) < error(gaps) + 0.01
    stated = np.concatenate([found.probability for found, _ in worlds])
    on = np.concatenate([members(true) for _, true in worlds])
    assert on[stated > 0.95].mean() > 0.93
    assert on[stated < 0.05].mean() < 0.07
    middle = (stated > 0.3) & (stated < 0.7)
    assert middle.sum() > 30
    assert 0.25 < on[middle].mean() < 0.75


def test_the_best_at_a_cost_is_found_as_often_as_stated(worlds):
    gaps, hits = [], []
    for found, true in worlds:
        for budget in np.geomspace(2 * true.cost.min(), true.cost.max(), 3):
            advice = found.best_at(float(budget))
            chosen = true.accuracy[advice.choice.point]
            payable = true.cost <= budget
            hits.append(true.accuracy[payable].max(initial=0.0) - chosen <= 0.002)
            gaps.append(advice.confidence - hits[-1])
    # Three budgets of a world are not independent.
    assert abs(np.mean(gaps)) < np.sqrt(3) * error(gaps) + 0.05
    assert np.mean(hits) > 0.6


def test_intervals_hold_the_true_envelope_and_the_true_crossings(worlds):
    envelope, crossing = [], []
    for found, true in worlds:
        budget = [float(np.sqrt(true.cost.min() * true.cost.max()))]
        _, low, high = found.accuracy_at(budget)
        envelope.append(low[0] <= true.accuracy_at(budget)[0][0] <= high[0])
        for behind, ahead in pairwise(found.points.systems):
            stated = found.crossing(behind, ahead)
            crossing.append(stated.low <= true.crossing(behind, ahead).cost <= stated.high)
    # The chance of fewer than 51 of 60 at 95% is 0.1%, of fewer than 105 of 120 too.
    assert np.sum(envelope) >= 51
    assert np.sum(crossing) >= 105


def test_systems_overtake_as_often_as_stated(worlds):
    gaps = []
    for found, true in worlds:
        for behind, ahead in pairwise(found.points.systems):
            overtakes = np.isfinite(true.crossing(behind, ahead).cost)
            gaps.append(found.crossing(behind, ahead).probability - overtakes)
    assert abs(np.mean(gaps)) < error(gaps) + 0.02
    assert np.mean(np.abs(gaps)) < 0.3
