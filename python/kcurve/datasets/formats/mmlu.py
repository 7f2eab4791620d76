"""MMLU: four choices; the columns of the original CSV, of the hub, or with "options" and a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, letter, spread, text, texts
from kcurve.datasets.formats.draft import Draft, Format

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row

_LETTERED = ("A", "B", "C", "D")
_LISTS = ("choices", "options")


def _fits(row: Row) -> bool:
    listed = next((row[column] for column in _LISTS if column in row), None)
    four = isinstance(listed, list) and len(listed) == len(_LETTERED)
    lettered = all(column in row for column in _LETTERED) and "E" not in row
    return "question" in row and "answer" in row and (four or lettered)


def _draft(row: Row) -> Draft:
    column = next((column for column in _LISTS if column in row), None)
    choices = spread(row, _LETTERED) if column is None else texts(row, column)
    known = facts(row, subject="topic") | facts(row, subject="subject")
    name = "" if row.get("id") is None else str(row["id"])
    # Ids count within a subject.
    qualified = "/".join(part for part in (known.get("subject"), name) if part) if name else ""
    return Draft(
        text(row, "question"),
        choices=tuple(choices),
        right=letter(row.get("answer"), choices),
        id=qualified,
        metadata=known,
    )


FORMAT = Format(_fits, _draft)
