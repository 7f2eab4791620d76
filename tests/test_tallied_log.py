"""A tallied log behaves as the log it was counted from."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kcurve as kc


@pytest.fixture
def log(tmp_path):
    table = pa.table(
        {
            "question_id": ["b", "b", "b", "a", "a", "a", "a", "c"],
            "answer": ["7", "7", None, "1", "2.0", "2.0", "3", "9"],
            "correct": [True, True, False, False, False, False, True, False],
            "model": ["m", "m", "m", "m", "m", "m", "m", "n"],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    return kc.scan_log(tmp_path / "log.parquet")


def test_order_is_that_of_the_names_and_counts(log):
    assert log.question.tolist() == ["a", "b", "c"]
    assert log.offsets.tolist() == [0, 3, 5, 6]
    assert log.count.tolist() == [1, 2, 1, 2, 1, 1]
    assert log.correct.tolist() == [True, False, False, True, False, False]
    assert log.codes.tolist() == [0, 1, 2, 0, -1, 0]
    assert log.n_samples.tolist() == [4, 3, 1]
    assert (log.n_rows, log.n_questions, len(log)) == (8, 3, 3)
    assert log.model.names == ("m", "n")
    assert log.dataset.names == ("",)
    assert log.cluster is None
    assert log.keep is None
    assert log.score is None
    assert repr(log) == (
        "TalliedLog: 3 questions x 1 to 4 samples, 8 samples in 6 entries, 2 models"
    )


def test_arrays_cannot_be_written_to(log):
    with pytest.raises(ValueError, match="read-only"):
        log.count[0] = 2


def test_parts_of_the_log(log):
    parts = log.by("model")
    assert list(parts) == ["m", "n"]
    assert parts["m"] == log.select(model="m") == log.select(min_samples=3)
    assert log.select(questions="b").codes.tolist() == [0, -1]
    assert log.select(questions=np.array([True, True, True])) == log
    assert log != log.select(questions="b")
    with pytest.raises(kc.LogError, match="no question is left"):
        log.select(min_samples=100)
    with pytest.raises(kc.ArgumentError, match='no question "z"'):
        log.select(questions="z")
    with pytest.raises(kc.errors.MissingColumnError, match="no dataset column"):
        log.by("dataset")
    with pytest.raises(kc.ArgumentError, match="by must be"):
        log.by("question")


def test_unanswered_samples_can_be_dropped(log):
    answered = log.drop_no_answers()
    assert answered.count.tolist() == [1, 2, 1, 2, 1]
    assert answered.offsets.tolist() == [0, 3, 4, 5]


def test_a_question_without_any_answer_is_dropped_on_request_only(tmp_path):
    table = pa.table({"question_id": [1, 2], "answer": [None, 3], "correct": [False, True]})
    pq.write_table(table, tmp_path / "log.parquet")
    log = kc.scan_log(tmp_path / "log.parquet")
    with pytest.raises(kc.LogError, match='question "1" has no answer in any sample'):
        log.drop_no_answers()
    assert log.drop_no_answers(empty="drop").question.tolist() == ["2"]


def test_several_models_are_refused_by_a_curve(log):
    with pytest.raises(kc.LogError, match="a curve is of one model"):
        kc.curve(log)


def test_an_answer_with_two_verdicts_is_told_when_a_curve_needs_one(tmp_path):
    table = pa.table({"question_id": [1, 1], "answer": [4, 4], "correct": [True, False]})
    pq.write_table(table, tmp_path / "log.parquet")
    log = kc.scan_log(tmp_path / "log.parquet")
    assert log.codes.tolist() == [0, 0]
    with pytest.raises(kc.LogError, match='question "1" has an answer marked both correct and'):
        kc.curve(log)
    assert kc.curve(log, kc.PassAtK()).mean.tolist() == [0.5, 1.0]


def test_a_correct_sample_without_an_answer_is_told_too(tmp_path):
    table = pa.table({"question_id": [1], "answer": pa.nulls(1), "correct": [True]})
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(kc.LogError, match='a sample of question "1" is marked correct but has no'):
        kc.curve(kc.scan_log(tmp_path / "log.parquet"))


def test_numbers_and_texts_are_one_answer_across_files(tmp_path):
    for number, answer in enumerate([pa.array([7, 8]), pa.array(["7", "x"]), pa.array([7.0, 0.5])]):
        table = pa.table({"question_id": [1, 1], "answer": answer, "reference": ["7", "7"]})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    log = kc.scan_log(tmp_path / "*.parquet")
    assert log.count.tolist() == [3, 1, 1, 1]
    assert log.correct.tolist() == [True, False, False, False]


def test_lengths_must_agree(log):
    with pytest.raises(kc.ArgumentError, match="count must have 6 entries, got 2"):
        kc.TalliedLog(
            offsets=log.offsets,
            codes=log.codes,
            correct=log.correct,
            count=log.count[:2],
            question=log.question,
            model=log.model,
            dataset=log.dataset,
        )
