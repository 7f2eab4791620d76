"""Curves of real logs against the integer oracles."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import kcurve as kc
from tests.closeness import assert_close
from tests.logs import DATA
from tests.oracles import generating_function, passing
from tests.oracles.best_of_n import best_of_n
from tests.oracles.expectation import value
from tests.oracles.rules import OracleRule
from tests.oracles.samples import Sample

if TYPE_CHECKING:
    from pathlib import Path

HUMANEVAL = DATA / "humaneval_codegen16b.parquet"


def rows_of(path: Path, question: str) -> list[dict[str, Any]]:
    columns = ["question_id", "answer", "correct", "score"]
    table = pq.read_table(path, columns=columns).to_pylist()
    return [row for row in table if row["question_id"] == question]


@pytest.mark.parametrize(
    "question", ["HumanEval/2", "HumanEval/11", "HumanEval/152", "HumanEval/163"]
)
def test_votes_on_a_hundred_programs(question: str) -> None:
    """Several clusters of programs may be correct: each is its own class and their shares add up."""
    rows = rows_of(HUMANEVAL, question)
    tally = Counter(row["answer"] for row in rows if row["answer"] is not None)
    answers = list(tally)
    right = {row["answer"] for row in rows if row["correct"]}
    ks = [1, 2, 7, 20, 50, 100]
    exact = [
        sum(share)
        for share in zip(
            [0] * len(ks),
            *(
                generating_function.plurality(
                    list(tally.values()),
                    ks,
                    winner=answers.index(answer),
                    inert=len(rows) - sum(tally.values()),
                    replacement=False,
                )
                for answer in right
            ),
            strict=True,
        )
    ]
    log = kc.read_log(HUMANEVAL, score="score").select(questions=[question])
    got = kc.curve(log, kc.Vote(), k=ks, interval=None)
    assert_close(got.per_question, exact)


def test_a_vote_refuses_answers_graded_both_ways() -> None:
    """Programs that behave alike on the tests' inputs were graded differently in 31 of the questions."""
    with pytest.raises(kc.LogError, match=r"HumanEval/0\b") as raised:
        kc.curve(kc.read_log(HUMANEVAL), kc.Vote(), k=5)
    rows = rows_of(HUMANEVAL, "HumanEval/0")
    grades: dict[object, set[object]] = {}
    for row in rows:
        grades.setdefault(row["answer"], set()).add(row["correct"])
    both = [
        str(answer) for answer, found in grades.items() if answer is not None and len(found) == 2
    ]
    assert any(answer in str(raised.value) for answer in both)


def test_best_of_n_on_real_scores_at_two_and_three() -> None:
    """Real scores tie often: every pair and triple of twelve programs, by enumeration."""
    rows = rows_of(HUMANEVAL, "HumanEval/2")[:12]
    levels = sorted({row["score"] for row in rows if row["score"] is not None})
    samples = [
        Sample(
            i,
            correct=bool(row["correct"]),
            score=None if row["score"] is None else levels.index(row["score"]),
        )
        for i, row in enumerate(rows)
    ]
    log = kc.read_log(HUMANEVAL, score="score").select(questions=["HumanEval/2"]).first(12)
    got = kc.curve(log, kc.BestOfN(), k=[1, 2, 3], interval=None)
    rule = OracleRule(lambda drawn: best_of_n(drawn, ties="split"))
    assert_close(got.per_question, [value(rule, samples, k, replacement=False) for k in (1, 2, 3)])


def test_pass_at_k_of_codegen_on_humaneval() -> None:
    """The mean of 1 - C(n-c, k)/C(n, k), from the counts alone."""
    table = pq.read_table(HUMANEVAL, columns=["question_id", "correct"]).to_pylist()
    right = Counter(row["question_id"] for row in table if row["correct"])
    ids = {row["question_id"] for row in table}
    samples = {
        q: [Sample(0, correct=True)] * right[q] + [Sample(1)] * (100 - right[q]) for q in ids
    }
    rule = OracleRule(passing.pass_at_k)
    for k in (1, 10, 100):
        exact = sum(value(rule, samples[q], k, replacement=False) for q in ids) / len(ids)
        got = kc.curve(kc.read_log(HUMANEVAL), kc.PassAtK(), k=k)
        assert_close(got.mean, [exact])


def test_the_shipped_example_is_a_curve_worth_showing() -> None:
    """Program-of-Thoughts on SVAMP: single samples 0.798, the majority of all 30 0.880."""
    curve = kc.curve(kc.example_log())
    assert curve.n_questions == 999
    assert curve.k[0] == 1
    assert curve.mean[0] == pytest.approx(0.798, abs=0.0005)
    assert curve.mean[-1] == pytest.approx(0.880, abs=0.004)
    assert np.all(curve.low <= curve.mean)
    assert np.all(curve.mean <= curve.high)


def test_confidence_beats_the_vote_on_deepconf() -> None:
    logs = kc.read_log(DATA / "deepconf_brumo_even.parquet", score="score").by("dataset")
    assert len(logs) == 2
    for log in logs.values():
        vote = kc.curve(log, kc.Vote(), k=16).mean[0]
        best = kc.curve(log, kc.BestOfN(), k=16).mean[0]
        assert best > vote


def test_two_prompts_of_one_log_are_two_models_or_data_sets() -> None:
    log = kc.read_log(DATA / "tot_game24.parquet")
    by_model = log.by("model")
    means = sorted(kc.curve(each, kc.Vote(), k=1).mean[0] for each in by_model.values())
    np.testing.assert_allclose(means, [0.040, 0.073], atol=0.0005)
