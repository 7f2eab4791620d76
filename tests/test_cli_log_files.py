"""Answer logs written as files are read back as the same logs."""

import csv
import json
import sys

import pyarrow.parquet as pq
import pytest

import kcurve as kc
from kcurve.answers import Boxed, ChoiceLetter, FirstOf, LastNumber, Regex, TheAnswerIs
from kcurve.cli.answering import parse_equivalence, parse_extractor
from kcurve.cli.log_files import SUFFIXES, check_destination, log_rows, write_log

FULL = {
    "question_id": ["a", "a", "b", 'ü, "b"\nc'],
    "sample_index": [0, 2, 0, 1],
    "answer": ["x, y", None, 'z"\n', "0012"],
    "reference": ["x, y", "x, y", "w", "12"],
    "keep": [True, False, True, True],
    "status": ["ok", "no_answer", "error", "truncated"],
    "score": [0.1, float("nan"), 1e-300, 1.0],
    "tokens_in": [3, 4, 5, 6],
    "tokens_out": [3.0, float("nan"), 5, 2**40],
    "cost": [0.1, 0.2, 1 / 3, 0.0],
    "latency": [1.0, 1.5, float("nan"), 2.0],
    "model": ["m", "m", "m", "other"],
    "dataset": ["d", "d", "d", "d"],
    "cluster": ["c", "c", "e", "e"],
}
TEXTS = ["It is x, y.", None, 'So "z"\n\tholds.', ""]


@pytest.fixture
def log():
    return kc.AnswerLog.from_table(FULL)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_log_is_read_back_as_it_was(tmp_path, log, suffix):
    path = tmp_path / f"log{suffix}"
    write_log(path, log)
    assert kc.read_log(path) == log
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_real_log_is_read_back_as_it_was(tmp_path, suffix):
    log = kc.example_log().first(4)
    path = tmp_path / f"log{suffix}"
    write_log(path, log)
    assert kc.read_log(path) == log


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_texts_stand_beside_their_samples(tmp_path, log, suffix):
    path = tmp_path / f"log{suffix}"
    write_log(path, log, TEXTS)
    if suffix == ".parquet":
        texts = pq.read_table(path)["text"].to_pylist()
    elif suffix == ".jsonl":
        texts = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    else:
        with path.open(newline="") as file:
            delimiter = "\t" if suffix == ".tsv" else ","
            texts = [row["text"] for row in csv.DictReader(file, delimiter=delimiter)]
    missing = "" if suffix in {".csv", ".tsv"} else None
    assert texts == [TEXTS[0], missing, *TEXTS[2:]]
    assert kc.read_log(path) == log


def test_rows_have_the_columns_of_the_log_and_no_others(log):
    assert set(next(log_rows(log))) == {*FULL, "correct"}
    bare = kc.AnswerLog.from_table({"question_id": ["a"], "answer": [1], "correct": [True]})
    assert set(next(log_rows(bare))) == {"question_id", "sample_index", "answer", "correct"}


def test_tokens_are_whole_numbers(log):
    assert [row["tokens_out"] for row in log_rows(log)] == [3, None, 5, 2**40]
    assert all(isinstance(row["tokens_in"], int) for row in log_rows(log))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("texts", [TEXTS[:2], [*TEXTS, "one more"]], ids=["few", "many"])
def test_a_failed_write_leaves_what_was_there(tmp_path, log, suffix, texts):
    path = tmp_path / f"log{suffix}"
    path.write_text("precious")
    with pytest.raises(kc.LogError, match="the store grew meanwhile; export again"):
        write_log(path, log, iter(texts))
    assert path.read_text() == "precious"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_texts_in_parquet_need_pyarrow(tmp_path, log, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # how Python marks what cannot be imported
    with pytest.raises(kc.ArgumentError, match=r"pip install pyarrow, or write \.jsonl"):
        write_log(tmp_path / "log.parquet", log, TEXTS)
    write_log(tmp_path / "log.parquet", log)
    assert kc.read_log(tmp_path / "log.parquet") == log


def test_destinations_are_checked(tmp_path):
    there = tmp_path / "log.csv"
    there.touch()
    check_destination(there, force=True)
    check_destination(tmp_path / "new.CSV", force=False)
    for path, message in (
        (there, r"is there already; choose another name or add --force"),
        (tmp_path / "log.xlsx", r"as \.parquet, \.csv, \.tsv, \.jsonl, got"),
        (tmp_path / "no" / "log.csv", r"there is no folder"),
    ):
        with pytest.raises(kc.ArgumentError, match=message):
            check_destination(path, force=False)


@pytest.mark.parametrize(
    ("words", "extractor"),
    [
        ("choice-letter", ChoiceLetter()),
        ("choice-letter:ABCDEF", ChoiceLetter("ABCDEF")),
        ("the-answer-is:Result:", TheAnswerIs("Result:")),
        ("boxed+last-number", FirstOf(Boxed(), LastNumber())),
        (r"boxed+regex:a+:b+(\d)", FirstOf(Boxed(), Regex(r"a+:b+(\d)"))),
    ],
)
def test_extractors_have_words(words, extractor):
    assert parse_extractor(words) == extractor


@pytest.mark.parametrize("words", ["", "box", "boxed:2", "json", "json:", "regex:", "boxed+", "+"])
def test_unknown_extractors_are_refused(words):
    with pytest.raises(kc.ArgumentError, match=r"answers can be found by answer-is, boxed, "):
        parse_extractor(words)


def test_unknown_equivalences_are_refused():
    with pytest.raises(kc.ArgumentError, match=r"as text, number, expression, got 'same'"):
        parse_equivalence("same")
