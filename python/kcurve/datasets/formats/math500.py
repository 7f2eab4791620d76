"""MATH-500: problems whose answers are LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, text
from kcurve.datasets.formats.draft import Draft, Format

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row


def _fits(row: Row) -> bool:
    return "problem" in row and "answer" in row


def _draft(row: Row) -> Draft:
    return Draft(
        text(row, "problem"),
        text(row, "answer"),
        id=str(row.get("unique_id") or ""),
        metadata=facts(row, subject="subject", level="level"),
    )


FORMAT = Format(_fits, _draft)
