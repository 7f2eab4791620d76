"""Rows of local files, one at a time: JSON lines, JSON lists, CSV and TSV, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias, cast

from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

Row: TypeAlias = "Mapping[str, object]"
"""One row of a data set: its values by column."""

LocatedRow: TypeAlias = "tuple[str, Row]"
"""Where a row stands, for messages, and the row."""

HEADERLESS = ("question", "A", "B", "C", "D", "answer")
"""The columns of the original files of MMLU, which have no header."""


def rows(path: Path) -> Generator[LocatedRow, None, None]:
    """Yield the rows of a file by its suffix; JSON lines, CSV and TSV are never held as a whole.

    Raises
    ------
    DatasetError
        If the suffix is none of ours, or the text is not what the suffix says.
    OSError
        If the file cannot be opened.
    """
    read = _reader(path)
    gzipped = path.suffix.lower() == ".gz"
    with (gzip.open if gzipped else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        try:
            yield from read(path, cast("TextIO", file))
        except UnicodeDecodeError as error:
            msg = f"{path}: not text in UTF-8 ({error.reason} at byte {error.start}); convert it first"
            raise DatasetError(msg) from None
        except (gzip.BadGzipFile, EOFError) as error:
            raise DatasetError(f"{path}: not a whole gzip file ({error})") from None


def _reader(path: Path) -> Callable[[Path, TextIO], Iterator[LocatedRow]]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    match suffixes[-1] if suffixes else "":
        case ".jsonl" | ".ndjson":
            return _json_lines
        case ".json":
            return _json
        case ".csv":
            return lambda path, file: _separated(path, file, ",")
        case ".tsv":
            return lambda path, file: _separated(path, file, "\t")
        case other:
            raise DatasetError(
                f"{path}: a file of questions ends in .jsonl, .json, .csv or .tsv, or one of these "
                f"and .gz, not in {other or 'nothing'!r}; convert it, or rename it if it is one"
            )


def _json_lines(path: Path, file: TextIO) -> Iterator[LocatedRow]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _object(where, _parsed(where, line))


def _json(path: Path, file: TextIO) -> Iterator[LocatedRow]:
    """Yield the rows of a list, or of the one list that an object holds, or JSON lines by another name."""
    text = file.read()
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        if len(text.splitlines()) < 2:
            _parsed(str(path), text)
        yield from _json_lines(path, StringIO(text))
        return
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        if len(lists) != 1:
            raise DatasetError(
                f"{path}: expected a list of questions, or an object that holds one list, got an "
                f"object with {len(lists)} lists; write the questions as a list"
            )
        content = lists[0]
    if not isinstance(content, list):
        msg = f"{path}: expected a list of questions, got {type(content).__name__}"
        raise DatasetError(msg)
    for number, row in enumerate(content, start=1):
        where = f"{path}, item {number}"
        yield where, _object(where, row)


def _parsed(where: str, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{where}: not JSON ({error.msg} at character {error.pos + 1})"
        raise DatasetError(msg) from None


def _object(where: str, row: object) -> Row:
    if not isinstance(row, dict):
        msg = f"{where}: expected an object with the fields of a question, got {row!r:.60}"
        raise DatasetError(msg)
    return row


def _separated(path: Path, file: TextIO, delimiter: str) -> Iterator[LocatedRow]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    header: tuple[str, ...] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DatasetError(f"{path}, line {reader.line_num}: {error}") from None
        if cells is None:
            return
        where = f"{path}, line {reader.line_num}"
        if not cells:
            continue
        if header is None:
            header, is_row = _header(where, cells)
            if not is_row:
                continue
        if len(cells) != len(header):
            raise DatasetError(
                f"{where}: {len(cells)} cells under {len(header)} columns; a cell that contains "
                f"{delimiter!r} needs quotes"
            )
        yield where, dict(zip(header, cells, strict=True))


def _header(where: str, cells: list[str]) -> tuple[tuple[str, ...], bool]:
    """Names of the columns, and whether the first line is a question already."""
    if len(cells) == len(HEADERLESS) and cells[-1].strip() in HEADERLESS[1:-1]:
        return HEADERLESS, True
    names = tuple(cell.strip() for cell in cells)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DatasetError(f"{where}: the column {twice!r} appears twice; rename one")
    return names, False
