"""Tables that hold words: as pyarrow tables, and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def arrow_table(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Any:  # noqa: ANN401 - a table of pyarrow
    """Return a pyarrow table of some columns; ImportError if pyarrow is not installed."""
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - optional, and heavy

    return pa.table({name: [row[name] for row in rows] for name in names})


def html_table(rows: Sequence[dict[str, Any]], names: Sequence[str], caption: str) -> str:
    """Return an HTML table of some columns."""
    from html import escape  # noqa: PLC0415 - slow to import

    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(row[name]))}</td>" for name in names) + "</tr>"
        for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
