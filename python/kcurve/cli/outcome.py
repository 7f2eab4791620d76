"""What the ends of `kcurve sample` and `kcurve solve` have in common: accuracy, kinds of failures, aligned rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def show_rows(screen: Console, rows: list[tuple[str, str]]) -> None:
    """Print labels and values in two columns."""
    for label, value in aligned_rows(rows):
        screen.print(Text.assemble((label, "bold"), "  ", value))


def aligned_rows(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return rows whose labels are equally wide.

    Examples
    --------
    >>> aligned_rows([("a", "1"), ("long", "2")])
    [('a   ', '1'), ('long', '2')]
    """
    width = max(len(label) for label, _ in rows)
    return [(label.ljust(width), value) for label, value in rows]


def accuracy_rows(label: str, plain: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the accuracy of a run with its interval; nothing if no right answer is known.

    Examples
    --------
    >>> accuracy_rows("accuracy", {"accuracy": 0.5, "low": 0.25, "high": 0.75})
    [('accuracy', '0.5000  (0.2500 to 0.7500)')]
    >>> accuracy_rows("accuracy", {"accuracy": None})
    []
    """
    if plain["accuracy"] is None:
        return []
    return [(label, f"{plain['accuracy']:.4f}  ({plain['low']:.4f} to {plain['high']:.4f})")]


def kinds(counts: Mapping[str, int]) -> str:
    """Return how often each kind came.

    Examples
    --------
    >>> kinds({"timeout": 1200, "http_500": 1})
    '1,200 timeout, 1 http_500'
    """
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
