"""What a log says of itself, parts of it, and round trips."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from tests.log_rows import full_log


def test_every_column_is_carried():
    log = full_log()
    assert log.sample.tolist() == [10, 20, 1, 2, 3]
    assert list(log.reference) == ["1", None]
    np.testing.assert_array_equal(log.score, [0.5, np.nan, 2.0, 1.0, 3.0])
    assert log.keep.tolist() == [True, False, True, False, True]
    assert log.step_scores.offsets.tolist() == [0, 2, 2, 3, 5, 5]
    np.testing.assert_array_equal(log.step_scores.values, [0.1, 0.2, 0.3, np.nan, 1.0])
    np.testing.assert_array_equal(log.tokens_in, [1, 2, 4, 5, np.nan])
    assert log.tokens_out.tolist() == [10, 20, 40, 50, 30]
    assert log.status.tolist() == [0, 2, 3, 0, 0]
    assert [log.cluster[q] for q in range(2)] == ["x", "y"]
    assert set(log.columns) == {
        "reference", "cluster", "score", "keep", "step_scores", "tokens_in", "tokens_out", "cost",
        "latency", "status", "model", "dataset",
    }  # fmt: skip


def test_round_trips(tmp_path):
    log = full_log()
    assert kc.read_log(log.to_parquet(tmp_path / "log.parquet")) == log
    assert kc.AnswerLog.from_table(log) == log
    assert kc.AnswerLog.from_table(log.to_arrow()) == log
    assert kc.AnswerLog.from_table(pa.table(log)) == log
    assert kc.AnswerLog.from_table(pl.DataFrame(log)) == log
    assert kc.AnswerLog.from_table(pa.table(log).to_pandas()) == log
    assert list(tmp_path.iterdir()) == [tmp_path / "log.parquet"]
    pl.DataFrame(log).write_ndjson(tmp_path / "log.jsonl")
    assert kc.read_log(tmp_path / "log.jsonl") == log
    text = pl.DataFrame(log).drop("step_scores").filter(pl.col("answer") != "")
    text.write_csv(tmp_path / "log.csv")
    assert kc.read_log(tmp_path / "log.csv") == kc.AnswerLog.from_table(text)


def test_equality_sees_every_column():
    log = full_log()
    assert log == full_log()
    for name in log.columns:
        if name in {"model", "dataset"}:
            continue
        other = {role: None for role in [name] if role != "reference"}
        if not other:
            continue
        assert kc.AnswerLog.from_table(log, **other) != log, name
    assert kc.AnswerLog.from_table(log, model=None) != log
    assert log != 3


def test_first_keeps_the_first_samples_and_only_their_answers():
    log = full_log().first(1)
    assert log.sample.tolist() == [10, 1]
    assert log.answers.tolist() == ["1", ""]
    assert log.answer_offsets.tolist() == [0, 1, 2]
    assert log.step_scores[1].tolist() == [0.1, 0.2, 0.3]
    assert full_log().first(2).n_samples.tolist() == [2, 2]
    assert full_log().first(99) == full_log()
    with pytest.raises(ArgumentError, match="n must be at least 1, got 0"):
        log.first(0)


@given(
    rows=st.lists(st.lists(st.integers(-1, 4), min_size=1, max_size=8), min_size=1, max_size=6),
    n=st.integers(1, 9),
)
def test_first_is_reading_fewer_rows(rows, n):
    correct = [0] * len(rows)
    whole = kc.AnswerLog.from_codes(rows, correct=correct)
    assert whole.first(n) == kc.AnswerLog.from_codes([row[:n] for row in rows], correct=correct)


@given(
    rows=st.lists(st.lists(st.integers(-1, 4), min_size=1, max_size=8), min_size=1, max_size=6),
    data=st.data(),
)
def test_select_is_reading_fewer_questions(rows, data):
    ids = [f"q{i}" for i in range(len(rows))]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    log = kc.AnswerLog.from_codes(rows, correct=[1] * len(rows), question=ids)
    if not mask.any():
        with pytest.raises(LogError, match="no question is left"):
            log.select(questions=mask)
        return
    kept = np.flatnonzero(mask)
    expected = kc.AnswerLog.from_codes(
        [rows[i] for i in kept], correct=[1] * len(kept), question=[ids[i] for i in kept]
    )
    assert log.select(questions=mask) == expected
    assert log.select(questions=[ids[i] for i in kept]) == expected


def test_select_by_number_of_samples():
    assert full_log().select(min_samples=3).question.tolist() == ["b"]


def test_dropping_no_answers():
    log = kc.AnswerLog.from_codes([[3, -1, 1], [-1, -1, -1]], correct=[3, 3])
    with pytest.raises(LogError, match='question "1" has no answer in any sample'):
        log.drop_no_answers()
    dropped = log.drop_no_answers(empty="drop")
    assert dropped.question.tolist() == ["0"]
    assert dropped.sample.tolist() == [0, 2]
    assert dropped.codes.tolist() == [0, 1]


def test_summary_counts():
    summary = full_log().summary()
    assert summary.to_dict() == {
        "n_questions": 2,
        "n_samples": 5,
        "samples_min": 2,
        "samples_median": 2.5,
        "samples_max": 3,
        "models": ["m", "n"],
        "datasets": ["d"],
        "n_clusters": 2,
        "distinct_median": 2.0,
        "distinct_max": 3,
        "no_answer_share": 0.2,
        "accuracy": pytest.approx((1 / 2 + 1 / 3) / 2),
        "never_solved_share": 0.0,
        "columns": list(full_log().columns),
        "statuses": {"ok": 3, "no_answer": 0, "truncated": 1, "error": 1},
    }
    json.dumps(summary.to_dict())
    assert "samples per question    2 to 3, median 2.5" in repr(summary)
    assert "<table>" in summary._repr_html_()


def test_missing_columns_are_reported_by_methods():
    with pytest.raises(MissingColumnError, match="the log has no model column"):
        kc.AnswerLog.from_codes([[1]], correct=[1]).by("model")
