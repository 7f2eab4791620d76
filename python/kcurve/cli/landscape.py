"""`kcurve landscape`: what more calls do to a data set of two levels of difficulty."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import numpy.typing as npt
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kcurve.cli.chart import Line
from kcurve.cli.figure import check_figure, save_figure
from kcurve.cli.grid import parse_grid
from kcurve.cli.machine import landscape_as_json
from kcurve.cli.terminal import console, write
from kcurve.cli.view import draw
from kcurve.theory import KStar, Landscape, k_star, landscape as compute_landscape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Calls = npt.NDArray[np.int64]

_SHOWN = (1, 3, 5, 11, 21, 51, 101, 1001)
_FARTHEST = 100_001
_CHART_POINTS = 120


def landscape(
    alpha: float,
    p1: float,
    p2: float,
    *,
    k: str | None = None,
    json: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    plot: Path | None = None,
) -> None:
    """Show what more calls do to a vote where some queries are easy and the others hard.

    A share ALPHA of the queries is answered right with chance P1 by every call, the others with chance P2;
    there are two answers.

    Parameters
    ----------
    alpha
        Share of the easy queries, from 0 to 1.
    p1
        Chance of a right call on an easy query, above 0.5.
    p2
        Chance of a right call on a hard query, below 0.5.
    k
        Numbers of calls to show: 1,3,5 or 1:101:2 or 1:1000:log20 (log-spaced).
    json
        Print one JSON object.
    plot
        Save the curve to this file, a .png, .svg or .pdf.
    """
    if plot is not None:
        check_figure(plot)
    found, best = compute_landscape(alpha, p1, p2), k_star(alpha, p1, p2)
    shown = _grid(best) if k is None else np.array(parse_grid(k), dtype=np.int64)
    if json:
        write(landscape_as_json(found, best, shown))
    else:
        _show(console(), found, best, shown)
    if plot is not None:
        save_figure(plot, lambda axes: _plot(axes, found, best))


def _grid(best: KStar) -> Calls:
    """A few numbers of calls, the best one among them."""
    special = [best.optimal_k] if best.attained else []
    return np.unique([*_SHOWN, *(k for k in special if k <= _FARTHEST)]).astype(np.int64)


def _dense(found: Landscape) -> Calls:
    """Odd numbers of calls, log-spaced, from one to well beyond the turn."""
    last = min(max(101, 8 * (found.turning_point or 1)), _FARTHEST)
    steps = np.geomspace(1, (last + 1) // 2, _CHART_POINTS).round()
    return np.unique(2 * steps - 1).astype(np.int64)


def _show(screen: Console, found: Landscape, best: KStar, shown: Calls) -> None:
    title = (
        f"vote between two answers: {_percent(found.alpha)} of queries at {found.p1:g}, "
        f"the others at {found.p2:g}"
    )
    screen.print(Text(title, style="bold"))
    screen.print()
    for name, value, remark in _facts(found, best):
        screen.print(Text(f"{name:<14}{value:>10}  {remark}".rstrip()))
    screen.print()
    table = Table("calls", "accuracy", box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    for calls, accuracy in zip(shown, np.atleast_1d(found.accuracy(shown)), strict=True):
        peak = best.attained and calls == best.optimal_k
        table.add_row(f"{calls}", _percent(accuracy), style="bold" if peak else "")
    table.add_row("limit", _percent(found.limit), style="" if best.attained else "bold")
    screen.print(table)
    screen.print()
    k = _dense(found)
    draw(screen, [Line("vote", k, np.asarray(found.accuracy(k)))])


def _facts(found: Landscape, best: KStar) -> list[tuple[str, str, str]]:
    """Name, value and remark of each number."""
    turn = found.turning_point
    if best.attained:
        optimum = (f"{best.optimal_k}", f"calls, accuracy {_percent(best.accuracy)}")
    else:
        optimum = ("none", f"the more the better, up to {_percent(best.accuracy)}")
    return [
        ("shape", found.shape, _MOVES[found.shape]),
        ("t", _number(found.t), ""),
        ("alpha_c", _number(found.alpha_c), "threshold: above it three calls beat one"),
        ("turning point", "none" if turn is None else f"{turn}", ""),
        ("K*", _number(best.k_star, 4), best.reason),
        ("optimum", *optimum),
    ]


_MOVES = {
    "increasing": "every two more calls help",
    "decreasing": "every two more calls hurt",
    "up-down": "more calls help up to the turning point, then hurt",
    "down-up": "more calls hurt up to the turning point, then help",
    "constant": "more calls change nothing",
}


def _plot(axes: "Axes", found: Landscape, best: KStar) -> None:
    k = _dense(found)
    label = f"alpha = {found.alpha:g}, p1 = {found.p1:g}, p2 = {found.p2:g}"
    (line,) = axes.plot(k, found.accuracy(k), label=label)
    if best.attained:
        axes.plot([best.optimal_k], [best.accuracy], "o", color=line.get_color())
    axes.axhline(found.limit, color="0.6", linestyle=":", linewidth=1, label="limit")
    axes.set_xscale("log")
    axes.set_xlabel("LLM calls per question, k")
    axes.set_ylabel("accuracy")
    axes.legend(frameon=False)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _number(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "none"
