"""Logs of integer answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from tests.log_rows import rows_of


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16])
def test_codes_of_any_width(dtype):
    matrix = np.array([[3, 7, 3], [7, 7, 120]], dtype=dtype)
    log = kc.AnswerLog.from_codes(matrix, correct=np.array([3, 9], dtype=dtype))
    assert log.codes.tolist() == [0, 1, 0, 0, 0, 1]
    assert log.answers.tolist() == ["3", "7", "7", "120"]
    assert log.correct.tolist() == [True, False, True, False, False, False]
    assert list(log.reference) == ["3", "9"]
    assert log.question.tolist() == ["0", "1"]


def test_codes_with_everything():
    log = kc.AnswerLog.from_codes(
        [np.array([2, -1]), [5]],
        correct=[[True, False], [False]],
        question=["x", "y"],
        score=[[0.5, np.nan], [1]],
        keep=[[1, 0], [1]],
        model="m",
        dataset="d",
    )
    assert log.reference is None
    assert log.correct.tolist() == [True, False, False]
    np.testing.assert_array_equal(log.score, [0.5, np.nan, 1.0])
    assert log.keep.tolist() == [True, False, True]
    assert repr(log) == "AnswerLog: 2 questions x 1 to 2 samples, d, m"


@given(st.lists(st.lists(st.integers(-1, 100_000), min_size=1, max_size=9), min_size=1, max_size=6))
def test_codes_are_the_table_of_their_texts(rows):
    table = {
        "question_id": [str(q) for q, row in enumerate(rows) for _ in row],
        "answer": [str(code) if code >= 0 else None for row in rows for code in row],
        "reference": [str(row[0]) if row[0] >= 0 else None for row in rows for _ in row],
        "correct": [code == row[0] >= 0 for row in rows for code in row],
    }
    log = kc.AnswerLog.from_codes(rows, correct=[row[0] for row in rows])
    expected = kc.AnswerLog.from_table(table)
    assert rows_of(log) == rows_of(expected)
    np.testing.assert_array_equal(log.codes, expected.codes)
