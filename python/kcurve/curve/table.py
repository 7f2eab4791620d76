"""Result columns for people and for files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MOST_ROWS = 24


def without_nan(values: NDArray[np.float64]) -> list[float | None]:
    """Return a list with None for NaN, which JSON does not know."""
    return [None if np.isnan(value) else float(value) for value in values]


def position(k: int, available: NDArray[np.int64]) -> int:
    """Return where k is among a result's numbers of calls; ArgumentError if it is not there."""
    place = int(np.searchsorted(available, k))
    if place == len(available) or available[place] != k:
        refuse_absent_calls(k, available)
    return place


def refuse_absent_calls(k: int, available: NDArray[np.int64]) -> NoReturn:
    """Fail for a k that a result does not hold."""
    near = int(available[np.argmin(np.abs(available - k))])
    msg = (
        f"k must be one of the curve's {len(available)} numbers of calls "
        f"({available[0]} to {available[-1]}; the nearest is {near}), got {k}"
    )
    raise ArgumentError(msg)


def html(names: Sequence[str], columns: Sequence[NDArray[np.generic]], caption: str) -> str:
    """Return an HTML table of at most two dozen rows, log-spaced."""
    from html import escape  # noqa: PLC0415 - slow to import

    rows = np.unique(np.geomspace(1, len(columns[0]), _MOST_ROWS).round().astype(np.int64)) - 1
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(column[row])}</td>" for column in columns) + "</tr>"
        for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"


def _cell(value: np.generic) -> str:
    return f"{value:.4f}" if isinstance(value, np.floating) else str(value)
