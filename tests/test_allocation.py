"""Options within a budget against exhaustive ones, and calls allocated on a log."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve.cost import Tokens
from kcurve.errors import ArgumentError, MissingColumnError
from kcurve.planning import allocated_calls, allocation
from kcurve.simulate import Distributions
from tests.oracles.allocation import best_value, relaxed_value


@st.composite
def instances(draw: st.DrawFn) -> tuple[list[list[float]], list[list[int]], int]:
    """Draw values, whole costs and a budget; values may fall, costs may be 0 or equal."""
    questions, options = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    value = st.one_of(st.integers(0, 6).map(float), st.floats(-2, 2))
    values = [[draw(value) for _ in range(options)] for _ in range(questions)]
    costs = [[draw(st.integers(0, 9)) for _ in range(options)] for _ in range(questions)]
    return values, costs, draw(st.integers(0, 40))


@given(instances())
def test_the_best_is_within_the_stated_bound(
    instance: tuple[list[list[float]], list[list[int]], int],
) -> None:
    values, costs, budget = instance
    found = allocation(values, costs, budget)
    # The start is an option that costs and is worth nothing.
    with_start = [[0.0, *row] for row in values]
    free = [[0, *row] for row in costs]
    best = best_value(with_start, free, budget)
    chosen = [(question, option) for question, option in enumerate(found.index) if option >= 0]
    assert found.value == pytest.approx(sum(values[q][o] for q, o in chosen), abs=1e-12)
    assert found.spent == sum(costs[q][o] for q, o in chosen) <= budget
    assert found.value <= best + 1e-9 <= found.bound + 2e-9
    assert found.gap >= 0
    assert found.bound == pytest.approx(max(relaxed_value(with_start, free, budget), found.value))


@given(instances())
def test_every_question_takes_an_option_without_a_start(
    instance: tuple[list[list[float]], list[list[int]], int],
) -> None:
    values, costs, budget = instance
    if sum(map(min, costs)) > budget:
        with pytest.raises(ArgumentError, match="cheapest options cost"):
            allocation(values, costs, budget, start=None)
        return
    found = allocation(values, costs, budget, start=None)
    assert found.index.min() >= 0
    assert found.spent <= budget
    assert found.value <= best_value(values, costs, budget) + 1e-9 <= found.bound + 2e-9
    assert found.bound == pytest.approx(max(relaxed_value(values, costs, budget), found.value))


@given(instances())
def test_nothing_that_fits_is_left_to_buy(
    instance: tuple[list[list[float]], list[list[int]], int],
) -> None:
    values, costs, budget = instance
    found = allocation(values, costs, budget)
    for question, option in enumerate(found.index):
        worth, price = (
            (values[question][option], costs[question][option]) if option >= 0 else (0, 0)
        )
        slopes = [0.0]
        for value, cost in zip(values[question], costs[question], strict=True):
            if value > worth:
                assert found.spent - price + cost > budget
                if cost > price:
                    slopes.append((value - worth) / (cost - price))
        assert found.next_gain[question] == pytest.approx(max(slopes))


def test_concave_values_of_equal_steps_are_allocated_optimally() -> None:
    generator = np.random.default_rng(1)
    values = np.cumsum(np.sort(generator.random((50, 8)), axis=1)[:, ::-1], axis=1)
    costs = np.arange(1, 9)
    for budget in (0, 1, 37, 200, 399, 400, 1000):
        found = allocation(values, costs, budget)
        gains = np.sort(np.diff(values, axis=1, prepend=0.0).ravel())[::-1]
        assert found.value == pytest.approx(gains[:budget].sum())
        assert found.spent == min(budget, 400)
        assert found.gap == pytest.approx(0, abs=1e-9)
        if budget < 400:
            assert found.price == pytest.approx(gains[budget])
        else:
            assert found.price == 0


def test_ties_go_to_the_first_question_and_threads_change_nothing() -> None:
    values = np.tile([0.5, 0.75], (9, 1))
    assert allocation(values, [1, 2], 4).index.tolist() == [0] * 4 + [-1] * 5
    assert allocation(values, [1, 2], 11).index.tolist() == [1, 1] + [0] * 7
    generator = np.random.default_rng(2)
    values, costs = generator.random((400, 30)), generator.random((400, 30))
    one, two = (allocation(values, costs, 50, threads=threads) for threads in (1, 2))
    assert one.to_dict() == two.to_dict()


def test_decimal_costs_fill_a_decimal_budget() -> None:
    found = allocation([[1.0]] * 3, [[0.1]] * 3, 0.3)
    assert found.index.tolist() == [0, 0, 0]
    assert found.spent <= 0.3 * (1 + 1e-12)


def test_mistakes_are_named() -> None:
    for values, costs, budget, start, match in (
        ([1.0], [1], 1, 0.0, "questions x options"),
        ([[1.0, 2.0]], [1], 1, 0.0, "costs must be of shape"),
        ([[np.nan]], [1], 1, 0.0, "values must be finite"),
        ([[1.0]], [-1], 1, 0.0, "costs must be finite and at least 0"),
        ([[1.0]], [1], -1, 0.0, "budget must be"),
        ([[1.0]], [1], 1, [0.0, 0.0], "start must be"),
        ([[1.0]], [2], 1, None, "cheapest options cost 2"),
    ):
        with pytest.raises(ArgumentError, match=match):
            allocation(values, costs, budget, start=start)


def halves(log: kc.AnswerLog) -> tuple[kc.AnswerLog, kc.AnswerLog]:
    """Deal the samples of every question out in turn to two logs."""
    import pyarrow as pa  # noqa: PLC0415 - only here

    table = pa.table(log)
    turn = np.concatenate([np.arange(n) % 2 for n in log.n_samples])
    parts = (table.filter(pa.array(turn == side)) for side in (0, 1))
    one, two = (kc.AnswerLog.from_table(part) for part in parts)
    return one, two


def test_an_allocation_holds_on_other_samples() -> None:
    ours, theirs = halves(kc.example_log())
    plan = allocated_calls(ours, budget=4)
    assert plan.mean_cost == 4
    assert plan.calls.min() >= 1
    assert plan.accuracy > plan.uniform_accuracy
    judged = plan.judged(theirs)
    assert judged.low > 0
    assert judged.difference == pytest.approx(judged.accuracy - judged.uniform_accuracy)
    uniform = kc.curve(theirs, k=[4], interval=None).mean[0]
    assert judged.uniform_accuracy == pytest.approx(uniform)
    assert plan.to_dict()["accuracy"] == plan.accuracy
    assert "calls" in plan._repr_html_()
    # The order of the other log does not matter.
    assert plan.judged(theirs.select(questions=list(theirs.question)[::-1])) == judged


def test_an_allocation_on_a_log_refuses_what_it_cannot_do() -> None:
    log = kc.example_log().first(6)
    with pytest.raises(ArgumentError, match="budget must be at least 1"):
        allocated_calls(log, budget=0.5)
    with pytest.raises(MissingColumnError):
        allocated_calls(log, budget=100, cost=Tokens())
    plan = allocated_calls(log, budget=3)
    with pytest.raises(ArgumentError, match="lack the question"):
        plan.judged(log.select(questions=list(log.question)[1:]))


def test_the_accuracy_of_an_allocation_is_not_what_noise_makes_of_it() -> None:
    questions = Distributions(np.random.default_rng(1).dirichlet([2, 1, 1, 0.5], size=1500))
    log = questions.log(40, rng=1)
    # Few draws on purpose: each question's expected score is off by 0.06.
    plan = allocated_calls(log, budget=8, draws=32)
    by_question = kc.curve(questions.log(2000, rng=2), k=plan.k, interval=None).per_question
    truth = by_question[np.arange(1500), plan.allocation.index].mean()
    assert plan.allocation.value / 1500 > truth + 0.02
    assert plan.accuracy == pytest.approx(truth, abs=0.01)
