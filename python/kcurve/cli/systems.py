"""Logs as systems to compare, under several rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kcurve.cli.costing import CostOptions
from kcurve.cli.curve import RuleName, RuleOptions
from kcurve.cli.grid import parse_grid
from kcurve.cli.inputs import LogOptions, read_parts
from kcurve.cli.terminal import progress
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.planning import Points, points
from kcurve.rules import Rule


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is compared.

    Attributes
    ----------
    logs, which
        The logs, and which of their samples.
    rules
        The names of the rules.
    k
        Numbers of calls.
    cost
        What calls cost.
    beyond
        Whether to predict more calls than were sampled.
    seed
        Seed of predictions.
    """

    logs: Sequence[Path]
    which: LogOptions
    rules: Sequence[RuleName]
    k: str | None
    cost: CostOptions
    beyond: bool
    seed: int


def read_points(asked: Asked) -> Points:
    """Return the points of all systems: each file, or each model of it, is one."""
    systems = named_logs(asked.logs, asked.which)
    costs = asked.cost.build(list(systems))
    with progress("evaluating"):
        return points(
            systems,
            rules=named_rules(asked.rules),
            k=None if asked.k is None else parse_grid(asked.k),
            cost=costs,
            include_reward=not asked.cost.without_reward,
            beyond=asked.beyond,
            rng=asked.seed,
        )


def named_logs(logs: Sequence[Path], which: LogOptions) -> dict[str, AnswerLog | TalliedLog]:
    """Return the log of each system: each file, or each model of it, is one."""
    found: dict[str, AnswerLog | TalliedLog] = {}
    for part in read_parts(logs, which):
        names = [part.log.model.names[code] for code in sorted(set(part.log.model.codes.tolist()))]
        several = len(names) > 1
        for name in names:
            label = (name or part.label) if several else part.label
            if label in found:
                raise ArgumentError(
                    f"two systems are called {label!r}; rename a file, or choose with --model"
                )
            found[label] = part.log.select(model=name) if several else part.log
    return found


def named_rules(names: Sequence[RuleName]) -> list[Rule]:
    """Return the rules with these names, each once."""
    return [RuleOptions(rule=name).build() for name in dict.fromkeys(names)]
