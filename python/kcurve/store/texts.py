"""The texts that the rows of an exported log were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.store.candidates import candidates, verdicts_of
from kcurve.store.runs import chosen_run, described

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
        kept = verdicts_of(
            connection, chosen.row, verdict or described(chosen.description, "verdict")
        )
    for row in candidates(connection, chosen.row, role, kept):
        yield row[3]
