"""GPQA: one right and three wrong answers in columns of their own, so their order is ours to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, text
from kcurve.datasets.formats.draft import Draft, Format

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row

_ANSWERS = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def _fits(row: Row) -> bool:
    return "Question" in row and all(column in row for column in _ANSWERS)


def _draft(row: Row) -> Draft:
    return Draft(
        text(row, "Question"),
        choices=tuple(text(row, column) for column in _ANSWERS),
        right=0,
        id=str(row.get("Record ID") or ""),
        metadata=facts(row, domain="High-level domain", subdomain="Subdomain"),
    )


# In the order of the columns A would always be right.
FORMAT = Format(_fits, _draft, seed=0)
