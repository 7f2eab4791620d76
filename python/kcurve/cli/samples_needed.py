"""`kcurve samples-needed`: how many questions and samples a measurement takes."""

import json as json_format
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from cyclopts import Group, Parameter
from rich.text import Text

from kcurve.cli.columns import aligned
from kcurve.cli.costing import CostOptions
from kcurve.cli.curve import RuleOptions
from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions
from kcurve.cli.systems import named_logs
from kcurve.cli.terminal import console, write
from kcurve.errors import ArgumentError
from kcurve.planning import SamplesNeeded, samples_needed as design

_MOST_ROWS = 12


@Parameter(name="*", group=Group("What is wanted", sort_key=1))
@dataclass(frozen=True, kw_only=True)
class AimOptions:
    """The precision that is wanted, and what there is to reach it.

    Attributes
    ----------
    half_width
        Half the width of the interval that the accuracy shall have: 0.01 is a point.
    difference
        The difference of two systems that a paired test shall find.
    test_power
        Probability of finding it.
    level
        Confidence level of the interval or the test.
    k
        Calls that the rule takes.
    of
        Measure the accuracy on fresh questions, or on those of the pilot only.
    questions
        How many questions there are.
    samples
        Numbers of samples per question to consider: 1,2,4 or 1:16.
    question_cost
        What a question costs besides its samples.
    json
        Print one JSON object.
    """

    half_width: float | None = None
    difference: float | None = None
    test_power: float = 0.8
    level: float = 0.95
    k: int = 1
    of: Literal["population", "questions"] = "population"
    questions: int | None = None
    samples: str | None = None
    question_cost: float = 0.0
    json: Annotated[
        bool,
        Parameter(negative="", show_default=False, group=Group("Output for programs", sort_key=4)),
    ] = False


_DEFAULT_LOGS = LogOptions()
_DEFAULT_RULE = RuleOptions()
_DEFAULT_COST = CostOptions()
_DEFAULT_AIM = AimOptions()


def samples_needed(
    *logs: Path,
    which: LogOptions = _DEFAULT_LOGS,
    rule: RuleOptions = _DEFAULT_RULE,
    cost: CostOptions = _DEFAULT_COST,
    aim: AimOptions = _DEFAULT_AIM,
) -> None:
    """Say how many questions, and samples of each, an accuracy or a comparison needs.

    A pilot with a few samples of some questions says how questions differ and how samples do.

    Parameters
    ----------
    logs
        The pilot; for a difference also one of the other system, best on the same questions.
    """
    pilots = named_logs(logs, which)
    if len(pilots) > 2:
        raise ArgumentError(
            f"samples-needed takes one pilot, or two to compare, got {len(pilots)}: "
            f"{', '.join(map(repr, pilots))}"
        )
    models = dict(zip(("pilot", "other"), cost.build(list(pilots)).values(), strict=False))
    pilot, *rest = pilots.values()
    made = design(
        pilot,
        half_width=aim.half_width,
        difference=aim.difference,
        other=rest[0] if rest else None,
        rule=rule.build(),
        k=aim.k,
        level=aim.level,
        power=aim.test_power,
        of=aim.of,
        cost={"other": models["pilot"], **models},
        question_cost=aim.question_cost,
        questions=aim.questions,
        samples=None if aim.samples is None else parse_grid(aim.samples),
    )
    if aim.json:
        write(json_format.dumps(made.to_dict(), indent=2, allow_nan=False) + "\n")
        return
    screen = console()
    for line, style in _lines(made):
        screen.print(Text(line, style=style))


def _lines(made: SamplesNeeded) -> Iterable[tuple[str, str]]:
    wanted = (
        f"{made.rule.label}, k={made.k}, to within {100 * made.half_width:.2g} points"
        if made.difference is None
        else f"a difference of {100 * made.difference:.2g} points found with probability {made.power:g}"
    )
    yield wanted[0].upper() + wanted[1:], "bold"
    yield (
        (
            f"{made.questions} questions with {made.samples} "
            f"{'sample' if made.samples == 1 else 'samples'} each: "
            f"{made.cost:.6g} {made.cost_unit}"
        ),
        "",
    )
    yield "", ""
    designs = made.designs
    shown = np.unique(np.linspace(0, len(designs["samples"]) - 1, _MOST_ROWS).round().astype(int))
    best = int(np.flatnonzero(designs["samples"] == made.samples)[0])
    yield from aligned(
        ("samples", "questions", made.cost_unit, "half-width", ""),
        [
            (
                f"{designs['samples'][i]}",
                f"{designs['questions'][i]}",
                f"{designs['cost'][i]:.6g}",
                f"{100 * designs['half_width'][i]:.2f}",
                "cheapest" if i == best else "",
            )
            for i in sorted({*shown.tolist(), best})
        ],
    )
