"""`kcurve plan`: the best system, rule and number of calls for a budget."""

import json as json_format
from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter
from rich.text import Text

from kcurve.cli.columns import aligned
from kcurve.cli.costing import CostOptions
from kcurve.cli.figure import check_figure, save_figure
from kcurve.cli.frontier import PointOptions
from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions
from kcurve.cli.shorten import shorten
from kcurve.cli.systems import named_logs, named_rules
from kcurve.cli.terminal import console, progress, write
from kcurve.planning import Plan, plan as make_plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ROWS = 12
_WIDEST = 72


@Parameter(name="*", group=Group("Which choice", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class ChoiceOptions:
    """What makes a choice good.

    Attributes
    ----------
    tolerance
        Accuracy that makes no difference: 0.002 is a fifth of a point.
    keep
        Only choices that keep the budget with this probability, such as 0.95.
    cascades
        Consider cascades too: a cheap system answers first, and a dear one where its vote is close.
    """

    tolerance: float = 0.002
    keep: float | None = None
    cascades: Annotated[bool, Parameter(negative="", show_default=False)] = False


_DEFAULT_LOGS = LogOptions()
_DEFAULT_POINTS = PointOptions()
_DEFAULT_COST = CostOptions()
_DEFAULT_CHOICE = ChoiceOptions()


def plan(
    *logs: Path,
    budget: Annotated[float, Parameter(group=Group("Which choice", sort_key=1))],
    which: LogOptions = _DEFAULT_LOGS,
    what: PointOptions = _DEFAULT_POINTS,
    cost: CostOptions = _DEFAULT_COST,
    good: ChoiceOptions = _DEFAULT_CHOICE,
) -> None:
    """Choose the best system, rule and number of calls that a budget pays for.

    Each file is a system, or each model of a file that holds several. The advice says what accuracy to
    expect, how sure it is, what would do as well for less, and what a tenth more would buy.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    budget
        Mean cost per question that may be spent, in the unit of --cost.
    """
    if what.plot is not None:
        check_figure(what.plot)
    systems = named_logs(logs, which)
    with progress("evaluating"):
        made = make_plan(
            systems,
            budget=budget,
            cost=cost.build(list(systems)),
            rules=named_rules(what.rule),
            k=None if what.k is None else parse_grid(what.k),
            beyond=what.beyond,
            cascades=good.cascades,
            include_reward=not cost.without_reward,
            tolerance=good.tolerance,
            keep=good.keep,
            level=what.level,
            rng=what.seed,
        )
    if what.json:
        write(json_format.dumps(made.to_dict(), indent=2, allow_nan=False) + "\n")
    else:
        screen = console()
        for line, style in _lines(made):
            screen.print(Text(line, style=style))
    if what.plot is not None:
        save_figure(what.plot, lambda axes: _draw(axes, made))


def _lines(made: Plan) -> Iterable[tuple[str, str]]:
    unit, choice = made.points.cost_unit, made.choice
    yield f"Best for {made.budget:.6g} {unit} per question: {choice.label}", "bold"
    band = "" if isnan(made.low) else f" ({_percent(made.low)} to {_percent(made.high)})"
    yield f"Expect {_percent(made.accuracy)}{band} for {choice.cost:.4g} {unit}.", ""
    yield (
        (
            f"It is within {_points(made.tolerance)} of the best with probability "
            f"{made.confidence:.0%}, and keeps the budget with probability {made.budget_kept:.0%}."
        ),
        "",
    )
    if made.saved.cost < choice.cost:
        yield (
            (
                f"As good within {_points(made.tolerance)}: {made.saved.label} for "
                f"{made.saved.cost:.4g} {unit}, {1 - made.saved.cost / choice.cost:.0%} less."
            ),
            "",
        )
    yield _next(made), ""
    yield "", ""
    yield from aligned(
        (unit, "measured", "to the choice", f"{100 * made.level:g}% interval", "best", "choice"),
        [
            (
                f"{each.cost:.4g}",
                _percent(each.measured),
                f"{100 * each.difference:+.2f}",
                f"{100 * each.difference_low:+.2f} to {100 * each.difference_high:+.2f}",
                f"{each.best:.0%}",
                shorten(each.label, _WIDEST),
            )
            for each in made.alternatives[:_MOST_ROWS]
        ],
    )


def _next(made: Plan) -> str:
    more = made.next_tenth
    if more.choice.point == made.choice.point:
        return "A tenth more budget buys nothing better."
    return (
        f"A tenth more budget buys {_points(more.gain)} ({100 * more.low:+.2f} to "
        f"{100 * more.high:+.2f}): {more.choice.label}."
    )


def _draw(axes: "Axes", made: Plan) -> None:
    made.plot(axes)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _points(value: float) -> str:
    return f"{100 * value:.2g} points"
