"""`kcurve optimal`: the best number of calls, beyond the samples of the log too."""

import json as json_format
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import Group, Parameter
from rich.text import Text

from kcurve.cli.columns import aligned
from kcurve.cli.curve import RuleOptions
from kcurve.cli.figure import check_figure, save_figure
from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions, Part, read_parts
from kcurve.cli.terminal import console, progress, write
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.posterior import Posterior, Prediction

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID_POINTS = 25
_MOST_ROWS = 12


@Parameter(name="*", group=Group("Which numbers", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class OptimumOptions:
    """Which numbers of calls are considered, and what is shown of them.

    Attributes
    ----------
    k
        Numbers of calls considered: 1,2,5 or 1:100 or 1:1000:log20; default about 25, log-spaced,
        up to --k-max.
    k_max
        The most calls considered, unless --k says it.
    first
        Predict from only the first samples of each question, this many.
    tolerance
        Score you are willing to give up for fewer calls: 0.005 is half a point.
    level
        Probability of the intervals.
    seed
        Seed of the draws; the same seed gives the same numbers anywhere.
    json
        Print one JSON object.
    plot
        Also draw the prediction into this file: PNG, SVG or PDF.
    """

    k: str | None = None
    k_max: int = 1000
    first: int | None = None
    tolerance: float = 0.005
    level: float = 0.95
    seed: int = 0
    json: Annotated[
        bool,
        Parameter(negative="", show_default=False, group=Group("Output for programs", sort_key=4)),
    ] = False
    plot: Path | None = None


_DEFAULT_LOGS = LogOptions()
_DEFAULT_RULE = RuleOptions()
_DEFAULT_OPTIMUM = OptimumOptions()


def optimal(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    rule: RuleOptions = _DEFAULT_RULE,
    what: OptimumOptions = _DEFAULT_OPTIMUM,
) -> None:
    """Predict the score after more calls than were logged, and find the best number of calls.

    What few samples say of each question is read in the light of all other questions (a hierarchical
    model), so that it works from about eight samples a question on.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    """
    if what.plot is not None:
        check_figure(what.plot)
    if not 0 <= what.tolerance <= 1:
        raise ArgumentError(f"--tolerance must be between 0 and 1, got {what.tolerance}")
    chosen = rule.build()
    grid = _grid(what, chosen.least_calls)
    results: list[tuple[Part, Prediction]] = []
    for part in read_parts(logs, which):
        log = part.of_one_model()
        posterior = Posterior(
            log if what.first is None else _first(log, what.first),
            rng=what.seed,
            threads=which.threads,
        )
        with progress(f"predicting {part.label}") as advance:
            results.append(
                (
                    part,
                    posterior.predict(
                        grid,
                        rule=chosen,
                        interval="accuracy",
                        level=what.level,
                        progress=None if advance is None else partial(_done, advance),
                    ),
                )
            )
    if what.json:
        predictions = [
            {
                "log": part.source,
                "group": part.group,
                **prediction.to_dict(),
                "tolerance": what.tolerance,
                "enough": _enough(prediction, what.tolerance),
            }
            for part, prediction in results
        ]
        write(json_format.dumps({"predictions": predictions}, indent=2, allow_nan=False) + "\n")
    else:
        screen = console()
        for position, (part, prediction) in enumerate(results):
            if position:
                screen.print()
            for line, style in _lines(part.label, prediction, what):
                screen.print(Text(line, style=style))
    if what.plot is not None:
        save_figure(what.plot, lambda axes: _draw(axes, results))


def _first(log: AnswerLog | TalliedLog, samples: int) -> AnswerLog:
    if isinstance(log, TalliedLog):
        raise ArgumentError("--first needs the samples one by one; leave out --memory")
    return log.first(samples)


def _done(advance: Callable[[int, int | None], None], done: int, total: int) -> None:
    advance(done, total)


def _grid(what: OptimumOptions, least: int) -> Sequence[int]:
    if what.k is not None:
        return parse_grid(what.k)
    if what.k_max < least:
        raise ArgumentError(f"--k-max must be at least {least}, got {what.k_max}")
    points = np.geomspace(least, what.k_max, _GRID_POINTS).round()
    grid: list[int] = np.unique(points.astype(np.int64)).tolist()
    return grid


def _enough(prediction: Prediction, tolerance: float) -> int:
    """The fewest calls whose expected loss is within the tolerance."""
    return int(prediction.k[np.argmax(prediction.regret <= tolerance)])


def _lines(label: str, prediction: Prediction, what: OptimumOptions) -> Iterable[tuple[str, str]]:
    """Yield what is shown to people, with styles."""
    yield f"{prediction.rule.label}, predicted from {_samples(prediction)} a question", "bold"
    yield label, ""
    yield "", ""
    best = prediction.optimal_k
    rows = np.unique(np.linspace(0, len(prediction.k) - 1, _MOST_ROWS).round().astype(int))
    shown = sorted({*rows.tolist(), int(np.searchsorted(prediction.k, best))})
    yield from aligned(
        ("calls", "predicted", f"{100 * what.level:g}% interval", "expected loss"),
        [
            (
                f"{prediction.k[i]}",
                _percent(prediction.mean[i]),
                f"{_percent(prediction.low[i])} to {_percent(prediction.high[i])}",
                f"{100 * prediction.regret[i]:.2f} points",
            )
            for i in shown
        ],
    )
    yield "", ""
    at_end = " (the most considered: more may be better)" if best == prediction.k[-1] else ""
    yield f"Best number of calls: {best}{at_end}.", ""
    enough = _enough(prediction, what.tolerance)
    yield f"Enough to lose at most {100 * what.tolerance:g} points on average: {enough}.", ""


def _samples(prediction: Prediction) -> str:
    least, most = int(prediction.logged.min()), int(prediction.logged.max())
    return f"{least} samples" if least == most else f"{least} to {most} samples"


def _draw(axes: "Axes", results: Sequence[tuple[Part, Prediction]]) -> None:
    for part, prediction in results:
        prediction.plot(axes, label=part.label)
    axes.legend(frameon=False)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"
