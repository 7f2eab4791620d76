"""Cascades: exact against enumeration, and what they do at the ends of their settings."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kcurve as kc
from kcurve.cost import Additive, Calls
from kcurve.errors import ArgumentError
from kcurve.planning import Cascade, cascades, points
from tests.oracles.cascades import cascade


class PerCall(Additive):
    """Every call of a system costs the same."""

    unit = "cents"

    def __init__(self, price):
        self.price = price

    def of_samples(self, log):
        return np.full(len(log.codes), float(self.price))

    def of_judging(self, log, rule):  # noqa: ARG002 - of the protocol
        return np.zeros(len(log.codes))


PRICES = {"small": PerCall(1), "large": PerCall(7)}


def two_logs(seed, questions=6, samples=(6, 5), answers=4, none=0.2):
    random = np.random.default_rng(seed)
    codes = [
        np.where(
            random.random((questions, n)) < none, -1, random.integers(answers, size=(questions, n))
        )
        for n in samples
    ]
    correct = random.integers(answers, size=questions)
    return (
        codes,
        correct,
        {
            name: kc.AnswerLog.from_codes(each, correct=correct)
            for name, each in zip(("small", "large"), codes, strict=True)
        },
    )


@pytest.mark.parametrize("no_answer", ["ignore", "vote"])
@pytest.mark.parametrize("seed", range(6))
def test_scores_and_costs_are_those_of_every_draw(seed, no_answer):
    codes, correct, logs = two_logs(seed, answers=2 + seed % 4)
    found = cascades(
        logs,
        cost=PRICES,
        rule=kc.Vote(no_answer=no_answer),
        calls=[1, 2, 3, 5],
        leads=range(1, 6),
        k=[1, 2, 4],
    )
    assert set(found.systems) == {"small > large"}
    assert len(found) == 3 * (1 + 2 + 3 + 5)
    rows = [found.question.index(("", str(q))) for q in range(6)]
    for p, rule in enumerate(found.rule):
        expected = [
            cascade(
                a, b, right, calls=rule.calls, lead=rule.lead, prices=(1, 7), no_answer=no_answer
            )
            for a, b, right in zip(*(each.tolist() for each in (*codes, correct)), strict=True)
        ]
        np.testing.assert_allclose(
            np.stack([found.score[rows, p], found.cost[rows, p]], axis=1), expected, atol=1e-12
        )


def test_dropped_samples_are_neither_drawn_nor_free():
    codes, correct, logs = two_logs(9, none=0.3, samples=(9, 9))
    kept = [[row[row >= 0] for row in each] for each in codes]
    found = cascades(logs, cost=PRICES, rule=kc.Vote(no_answer="drop"), calls=2, leads=2, k=[2])
    for q in range(6):
        a, b = (each[q].tolist() for each in kept)
        prices = (9 / len(a), 7 * 9 / len(b))
        expected = cascade(a, b, correct[q], calls=(2, 2), lead=2, prices=prices)
        row = found.question.index(("", str(q)))
        np.testing.assert_allclose((found.score[row, 0], found.cost[row, 0]), expected, atol=1e-12)


def test_many_samples_and_answers_agree_with_drawn_orders():
    random = np.random.default_rng(3)
    p = random.dirichlet(np.ones(12), size=8)
    codes = np.stack([random.choice(12, 200, p=row) for row in p])
    log = kc.AnswerLog.from_codes(codes, correct=[0] * 8)
    other = kc.AnswerLog.from_codes(np.zeros((8, 4), int), correct=[0] * 8)
    found = cascades(
        {"a": log, "b": other}, cost={"a": PerCall(1), "b": PerCall(2)}, calls=12, leads=4, k=1
    )
    orders = np.stack([random.permuted(codes, axis=1)[:, :12] for _ in range(4000)])
    tallies = np.sort((orders[..., None] == np.arange(12)).sum(axis=2), axis=2)
    asked = (tallies[:, :, -1] - tallies[:, :, -2] < 4).mean(axis=0)
    rows = [found.question.index(("", str(q))) for q in range(8)]
    np.testing.assert_allclose(found.cost[rows, 0], 12 + 2 * asked, atol=0.08)


def test_a_lead_that_is_never_reached_asks_always_and_the_whole_of_equal_answers_never():
    same = kc.AnswerLog.from_codes(np.zeros((3, 8), int), correct=[0, 0, 1])
    split = kc.AnswerLog.from_codes([[0, 1] * 4] * 3, correct=[0, 0, 1])
    certain = cascades(
        {"a": same, "b": split}, cost={"a": PerCall(1), "b": PerCall(5)}, calls=4, leads=4, k=3
    )
    np.testing.assert_array_equal(certain.score[:, 0], [1, 1, 0])
    np.testing.assert_array_equal(certain.cost[:, 0], 4)
    never = cascades(
        {"a": split, "b": same}, cost={"a": PerCall(1), "b": PerCall(5)}, calls=8, leads=1, k=3
    )
    np.testing.assert_array_equal(never.score[:, 0], [1, 1, 0])
    np.testing.assert_array_equal(never.cost[:, 0], 8 + 15)


def test_a_tallied_log_gives_the_same(tmp_path):
    _, _, logs = two_logs(4)
    tallied = {}
    for name, log in logs.items():
        table = {
            "question_id": [log.question[q] for q in range(6) for _ in range(log.n_samples[q])],
            "answer": [None if c < 0 else str(c) for c in log.codes],
            "correct": log.correct.tolist(),
            "model": [name] * len(log.codes),
        }
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
        tallied[name] = kc.scan_log(tmp_path / f"{name}.parquet")
    settings = {"calls": [2, 4], "leads": [1, 2], "k": [1, 3], "cost": PRICES}
    a, b = cascades(logs, **settings), cascades(tallied, **settings)
    np.testing.assert_allclose(a.score, b.score, atol=1e-12)
    np.testing.assert_allclose(a.cost, b.cost, atol=1e-12)


def test_questions_that_one_system_lacks_are_nan():
    _, _, logs = two_logs(5)
    logs["large"] = logs["large"].select(
        questions=np.array([True, True, True, False, False, False])
    )
    found = cascades(logs, cost=PRICES, calls=2, leads=2, k=2)
    lacking = [int(key[1]) > 2 for key in found.question]
    np.testing.assert_array_equal(np.isnan(found.score[:, 0]), lacking)
    np.testing.assert_array_equal(np.isnan(found.cost[:, 0]), lacking)


def test_the_dearer_system_is_never_first_and_equals_go_both_ways():
    _, _, logs = two_logs(6)
    dear_first = cascades(dict(reversed(logs.items())), cost=PRICES, calls=2, k=2)
    assert dear_first.systems == ("small > large",)
    assert set(cascades(logs, cost=Calls(), calls=2, k=2).systems) == {
        "small > large",
        "large > small",
    }


def test_cascades_join_the_points_of_their_systems():
    _, _, logs = two_logs(7)
    plain = points(logs, cost=PRICES)
    more = cascades(logs, cost=PRICES)
    both = plain.joined(more)
    assert len(both) == len(plain) + len(more)
    np.testing.assert_array_equal(both.accuracy, np.concatenate([plain.accuracy, more.accuracy]))
    with pytest.raises(ArgumentError, match="one unit of cost, got cents and calls"):
        plain.joined(points(logs))
    with pytest.raises(ArgumentError, match="same questions"):
        plain.joined(
            points({"small": logs["small"].select(questions=np.arange(6) < 3)}, cost=PRICES)
        )


def test_mistakes_are_named():
    _, _, logs = two_logs(8)
    halves = {
        name: log.select(questions=(np.arange(6) < 3) == (name == "small"))
        for name, log in logs.items()
    }
    with pytest.raises(ArgumentError, match="no two systems share a question: 'small', 'large'"):
        cascades(halves)
    with pytest.raises(ArgumentError, match="at least two systems, got 1"):
        cascades({"small": logs["small"]})
    with pytest.raises(ArgumentError, match="between 1 and 6"):
        cascades(logs, calls=7, cost=PRICES)
    with pytest.raises(ArgumentError, match=r"leads must be from 1 to .* 2, got 3"):
        cascades(logs, calls=2, leads=3, cost=PRICES)
    for name in ("calls", "leads"):
        with pytest.raises(ArgumentError, match=rf"{name} must be an integer or .* got \[1.5\]"):
            cascades(logs, cost=PRICES, **{name: [1.5]})
    with pytest.raises(ArgumentError, match="one log of each system, 'small' has 2"):
        cascades(logs | {"small": [logs["small"]] * 2}, cost=PRICES)
    with pytest.raises(
        ArgumentError, match="lead must be at most the calls of the first system, 2"
    ):
        Cascade(systems=("a", "b"), calls=(2, 5), lead=3)
