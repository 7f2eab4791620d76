"""Curves for people: tables, and a chart where the output is a terminal."""

import math
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kcurve.cli.chart import Line, chart
from kcurve.cli.inputs import Part
from kcurve.cli.rows import readable_rows
from kcurve.cli.words import closing, describe_log, describe_method, describe_rule, points
from kcurve.curve import Curve

_LINE_STYLES = ("cyan", "yellow", "magenta", "green", "blue", "red")
_WIDEST_CHART = 100
_SEVERAL_COLUMNS = 6


def show_one(console: Console, part: Part, curve: Curve) -> None:
    """Header, table, chart and closing sentences of one curve."""
    console.print(Text(describe_rule(curve.rule), style="bold"))
    console.print(Text(f"{part.label}: {describe_log(part.log)}"))
    console.print(Text(describe_method(curve), style="dim"))
    console.print()
    console.print(_table(curve))
    console.print()
    _draw(console, [(part.label, curve)])
    for sentence in closing(curve):
        console.print(Text(sentence))


def show_several(console: Console, parts: Sequence[Part], curves: Sequence[Curve]) -> None:
    """Header, one row per curve, and the curves in one chart."""
    console.print(Text(describe_rule(curves[0].rule), style="bold"))
    console.print(Text(describe_method(curves[0]), style="dim"))
    console.print()
    console.print(_comparison(parts, curves))
    console.print()
    _draw(console, [(part.label, curve) for part, curve in zip(parts, curves, strict=True)])


def _table(curve: Curve) -> Table:
    banded = curve.interval is not None
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in (
        "calls",
        "accuracy",
        *([f"{100 * curve.level:g}% band"] if banded else []),
        "gain",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    best = int(np.flatnonzero(curve.k == curve.optimal_k())[0])
    previous = math.nan
    for row in readable_rows(curve.k, best=best):
        mean = float(curve.mean[row])
        cells = [f"{curve.k[row]}", _percent(mean)]
        if banded:
            cells.append(f"{_percent(curve.low[row])} to {_percent(curve.high[row])}")
        cells.append("" if math.isnan(mean - previous) else points(mean - previous))
        cells.append("best" if row == best else "")
        table.add_row(*cells, style="bold" if row == best else None)
        previous = mean
    return table


def _comparison(parts: Sequence[Part], curves: Sequence[Curve]) -> Table:
    """One row per curve: accuracy and half the width of its band at a few k, its best k, its shape."""
    sources = {part.source for part in parts}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    if len(sources) > 1:
        table.add_column("log", overflow="fold")
    if any(part.group is not None for part in parts):
        table.add_column("group", overflow="fold")
    grid = np.unique(np.concatenate([curve.k for curve in curves]))
    shown = [int(grid[row]) for row in _few(grid)]
    for heading in ("questions", *(f"k={k}" for k in shown), "best k"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("shape")
    for part, curve in zip(parts, curves, strict=True):
        cells = [part.source] if len(sources) > 1 else []
        if any(other.group is not None for other in parts):
            cells.append(part.group or "")
        cells += [f"{part.log.n_questions}", *(_with_margin(curve, k) for k in shown)]
        table.add_row(*cells, f"{curve.optimal_k()}", curve.shape)
    return table


def _few(grid: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    rows = readable_rows(grid, best=0, most=_SEVERAL_COLUMNS)
    if len(rows) > _SEVERAL_COLUMNS:
        spread = np.linspace(0, len(rows) - 1, _SEVERAL_COLUMNS)
        rows = [rows[round(at)] for at in spread]
    return rows


def _with_margin(curve: Curve, k: int) -> str:
    at = np.flatnonzero(curve.k == k)
    if len(at) == 0:
        return ""
    mean, low, high = (float(values[at[0]]) for values in (curve.mean, curve.low, curve.high))
    margin = (high - low) / 2
    return _percent(mean) if math.isnan(margin) else f"{_percent(mean)} +-{100 * margin:.1f}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f}%"


def _draw(console: Console, curves: Sequence[tuple[str, Curve]]) -> None:
    """Draw the chart, on a terminal only: in a file or a pipe it would be noise."""
    if not console.is_terminal or max(len(curve.k) for _, curve in curves) < 2:
        return
    lines = [
        Line(
            label,
            curve.k,
            curve.mean,
            *((curve.low, curve.high) if curve.interval else (None, None)),
        )
        for label, curve in curves
    ]
    width = min(console.width, _WIDEST_CHART)
    for row in chart(lines, width=width, braille=_shows_braille(console)):
        text = Text(no_wrap=True)
        for piece, role in row:
            text.append(piece, style=_style(role))
        console.print(text)
    console.print()


def _style(role: str) -> str:
    if role.startswith("line"):
        return _LINE_STYLES[int(role.removeprefix("line")) % len(_LINE_STYLES)]
    return "dim" if role else ""


def _shows_braille(console: Console) -> bool:
    try:
        "⣿┤".encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True
