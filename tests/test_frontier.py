"""What no other choice beats in accuracy and cost."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.cost import Calls, Flops, Latency, Tokens
from kcurve.errors import ArgumentError
from kcurve.planning import Points, frontier, points
from kcurve.planning.envelope import envelope, unbeaten
from kcurve.simulate import BetaQuestions
from tests.oracles import frontier as oracle

FEW = st.integers(0, 4).map(lambda value: value / 4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(FEW, st.integers(1, 4).map(float)), min_size=1, max_size=9))
def test_the_unbeaten_are_those_of_the_definition(pairs):
    accuracy, cost = (np.array(column) for column in zip(*pairs, strict=True))
    found = unbeaten(accuracy[None], cost[None])[0]
    assert found.tolist() == oracle.unbeaten(accuracy, cost)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(FEW, st.integers(1, 6).map(float)), min_size=1, max_size=7),
    st.floats(0.5, 7),
)
def test_the_envelope_is_the_best_mixture(pairs, budget):
    accuracy, cost = (np.array(column) for column in zip(*pairs, strict=True))
    found = envelope(accuracy[None], cost[None], np.array([budget]))[0, 0]
    expected = oracle.best_accuracy(accuracy, cost, budget)
    if expected is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(expected)


def two_systems(questions=150, seed=1):
    """A cheap system that saturates, and one three times as dear that does not."""
    random = np.random.default_rng(seed)
    logs = {}
    for name, strength, tokens in (("cheap", 0.55, 10), ("dear", 0.8, 30)):
        p = random.beta(8 * strength, 8 * (1 - strength), questions)
        right = random.random((questions, 20)) < p[:, None]
        answer = np.where(right, 0, 1 + random.integers(0, 2, right.shape))
        spent = random.integers(tokens // 2, tokens * 3 // 2 + 1, right.shape)
        logs[name] = kc.AnswerLog.from_table(
            {
                "question_id": np.repeat(np.arange(questions), 20),
                "answer": answer.ravel(),
                "reference": np.zeros(answer.size, dtype=np.int64),
                "tokens_out": spent.ravel(),
            }
        )
    return logs


def test_members_probabilities_and_bands_agree():
    found = frontier(two_systems(), cost=Tokens())
    on = unbeaten(found.accuracy[None], found.cost[None])[0]
    assert sorted(found.members) == np.flatnonzero(on).tolist()
    assert (np.diff(found.cost[found.members]) > 0).all()
    assert (np.diff(found.accuracy[found.members]) > 0).all()
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    # The cheapest point is always on a frontier.
    assert found.probability[np.argmin(found.cost)] == 1
    assert ((found.low <= found.accuracy) & (found.accuracy <= found.high)).all()
    assert ((found.cost_low <= found.cost) & (found.cost <= found.cost_high)).all()
    mean, low, high = found.accuracy_at([5, 50, 1e6, 20])
    assert np.isnan(mean[0])
    assert np.isnan(low[0])
    assert (low[1:] <= mean[1:]).all()
    assert (mean[1:] <= high[1:]).all()
    assert mean[2] == found.accuracy[found.members].max()
    assert mean[3] <= mean[1]


def test_the_dear_system_overtakes_where_it_can_be_paid():
    found = frontier(two_systems(), cost=Tokens())
    crossing = found.crossing("cheap", "dear")
    assert 25 < crossing.cost < 35
    assert crossing.low <= crossing.cost <= crossing.high
    assert crossing.probability == 1
    back = found.crossing("dear", "cheap")
    assert back.cost == np.inf
    assert back.probability == 0
    assert back.to_dict()["cost"] is None
    with pytest.raises(ArgumentError, match="no system 'huge'"):
        found.crossing("cheap", "huge")


def test_intervals_of_points_cover_the_truth():
    # The truth of the population is what a huge log shows.
    truth = frontier(two_systems(20_000, seed=99), cost=Calls(), k=[1, 3, 5, 9]).accuracy
    inside = 0
    for seed in range(40):
        found = frontier(two_systems(seed=seed), cost=Calls(), k=[1, 3, 5, 9], resamples=400)
        inside += int(((found.low <= truth) & (truth <= found.high)).sum())
    assert inside >= 0.9 * 40 * 8


def test_who_is_best_at_a_cost_is_what_a_plan_says():
    found = frontier(two_systems(), cost=Tokens())
    advice = found.best_at(60)
    assert advice.choice.system == "dear"
    assert advice.choice.cost <= 60 * (1 + 1e-9)
    payable = found.cost <= 60
    assert advice.choice.measured == found.accuracy[payable].max()
    assert sum(found.system_probability.values()) > 1


def test_a_table_of_points_is_taken_as_it_is_and_seeds_repeat():
    table = points(two_systems(), k=[1, 5], cost=Tokens())
    first, second = (frontier(table, rng=3, resamples=200) for _ in range(2))
    np.testing.assert_array_equal(first.probability, second.probability)
    other = frontier(table, rng=4, resamples=200)
    assert not np.array_equal(first.low, other.low)


def test_results_export():
    found = frontier(two_systems(), cost=Tokens(), k=[1, 5])
    rows = pa.table(found.to_arrow())
    assert rows.num_rows == 4
    data = found.to_dict()
    assert [row["system"] for row in data["points"]] == ["cheap", "cheap", "dear", "dear"]
    assert "Frontier(" in repr(found)
    assert "<table>" in found._repr_html_()
    assert found.plot().get_xlabel() == "tokens per question"


def test_calls_of_one_population_keep_the_odd_numbers():
    log = BetaQuestions(a=4, b=2).log(300, 9, rng=1)
    found = frontier({"one": log})
    # Two answers: an even number of calls scores what one fewer does, and costs more.
    assert [int(found.points.k[i]) for i in found.members] == [1, 3, 5, 7, 9]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(FEW, st.integers(1, 6).map(float)), min_size=1, max_size=5),
    st.lists(st.tuples(FEW, st.integers(1, 6).map(float)), min_size=1, max_size=5),
)
def test_the_crossing_is_where_the_last_lead_begins(first, second):
    both = first + second
    table = Points(
        system=("a",) * len(first) + ("b",) * len(second),
        rule=(kc.Vote(),) * len(both),
        k=np.arange(1, len(both) + 1),
        score=np.array([[accuracy for accuracy, _ in both]]),
        cost=np.array([[cost for _, cost in both]]),
        reward_cost=np.zeros((1, len(both))),
        question=(("", "0"),),
        unit_of=np.zeros(1, np.int64),
        cost_unit="calls",
    )
    found = frontier(table, resamples=1).crossing("a", "b")
    assert found.cost == pytest.approx(oracle.overtaken(first, second), abs=0.013)
    assert found.low == found.high == pytest.approx(found.cost, rel=1e-12)
    assert found.probability == np.isfinite(found.cost)
    # Leaders alternate, and the last of them leads at the end.
    assert all(x[1] != y[1] and x[0] <= y[0] for x, y in pairwise(found.turns))
    if found.turns and np.isfinite(found.cost):
        assert found.turns[-1] == (found.cost, "b")


def test_systems_of_several_settings_have_a_column_for_each():
    logs = two_systems()
    settings_of = {("m", 0.7): logs["cheap"], ("m", 1.0): logs["dear"], ("n", 0.7): logs["dear"]}
    cost = {"m": Flops(1e9), ("n", 0.7): Flops(5e9)}
    found = frontier(settings_of, axes=("model", "temperature"), cost=cost, k=[1, 3], resamples=50)
    by_name = frontier(
        {"a": logs["cheap"], "b": logs["dear"], "c": logs["dear"]},
        cost={"a": Flops(1e9), "b": Flops(1e9), "c": Flops(5e9)},
        k=[1, 3],
        resamples=50,
    )
    np.testing.assert_array_equal(found.cost, by_name.cost)
    np.testing.assert_array_equal(found.probability, by_name.probability)
    rows = found.to_dict()["points"]
    assert [(row["model"], row["temperature"], row["k"]) for row in rows] == [
        ("m", 0.7, 1), ("m", 0.7, 3), ("m", 1.0, 1), ("m", 1.0, 3), ("n", 0.7, 1), ("n", 0.7, 3)
    ]  # fmt: skip
    table = pa.table(found.to_arrow())
    assert table["temperature"].to_pylist() == [0.7, 0.7, 1.0, 1.0, 0.7, 0.7]
    assert table["model"].to_pylist() == [0, 0, 0, 0, 1, 1]
    assert found.crossing("m, temperature=0.7", "n, temperature=0.7").ahead == "n, temperature=0.7"


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ("model", "different names"),
        (("model", "model"), "different names"),
        (("model", "k"), "must not be called 'k'"),
        (("model", "temperature", "width"), "tuple of model, temperature, width"),
    ],
)
def test_axes_that_do_not_fit_are_refused(axes, message):
    with pytest.raises(ArgumentError, match=message):
        frontier({("m", 0.7): two_systems()["cheap"]}, axes=axes)


def test_costs_that_are_not_known_are_refused():
    rows = {
        "question_id": np.repeat([1, 2], 4),
        "answer": np.zeros(8, dtype=np.int64),
        "reference": np.zeros(8, dtype=np.int64),
        "latency": [1.0, 2, 3, 4, 1, 2, np.nan, np.nan],
    }
    log = kc.AnswerLog.from_table(rows)
    assert len(frontier({"m": log}, k=[1, 2], cost=Latency()).points) == 2
    with pytest.raises(ArgumentError, match='does not know what k=3 costs on question "2"'):
        frontier({"m": log}, k=[1, 3, 4], cost=Latency())


def test_fifty_right_answers_are_no_proof_of_a_perfect_system():
    perfect = kc.AnswerLog.from_codes(np.zeros((50, 4), int), correct=[0] * 50)
    found = frontier({"perfect": perfect, "again": perfect}, k=1, resamples=100)
    expected = kc.curve(perfect, k=1)
    np.testing.assert_allclose(found.low, expected.low[0])
    np.testing.assert_allclose(found.high, 1)
    assert found.low[0] < 0.95
    data = frontier({"one": perfect.select(questions=np.arange(50) == 0)}, k=1, resamples=10)
    assert data.to_dict()["points"][0]["low"] is None
