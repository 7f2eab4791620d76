"""One file per layout of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.datasets.formats import averitec, gpqa, gsm8k, math500, mmlu, table, truthfulqa

if TYPE_CHECKING:
    from kcurve.datasets.formats.draft import Format
    from kcurve.datasets.rows import Row

FORMATS: dict[str, Format] = {
    "gpqa": gpqa.FORMAT,
    "truthfulqa": truthfulqa.FORMAT,
    "averitec": averitec.FORMAT,
    "math500": math500.FORMAT,
    "mmlu": mmlu.FORMAT,
    "gsm8k": gsm8k.FORMAT,
    "table": table.FORMAT,
}
"""The formats by name, the most particular first; "table" takes whatever has a question."""


def recognised(row: Row) -> str:
    """Return the name of the first format that `row` looks like."""
    return next(name for name, layout in FORMATS.items() if layout.fits(row))
