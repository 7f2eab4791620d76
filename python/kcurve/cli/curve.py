"""`kcurve curve`: accuracy against calls."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions, Part, read_parts
from kcurve.cli.machine import curves_as_csv, curves_as_json
from kcurve.cli.terminal import console, progress, write
from kcurve.cli.view import show_one, show_several
from kcurve.curve import Bootstrap, Curve, Exact, curve as compute_curve
from kcurve.curve.bands import Interval
from kcurve.curve.methods import Limits, Method
from kcurve.errors import ArgumentError
from kcurve.rules import (
    BestOfN,
    FilterVote,
    GPassAtK,
    MeanAtK,
    PassAtK,
    PassHatK,
    Rule,
    Vote,
    WeightedVote,
)

RuleName = Literal[
    "vote",
    "filter-vote",
    "weighted-vote",
    "best-of-n",
    "pass-at-k",
    "pass-hat-k",
    "g-pass-at-k",
    "mean-at-k",
]
IntervalName = Literal[
    "combined", "estimation", "generalisation", "run-to-run", "fresh-run", "none"
]

_RULES: Mapping[RuleName, type[Rule]] = {
    "vote": Vote,
    "filter-vote": FilterVote,
    "weighted-vote": WeightedVote,
    "best-of-n": BestOfN,
    "pass-at-k": PassAtK,
    "pass-hat-k": PassHatK,
    "g-pass-at-k": GPassAtK,
    "mean-at-k": MeanAtK,
}
_INTERVALS: Mapping[IntervalName, Interval | None] = {
    "combined": "combined",
    "estimation": "estimation",
    "generalisation": "generalisation",
    "run-to-run": "run_to_run",
    "fresh-run": "fresh_run",
    "none": None,
}


@Parameter(name="*", group=Group("Which rule turns samples into an answer", sort_key=2))
@dataclasses.dataclass(frozen=True, kw_only=True)
class RuleOptions:
    """The rule, and the settings some rules have; a setting the rule has not is an error.

    Attributes
    ----------
    rule
        What is done with k calls.
    ties
        Several answers share the first place: split the credit, first drawn wins, or wrong.
    no_answer
        Samples without an answer: drawn but never winning, voting as one more wrong answer, or dropped.
    calls
        filter-vote: k counts the calls of the paper (two for each candidate) or candidates.
    threshold
        filter-vote: keep samples with at least this score, instead of the keep column.
    weight
        weighted-vote: what an answer's claim is made of: the sum or mean of weights, or Borda ranks.
    power
        weighted-vote: weights are the scores to this power; default 1.
    temperature
        weighted-vote: weights are exp(score / temperature) instead.
    top
        weighted-vote: only this share of the samples, those of highest score, votes; default 1.
    tau
        g-pass-at-k: share of the k samples that must be correct.
    """

    rule: RuleName = "vote"
    ties: Literal["split", "first", "wrong"] | None = None
    no_answer: Literal["ignore", "vote", "drop"] | None = None
    calls: Literal["paper", "candidates"] | None = None
    threshold: float | None = None
    weight: Literal["sum", "mean", "borda"] | None = None
    power: float | None = None
    temperature: float | None = None
    top: float | None = None
    tau: float | None = None

    def build(self) -> Rule:
        """Return the rule with the settings given; ArgumentError for a setting it does not have."""
        kind = _RULES[self.rule]
        known = {field.name: field for field in dataclasses.fields(kind)}
        settings = {
            name: value
            for name, value in dataclasses.asdict(self).items()
            if name != "rule" and value is not None
        }
        for name in settings.keys() - known.keys():
            option = name.replace("_", "-")
            raise ArgumentError(f"--{option} is no setting of --rule {self.rule}")
        for name, field in known.items():
            if field.default is dataclasses.MISSING and name not in settings:
                raise ArgumentError(f"--rule {self.rule} needs --{name.replace('_', '-')}")
        return kind(**settings)


@Parameter(name="*", group=Group("Which numbers", sort_key=3))
@dataclasses.dataclass(frozen=True, kw_only=True)
class EstimateOptions:
    """What is estimated, and with which band.

    Attributes
    ----------
    k
        Numbers of calls: 1,2,5 or 1:100 or 2:30:2 (in steps) or 1:1000:log20 (log-spaced).
        Default: every number up to the samples of the shortest question.
    method
        Exact expectations, or a bootstrap, which replays draws; default: exact where the rule has
        a closed form.
    with_replacement
        Draw with replacement, which allows any k; the estimate is then biased for questions whose
        leading answers are close. A bootstrap draws with replacement by default;
        --without-replacement changes that.
    n_resamples
        bootstrap: number of replicates; default 2048.
    seed
        bootstrap: the seed; the same seed gives the same numbers anywhere; default 0.
    limits
        bootstrap: how resampled questions become a band; default bca.
    interval
        What the band covers: the sampling of answers and questions, of the answers only, of the
        questions only, one run of the system, or one run on fresh questions.
    level
        Confidence of the band.
    simultaneous
        Make the band hold for all k at once.
    """

    k: str | None = None
    method: Literal["exact", "bootstrap"] | None = None
    with_replacement: Annotated[
        bool | None, Parameter(negative="--without-replacement", show_default=False)
    ] = None
    n_resamples: int | None = None
    seed: int | None = None
    limits: Limits | None = None
    interval: IntervalName = "combined"
    level: float = 0.95
    simultaneous: Annotated[bool, Parameter(negative="", show_default=False)] = False

    def build(self, rule: Rule) -> Method:
        """Return the method with the settings given; ArgumentError for one it does not have."""
        by_default = "bootstrap" if isinstance(rule, WeightedVote) else "exact"
        settings = {
            name: value
            for name, value in (
                ("n_resamples", self.n_resamples),
                ("rng", self.seed),
                ("limits", self.limits),
            )
            if value is not None
        }
        if (self.method or by_default) == "exact":
            for name in settings:
                option = "seed" if name == "rng" else name.replace("_", "-")
                raise ArgumentError(f"--{option} is for --method bootstrap")
            return Exact(replacement=bool(self.with_replacement))
        replacement = True if self.with_replacement is None else self.with_replacement
        return Bootstrap(replacement=replacement, **settings)  # type: ignore[arg-type]


@Parameter(name="*", group=Group("Output for programs", sort_key=4))
@dataclasses.dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Form of the output, if not tables for people.

    Attributes
    ----------
    json
        Print one JSON object.
    csv
        Print CSV, a row per curve and k.
    """

    json: Annotated[bool, Parameter(negative="", show_default=False)] = False
    csv: Annotated[bool, Parameter(negative="", show_default=False)] = False


_DEFAULT_LOGS = LogOptions()
_DEFAULT_RULE = RuleOptions()
_DEFAULT_ESTIMATE = EstimateOptions()
_DEFAULT_OUTPUT = OutputOptions()


def curve(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    rule: RuleOptions = _DEFAULT_RULE,
    estimate: EstimateOptions = _DEFAULT_ESTIMATE,
    output: OutputOptions = _DEFAULT_OUTPUT,
) -> None:
    """Show accuracy against calls per question, with error bars.

    Parameters
    ----------
    logs
        Parquet, CSV, TSV or JSONL files with one row per sample, or stores of samples.
    """
    if output.json and output.csv:
        raise ArgumentError("--json and --csv exclude each other")
    chosen = rule.build()
    grid = None if estimate.k is None else parse_grid(estimate.k)
    parts = read_parts(logs, which)
    method = estimate.build(chosen)
    curves = [
        _compute(part, chosen, grid, method, estimate, threads=which.threads) for part in parts
    ]
    if output.json:
        write(curves_as_json(parts, curves))
    elif output.csv:
        write(curves_as_csv(parts, curves))
    elif len(parts) == 1:
        show_one(console(), parts[0], curves[0])
    else:
        show_several(console(), parts, curves)


def _compute(
    part: Part,
    rule: Rule,
    grid: list[int] | None,
    method: Method,
    estimate: EstimateOptions,
    *,
    threads: int | None,
) -> Curve:
    _require_one_model(part)
    if grid is not None and not method.replacement:
        _require_samples(part, rule, grid[-1])
    with progress(part.label) as advance:
        return compute_curve(
            part.log,
            rule,
            k=grid,
            method=method,
            interval=_INTERVALS[estimate.interval],
            level=estimate.level,
            simultaneous=estimate.simultaneous,
            threads=threads,
            progress=advance,
        )


def _require_one_model(part: Part) -> None:
    """Refuse to mix models in one curve; here the remedy is an option, not a method."""
    names = part.log.model.names
    if len(names) > 1:
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        raise ArgumentError(
            f"{part.label} holds {len(names)} models ({shown}); choose one with --model or use --by model"
        )


def _require_samples(part: Part, rule: Rule, largest: int) -> None:
    """Refuse k above the samples of a question; here the remedy is an option, not a method."""
    needed = largest // rule.calls_per_candidate if isinstance(rule, FilterVote) else largest
    counts = part.log.n_samples
    shortest = int(counts.argmin())
    if needed > counts[shortest]:
        raise ArgumentError(
            f"--k {largest} needs {needed} samples and {part.label} has {counts[shortest]} of question "
            f'"{part.log.question[shortest]}"; use --min-samples {needed} or --with-replacement'
        )
