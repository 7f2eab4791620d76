"""The texts that the rows of an exported log were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.store.candidates import candidates
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
    filtered = chosen.description.get("verdict") is not None
    reads = (verdict or described(chosen.description, "verdict")) if filtered else None
    for _, drawn in candidates(connection, chosen.row, role, reads):
        for one in drawn:
            yield one.text
