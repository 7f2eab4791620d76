"""Any table with a column of questions; the other columns are guessed from their names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, letter, spread, text, texts
from kcurve.datasets.formats.draft import Draft, Format
from kcurve.errors import ArgumentError, DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.datasets.rows import Row

GUESSES: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "problem", "prompt", "input", "text", "query", "claim"),
    "reference": ("reference", "answer", "target", "gold", "solution", "label", "output"),
    "choices": ("choices", "options"),
    "id": ("id", "question_id", "unique_id", "qid", "sample_id"),
}
"""Names of columns that mean a question, its right answer, its choices, its name; the first wins."""

FACTS = ("subject", "topic", "category", "level", "cluster")
"""Columns that go into the metadata of a question; questions of one cluster are not independent."""

_LETTERED = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J")


def columns_format(columns: Mapping[str, str | Sequence[str]]) -> Format:
    """Return the format that reads these columns, and guesses those that are not said.

    Parameters
    ----------
    columns : mapping of str to str or sequence of str
        "question", "reference", "choices" and "id" by the names that the file has for them; choices may
        be several columns.

    Raises
    ------
    ArgumentError
        If another name is mapped.
    """
    for role in columns:
        if role not in GUESSES:
            options = ", ".join(map(repr, GUESSES))
            raise ArgumentError(f"columns may name {options}, got {role!r}")
    return Format(lambda _: True, lambda row: _draft(row, columns))


def _draft(row: Row, columns: Mapping[str, str | Sequence[str]]) -> Draft:
    asked = _column(row, columns, "question")
    if asked is None:
        raise DatasetError(
            f"no column of questions; the columns are {', '.join(map(repr, row))}: name it with "
            "columns={'question': ...}"
        )
    answer, name = _column(row, columns, "reference"), _column(row, columns, "id")
    choices = _choices(row, columns)
    given = None if answer is None else row.get(answer)
    known = given is not None and given != ""
    if known and not choices:
        given = text(row, str(answer))
    return Draft(
        text(row, asked),
        None if choices or not known else str(given),
        choices=tuple(choices),
        right=letter(given, choices) if choices and known else None,
        id="" if name is None or row.get(name) is None else str(row[name]),
        metadata={**facts(row, **{column: column for column in FACTS}), **_tests(row)},
    )


def _tests(row: Row) -> dict[str, str]:
    """Return the tests of a program that is asked for, if there are any: a text, or a list as JSON."""
    tests = row.get("tests")
    if tests is None or tests in ("", []):
        return {}
    return {"tests": tests if isinstance(tests, str) else json.dumps(tests, ensure_ascii=False)}


def _column(row: Row, columns: Mapping[str, str | Sequence[str]], role: str) -> str | None:
    """Name of the column that plays a role in this row: the one said, else the first guess that is there."""
    if role in columns:
        said = columns[role]
        if not isinstance(said, str):
            raise ArgumentError(f"columns[{role!r}] must be the name of one column, got {said!r}")
        if said not in row:
            found = ", ".join(map(repr, row))
            raise DatasetError(f"no column {said!r} for the {role}; the columns are {found}")
        return said
    lowered = {column.lower(): column for column in reversed(list(row))}
    return next((lowered[guess] for guess in GUESSES[role] if guess in lowered), None)


def _choices(row: Row, columns: Mapping[str, str | Sequence[str]]) -> list[str]:
    said = columns.get("choices")
    if said is not None and not isinstance(said, str):
        return spread(row, said)
    column = _column(row, columns, "choices")
    if column is None:
        lettered = [name for name in _LETTERED if name in row]
        return spread(row, lettered) if lettered[:2] == ["A", "B"] else []
    if row.get(column) in (None, "", []):
        return []
    value = row[column]
    if isinstance(value, str):  # a cell of a CSV
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            msg = f"column {column!r} must hold a JSON list of choices, got {value!r:.60}"
            raise DatasetError(msg) from None
    return texts({column: value}, column)


FORMAT = columns_format({})
