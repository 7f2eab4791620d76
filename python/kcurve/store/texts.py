"""The texts that the rows of an exported log were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.store.candidates import candidates
from kcurve.store.runs import chosen_run, described
from kcurve.store.scores import scoring_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kcurve.answers import Extractor, ScoreReader


def texts(
    connection: sqlite3.Connection,
    run: int | None,
    *,
    role: str,
    verdict: Extractor | None,
    score: ScoreReader | None,
) -> Iterator[str | None]:
    """Yield the text of each row of the log of a run, in the order of the log."""
    chosen = chosen_run(connection, run)
    filtered = chosen.description.get("verdict") is not None
    reads = (verdict or described(chosen.description, "verdict")) if filtered else None
    scoring = scoring_of(chosen.description, score)
    for _, drawn in candidates(connection, chosen.row, role, reads, scoring):
        for one in drawn:
            yield one.text
