"""Curves for people: tables, and a chart where the output is a terminal."""

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.text import Text

from kcurve.cli.chart import Line, chart
from kcurve.cli.inputs import Part
from kcurve.cli.rows import readable_rows
from kcurve.cli.shorten import shorten
from kcurve.cli.words import closing, describe_log, describe_method, describe_rule, points
from kcurve.curve import Curve

_LINE_STYLES = ("cyan", "yellow", "magenta", "green", "blue", "red")
_WIDEST_CHART = 100
_WIDEST_NAME = 40
_NARROWEST_NAME = 16
_FEWEST_ACCURACIES = 2
_MOST_ACCURACIES = 8
_ACCURACY_WIDTH = 8


class _Column(NamedTuple):
    """Heading and cells of one column of a table; numbers stand to the right, words to the left."""

    heading: str
    cells: Sequence[str]
    words: bool = False

    @property
    def width(self) -> int:
        return max(map(len, [self.heading, *self.cells]))


def show_one(console: Console, part: Part, curve: Curve) -> None:
    """Print header, table, chart and closing sentences of one curve."""
    console.print(Text(describe_rule(curve.rule), style="bold"))
    console.print(Text(f"{part.label}: {describe_log(part.log)}"))
    console.print(Text(describe_method(curve), style="dim"))
    console.print()
    best = int(np.flatnonzero(curve.k == curve.optimal_k())[0])
    rows = readable_rows(curve.k, best=best)
    for number, line in enumerate(_lines(_points(curve, rows, best))):
        heading_or_best = number == 0 or rows[number - 1] == best
        console.print(Text(line, style="bold" if heading_or_best else "", no_wrap=True))
    console.print()
    _draw(console, [(part.label, curve)])
    for sentence in closing(curve):
        console.print(Text(sentence))


def show_several(console: Console, parts: Sequence[Part], curves: Sequence[Curve]) -> None:
    """Print header, one row per curve, and the curves in one chart."""
    console.print(Text(describe_rule(curves[0].rule), style="bold"))
    console.print(Text(describe_method(curves[0]), style="dim"))
    if curves[0].interval is not None:
        console.print(Text("margin: half the widest band of the curve, in points", style="dim"))
    console.print()
    for number, line in enumerate(_lines(_comparison(parts, curves, console.width))):
        console.print(Text(line, style="" if number else "bold", no_wrap=True))
    console.print()
    _draw(console, [(part.label, curve) for part, curve in zip(parts, curves, strict=True)])


def _lines(columns: Sequence[_Column]) -> Iterator[str]:
    """Heading and rows of a table, columns two blanks apart, without blanks at the end."""
    table = [
        [column.heading for column in columns],
        *zip(*(column.cells for column in columns), strict=True),
    ]
    for cells in table:
        padded = (
            cell.ljust(column.width) if column.words else cell.rjust(column.width)
            for cell, column in zip(cells, columns, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _points(curve: Curve, rows: Sequence[int], best: int) -> list[_Column]:
    """One row per point shown; the gain is that over the row above."""
    means = [float(curve.mean[row]) for row in rows]
    gains = [after - before for before, after in zip([math.nan, *means], means, strict=False)]
    columns = [
        _Column("calls", [f"{curve.k[row]}" for row in rows]),
        _Column("accuracy", [_percent(mean) for mean in means]),
        _Column(f"{100 * curve.level:g}% band", [_band(curve, row) for row in rows]),
        _Column("gain", ["" if math.isnan(gain) else points(gain) for gain in gains]),
        _Column("", ["best" if row == best else "" for row in rows], words=True),
    ]
    return columns if curve.interval is not None else [columns[at] for at in (0, 1, 3, 4)]


def _comparison(parts: Sequence[Part], curves: Sequence[Curve], width: int) -> list[_Column]:
    """One row per curve: accuracy at the few k there is room for, widest margin, best k, shape."""
    facts = [
        _Column("margin", [_margin(curve) for curve in curves]),
        _Column("best k", [f"{curve.optimal_k()}" for curve in curves]),
        _Column("shape", [curve.shape for curve in curves], words=True),
    ]
    if curves[0].interval is None:
        del facts[0]
    facts.insert(0, _Column("questions", [f"{part.log.n_questions}" for part in parts]))
    room = width - sum(column.width + 2 for column in facts)
    names = _names(parts, room - _FEWEST_ACCURACIES * _ACCURACY_WIDTH)
    room -= sum(column.width + 2 for column in names)
    shown = _few(_common(curves), room // _ACCURACY_WIDTH)
    accuracies = [_Column(f"k={k}", [_accuracy(curve, k) for curve in curves]) for k in shown]
    return [*names, facts[0], *accuracies, *facts[1:]]


def _names(parts: Sequence[Part], room: int) -> list[_Column]:
    """Log and group, so far as they tell the curves apart, shortened to the room there is."""
    columns: list[tuple[str, list[str]]] = []
    if len({part.source for part in parts}) > 1:
        columns.append(("log", [part.source for part in parts]))
    if any(part.group is not None for part in parts):
        columns.append(("group", [part.group or "" for part in parts]))
    most = min(max(room // max(len(columns), 1) - 2, _NARROWEST_NAME), _WIDEST_NAME)
    return [
        _Column(heading, [shorten(name, most) for name in names], words=True)
        for heading, names in columns
    ]


def _common(curves: Sequence[Curve]) -> npt.NDArray[np.int64]:
    """Numbers of calls that all curves have, or any where they share too few."""
    common = reduce(np.intersect1d, [curve.k for curve in curves])
    return (
        common
        if len(common) >= _FEWEST_ACCURACIES
        else reduce(np.union1d, [curve.k for curve in curves])
    )


def _few(grid: npt.NDArray[np.int64], count: int) -> list[int]:
    """At most `count` numbers of the grid (two at least), its ends among them."""
    count = min(max(count, _FEWEST_ACCURACIES), _MOST_ACCURACIES)
    rows = readable_rows(grid, best=0, most=count)
    if len(rows) > count:
        rows = [rows[round(at)] for at in np.linspace(0, len(rows) - 1, count)]
    return [int(grid[row]) for row in rows]


def _accuracy(curve: Curve, k: int) -> str:
    at = np.flatnonzero(curve.k == k)
    return _percent(float(curve.mean[at[0]])) if len(at) else ""


def _band(curve: Curve, row: int) -> str:
    low, high = float(curve.low[row]), float(curve.high[row])
    return f"{_percent(low)} to {_percent(high)}" if math.isfinite(high - low) else ""


def _margin(curve: Curve) -> str:
    widths = curve.high - curve.low
    return f"+-{50 * float(np.nanmax(widths)):.1f}" if np.isfinite(widths).any() else ""


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f}%"


def _draw(console: Console, curves: Sequence[tuple[str, Curve]]) -> None:
    """Draw the chart of the curves."""
    lines = [
        Line(
            label,
            curve.k,
            curve.mean,
            *((curve.low, curve.high) if curve.interval else (None, None)),
        )
        for label, curve in curves
    ]
    draw(console, lines)


def draw(console: Console, lines: Sequence[Line]) -> None:
    """Draw a chart, on a terminal only: in a file or a pipe it would be noise."""
    if not console.is_terminal or max(len(line.k) for line in lines) < 2:
        return
    width = min(console.width, _WIDEST_CHART)
    for row in chart(lines, width=width, braille=_shows_braille(console)):
        text = Text(no_wrap=True)
        for piece, role in row:
            text.append(piece, style=_style(role))
        text.rstrip()
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
