"""`kcurve fit`: laws, and what they predict."""

import json as json_format
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from cyclopts import Group, Parameter
from rich.text import Text

from kcurve.cli.columns import aligned
from kcurve.cli.figure import check_figure, save_figure
from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions, Part, read_parts
from kcurve.cli.terminal import console, write
from kcurve.errors import ArgumentError
from kcurve.laws import (
    BetaBinomialLaw,
    BilevelLaw,
    BinaryLaw,
    ExponentialLaw,
    FittedLaw,
    PowerLaw,
)
from kcurve.rules import FilterVote, Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LawName = Literal["exponential", "bilevel", "binary", "beta-binomial", "power"]
LawOfLogs: TypeAlias = ExponentialLaw | BilevelLaw | BinaryLaw | BetaBinomialLaw | PowerLaw

_RESAMPLES = 1000


@Parameter(name="*", group=Group("Which law", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class LawOptions:
    """The law, and the settings some laws have; a setting the law has not is an error.

    Attributes
    ----------
    law
        exponential: per question, averaged (Vote and Filter-Vote). bilevel: a share alpha of questions
        with chance p1, the others with p2. binary: any distribution of the chance. beta-binomial:
        pass@k. power: a power law of pass@k.
    rule
        exponential: the rule; default vote.
    threshold
        exponential with filter-vote: keep samples with at least this score, instead of the keep column.
    at
        exponential: numbers of calls to fit at; default 2,5,10,20,50,100.
    reading
        bilevel, binary: set the correct answer against all else, or against its strongest rival.
    zero_inflated
        beta-binomial: let a share of questions be unsolvable.
    """

    law: LawName = "exponential"
    rule: Literal["vote", "filter-vote"] | None = None
    threshold: float | None = None
    at: str | None = None
    reading: Literal["correct", "rival"] | None = None
    zero_inflated: Annotated[bool, Parameter(negative="", show_default=False)] = False

    def build(self, threads: int | None) -> LawOfLogs:
        """Return the law with the settings given; ArgumentError for a setting it does not have."""
        taken = {
            "exponential": ("rule", "threshold", "at"),
            "bilevel": ("reading",),
            "binary": ("reading",),
            "beta-binomial": ("zero_inflated",),
            "power": (),
        }[self.law]
        for name in ("rule", "threshold", "at", "reading", "zero_inflated"):
            if name not in taken and getattr(self, name) not in (None, False):
                option = name.replace("_", "-")
                raise ArgumentError(f"--{option} is no setting of --law {self.law}")
        reading = self.reading or "correct"
        match self.law:
            case "exponential":
                grid: Iterable[int] = (
                    (2, 5, 10, 20, 50, 100) if self.at is None else parse_grid(self.at)
                )
                return ExponentialLaw(rule=self._rule(), k=grid, threads=threads)
            case "bilevel":
                return BilevelLaw(reading=reading)
            case "binary":
                return BinaryLaw(reading=reading)
            case "beta-binomial":
                return BetaBinomialLaw(zero_inflated=self.zero_inflated)
            case "power":
                return PowerLaw()

    def _rule(self) -> Vote | FilterVote:
        if self.rule == "filter-vote":
            return FilterVote(threshold=self.threshold)
        if self.threshold is not None:
            raise ArgumentError("--threshold is no setting of --rule vote")
        return Vote()


@Parameter(name="*", group=Group("Which numbers", sort_key=3))
@dataclass(frozen=True, kw_only=True)
class PredictionOptions:
    """What is predicted, with which intervals, and in which form.

    Attributes
    ----------
    predict
        Numbers of calls: 50,100,1000 or 1:100 or 1:1000:log20; default 10,100,1000.
    k_max
        The most calls considered for the optimal number.
    level
        Confidence of the intervals.
    seed
        Seed of the resampled questions behind the intervals.
    json
        Print one JSON object.
    plot
        Also draw the laws into this file: PNG, SVG or PDF.
    """

    predict: str = "10,100,1000"
    k_max: int = 1000
    level: float = 0.95
    seed: int = 0
    json: Annotated[
        bool,
        Parameter(negative="", show_default=False, group=Group("Output for programs", sort_key=4)),
    ] = False
    plot: Path | None = None


_DEFAULT_LOGS = LogOptions()
_DEFAULT_LAW = LawOptions()
_DEFAULT_PREDICTION = PredictionOptions()


def fit(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    law: LawOptions = _DEFAULT_LAW,
    what: PredictionOptions = _DEFAULT_PREDICTION,
) -> None:
    """Fit a law and predict the score after more calls.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    """
    if what.plot is not None:
        check_figure(what.plot)
    chosen = law.build(which.threads)
    grid = parse_grid(what.predict)
    parts = read_parts(logs, which)
    results = [(part, _Result.of(chosen.fit(part.of_one_model()), grid, what)) for part in parts]
    if what.json:
        fits = [
            {"log": part.source, "group": part.group, **result.to_dict()}
            for part, result in results
        ]
        write(json_format.dumps({"fits": fits}, indent=2, allow_nan=False) + "\n")
    else:
        screen = console()
        for position, (part, result) in enumerate(results):
            if position:
                screen.print()
            for line, style in result.lines(part.label):
                screen.print(Text(line, style=style))
    if what.plot is not None:
        save_figure(what.plot, lambda axes: _draw(axes, results))


def _draw(axes: "Axes", results: Sequence[tuple[Part, "_Result"]]) -> None:
    for part, result in results:
        result.fit.plot(axes, label=part.label)


@dataclass(frozen=True)
class _Result:
    """A fit and what was asked of it."""

    fit: FittedLaw
    parameters: list[tuple[str, float, float, float]]
    predictions: list[tuple[int, float, float, float]]
    optimal_k: int
    k_max: int
    level: float

    @classmethod
    def of(cls, fit: FittedLaw, grid: Sequence[int], what: PredictionOptions) -> "_Result":
        limits = fit.parameter_intervals(level=what.level, n_resamples=_RESAMPLES, rng=what.seed)
        low, high = fit.interval(grid, level=what.level, n_resamples=_RESAMPLES, rng=what.seed)
        means = fit.predict(grid)
        return cls(
            fit=fit,
            parameters=[(name, value, *limits[name]) for name, value in fit.parameters.items()],
            predictions=list(zip(grid, means.tolist(), low.tolist(), high.tolist(), strict=True)),
            optimal_k=fit.optimal_k(k_max=what.k_max),
            k_max=what.k_max,
            level=what.level,
        )

    def to_dict(self) -> dict[str, Any]:
        """The fit and its predictions as JSON values."""
        plain = self.fit.to_dict()
        plain["parameters"] = [
            {"name": name, "value": _number(value), "low": _number(low), "high": _number(high)}
            for name, value, low, high in self.parameters
        ]
        plain["level"] = self.level
        plain["predictions"] = [
            {"k": k, "mean": _number(mean), "low": _number(low), "high": _number(high)}
            for k, mean, low, high in self.predictions
        ]
        plain["optimal_k"] = self.optimal_k
        return plain

    def lines(self, label: str) -> Iterable[tuple[str, str]]:
        """Yield what is shown to people, with styles."""
        law = self.fit.law
        rule = f" of {law.rule.label}" if isinstance(law, ExponentialLaw) else ""
        yield f"{type(law).__name__}{rule}", "bold"
        yield label, ""
        yield f"{100 * self.level:g}% intervals: questions resampled {_RESAMPLES} times", "dim"
        yield "", ""
        interval = f"{100 * self.level:g}% interval"
        rows = [
            (name, _digits(value), f"{_digits(low)} to {_digits(high)}")
            for name, value, low, high in self.parameters
        ]
        yield from aligned(("parameter", "value", interval), rows)
        yield "", ""
        rows = [
            (f"{k}", _percent(mean), f"{_percent(low)} to {_percent(high)}")
            for k, mean, low, high in self.predictions
        ]
        yield from aligned(("calls", "predicted", interval), rows)
        yield "", ""
        residuals = self.fit.residuals
        if self.optimal_k == self.k_max:
            yield f"Still rising at {self.k_max} calls, the most considered (--k-max).", ""
        else:
            yield f"Best number of calls up to {self.k_max}: {self.optimal_k}.", ""
        size = f"{100 * residuals.rmse:.2g} points, largest {100 * residuals.largest:.2g} points"
        yield f"Residuals at k = {residuals.k[0]} to {residuals.k[-1]}: rms {size}.", ""
        if self.fit.verdict is not None:
            yield f"Caution: {self.fit.verdict}.", "bold"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f}%"
