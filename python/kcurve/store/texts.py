"""The texts that the rows of an exported log were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.store.export import _candidates, _described, _kept
from kcurve.store.runs import chosen_run

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kcurve.answers import Extractor


def texts(
    connection: sqlite3.Connection, run: int | None, *, role: str, verdict: Extractor | None
) -> Iterator[str | None]:
    """Yield the text of each row of the log of a run, in the order of the log."""
    chosen = chosen_run(connection, run)
    kept = None
    if chosen.description.get("verdict") is not None:
        kept = _kept(connection, chosen.row, verdict or _described(chosen.description, "verdict"))
    for row in _candidates(connection, chosen.row, role, kept):
        yield row[3]
