"""Answer logs as files that other tools read: Parquet, CSV, TSV and JSON lines."""

from __future__ import annotations

import csv
import json
import math
import os
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError, LogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kcurve.log import AnswerLog

SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl")
"""What the name of a written log may end in."""

_STATUS = ("ok", "no_answer", "truncated", "error")
_NUMBERS = ("score", "tokens_in", "tokens_out", "cost", "latency")
_COUNTS = ("tokens_in", "tokens_out")


def check_destination(path: Path, *, force: bool) -> None:
    """Fail unless a log may be written under this name."""
    if path.suffix.lower() not in SUFFIXES:
        raise ArgumentError(
            f"a log can be written as {', '.join(SUFFIXES)}, got {str(path)!r}; change the suffix"
        )
    if path.exists() and not force:
        raise ArgumentError(f"{path} is there already; choose another name or add --force")
    if not path.parent.is_dir():
        raise ArgumentError(f"there is no folder {path.parent}; make it first")


def write_log(path: Path, log: AnswerLog, texts: Iterable[str | None] | None = None) -> None:
    """Write the rows of a log, with the raw text of each sample if there are texts.

    The file appears under its name when it is complete. Numbers that are not known are empty, in JSON
    null. Scores of steps are not written. Texts are never in memory together, except for Parquet.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        with _complete(path) as draft:
            if texts is None:
                log.to_parquet(draft)
            else:
                _write_parquet(draft, log, texts)
        return
    names = [*_columns(log), *([] if texts is None else ["text"])]
    rows = log_rows(log) if texts is None else _with_texts(log, texts)
    with _complete(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        if suffix == ".jsonl":
            file.writelines(
                json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows
            )
            return
        table = csv.writer(file, delimiter="\t" if suffix == ".tsv" else ",", lineterminator="\n")
        table.writerow(names)
        table.writerows([_cell(row[name]) for name in names] for row in rows)


def _with_texts(log: AnswerLog, texts: Iterable[str | None]) -> Iterator[dict[str, object]]:
    missing = object()
    for row, text in zip_longest(log_rows(log), texts, fillvalue=missing):
        if not isinstance(row, dict) or text is missing:
            raise _not_one_each()
        yield {**row, "text": text}


def _not_one_each() -> LogError:
    return LogError("there is not one text for each sample: the store grew meanwhile; export again")


def log_rows(log: AnswerLog) -> Iterator[dict[str, object]]:
    """Yield one row per sample, under the names that `kcurve.read_log` expects.

    Examples
    --------
    >>> from kcurve import AnswerLog
    >>> log = AnswerLog.from_table(
    ...     {"question_id": ["a", "a"], "answer": ["x", None], "reference": ["x", "x"]}
    ... )
    >>> for row in log_rows(log):
    ...     print(row)
    {'question_id': 'a', 'sample_index': 0, 'answer': 'x', 'correct': True, 'reference': 'x'}
    {'question_id': 'a', 'sample_index': 1, 'answer': None, 'correct': False, 'reference': 'x'}
    """
    names = _columns(log)
    for question, (begin, end) in enumerate(pairwise(log.offsets.tolist())):
        shared = {
            "question_id": log.question[question],
            "reference": log.reference[question] if log.reference is not None else None,
            "model": log.model[question],
            "dataset": log.dataset[question],
            "cluster": log.cluster[question] if log.cluster is not None else None,
        }
        for row in range(begin, end):
            values: dict[str, object] = shared | {
                "sample_index": int(log.sample[row]),
                "answer": log.answer(question, row - begin),
                "correct": bool(log.correct[row]),
            }
            for name in _NUMBERS:
                if (column := getattr(log, name)) is not None:
                    values[name] = _number(float(column[row]), whole=name in _COUNTS)
            if log.keep is not None:
                values["keep"] = bool(log.keep[row])
            if log.status is not None:
                values["status"] = _STATUS[int(log.status[row])]
            yield {name: values[name] for name in names}


def _columns(log: AnswerLog) -> list[str]:
    """Names of the columns that the log has values for."""
    optional = {
        "reference": log.reference,
        **{name: getattr(log, name) for name in (*_NUMBERS, "keep", "status", "cluster")},
        "model": any(log.model.names) or None,
        "dataset": any(log.dataset.names) or None,
    }
    present = [name for name, values in optional.items() if values is not None]
    return ["question_id", "sample_index", "answer", "correct", *present]


def _number(value: float, *, whole: bool) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if whole and value.is_integer() else value


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case _:
            return value


def _write_parquet(path: Path, log: AnswerLog, texts: Iterable[str | None]) -> None:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ArgumentError(
            "texts in Parquet need the package pyarrow: pip install pyarrow, or write .jsonl"
        ) from None
    table = arrow.table(log.to_arrow())
    column = arrow.array(list(texts), arrow.large_string())
    if len(column) != len(table):
        raise _not_one_each()
    parquet.write_table(table.append_column("text", column), path)


@contextmanager
def _complete(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; it becomes `path` if all goes well, else it disappears."""
    draft = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        yield draft
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
