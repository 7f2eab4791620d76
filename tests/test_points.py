"""The table of scores and costs that frontiers and plans are made of."""

import numpy as np
import pytest

import kcurve as kc
from kcurve.cost import Calls, Dollars, Flops, Price, Tokens, calls_cost
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.planning import points
from kcurve.stopping import AdaptiveConsistency, EarlyStopping, replay


def log_of(questions, samples, *, seed, model="m", tokens=True, cluster=None):
    random = np.random.default_rng(seed)
    rows = [
        (f"q{q}", int(random.integers(3)), 0, model, float(random.integers(1, 50)))
        for q in questions
        for _ in range(samples)
    ]
    names = ("question_id", "answer", "reference", "model", "tokens_out")
    table = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    if not tokens:
        del table["tokens_out"]
    if cluster is not None:
        table["cluster"] = [cluster[row[0]] for row in rows]
    return kc.AnswerLog.from_table(table)


def test_scores_are_those_of_the_curve_and_costs_k_times_the_mean():
    log = log_of(range(7), 6, seed=1)
    found = points({"a": log}, k=[1, 3, 6], cost=Tokens())
    made = kc.curve(log, k=[1, 3, 6])
    np.testing.assert_allclose(found.accuracy, made.mean, atol=1e-15)
    mean = log.tokens_out.reshape(7, 6).mean(axis=1)
    order = [("", f"q{q}") for q in range(7)]
    rows = [found.question.index(key) for key in order]
    np.testing.assert_allclose(found.cost[rows], np.outer(mean, [1, 3, 6]))


def test_the_order_of_questions_does_not_matter():
    log = log_of(range(9), 5, seed=2)
    turned = log_of(range(9), 5, seed=2).select(questions=np.ones(9, dtype=bool))
    other = kc.AnswerLog.from_table(
        {
            "question_id": [log.question[q] for q in reversed(range(9)) for _ in range(5)],
            "answer": [log.answer(q, s) for q in reversed(range(9)) for s in range(5)],
            "reference": ["0"] * 45,
            "model": ["m"] * 45,
            "tokens_out": log.tokens_out.reshape(9, 5)[::-1].ravel(),
        }
    )
    for same in (turned, other):
        a, b = (points({"x": each}, cost=Tokens()).draws(20, rng=3) for each in (log, same))
        np.testing.assert_array_equal(a, b)


def test_draws_are_paired_and_spread_like_the_mean_of_fresh_questions():
    log = log_of(range(200), 8, seed=3)
    found = points({"a": log, "again": log}, k=[1, 4])
    accuracy, _ = found.draws(4000, rng=5)
    np.testing.assert_array_equal(accuracy[:, :2], accuracy[:, 2:])
    made = kc.curve(log, k=[1, 4])
    expected = made.per_question.std(axis=0) / np.sqrt(200)
    np.testing.assert_allclose(accuracy[:, :2].std(axis=0), expected, rtol=0.05)


def test_a_cluster_is_one_unit():
    twins = {f"q{q}": f"c{q // 5}" for q in range(50)}
    log = log_of(range(50), 4, seed=4, cluster=twins)
    assert len(np.unique(points({"a": log}, k=[1]).unit_of)) == 10


def test_systems_with_other_questions_keep_their_own_means():
    a, b = log_of(range(6), 4, seed=5), log_of(range(3, 12), 4, seed=6, model="n")
    found = points({"a": a, "b": b}, k=[1])
    assert found.n_questions == 12
    np.testing.assert_allclose(
        found.accuracy, [kc.curve(each, k=[1]).mean[0] for each in (a, b)], atol=1e-15
    )
    accuracy, _ = found.draws(500)
    assert not np.isnan(accuracy).any()


def test_predictions_go_beyond_the_samples_and_carry_their_own_noise():
    log = log_of(range(60), 6, seed=7)
    found = points({"a": log}, k=[1, 6, 50], beyond=True)
    assert found.k.tolist() == [1, 6, 50]
    assert len(found.noise) == 1
    bare = found.draws(3000)[0].std(axis=0)
    assert (bare > found.score.std(axis=0) / np.sqrt(60)).all()
    half = found.select(found.k > 1)
    np.testing.assert_allclose(half.noise[0].covariance, found.noise[0].covariance[1:, 1:])


def test_filter_vote_pays_for_pairs_of_calls():
    keep = np.array([[1, 0, 1, 1], [0, 0, 1, 0]])
    log = kc.AnswerLog.from_codes([[0, 1, 0, 2], [1, 1, 0, 0]], correct=[0, 0], keep=keep)
    found = calls_cost(log, kc.FilterVote(), [2, 3, 6], Calls())
    assert found.policy[0].tolist() == [1, 1, 3]
    assert found.total[0].tolist() == [2, 2, 6]


def test_reward_costs_are_apart_and_can_be_left_out():
    table = {
        "question_id": [1, 1],
        "answer": [2, 3],
        "reference": [2, 2],
        "tokens_out": [10, 30],
        "score": [0.1, 0.9],
    }
    log = kc.AnswerLog.from_table(table)
    model = Flops(7e9, reward_parameters=34e9)
    with_reward = points({"a": log}, rules=[kc.Vote(), kc.BestOfN()], k=[2], cost=model)
    np.testing.assert_allclose(with_reward.cost[0], [2 * 7e9 * 40, 2 * 41e9 * 40])
    without = points({"a": log}, rules=kc.BestOfN(), k=[2], cost=model, include_reward=False)
    np.testing.assert_allclose(without.cost[0], [2 * 7e9 * 40])


def test_dropped_samples_are_paid_for():
    log = kc.AnswerLog.from_codes([[0, -1, 0, 2]], correct=[0])
    found = calls_cost(log, kc.Vote(no_answer="drop"), [3], Calls())
    assert found.total[0, 0] == pytest.approx(4.0)


def test_a_log_of_several_models_is_several_systems():
    table = {
        "question_id": [1, 1, 1],
        "answer": [2, 3, 2],
        "reference": [2, 2, 2],
        "model": ["a", "a", "b"],
    }
    found = points(kc.AnswerLog.from_table(table), k=[1, 2])
    assert [found.label(i) for i in range(3)] == ["a, maj@k, k=1", "a, maj@k, k=2", "b, maj@k, k=1"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"k": [9]}, ArgumentError, "no k fits system 'a'"),
        ({"cost": {"b": Calls()}}, ArgumentError, "no model for system 'a'"),
        ({"cost": Dollars()}, MissingColumnError, "cost column"),
        ({"cost": Dollars(Price(input=1, output=1))}, MissingColumnError, "tokens_in"),
        ({"cost": 3}, TypeError, "cost must be CostModel"),
        ({"rules": "vote"}, TypeError, "rules must be objects such as"),
        ({"rules": []}, ArgumentError, "rules must have at least one rule"),
        (
            {"rules": AdaptiveConsistency(), "k": []},
            ArgumentError,
            r"k must be an integer .* got \[\]",
        ),
        ({"rules": AdaptiveConsistency(), "k": [2.5]}, ArgumentError, "k must be an integer"),
    ],
)
def test_mistakes_are_explained(settings, error, message):
    log = log_of(range(3), 4, seed=8)
    with pytest.raises(error, match=message):
        points({"a": log}, **settings)


def test_units_must_agree_and_systems_must_exist():
    log = log_of(range(3), 4, seed=8)
    with pytest.raises(ArgumentError, match="one unit"):
        points({"a": log, "b": log}, cost={"a": Calls(), "b": Tokens()})
    with pytest.raises(ArgumentError, match="at least one system"):
        points({})


def test_unknown_costs_are_taken_from_the_question_and_must_be_known_somewhere():
    table = {
        "question_id": [1, 1, 2],
        "answer": [2, 3, 2],
        "reference": [2, 2, 2],
        "tokens_out": [10.0, None, 4.0],
    }
    assert calls_cost(
        kc.AnswerLog.from_table(table), kc.Vote(), 1, Tokens()
    ).total.ravel().tolist() == [10, 4]
    table["tokens_out"][2] = None
    with pytest.raises(LogError, match='no sample of question "2" has a known cost'):
        calls_cost(kc.AnswerLog.from_table(table), kc.Vote(), 1, Tokens())


def test_a_stopping_rule_is_a_point_of_what_it_scores_and_costs():
    log = log_of(range(12), 8, seed=3)
    rule = EarlyStopping(window=3)
    made = replay(log, rule, most=6, cost=Tokens())
    found = points({"a": log, "replayed": made}, rules=[kc.Vote(), rule], k=[1, 6], cost=Tokens())
    assert [found.label(i) for i in range(4)] == [
        "a, maj@k, k=1", "a, maj@k, k=6", "a, early stopping, k=6", "replayed, early stopping, k=6",
    ]  # fmt: skip
    np.testing.assert_allclose(found.accuracy[2:], made.accuracy)
    np.testing.assert_allclose(found.mean_cost[2:], made.mean_cost)
    assert found.mean_cost[2] < found.mean_cost[1]
    priced_anew = points({"a": replay(log, rule)}, cost=Calls())
    assert priced_anew.mean_cost[0] == pytest.approx(replay(log, rule).mean_calls)


def test_a_stopping_rule_needs_samples_one_by_one(tmp_path):
    log_of(range(3), 4, seed=8).to_parquet(tmp_path / "log.parquet")
    tallied = kc.scan_log(tmp_path / "log.parquet")
    with pytest.raises(ArgumentError, match="one by one"):
        points({"a": tallied}, rules=AdaptiveConsistency())
