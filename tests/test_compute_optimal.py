"""The size and strategy of least error for every amount of compute."""

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.cost import Calls, Flops
from kcurve.errors import ArgumentError
from kcurve.planning import Points, compute_optimal, points

A, B, ALPHA, BETA = 20.0, 3.0, 0.3, 0.4


def lawful(sizes, questions=40, spread=0.0, seed=0):
    """Systems whose error is ``A N^-alpha + B T^-beta``: the optimal size follows a power of the compute."""
    random = np.random.default_rng(seed)
    k = np.unique(np.geomspace(1, 3000, 160).round().astype(np.int64))
    system = [name for name in sizes for _ in k]
    size = np.array([sizes[name] for name in system])
    calls = np.tile(k, len(sizes))
    tokens = 200.0 * calls
    error = A * size**-ALPHA + B * tokens**-BETA
    score = 1 - error + spread * random.standard_normal((questions, 1))
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


def test_a_known_law_is_recovered():
    # At the least of A N^-alpha + B (C / 2N)^-beta, C is N to the power (alpha + beta) / beta, times a constant.
    exact = (ALPHA + BETA) / BETA
    constant = np.log10(2 * (B * BETA / (A * ALPHA)) ** (1 / BETA))
    found = compute_optimal(lawful(SIZES), sizes=SIZES, resamples=50)
    inner = found.size_law
    assert inner.a == pytest.approx(exact, rel=0.06)
    middle = np.log10(inner.sizes[len(inner.sizes) // 2])
    at_middle = inner.a * middle + inner.b
    assert at_middle == pytest.approx(exact * middle + constant, abs=0.25)
    assert (np.diff(found.size) >= 0).all()


def test_the_intervals_of_the_law_hold_it():
    found = compute_optimal(lawful(SIZES, spread=0.05), sizes=SIZES, resamples=100)
    for name, (low, high) in found.law_intervals.items():
        assert low - 1e-9 <= found.size_law.parameters[name] <= high + 1e-9


def test_every_budget_gets_the_least_error_it_pays_for():
    table = lawful(SIZES)
    found = compute_optimal(table, sizes=SIZES, resamples=20)
    for budget in np.geomspace(found.compute[0], found.compute[-1], 9):
        optimum = found.at(budget)
        payable = table.mean_cost <= budget * (1 + 1e-9)
        assert optimum.error == pytest.approx(1 - table.accuracy[payable].max(), abs=1e-12)
        assert optimum.spent <= budget * (1 + 1e-9)
        assert optimum.tokens == pytest.approx(optimum.spent / 2 / optimum.size)
        assert optimum.low <= optimum.error + 1e-9
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
