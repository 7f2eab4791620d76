"""Values of a row as the texts that questions are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.question import LETTERS
from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets.rows import Row


def text(row: Row, column: str) -> str:
    """Return the value of a column as text; fail if there is none."""
    value = row.get(column)
    if value is None or isinstance(value, bool | list | dict):
        if column not in row:
            msg = f"no column {column!r} among {', '.join(map(repr, row))}"
            raise DatasetError(msg)
        raise DatasetError(f"column {column!r} must hold a text, got {value!r:.60}")
    written = str(value).strip()
    if not written:
        raise DatasetError(f"column {column!r} is empty")
    return written


def texts(row: Row, column: str) -> list[str]:
    """Return the values of a column that holds a list of texts."""
    value = row.get(column)
    if not isinstance(value, list | tuple) or not value:
        raise DatasetError(f"column {column!r} must hold a list of choices, got {value!r:.60}")
    return [str(item).strip() for item in value]


def spread(row: Row, columns: Sequence[str]) -> list[str]:
    """Return the choices of a row that has one column for each; the last ones may be empty.

    Examples
    --------
    >>> spread({"A": "x", "B": "y", "C": ""}, "ABC")
    ['x', 'y']
    """
    there = list(columns)
    while len(there) > 2 and row.get(there[-1], 0) in (None, ""):
        there.pop()
    return [text(row, column) for column in there]


def letter(answer: object, choices: Sequence[str]) -> int:
    """Position of the right choice, which is given as a letter, a number from 0, or its text.

    A letter comes before a text, and a text before a number: the choices "3", "1", "2" with the answer
    "1" make it the second.
    """
    written = str(answer).strip()
    bare = written.strip("(). ")
    if not isinstance(answer, int):
        if len(bare) == 1 and bare in LETTERS[: len(choices)]:
            return LETTERS.index(bare)
        if list(choices).count(written) == 1:
            return list(choices).index(written)
    if written.isascii() and written.isdigit() and int(written) < len(choices):
        return int(written)
    raise DatasetError(
        f"the answer {answer!r:.60} is neither a letter from A to {LETTERS[len(choices) - 1]}, nor a "
        f"number from 0 to {len(choices) - 1}, nor one of the {len(choices)} choices"
    )


def facts(row: Row, **columns: str) -> dict[str, str]:
    """Return those of the columns that the row has, as metadata under the names of the arguments."""
    return {
        name: str(row[column]).strip()
        for name, column in columns.items()
        if row.get(column) not in (None, "")
    }
