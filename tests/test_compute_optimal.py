"""The size and strategy of least error for every amount of compute."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.cost import Calls, Flops
from kcurve.errors import ArgumentError
from kcurve.planning import Points, compute_optimal, points
from kcurve.planning.switches import envelopes, switches
from tests.oracles import frontier as oracle

A, B, ALPHA, BETA = 20.0, 3.0, 0.3, 0.4


def lawful(sizes, questions=40, calls=160):
    """Systems whose error is ``A N^-alpha + B T^-beta``: the optimal size follows a power of the compute."""
    k = np.unique(np.geomspace(1, 3000, calls).round().astype(np.int64))
    system = [name for name in sizes for _ in k]
    size = np.array([sizes[name] for name in system])
    calls = np.tile(k, len(sizes))
    tokens = 200.0 * calls
    error = A * size**-ALPHA + B * tokens**-BETA
    score = np.tile(1 - error, (questions, 1))
    cost = np.broadcast_to(2 * size * tokens, score.shape).copy()
    return Points(
        system=tuple(system),
        rule=(kc.Vote(),) * len(system),
        k=calls,
        score=score,
        cost=cost,
        reward_cost=np.zeros_like(cost),
        question=tuple(("", str(q)) for q in range(questions)),
        unit_of=np.arange(questions),
        cost_unit="FLOPs",
    )


SIZES = {f"{size:.1e}": size for size in np.geomspace(1e7, 1e10, 10)}


# At the least of A N^-alpha + B (C / 2N)^-beta, C is N to the power (alpha + beta) / beta, times a constant.
SLOPE = (ALPHA + BETA) / BETA
CONSTANT = np.log10(2 * (B * BETA / (A * ALPHA)) ** (1 / BETA))
UNEVEN = {f"{size:.1e}": size for size in (1e7, 3e7, 5e7, 3e8, 4e9, 1e10)}


@pytest.mark.parametrize("sizes", [SIZES, UNEVEN], ids=["even", "uneven"])
def test_a_known_law_is_recovered(sizes):
    found = compute_optimal(lawful(sizes), sizes=sizes, resamples=10)
    assert len(found.switches) == len(sizes) - 1
    for switch in found.switches:
        at_law = SLOPE * np.log10(switch.size) + CONSTANT
        assert np.log10(switch.compute) == pytest.approx(at_law, abs=0.03)
    assert found.size_law.a == pytest.approx(SLOPE, rel=0.005)
    assert found.size_law.b == pytest.approx(CONSTANT, abs=0.05)
    assert (np.diff(found.size) >= 0).all()
    # 3,000 calls are not enough to see where the largest size but one would end.
    assert [each.reason for each in found.switches] == ["overtakes"] * (len(sizes) - 2) + [
        "samples end"
    ]


def test_the_intervals_of_the_law_hold_the_law():
    """Each size has its own luck on the questions; 95% intervals of 60 logs hold the true line."""
    sizes = {f"{size:.1e}": size for size in np.geomspace(1e7, 1e10, 5)}
    clean = lawful(sizes, questions=200, calls=30)
    truth = compute_optimal(clean, sizes=sizes, resamples=1).size_law
    held = {"a": 0, "b": 0}
    for seed in range(60):
        random = np.random.default_rng(seed)
        luck = dict(zip(sizes, 0.06 * random.standard_normal((5, 200)), strict=True))
        score = clean.score + np.stack([luck[name] for name in clean.system], axis=1)
        log = replace(clean, score=score, cost=clean.cost.copy())
        found = compute_optimal(log, sizes=sizes, resamples=150)
        for name, (low, high) in found.law_intervals.items():
            held[name] += low <= truth.parameters[name] <= high
    # The chance of fewer than 51 of 60 at 95% is 0.1%.
    assert min(held.values()) >= 51


def test_switches_are_where_a_fine_grid_changes_sides():
    for seed in range(30):
        random = np.random.default_rng(seed)
        size = np.repeat([1.0, 4.0, 9.0], 4)
        accuracy, cost = random.random(12), size * np.exp(random.uniform(0, 3, 12))
        found = switches(next(envelopes(accuracy[None], cost[None], size)))
        expected = oracle.switches(accuracy, cost, size)
        assert [(each.before, each.after) for each in found] == [pair for _, pair in expected]
        np.testing.assert_allclose(
            [each.compute for each in found], [compute for compute, _ in expected], rtol=2e-3
        )


def test_a_size_that_starts_ahead_says_so():
    size = np.array([1.0, 1.0, 5.0])
    accuracy, cost = np.array([[0.3, 0.4, 0.6]]), np.array([[1.0, 3.0, 5.0]])
    (switch,) = switches(next(envelopes(accuracy, cost, size)))
    assert (switch.compute, switch.reason) == (5.0, "first payable")
    assert switch.size == pytest.approx(5**0.5)


def test_every_budget_gets_the_least_error_it_pays_for():
    table = lawful(SIZES)
    found = compute_optimal(table, sizes=SIZES, resamples=20)
    for budget in np.geomspace(found.compute[0], found.compute[-1], 9):
        optimum = found.at(budget)
        payable = table.mean_cost <= budget * (1 + 1e-9)
        assert optimum.error == pytest.approx(1 - table.accuracy[payable].max(), abs=1e-12)
        assert optimum.spent <= budget * (1 + 1e-9)
        assert optimum.tokens == pytest.approx(optimum.spent / 2 / optimum.size)
        assert optimum.low <= optimum.error + 1e-9 <= optimum.high + 2e-9
        assert sum(optimum.probability.values()) == pytest.approx(1)


def tokens_log(accuracy, tokens, seed):
    random = np.random.default_rng(seed)
    right = random.random((200, 16)) < random.beta(6 * accuracy, 6 * (1 - accuracy), 200)[:, None]
    return kc.AnswerLog.from_table(
        {
            "question_id": np.repeat(np.arange(200), 16),
            "answer": np.where(right, 0, 1).ravel(),
            "reference": np.zeros(right.size, dtype=np.int64),
            "tokens_out": random.integers(tokens, 2 * tokens, right.size),
        }
    )


def test_costs_are_flops_of_the_size_by_default():
    logs = {"small": tokens_log(0.6, 50, 1), "large": tokens_log(0.8, 50, 2)}
    sizes = {"small": 1e6, "large": 1e7}
    found = compute_optimal(logs, sizes=sizes, k=[1, 3, 9], resamples=300)
    by_hand = points(logs, k=[1, 3, 9], cost={name: Flops(n) for name, n in sizes.items()})
    np.testing.assert_allclose(found.frontier.cost, by_hand.mean_cost)
    assert found.at(float(found.compute[0])).system == "small"
    assert found.at(1e12).system == "large"
    assert found.at(1e12).probability["large"] > 0.99
    assert pa.table(found.to_arrow()).num_rows == 60
    assert found.to_dict()["law_intervals"].keys() == {"a", "b"}
    assert "ComputeOptimal(N = 1e+06" in repr(found)
    assert found.plot().get_ylabel() == "error rate"


def test_one_size_has_no_law():
    found = compute_optimal({"only": tokens_log(0.7, 9, 3)}, sizes={"only": 5.0}, resamples=20)
    assert found.size_law is None
    assert np.isnan(found.law_intervals["a"]).all()
    assert found.to_dict()["size_law"] is None


def test_mistakes_are_explained():
    log = {"only": tokens_log(0.7, 9, 3)}
    with pytest.raises(ArgumentError, match="'only' is missing"):
        compute_optimal(log, sizes={})
    with pytest.raises(ArgumentError, match="the size of 'only'"):
        compute_optimal(log, sizes={"only": 0})
    with pytest.raises(ArgumentError, match="budgets must pay"):
        compute_optimal(log, sizes={"only": 1}, cost=Calls(), budgets=[0.5])
    with pytest.raises(ArgumentError, match="compute must pay"):
        compute_optimal(log, sizes={"only": 1}, cost=Calls()).at(0.5)
