"""`kcurve frontier`: which systems, rules and numbers of calls no other beats."""

import json as json_format
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter
from rich.text import Text

from kcurve.cli.columns import aligned
from kcurve.cli.costing import CostOptions
from kcurve.cli.curve import RuleName
from kcurve.cli.figure import check_figure, save_figure
from kcurve.cli.inputs import LogOptions
from kcurve.cli.systems import Asked, read_points
from kcurve.cli.terminal import console, write
from kcurve.planning import Frontier, frontier as compute_frontier

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ROWS = 24


@Parameter(name="*", group=Group("Which points", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class PointOptions:
    """Which rules and numbers of calls are compared, and what is shown of them.

    Attributes
    ----------
    rule
        What is done with k calls; may be repeated.
    k
        Numbers of calls: 1,2,5 or 1:100 or 1:1000:log20; default all up to 32, and about 40 more.
    beyond
        Predict more calls than were sampled.
    level
        Probability of the intervals.
    seed
        Seed of the draws; the same seed gives the same numbers anywhere.
    json
        Print one JSON object.
    plot
        Also draw accuracy against cost into this file: PNG, SVG or PDF.
    """

    rule: Annotated[tuple[RuleName, ...], Parameter(negative="", show_default=False)] = ("vote",)
    k: str | None = None
    beyond: Annotated[bool, Parameter(negative="", show_default=False)] = False
    level: float = 0.95
    seed: int = 0
    json: Annotated[
        bool,
        Parameter(negative="", show_default=False, group=Group("Output for programs", sort_key=4)),
    ] = False
    plot: Path | None = None


_DEFAULT_LOGS = LogOptions()
_DEFAULT_POINTS = PointOptions()
_DEFAULT_COST = CostOptions()


def frontier(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    what: PointOptions = _DEFAULT_POINTS,
    cost: CostOptions = _DEFAULT_COST,
) -> None:
    """Compare systems by accuracy and cost, and show the choices that no other beats.

    Each file is a system, or each model of a file that holds several. A choice is a system, a rule and a
    number of calls; it is beaten by another that costs no more and scores no less.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    """
    if what.plot is not None:
        check_figure(what.plot)
    table = read_points(
        Asked(
            logs=logs,
            which=which,
            rules=what.rule,
            k=what.k,
            cost=cost,
            beyond=what.beyond,
            seed=what.seed,
        )
    )
    found = compute_frontier(table, level=what.level, rng=what.seed)
    if what.json:
        crossings = [crossing.to_dict() for crossing in found.crossings()]
        data = {**found.to_dict(), "crossings": crossings}
        write(json_format.dumps(data, indent=2, allow_nan=False) + "\n")
    else:
        screen = console()
        for line, style in _lines(found):
            screen.print(Text(line, style=style))
    if what.plot is not None:
        save_figure(what.plot, lambda axes: _draw(axes, found))


def _lines(found: Frontier) -> Iterable[tuple[str, str]]:
    table = found.points
    yield f"Frontier of accuracy against {table.cost_unit} per question", "bold"
    yield (
        (
            f"{len(found.members)} of {len(table)} choices are on it; {len(table.systems)} "
            f"{'system' if len(table.systems) == 1 else 'systems'}, {table.n_questions} questions"
        ),
        "",
    )
    yield "", ""
    step = max(1, -(-len(found.members) // _MOST_ROWS))
    shown = [*found.members[:-1:step], found.members[-1]]
    yield from aligned(
        (table.cost_unit, "accuracy", f"{100 * found.level:g}% interval", "on it", "choice"),
        [
            (
                f"{found.cost[i]:.4g}",
                _percent(found.accuracy[i]),
                f"{_percent(found.low[i])} to {_percent(found.high[i])}",
                f"{100 * found.probability[i]:.0f}%",
                table.label(int(i)),
            )
            for i in shown
        ],
    )
    crossings = [each for each in found.crossings() if isfinite(each.cost)]
    if crossings:
        yield "", ""
    for crossing in crossings:
        yield (
            (
                f"{crossing.ahead} overtakes {crossing.behind} at {_cost(crossing.cost)} "
                f"{table.cost_unit} ({100 * found.level:g}% interval {_cost(crossing.low)} to "
                f"{_cost(crossing.high)}; {100 * crossing.probability:.0f}% sure that it does)"
            ),
            "",
        )


def _draw(axes: "Axes", found: Frontier) -> None:
    found.plot(axes)


def _cost(value: float) -> str:
    return f"{value:.4g}" if isfinite(value) else "never"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"
