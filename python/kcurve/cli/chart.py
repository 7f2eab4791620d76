"""Curves drawn with characters: braille dots where the terminal has them, ASCII where not.

A braille character is a cell of 2 x 4 dots, so a chart of 60 x 12 characters shows 120 x 48 dots.
The horizontal axis is logarithmic once the largest k is 8 times the smallest or more: a doubling of
the calls is then the same distance everywhere. The result is rows of `(text, role)` pairs, roles
being "axis", "band" and "line0", "line1", ...; whoever prints decides about colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kcurve.cli.shorten import shorten

Floats = npt.NDArray[np.float64]
Dots = npt.NDArray[np.int64]
Row = list[tuple[str, str]]

# Bits of the dots of a braille cell by (row, column); the cell of no dots is U+2800.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.int64)
_EMPTY_CELL = 0x2800
_WIDEST_LABEL = 24
_PERCENT_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_MARKS = "123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Line:
    """One curve of a chart: accuracies in [0, 1] at increasing k, and its band if it has one."""

    label: str
    k: npt.NDArray[np.int64]
    mean: Floats
    low: Floats | None = None
    high: Floats | None = None


class _Axis(NamedTuple):
    """Ends of an axis in data units, and the values that get a tick."""

    low: float
    high: float
    ticks: list[float]
    logarithmic: bool = False

    def place(self, values: npt.ArrayLike, dots: int) -> Dots:
        """Dots (0 .. dots-1) that show the values."""
        low, high, at = self.low, self.high, np.asarray(values, dtype=np.float64)
        if self.logarithmic:
            low, high, at = math.log(low), math.log(high), np.log(at)
        share = (at - low) / (high - low) if high > low else np.full_like(at, 0.5)
        return np.clip(np.rint(share * (dots - 1)), 0, dots - 1).astype(np.int64)


def chart(
    lines: Sequence[Line], *, width: int, height: int = 12, braille: bool = True
) -> list[Row]:
    """Draw the curves over k, with labelled axes.

    Parameters
    ----------
    lines : sequence of Line
        At least one. The band is drawn only when there is one line; several are labelled at their
        right ends. Undefined (NaN) points are left out.
    width : int
        Characters for the whole chart, labels included; at least 30.
    height : int, default 12
        Characters of the vertical axis; at least 4.
    braille : bool, default True
        Draw with braille dots; else with ASCII characters, one point per character.

    Returns
    -------
    list of rows
        Each row is a list of `(text, role)`. Joined, the texts are at most `width` characters. No
        rows if no point is defined.
    """
    drawn = [(index, line) for index, line in enumerate(lines) if np.isfinite(line.mean).any()]
    if not drawn:
        return []
    alone = len(drawn) == 1
    defined = [line for _, line in drawn]
    vertical, horizontal = _percent_axis(defined, with_band=alone), _calls_axis(defined)
    names = [f"{100 * tick:g}%" for tick in vertical.ticks]
    gutter = max(map(len, names))
    labels = 0 if alone else 3 + min(_WIDEST_LABEL, max(len(line.label) for line in defined))
    canvas = _Canvas(
        horizontal, vertical, max(width - gutter - 2 - labels, 10), height, braille=braille
    )
    ends: dict[int, tuple[str, str]] = {}
    for index, line in drawn:
        mark = "*" if alone else _MARKS[index % len(_MARKS)]
        if alone:
            canvas.draw_band(line)
        else:
            label = shorten(line.label, _WIDEST_LABEL)
            _put_label(
                ends,
                canvas.row_of_end(line),
                height,
                (label if braille else f"{mark} {label}", f"line{index}"),
            )
        canvas.draw_line(line, f"line{index}", mark)
    named_rows = dict(
        zip((height - 1 - vertical.place(vertical.ticks, height)).tolist(), names, strict=True)
    )
    bar, tee = ("│", "┤") if braille else ("|", "+")
    rows: list[Row] = []
    for row in range(height):
        name = named_rows.get(row, "")
        rows.append([(f"{name:>{gutter}} {tee if name else bar}", "axis"), *canvas.runs(row)])
        if row in ends:
            text, role = ends[row]
            rows[-1].append((f" {text}", role))
    return [*rows, *_below(horizontal, gutter, canvas.columns, braille=braille)]


class _Canvas:
    """Cells of characters, and the finer dots that curves are drawn with."""

    def __init__(
        self, horizontal: _Axis, vertical: _Axis, columns: int, height: int, *, braille: bool
    ) -> None:
        self.horizontal, self.vertical = horizontal, vertical
        self.columns, self.height, self.braille = columns, height, braille
        self.across, self.down = (2 * columns, 4 * height) if braille else (columns, height)
        self.cells = np.full((height, columns), " ", dtype="<U1")
        self.roles = np.full((height, columns), "", dtype=object)

    def draw_line(self, line: Line, role: str, mark: str) -> None:
        """Draw the line, gaps between neighbouring columns closed by vertical strokes."""
        dots = np.zeros((self.down, self.across), dtype=np.bool_)
        x, (y,) = self._trace(line, [line.mean])
        previous = y[0]
        for column, level in zip(x, y, strict=True):
            first, last = sorted((level, previous + np.sign(level - previous)))
            dots[self.down - 1 - last : self.down - first, column] = True
            previous = level
        self._ink(dots, role, mark)

    def draw_band(self, line: Line) -> None:
        """Draw the band with one dot in four (ASCII: all), so that the line stands out."""
        if (
            line.low is None
            or line.high is None
            or not np.isfinite(line.mean + line.low + line.high).any()
        ):
            return
        dots = np.zeros((self.down, self.across), dtype=np.bool_)
        x, (low, high) = self._trace(line, [line.low, line.high])
        for column, bottom, top in zip(x, low, high, strict=True):
            dots[self.down - 1 - top : self.down - bottom, column] = True
        if self.braille:
            dots[1::2, :] = False
            dots[:, 1::2] = False
        self._ink(dots, "band", ".")

    def row_of_end(self, line: Line) -> int:
        """Row of the last defined point of the line."""
        last = line.mean[np.isfinite(line.mean)][-1]
        return self.height - 1 - int(self.vertical.place([last], self.height)[0])

    def runs(self, row: int) -> Row:
        """Cells of one row, neighbours of one role joined."""
        runs: Row = []
        for cell, role in zip(self.cells[row], self.roles[row], strict=True):
            if runs and runs[-1][1] == role:
                runs[-1] = (runs[-1][0] + str(cell), role)
            else:
                runs.append((str(cell), str(role)))
        return runs

    def _trace(self, line: Line, values: Sequence[Floats]) -> tuple[Dots, list[Dots]]:
        """Columns the line covers, and the dot of each of the values in them (interpolated)."""
        known = np.isfinite(line.mean) & np.logical_and.reduce(
            [np.isfinite(value) for value in values]
        )
        at = self.horizontal.place(line.k[known], self.across)
        x = np.arange(at[0], at[-1] + 1)
        return x, [
            self.vertical.place(np.interp(x, at, value[known]), self.down) for value in values
        ]

    def _ink(self, dots: npt.NDArray[np.bool_], role: str, mark: str) -> None:
        """Write dots into the cells they fall in, over whatever was there."""
        if self.braille:
            blocks = dots.reshape(self.height, 4, self.columns, 2).astype(np.int64)
            bits = np.einsum("rycx,yx->rc", blocks, _DOTS)
            drawn = bits > 0
            self.cells[drawn] = [chr(_EMPTY_CELL + int(bit)) for bit in bits[drawn]]
        else:
            drawn = dots
            self.cells[drawn] = mark
        self.roles[drawn] = role


def _percent_axis(lines: Sequence[Line], *, with_band: bool) -> _Axis:
    """Vertical axis: two to seven round percentages around everything drawn."""
    values = [line.mean for line in lines]
    if with_band:
        values += [edge for line in lines for edge in (line.low, line.high) if edge is not None]
    seen = np.concatenate(values)
    low, high = 100 * float(np.nanmin(seen)), 100 * float(np.nanmax(seen))
    steps = _PERCENT_STEPS if high > low else (1,)
    step = next(s for s in steps if math.ceil(high / s) - math.floor(low / s) <= 6)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:  # one value alone: room below it, for there is none above 100%
        first -= 1
    ticks = [round(step * n, 6) / 100 for n in range(first, last + 1)]
    return _Axis(ticks[0], ticks[-1], ticks)


def _calls_axis(lines: Sequence[Line]) -> _Axis:
    low = min(int(line.k[0]) for line in lines)
    high = max(int(line.k[-1]) for line in lines)
    logarithmic = high >= 8 * low
    if logarithmic:
        round_numbers = [m * 10**p for p in range(len(str(high))) for m in (1, 2, 5)]
    else:
        step = next(
            s * 10**p for p in range(20) for s in (1, 2, 5) if (high - low) / (s * 10**p) <= 8
        )
        round_numbers = list(range(0, high + 1, step))
    inside = [float(tick) for tick in round_numbers if low < tick < high]
    # The ends come first: where labels would touch, the ends win and then the smaller numbers.
    return _Axis(float(low), float(high), list(dict.fromkeys([low, high, *inside])), logarithmic)


def _put_label(
    ends: dict[int, tuple[str, str]], wanted: int, height: int, label: tuple[str, str]
) -> None:
    """Give the label the free row nearest to the end of its line; with no row free it is dropped."""
    free = [row for row in range(height) if row not in ends]
    if free:
        ends[min(free, key=lambda row: abs(row - wanted))] = label


def _below(horizontal: _Axis, gutter: int, columns: int, *, braille: bool) -> list[Row]:
    """Horizontal axis, its numbers and its name, to stand below the cells."""
    dash, tee, corner = ("─", "┬", "└") if braille else ("-", "+", "+")
    line, numbers = [dash] * columns, [" "] * (columns + gutter + 2)
    taken: set[int] = set()
    for tick in horizontal.ticks:
        at = int(horizontal.place([tick], columns)[0])
        number = f"{tick:g}" if tick < 1e6 else f"{tick:.3g}"
        start = min(gutter + 2 + at - (len(number) - 1) // 2, len(numbers) - len(number))
        if taken & set(range(start - 1, start + len(number) + 1)):
            continue
        line[at] = tee
        numbers[start : start + len(number)] = number
        taken |= set(range(start, start + len(number)))
    scale = ", log scale" if horizontal.logarithmic else ""
    name = next(
        (name for name in (f"calls per question{scale}", f"calls{scale}") if len(name) <= columns),
        "k",
    )
    return [
        [(" " * (gutter + 1) + corner + "".join(line), "axis")],
        [("".join(numbers).rstrip(), "axis")],
        [(" " * (gutter + 2) + name.center(columns).rstrip(), "axis")],
    ]
