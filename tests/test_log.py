"""Answer logs out of tables and files."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from tests.log_rows import ROWS, rows_of


def tables():
    arrow = pa.table(ROWS)
    yield "mapping", ROWS
    yield "pyarrow", arrow
    yield "record batch", arrow.to_batches()[0]
    yield "reader", pa.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches(2))
    yield "chunked", pa.concat_tables([arrow.slice(0, 1), arrow.slice(1, 0), arrow.slice(1)])
    yield (
        "dictionary",
        arrow.cast(
            pa.schema(
                [
                    (f.name, pa.dictionary(pa.int8(), f.type)) if pa.types.is_string(f.type) else f
                    for f in arrow.schema
                ]
            )
        ),
    )
    yield "polars", pl.DataFrame(ROWS)
    yield (
        "polars categorical",
        pl.DataFrame(ROWS).with_columns(pl.col("answer", "model").cast(pl.Categorical)),
    )
    yield "pandas", pd.DataFrame(ROWS)
    yield "pandas objects", pd.DataFrame(ROWS, dtype=object)
    yield "pandas arrow", pd.DataFrame(ROWS).convert_dtypes(dtype_backend="pyarrow")
    yield (
        "pandas categorical",
        pd.DataFrame(ROWS).astype({"model": "category", "answer": "category"}),
    )
    yield "duckdb", duckdb.sql("select * from arrow")


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, table in tables()])
def test_every_kind_of_table_gives_the_same_log(table):
    log = kc.AnswerLog.from_table(table)
    assert log.question.tolist() == ["q1", "q2", "q3"]
    assert log.offsets.tolist() == [0, 3, 5, 6]
    assert log.sample.tolist() == [0, 1, 2, 0, 1, 0]
    assert log.codes.tolist() == [0, 1, 1, 0, -1, 0]
    assert log.answers.tolist() == ["4", "5", "π", ""]
    assert log.answer_offsets.tolist() == [0, 2, 3, 4]
    assert log.correct.tolist() == [False, True, True, False, False, True]
    assert list(log.reference) == ["5", "x", ""]
    np.testing.assert_array_equal(log.score, [0.25, 0.5, -1.0, np.nan, 1.0, 2.0])
    assert log.model.names == ("m",)
    assert log.dataset.names == ("",)
    assert log.columns == ("model", "reference", "score")


@pytest.mark.parametrize("suffix", ["parquet", "csv", "tsv", "jsonl", "ndjson"])
def test_every_kind_of_file_gives_the_same_log(tmp_path, suffix):
    # CSV cannot tell the empty text from none.
    rows = {**ROWS, "answer": ["5", "π", "4", None, "5", None], "reference": [*"5x5x5", "z"]}
    path = tmp_path / f"log.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table(rows), path)
    elif suffix in {"csv", "tsv"}:
        pl.DataFrame(rows).write_csv(path, separator="," if suffix == "csv" else "\t")
    else:
        pl.DataFrame(rows).write_ndjson(path)
    assert kc.read_log(path) == kc.AnswerLog.from_table(rows)


def test_arrays_are_read_only():
    log = kc.AnswerLog.from_table(ROWS)
    for array in (
        log.codes,
        log.offsets,
        log.correct,
        log.score,
        log.model.codes,
        log.answers.data,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_freezing_a_log_leaves_the_arrays_it_was_made_of_alone():
    codes = np.array([[0, 1]], dtype=np.int32)
    kc.AnswerLog.from_codes(codes, correct=[0])
    codes[0, 0] = 5


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["a", "b"])),
            st.one_of(st.none(), st.booleans()),
        ),
        min_size=1,
        max_size=40,
    ),
    cuts=st.lists(st.integers(0, 40), max_size=5),
    data=st.data(),
)
def test_the_log_depends_on_the_rows_alone(rows, cuts, data):
    number = {}
    table = pa.table(
        {
            "question_id": [q for q, _, _ in rows],
            "sample_index": [
                number.setdefault(q, []).append(0) or len(number[q]) for q, _, _ in rows
            ],
            "answer": pa.array([a for _, a, _ in rows], pa.string()),
            "reference": ["a"] * len(rows),
            "correct": pa.array([c for _, _, c in rows], pa.bool_()),
        }
    )
    log = kc.AnswerLog.from_table(table)

    # Against a slow reading of the same rows.
    expected = {}
    for q, answer, flag in rows:
        correct = flag if flag is not None else answer == "a"
        samples = expected.setdefault(("", "", str(q)), [])
        samples.append((len(samples) + 1, answer, correct))
    assert rows_of(log) == expected
    assert list(rows_of(log)) == list(expected)
    for start, stop in zip(log.offsets[:-1], log.offsets[1:], strict=True):
        seen = [code for code in log.codes[start:stop].tolist() if code >= 0]
        assert list(dict.fromkeys(seen)) == list(range(len(set(seen))))

    # Batches do not matter.
    bounds = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    parts = [table.slice(a, b - a) for a, b in pairwise(bounds)]
    batches = [batch for part in parts for batch in part.to_batches()]
    assert kc.AnswerLog.from_table(pa.RecordBatchReader.from_batches(table.schema, batches)) == log

    # With sample numbers, neither does the order of the rows, but for the order of questions.
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = kc.AnswerLog.from_table(table.take(order))
    assert rows_of(shuffled) == expected
    position = {name: q for q, name in enumerate(log.question)}
    back = np.argsort([position[name] for name in shuffled.question])
    assert all(
        shuffled.select(questions=[shuffled.question[q]])
        == log.select(questions=[shuffled.question[q]])
        for q in back
    )


def test_without_sample_numbers_rows_count_as_they_come():
    rows = {name: values for name, values in ROWS.items() if name != "sample_index"}
    log = kc.AnswerLog.from_table(rows)
    assert log.sample.tolist() == [0, 1, 2, 0, 1, 0]
    assert [log.answer(0, s) for s in range(3)] == ["5", "4", "5"]
    assert kc.AnswerLog.from_table(ROWS, sample=None) == log


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([5, -3], ["5", "-3"]),
        ([5.0, 0.1], ["5", "0.1"]),
        ([True, False], ["true", "false"]),
        ([5, "5.0"], ["5", "5.0"]),
        ([1, True, "x", 2.5, 2.0], ["1", "true", "x", "2.5", "2"]),
        ([10**30, 1], [str(10**30), "1"]),
        ([np.int64(4), np.float32(0.5), np.str_("s")], ["4", "0.5", "s"]),
    ],
)
def test_values_have_one_text_form(values, texts, tmp_path):
    n = len(values)
    plain = [v.item() if isinstance(v, np.generic) else v for v in values]
    rows = {"question_id": list(range(n)), "answer": values, "correct": [True] * n}
    assert kc.AnswerLog.from_table(rows).answers.tolist() == texts
    frame = pd.DataFrame({**rows, "answer": pd.Series(values, dtype=object)})
    assert kc.AnswerLog.from_table(frame).answers.tolist() == texts
    path = tmp_path / "log.jsonl"
    lines = [{"question_id": i, "answer": value, "correct": True} for i, value in enumerate(plain)]
    path.write_text("\n".join(map(json.dumps, lines)))
    assert kc.read_log(path).answers.tolist() == texts


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_missing_values_are_no_answer(missing):
    rows = {"question_id": [0, 0, 0], "answer": ["a", missing, ""], "correct": [1, 0, 0]}
    assert kc.AnswerLog.from_table(rows).codes.tolist() == [0, -1, 1]
    frame = pd.DataFrame({**rows, "answer": pd.Series(rows["answer"], dtype=object)})
    assert kc.AnswerLog.from_table(frame).codes.tolist() == [0, -1, 1]


def test_a_numeric_answer_column_with_nan_matches_integer_references():
    frame = pd.DataFrame({"question_id": [1, 1], "answer": [5.0, np.nan], "reference": [5, 5]})
    log = kc.AnswerLog.from_table(frame)
    assert log.correct.tolist() == [True, False]
    assert log.codes.tolist() == [0, -1]


@pytest.mark.parametrize(
    "kind",
    ["int8", "uint16", "int64", "uint64", "float32", "decimal", "large_string", "string_view"],
)
def test_arrow_types_of_answers(kind):
    if kind == "decimal":
        answers = pa.array(["5.00", "7.50"]).cast(pa.decimal128(5, 2))
        expected = ["5", "7.5"]
    elif "string" in kind:
        answers, expected = pa.array(["5", "7"]).cast(getattr(pa, kind)()), ["5", "7"]
    else:
        answers, expected = pa.array([5, 7]).cast(getattr(pa, kind)()), ["5", "7"]
    table = pa.table({"question_id": [0, 0], "answer": answers, "correct": [True, False]})
    assert kc.AnswerLog.from_table(table).answers.tolist() == expected


def test_flags_win_over_references_where_they_are():
    log = kc.AnswerLog.from_table(
        {
            "question_id": [0] * 4,
            "answer": ["a", "a", "b", None],
            "reference": ["a"] * 4,
            "correct": [None, False, True, None],
        }
    )
    assert log.correct.tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    "flags", [[True, False], [1, 0], [1.0, 0.0], ["true", "False"], ["1", "0"]]
)
def test_flags_may_be_numbers_or_words(flags):
    log = kc.AnswerLog.from_table({"question_id": [0, 0], "answer": ["a", "b"], "correct": flags})
    assert log.correct.tolist() == [True, False]


def test_graded_samples_need_no_answers():
    log = kc.AnswerLog.from_table({"question_id": [0, 0], "correct": [True, False]}, answer=None)
    assert log.correct.tolist() == [True, False]
    assert log.codes.tolist() == [-1, -1]


def test_the_same_question_of_two_models_is_two_questions():
    rows = {
        "question_id": ["a", "a", "b", "a"],
        "model": ["small", "large", "large", "small"],
        "dataset": ["x", "x", "y", "x"],
        "answer": [1, 2, 3, 4],
        "correct": [0, 1, 1, 0],
        "cluster": [7, 7, 8, 7],
    }
    log = kc.AnswerLog.from_table(rows)
    assert log.question.tolist() == ["a", "a", "b"]
    assert log.model.names == ("small", "large")
    assert [log.model[q] for q in range(3)] == ["small", "large", "large"]
    parts = log.by("model")
    assert list(parts) == ["small", "large"]
    assert parts["large"].question.tolist() == ["a", "b"]
    assert parts["large"].answers.tolist() == ["2", "3"]
    assert parts["large"].model.names == ("large",)
    assert log.by("cluster")["8"].dataset.names == ("y",)
    assert log.select(model="small") == parts["small"]
    assert log.select(dataset=["x"], model=["large"]).answers.tolist() == ["2"]


def test_long_answers_and_many_of_them():
    long = ["é" * 500_000 + str(i % 3) for i in range(9)]
    log = kc.AnswerLog.from_table(
        {"question_id": [0] * 9, "answer": long, "reference": [long[1]] * 9}
    )
    assert log.codes.tolist() == [0, 1, 2] * 3
    assert log.correct.sum() == 3
    assert log.answer(0, 5) == long[2]


def test_long_answers_in_files(tmp_path):
    long = ["é" * 500_000 + str(i) for i in range(40)]
    rows = {"question_id": [i % 2 for i in range(40)], "answer": long, "correct": [True] * 40}
    log = kc.AnswerLog.from_table(rows)
    for suffix in ("parquet", "csv", "jsonl"):
        path = tmp_path / f"log.{suffix}"
        frame = pl.DataFrame(rows)
        {"parquet": frame.write_parquet, "csv": frame.write_csv, "jsonl": frame.write_ndjson}[
            suffix
        ](path)
        assert kc.read_log(path) == log


@pytest.mark.parametrize(("policy", "answer"), [("first", "a"), ("last", "b")])
def test_retries_can_be_resolved(policy, answer):
    rows = {
        "question_id": [0, 1, 0, 0],
        "sample_index": [0, 0, 1, 0],
        "answer": ["a", "x", "y", "b"],
        "correct": [0, 0, 0, 1],
    }
    log = kc.AnswerLog.from_table(rows, duplicates=policy)
    assert log.n_samples.tolist() == [2, 1]
    assert log.answer(0, 0) == answer
    assert log.correct.tolist() == [policy == "last", False, False]


def test_progress_ends_with_the_number_of_rows(tmp_path):
    path = kc.example_log().to_parquet(tmp_path / "log.parquet")
    seen = []
    kc.read_log(path, progress=seen.append)
    assert seen[-1] == 29_970


def test_what_progress_raises_stops_the_reading():
    class Stop(Exception):  # noqa: N818
        pass

    def stop(_):
        raise Stop

    with pytest.raises(Stop):
        kc.AnswerLog.from_table(ROWS, progress=stop)
