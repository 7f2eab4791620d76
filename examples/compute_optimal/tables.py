"""Tables: as CSV with all digits that mean something, and as Markdown."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_csv(rows: Sequence[NamedTuple], path: Path) -> None:
    """Write rows of one kind, with the names of their fields."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(rows[0]._fields)
        table.writerows([csv_cell(cell) for cell in row] for row in rows)


def csv_cell(cell: object) -> object:
    """Return a number with five digits, anything else as it is."""
    return f"{cell:.5g}" if isinstance(cell, float) else cell


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table.

    Examples
    --------
    >>> print(markdown(["policy", "error"], [["small", "0.5"]]))
    | policy | error |
    |---|---|
    | small | 0.5 |
    """
    lines = [head, ["---"] * len(head), *rows]
    joined = [" | ".join(map(str, line)) for line in lines]
    joined[1] = "|".join(lines[1])
    return "\n".join(
        f"|{line}|" if place == 1 else f"| {line} |" for place, line in enumerate(joined)
    )
