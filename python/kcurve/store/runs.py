"""Runs: which there are, and how they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kcurve.answers import from_description
from kcurve.errors import StoreError

if TYPE_CHECKING:
    import sqlite3


class Run(NamedTuple):
    """A run: its row, and what determines its samples."""

    row: int
    description: dict[str, Any]


def chosen_run(connection: sqlite3.Connection, run: int | None) -> Run:
    """Return the run, or the only one there is.

    Raises
    ------
    StoreError
        If there is no such run, or none is named and there is not just one.
    """
    runs = {
        row: msgspec.json.decode(description)
        for row, description in connection.execute("SELECT id, description FROM runs ORDER BY id")
    }
    listed = "; ".join(f"{row}: {name_of_run(told)}" for row, told in runs.items()) or "none"
    if run is None:
        if len(runs) != 1:
            raise StoreError(f"name one of its runs ({listed})")
        run = next(iter(runs))
    if run not in runs:
        raise StoreError(f"it has no run {run}; its runs are {listed}")
    return Run(run, runs[run])


def name_of_run(told: dict[str, Any]) -> str:
    """Return search, rule or strategy, stopping rule, model and data set of a run."""
    chosen = told.get("search") or told.get("rule")
    name = chosen.get("name") if isinstance(chosen, dict) else None
    if isinstance(stopping := told.get("stopping"), dict):
        name = f"{name} with {stopping.get('name')}"
    parts = (name or told.get("strategy"), told.get("model"), told.get("dataset"))
    return ", ".join(str(part) for part in parts if part)


def described(told: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - an extractor or an equivalence
    """Return the extractor or equivalence that a run was made with."""
    if told.get(name) is None:
        raise StoreError(f"the run does not say its {name}; pass it")
    return from_description(told[name])
