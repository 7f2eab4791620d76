"""AVeriTeC: claims, and four verdicts on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, text
from kcurve.datasets.formats.draft import Draft, Format
from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row

VERDICTS = (
    "Supported",
    "Refuted",
    "Not Enough Evidence",
    "Conflicting Evidence/Cherrypicking",
)
"""The labels as the data spell them; every claim has them in this order."""


def _fits(row: Row) -> bool:
    return "claim" in row and "label" in row


def _draft(row: Row) -> Draft:
    verdict = text(row, "label")
    if verdict not in VERDICTS:
        options = ", ".join(map(repr, VERDICTS))
        raise DatasetError(f"the label must be one of {options}, got {verdict!r:.60}")
    return Draft(
        text(row, "claim"),
        choices=VERDICTS,
        right=VERDICTS.index(verdict),
        id="" if row.get("claim_id") is None else str(row["claim_id"]),
        metadata=facts(row, speaker="speaker", date="claim_date"),
    )


FORMAT = Format(_fits, _draft)
