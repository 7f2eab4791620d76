"""What logs and curves cost, and calls known by their sums."""

from math import isnan

import matplotlib as mpl
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

import kcurve as kc
from kcurve.cost import (
    Calls,
    Dollars,
    Flops,
    Kinetics,
    Latency,
    Price,
    Tokens,
    Transformer,
    TransformerFlops,
    calls_cost,
    curve_cost,
    log_cost,
    spending_cost,
)
from kcurve.errors import ArgumentError
from kcurve.strategies import Spent

mpl.use("Agg")
SMALL = Transformer(parameters=1000, layers=3, width=12)
SPENT = Spent(calls=9, tokens_in=500, tokens_out=280, cost=3.0)
SCORED = Spent(calls=4, tokens_in=400, tokens_out=30, cost=1.0)


def ragged(sizes, *, seed, cluster=None):
    random = np.random.default_rng(seed)
    total = sum(sizes)
    question = [q for q, size in enumerate(sizes) for _ in range(size)]
    table = {
        "question_id": question,
        "answer": random.integers(0, 3, total).tolist(),
        "reference": [0] * total,
        "score": random.random(total).tolist(),
        "tokens_in": [100.0 + q for q in question],
        "tokens_out": random.integers(1, 99, total).astype(float).tolist(),
        "latency": random.random(total).tolist(),
    }
    if cluster is not None:
        table["cluster"] = [cluster[q] for q in question]
    return kc.AnswerLog.from_table(table)


@settings(max_examples=30)
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_a_log_costs_the_sum_of_its_samples(sizes, seed):
    log = ragged(sizes, seed=seed)
    for model in (Calls(), Tokens(), Tokens(count="both"), Flops(7e9, prompt=True)):
        found = log_cost(log, model)
        assert found.total == pytest.approx(model.of_samples(log).sum(), rel=1e-12)
        np.testing.assert_allclose(
            found.per_question, np.add.reduceat(model.of_samples(log), log.offsets[:-1])
        )
        assert found.samples.tolist() == sizes


def test_a_prompt_read_once_is_paid_for_once_for_a_question():
    log = ragged([3, 1], seed=1)
    found = log_cost(log, TransformerFlops(SMALL, prompt="once"))
    written = sum(
        float(SMALL.flops(out, after=read))
        for out, read in zip(log.tokens_out, log.tokens_in, strict=True)
    )
    read = float(SMALL.flops(100) + SMALL.flops(101))
    assert found.total == pytest.approx(written + read, rel=1e-12)


def test_times_and_traffic_of_a_log_are_those_of_all_its_samples_side_by_side():
    log = ragged([4, 2], seed=2)
    found = log_cost(log, Latency())
    np.testing.assert_allclose(found.policy, [log.latency[:4].max(), log.latency[4:].max()])
    assert log_cost(log, Latency(parallelism=1)).total == pytest.approx(log.latency.sum())
    kinetics = log_cost(log, Kinetics(SMALL))
    assert kinetics.total < kinetics.of_samples.sum()


def test_judging_is_apart_and_only_where_the_rule_judges():
    log = ragged([3, 2], seed=3)
    model = Flops(1, reward_parameters=5)
    assert log_cost(log, model).reward.sum() == 0
    found = log_cost(log, model, rule=kc.BestOfN())
    np.testing.assert_allclose(found.reward, 5 * found.policy)
    assert found.to_dict()["reward"] == pytest.approx(10 * log.tokens_out.sum())
    assert "judging" in repr(found)
    assert pa.table(found.to_arrow()).num_rows == 2


def test_samples_of_unknown_cost_count_as_the_others_of_their_question():
    table = {
        "question_id": [1, 1, 1],
        "answer": [0, 0, 0],
        "reference": [0, 0, 0],
        "tokens_out": [10.0, 20.0, None],
    }
    found = log_cost(kc.AnswerLog.from_table(pa.table(table)), Tokens())
    assert found.total == pytest.approx(45)
    assert isnan(found.of_samples[2])


def test_a_curve_costs_what_its_calls_do_with_students_interval():
    log = ragged([5] * 12, seed=4)
    curve = kc.curve(log, k=[1, 2, 5])
    found = curve_cost(curve, Tokens(), level=0.9)
    mean = log.tokens_out.reshape(12, 5).mean(axis=1)
    for place, k in enumerate((1, 2, 5)):
        low, high = stats.t.interval(
            0.9, 11, loc=k * mean.mean(), scale=k * mean.std(ddof=1) / 12**0.5
        )
        assert found.mean[place] == pytest.approx(k * mean.mean())
        assert (found.low[place], found.high[place]) == (pytest.approx(low), pytest.approx(high))


def test_questions_of_a_cluster_count_as_one():
    log = ragged([4] * 6, seed=5)
    doubled = ragged([4] * 6, seed=5, cluster=list("aabbcc"))
    alone, together = (curve_cost(kc.curve(each, k=[2]), Tokens()) for each in (log, doubled))
    sums = log.tokens_out.reshape(6, 4).mean(axis=1).reshape(3, 2).sum(axis=1) * 2
    error = np.sqrt(3 / 2 * ((sums - sums.mean()) ** 2).sum()) / 6
    assert together.high[0] - together.mean[0] == pytest.approx(stats.t.ppf(0.975, 2) * error)
    assert alone.mean[0] == pytest.approx(together.mean[0])


def test_costs_that_add_up_go_on_beyond_the_samples_and_times_do_not():
    log = ragged([3, 3], seed=6)
    curve = kc.curve(log, k=[3, 9], method=kc.Exact(replacement=True))
    tokens, seconds = (curve_cost(curve, model) for model in (Tokens(), Latency()))
    assert tokens.mean[1] == pytest.approx(3 * tokens.mean[0])
    assert np.isnan(seconds.mean[1])
    assert not np.isnan(seconds.mean[0])


def test_costs_of_calls_become_tables():
    log = ragged([3, 4], seed=9)
    found = calls_cost(log, kc.BestOfN(), [1, 3], Flops(1, reward_parameters=2))
    table = pa.table(found.to_arrow())
    assert table.column("total").to_pylist() == found.mean.tolist()
    assert found.to_dict()["reward"] == pytest.approx(found.reward.mean(axis=0).tolist())
    assert calls_cost(log, kc.Vote(), [1, 3], Latency()).to_dict()["unit"] == "seconds"


def test_a_single_question_has_no_interval():
    found = curve_cost(kc.curve(ragged([4], seed=7), k=[1, 2]), Tokens())
    assert np.isnan(found.low).all()
    assert found.to_dict()["cost_low"] == [None, None]


def test_the_picture_has_accuracy_against_cost():
    found = curve_cost(kc.curve(ragged([6] * 9, seed=8)), Flops(7e9))
    axes = found.plot(label="small")
    (line,) = axes.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), found.mean)
    np.testing.assert_array_equal(line.get_ydata(), found.curve.mean)
    assert axes.get_xlabel() == "FLOPs per question"
    mpl.pyplot.close("all")
    assert pa.table(found.to_arrow()).column_names[:4] == ["k", "cost", "cost_low", "cost_high"]
    assert "FLOPs" in found._repr_html_()


@pytest.mark.parametrize(
    ("model", "policy", "reward"),
    [
        (Calls(), 5, 4),
        (Tokens(), 250, 30),
        (Tokens(count="in"), 100, 400),
        (Tokens(count="both"), 350, 430),
        (Flops(7), 14 * 250, 0),
        (Flops(7, reward_parameters=34), 14 * 250, 68 * 430),
        (Flops(7, prompt=True), 14 * 350, 0),
        (Dollars(), 2.0, 1.0),
        (Dollars(Price(input=1e6, output=2e6)), 100 + 500, 0),
        (
            Dollars(Price(input=1e6, output=2e6), Price(input=3e6, output=1e6)),
            600,
            1200 + 30,
        ),
    ],
    ids=repr,
)
def test_sums_of_calls_are_priced_policy_and_reward_apart(model, policy, reward):
    found = spending_cost(SPENT, model, reward=SCORED)
    assert found.policy == pytest.approx(policy)
    assert found.reward == pytest.approx(reward)
    assert found.total == pytest.approx(policy + reward)
    assert found.unit == model.unit
    assert spending_cost(SPENT, Calls()) == (9, 0, "calls")


@pytest.mark.parametrize(
    "model",
    [
        TransformerFlops(SMALL),
        Kinetics(SMALL),
        Latency(),
        Dollars(Price(input=2, output=3, cached_input=1), prompt="once"),
    ],
    ids=repr,
)
def test_models_that_need_each_call_refuse_sums(model):
    with pytest.raises(ArgumentError, match="each call by itself"):
        spending_cost(SPENT, model, reward=SCORED)
