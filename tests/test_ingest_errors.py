"""Every way in which rows, files and arguments can be wrong has a message that helps."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kcurve as kc
from kcurve.errors import ArgumentError, KcurveError, LogError, MissingColumnError

GOOD = {"question_id": ["a", "a"], "sample_index": [0, 1], "answer": ["1", "2"], "correct": [1, 0]}


def complaint(table, error=LogError, **arguments):
    with pytest.raises(error) as caught:
        kc.AnswerLog.from_table(table, **arguments)
    assert type(caught.value) is error
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_missing_column_lists_those_there_are():
    table = {"id": [1], "answer": [2], "correct": [True]}
    expected = 'no column "question_id"; the columns are "id", "answer", "correct"; pass question= to name the one to use'
    for frame in (table, pl.DataFrame(table), pd.DataFrame(table), pa.table(table)):
        assert complaint(frame, MissingColumnError) == expected


def test_a_named_column_must_be_there_but_a_default_one_need_not():
    assert kc.AnswerLog.from_table(GOOD).score is None
    message = complaint(GOOD, MissingColumnError, score="score")
    assert message.startswith('no column "score"; the columns are "question_id", ')
    assert "pass score= to name" in message


def test_a_missing_column_in_json_lines_is_known_at_the_end(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"id": 1, "answer": 2}\n{"prompt": {"deep": []}}\n')
    with pytest.raises(
        MissingColumnError,
        match='no column "question_id"; the columns are "answer", "id", "prompt"',
    ):
        kc.read_log(path)
    with pytest.raises(LogError, match="row 1: the question is missing"):
        kc.read_log(path, question="id", correct="answer")
    path.write_text('{"id": 1, "answer": 2}\n')
    with pytest.raises(MissingColumnError, match='no column "score"'):
        kc.read_log(path, question="id", score="score", correct="answer")


def test_nothing_says_what_is_correct():
    expected = 'neither column "correct" nor column "reference" says which answers are correct; '
    for truth in ({}, {"correct": [None]}, {"reference": pa.nulls(1)}):
        message = complaint(
            pa.table({"question_id": [1], "answer": [2], **truth}), MissingColumnError
        )
        assert message.startswith(expected)
        assert "pass correct= or reference=" in message


def test_a_question_without_truth_is_named():
    table = {"question_id": ["a", "b"], "answer": [1, 2], "reference": [1, None]}
    assert complaint(table) == (
        'question "b" has neither a reference answer nor a correct flag; add one or drop the question'
    )


def test_an_answer_without_truth_is_named():
    table = {"question_id": ["a", "a"], "answer": ["x", "y"], "correct": [True, None]}
    assert complaint(table) == (
        'question "a", row 1: the answer "y" has no correct flag and the question has no reference '
        "answer; add one or drop the row"
    )


def test_two_references_of_one_question():
    table = {"question_id": ["a", "b", "a"], "answer": [1, 1, 1], "reference": ["1", "1", "one"]}
    assert complaint(table) == (
        'question "a" has two values in column "reference", "1" and "one" (row 2); '
        "a question has one reference"
    )


def test_two_clusters_of_one_question():
    message = complaint({**GOOD, "cluster": ["x", "y"]})
    assert 'question "a" has two values in column "cluster", "x" and "y"' in message


def test_the_same_sample_twice():
    assert complaint({**GOOD, "sample_index": [7, 7]}) == (
        'question "a" has sample 7 twice, in rows 0 and 1; pass duplicates="first" or '
        'duplicates="last" to keep one, or model= or dataset= if that column tells them apart'
    )


def test_rows_are_counted_over_all_batches():
    schema = pa.schema({"question_id": pa.string(), "answer": pa.string(), "correct": pa.bool_()})
    good = pa.record_batch(
        {"question_id": ["a", "b"], "answer": ["1", "2"], "correct": [True, True]}
    )
    bad = pa.record_batch([["a", None], ["1", "2"], [True, True]], schema=schema)
    reader = pa.RecordBatchReader.from_batches(schema, [good, bad])
    assert 'column "question_id", row 3: the question is missing' in complaint(reader)


@pytest.mark.parametrize("column", ["sample_index", "keep"])
def test_a_value_every_row_needs(column):
    message = complaint({**GOOD, column: [1, None]})
    assert message.startswith(f'column "{column}", row 1: the ')


@pytest.mark.parametrize("column", ["model", "dataset", "cluster"])
def test_a_name_every_question_needs(column):
    table = {**GOOD, "question_id": ["a", "b"], column: ["x", None]}
    assert f'column "{column}", row 1: the {column} is missing' in complaint(table)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("correct", [0, 2], 'row 1: 2 is not a boolean, 0 or 1, "true" or "false"'),
        ("correct", [1.0, 0.5], "row 1: 0.5 is not a boolean"),
        ("correct", ["C", "I"], 'row 0: "C" is not a boolean'),
        ("keep", [0.5, 1], "row 0: 0.5 is not a boolean, 0 or 1"),
        ("sample_index", [0.0, 1.5], "row 1: 1.5 is not a whole number"),
        ("status", ["ok", "bad"], 'row 1: "bad" is not "ok", "no_answer", "truncated" or "error"'),
        ("status", [0, 4], "row 1: 4 is not"),
    ],
)
def test_a_value_outside_its_range(column, values, expected):
    assert complaint({**GOOD, column: values}).startswith(f'column "{column}", {expected}')


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (
            "score",
            ["high", "low"],
            "Utf8, but score= needs a number; pass score=None to leave it out",
        ),
        ("cost", [True, False], "Boolean, but cost= needs a number"),
        ("sample_index", ["0", "1"], "Utf8, but sample= needs a whole number"),
        ("step_scores", [0.5, 1.0], "Float64, but step_scores= needs a list of numbers"),
    ],
)
def test_a_column_of_the_wrong_type(column, values, expected):
    message = complaint(pa.table({**GOOD, column: values}))
    assert message.startswith(f'column "{column}" has type {expected}')


def test_types_without_text():
    day = pa.array([0, 1], pa.date32())
    assert complaint(pa.table({**GOOD, "answer": day})).startswith(
        'column "answer" has type Date32, but answer= needs text, a number or a boolean'
    )
    nested = pa.table({**GOOD, "question_id": [{"x": 1}, {"x": 2}]})
    assert 'column "question_id" has type Struct' in complaint(nested)


def test_objects_that_are_no_values():
    message = complaint({**GOOD, "answer": ["1", {"text": "2"}]})
    assert message.startswith("column \"answer\": row 1 holds a <class 'dict'>, which is not text")
    assert "lists do not mix" in complaint({**GOOD, "step_scores": [[1.0], "x"]})
    assert "must be a sequence of values" in complaint({**GOOD, "model": "gpt"}, ArgumentError)
    assert 'column "correct" has 1 rows, others have 2' in complaint({**GOOD, "correct": [1]})


def test_no_rows(tmp_path):
    empty = {name: [] for name in GOOD}
    assert complaint(empty) == "no rows: an answer log needs at least one sample"
    for suffix, text in (
        ("csv", "question_id,answer,correct\n"),
        ("csv", ""),
        ("jsonl", ""),
        ("jsonl", "\n\n"),
    ):
        path = tmp_path / f"empty.{suffix}"
        path.write_text(text)
        with pytest.raises(LogError, match=r'empty\.\w+": no rows: an answer log needs'):
            kc.read_log(path)
    path = tmp_path / "empty.parquet"
    pq.write_table(pa.table(GOOD).slice(0, 0), path)
    with pytest.raises(LogError, match=r'empty\.parquet": no rows'):
        kc.read_log(path)


def test_a_column_twice():
    table = pa.Table.from_arrays([pa.array(["a"])] * 3, names=["question_id", "answer", "answer"])
    assert complaint(table, reference="question_id") == (
        'column "answer" appears 2 times; rename all but one'
    )


def test_arguments():
    assert complaint(GOOD, ArgumentError, duplicates="all") == (
        'duplicates must be "error", "first" or "last", got \'all\''
    )
    assert complaint(GOOD, ArgumentError, answer=3) == "answer must be the name of a column, got 3"
    assert complaint(GOOD, ArgumentError, question=None).startswith("question must be the name")
    assert "__arrow_c_stream__" in complaint([1, 2], ArgumentError)
    with pytest.raises(TypeError, match="no column role 'scores'; the roles are question, answer"):
        kc.AnswerLog.from_table(GOOD, scores="x")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        kc.read_log(tmp_path / "none.parquet")
    assert caught.value.filename == str(tmp_path / "none.parquet")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match=r"folder\.csv"):
        kc.read_log(tmp_path / "folder.csv")
    with pytest.raises(ArgumentError, match=r"log\.xlsx.*it must end in \.parquet"):
        kc.read_log(tmp_path / "log.xlsx")


def test_writing_where_nothing_can_be_written(tmp_path):
    log = kc.AnswerLog.from_table(GOOD)
    with pytest.raises(FileNotFoundError):
        log.to_parquet(tmp_path / "no" / "log.parquet")
    (tmp_path / "log.parquet").mkdir()
    with pytest.raises(OSError, match="directory"):
        log.to_parquet(tmp_path / "log.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["log.parquet"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"question_id": 1, "answer": 2\n', "line 1: EOF while parsing"),
        ('{"question_id": 1}\n\n[1]\n', "line 3: invalid type: sequence, expected one JSON object"),
        (
            '{"score": 1}\n{"score": "high"}\n',
            'line 2: column "score": invalid type: string "high"',
        ),
        ('{"answer": {"text": 1}}\n', 'line 1: column "answer": invalid type: map'),
        ('{"step_scores": 1}\n', 'line 1: column "step_scores": invalid type: integer'),
    ],
)
def test_broken_json_lines(tmp_path, text, expected):
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    with pytest.raises(LogError) as caught:
        kc.read_log(path)
    assert str(caught.value).startswith(f'"{path}", {expected}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"question_id,answer,correct\na,1\n", "line 2"),
        (b"question_id,answer,correct,score\na,1,1,0.5\nb,1,1,high\n", "'high'"),
        (b"question_id,answer,correct\na,\xff,1\n", "invalid UTF-8"),
    ],
)
def test_broken_csv(tmp_path, text, expected):
    path = tmp_path / "log.csv"
    path.write_bytes(text)
    with pytest.raises(LogError, match="reading it as CSV: ") as caught:
        kc.read_log(path)
    assert expected in str(caught.value)


def test_csv_with_a_byte_order_mark_and_quoted_line_ends(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes('\ufeffquestion_id,answer,correct\r\na,"1\n2",true\r\na,,FALSE\r\n'.encode())
    log = kc.read_log(path)
    assert log.answer(0, 0) == "1\n2"
    assert log.codes.tolist() == [0, -1]
    assert log.correct.tolist() == [True, False]


def test_a_long_line_is_not_quoted_in_full(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("question_id,answer,correct,score\na," + "x" * 100_000 + ",1,high\n")
    with pytest.raises(LogError) as caught:
        kc.read_log(path)
    assert len(str(caught.value)) < 1000


def test_damaged_parquet_never_crashes(tmp_path):
    path = tmp_path / "log.parquet"
    rng = np.random.default_rng(0)
    pq.write_table(
        pa.table(
            {
                "question_id": [f"q{i // 20}" for i in range(2000)],
                "answer": [f"a{x}" for x in rng.integers(0, 2000, 2000)],
                "correct": rng.random(2000) < 0.5,
                "score": rng.random(2000),
            }
        ),
        path,
        row_group_size=500,
    )
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(LogError, match=r'log\.parquet", footer: '):
        kc.read_log(path)
    path.write_bytes(whole[:200] + bytes(2000) + whole[2200:])
    with pytest.raises(LogError, match=r'log\.parquet", row group 1 of 4 '):
        kc.read_log(path)
    # Whatever three wrong bytes do, the outcome is a log or a complaint.
    for _ in range(300):
        damaged = bytearray(whole)
        for at, byte in zip(rng.integers(0, len(whole), 3), rng.integers(0, 256, 3), strict=True):
            damaged[at] = byte
        path.write_bytes(damaged)
        with contextlib.suppress(LogError, MissingColumnError):
            kc.read_log(path)


def test_a_failing_stream_is_a_log_error():
    def batches():
        yield pa.record_batch(GOOD)
        raise RuntimeError("the network is gone")

    reader = pa.RecordBatchReader.from_batches(pa.record_batch(GOOD).schema, batches())
    assert "the network is gone" in complaint(reader)


def test_every_error_is_of_the_family():
    for error in (LogError, MissingColumnError, ArgumentError):
        assert issubclass(error, KcurveError)
        assert issubclass(error, ValueError)


def test_codes_of_the_wrong_shape():
    def message(*arguments, **keywords):
        with pytest.raises(ArgumentError) as caught:
            kc.AnswerLog.from_codes(*arguments, **keywords)
        return str(caught.value)

    assert "codes must be integers, got float64" in message([[0.5]], correct=[0])
    assert "got an array of 1 dimensions" in message(np.array([1, 2]), correct=[0])
    assert "row 1 has none" in message([[1], []], correct=[0, 0])
    assert "there is no question" in message([], correct=[])
    assert "correct must be one code for each of the 2 questions" in message(
        [[1], [2]], correct=[0]
    )
    assert "row 1 of correct must have 1 samples like that of codes, got 2" in message(
        [[1], [2]], correct=[[True], [True, False]]
    )
    assert "score must have one row per question (2), got 1" in message(
        [[1], [2]], correct=[0, 0], score=[[1.0]]
    )
    assert "keep must be booleans" in message([[1]], correct=[0], keep=[[2]])
    assert "question must have 1 ids, got 2" in message([[1]], correct=[0], question=["a", "b"])
    assert "'a' appears twice" in message([[1], [1]], correct=[0, 0], question=["a", "a"])


def test_parts_that_are_not_there():
    log = kc.AnswerLog.from_table(GOOD, model=None)
    with pytest.raises(ArgumentError, match='the log has no question "z"'):
        log.select(questions=["a", "z"])
    with pytest.raises(ArgumentError, match='the log has no model "gpt"; it has none'):
        log.select(model="gpt")
    with pytest.raises(ArgumentError, match="a mask of questions must have 1 entries"):
        log.select(questions=[True, False])
    with pytest.raises(LogError, match="no question is left"):
        log.select(min_samples=9)
    with pytest.raises(ArgumentError, match=r"sample must be between 0 and 1 .* got 2"):
        log.answer(0, 2)
    with pytest.raises(IndexError, match="position 1 is outside of 1 texts"):
        log.question[1]


def test_columns_that_do_not_fit_each_other():
    log = kc.AnswerLog.from_table(GOOD)
    fields = {name: getattr(log, name) for name in log.__dataclass_fields__}
    with pytest.raises(LogError, match="codes must have 2 entries to fit the offsets, got 3"):
        kc.AnswerLog(**{**fields, "codes": np.zeros(3, np.int32)})


def test_control_c_stops_a_long_read():
    script = """
        import _thread, sys, threading, time
        import pyarrow as pa
        import kcurve as kc

        schema = pa.schema({"question_id": pa.int64(), "answer": pa.int64(), "correct": pa.bool_()})

        def endless():
            batch = pa.record_batch([[1] * 1000, [2] * 1000, [True] * 1000], schema=schema)
            while True:
                yield batch

        threading.Timer(0.3, _thread.interrupt_main).start()
        try:
            kc.AnswerLog.from_table(pa.RecordBatchReader.from_batches(schema, endless()))
        except KeyboardInterrupt:
            print("stopped")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "stopped\n"
