"""What is wrong with rows, files and arguments is said."""

import gzip
import re
import sys

import pytest

from kcurve.datasets import load
from kcurve.errors import ArgumentError, DatasetError
from tests.question_rows import AVERITEC_ROW, EXCERPTS, GPQA_ROW, HUB_ROWS, written

BAD_ROWS = {
    "no mark": ("gsm8k", {"question": "Q?", "answer": "12"}, r"must end in #### and a number"),
    "no number": ("gsm8k", {"question": "Q?", "answer": "#### many"}, r"a number, got"),
    "a letter too far": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": "C"},
        r"neither a letter from A to B",
    ),
    "a position too far": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": 2},
        r"number from 0 to 1",
    ),
    "no answer": (
        "mmlu",
        {"question": "Q?", "choices": ["x", "y"], "answer": None},
        r"the answer None",
    ),
    "two truths": (
        "truthfulqa",
        {"question": "Q?", "mc1_targets": {"choices": ["x", "y"], "labels": [1, 1]}},
        r"exactly one of 2 choices",
    ),
    "a missing choice": ("gpqa", GPQA_ROW | {"Incorrect Answer 2": ""}, r"2' is empty"),
    "another verdict": ("averitec", AVERITEC_ROW | {"label": "Maybe"}, r"got 'Maybe'"),
    "an empty question": ("table", {"question": " "}, r"'question' is empty"),
    "an unknown table": ("table", {"ask": "Q?", "gold": "x"}, r"the columns are 'ask', 'gold'"),
    "too many choices": (
        "mmlu",
        {"question": "Q?", "choices": [str(number) for number in range(30)], "answer": 3},
        r"30 choices",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_are_named_by_their_line(tmp_path, case):
    layout, row, message = BAD_ROWS[case]
    good = HUB_ROWS.get(layout, {"question": "Q?", "ask": "Q?"})
    path = written(tmp_path / "q.jsonl", good, row)
    with pytest.raises(DatasetError, match=rf"q\.jsonl, line 2: .*{message}"):
        list(load(path, format=layout))


BAD_FILES = {
    "q.jsonl": (b'{"question": "Q?"}\n{"question": \n', r"line 2: not JSON"),
    "list.jsonl": (b"[1]\n", r"line 1: expected an object"),
    "q.csv": (b"question,answer\nQ?,x,y\n", r"line 2: 3 cells under 2 columns"),
    "twice.csv": (b"question,question\nQ?,x\n", r"'question' appears twice"),
    "quote.csv": (b'question,answer\n"Q?,x\n', r"unexpected end of data"),
    "q.json": (b'{"a": [], "b": []}', r"an object with 2 lists"),
    "number.json": (b"3", r"got int"),
    "broken.json": (b"[{", r"not JSON"),
    "latin.csv": ("question\nWie spät?\n".encode("latin-1"), r"not text in UTF-8"),
    "q.parquet": (b"PAR1", r"ends in \.jsonl, \.json, \.csv or \.tsv"),
    "empty.jsonl": (b"", r"holds no questions"),
    "not.csv.gz": (b"question\nQ?\n", r"not a whole gzip file"),
    "cut.csv.gz": (gzip.compress(b"question\n" + b"Q?\n" * 9)[:-9], r"not a whole gzip file"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused(tmp_path, name):
    content, message = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        list(load(path))


BAD_ARGUMENTS = {
    "missing file": (("no/such.jsonl",), {}, r"the file no/such\.jsonl does not exist"),
    "unknown name": (("gsm9k",), {}, r"known are 'gsm8k', 'math500'"),
    "limit": (("gsm8k",), {"limit": 0}, r"limit must be an integer of at least 1, got 0"),
    "seed": (("gsm8k",), {"shuffle_choices": True}, r"a seed \(an integer\) or False, got True"),
    "format": (("gsm8k",), {"format": "xml"}, r"format must be one of 'gpqa'"),
    "columns": (
        ("gsm8k",),
        {"format": "gsm8k", "columns": {"question": "q"}},
        r"columns go with the format 'table'",
    ),
    "subset": (("gsm8k",), {"subset": "hard"}, r"gsm8k has no subsets, got 'hard'"),
    "gpqa": (("gpqa",), {"subset": "gold"}, r"'diamond', 'main', 'extended', got 'gold'"),
    "no subset": (("mmlu",), {"subset": ()}, r"empty sequence"),
    "split": ((EXCERPTS / "gsm8k.jsonl",), {"split": "test"}, r"a file has no splits"),
    "role": ((EXCERPTS / "gsm8k.jsonl",), {"columns": {"ask": "x"}}, r"got 'ask'"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_bad_arguments_are_named(case):
    arguments, options, message = BAD_ARGUMENTS[case]
    with pytest.raises(ArgumentError, match=message):
        load(*arguments, **options)


def test_a_subset_of_a_file_without_subjects_is_an_error():
    with pytest.raises(DatasetError, match=r"needs a column 'subject', 'topic', 'category'"):
        list(load(EXCERPTS / "gsm8k.jsonl", subset="physics"))


def test_a_said_column_must_be_there():
    with pytest.raises(DatasetError, match=r"no column 'ask' .* 'question', 'answer'"):
        list(load(EXCERPTS / "gsm8k.jsonl", columns={"question": "ask"}))


def test_without_the_package_the_hub_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)  # how Python marks what cannot be imported
    with pytest.raises(DatasetError, match=re.escape("pip install 'kcurve[hf]'")):
        next(iter(load("gsm8k")))
