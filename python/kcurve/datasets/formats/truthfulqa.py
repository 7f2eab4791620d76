"""TruthfulQA, MC1: exactly one choice is true, and it stands first in the published data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.fields import facts, text, texts
from kcurve.datasets.formats.draft import Draft, Format
from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from kcurve.datasets.rows import Row

_COLUMN = "mc1_targets"


def _fits(row: Row) -> bool:
    return "question" in row and _COLUMN in row


def _draft(row: Row) -> Draft:
    targets = row.get(_COLUMN)
    if not isinstance(targets, dict):
        raise DatasetError(f"column {_COLUMN!r} must hold choices and labels, got {targets!r:.60}")
    if "labels" in targets:
        choices = texts(targets, "choices")
        labels = texts(targets, "labels")
    else:  # the file of the authors has the label behind each choice
        choices = [str(choice) for choice in targets]
        labels = [str(label) for label in targets.values()]
    if len(labels) != len(choices) or sorted(labels) != ["0"] * (len(labels) - 1) + ["1"]:
        raise DatasetError(
            f"exactly one of {len(choices)} choices must be labelled 1, got {labels}"
        )
    return Draft(
        text(row, "question"),
        choices=tuple(choices),
        right=labels.index("1"),
        metadata=facts(row, category="category"),
    )


# In the order of the file A would always be right.
FORMAT = Format(_fits, _draft, seed=0)
