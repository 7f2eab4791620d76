"""Stopping rules, as words on the command line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from cyclopts import Group, Parameter

from kcurve.errors import ArgumentError
from kcurve.stopping import (
    AdaptiveConsistency,
    AnytimeValid,
    BestOfInfinity,
    DifficultyAdaptive,
    EarlyStopping,
    StoppingRule,
)

StoppingName = Literal[
    "adaptive-consistency",
    "anytime-valid",
    "best-of-infinity",
    "difficulty-adaptive",
    "early-stopping",
]

_RULES: Mapping[StoppingName, type] = {
    "adaptive-consistency": AdaptiveConsistency,
    "anytime-valid": AnytimeValid,
    "best-of-infinity": BestOfInfinity,
    "difficulty-adaptive": DifficultyAdaptive,
    "early-stopping": EarlyStopping,
}


@Parameter(name="*", group=Group("When a vote stops early", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class StoppingOptions:
    """The stopping rule of a vote, and the settings some rules have; a setting the rule has not is an error.

    Attributes
    ----------
    stopping
        Draw responses one after another until this rule has seen enough, --width at most; only for --strategy vote.
        Default: all are drawn.
    confidence
        adaptive-consistency, difficulty-adaptive: how sure it must be of the leader; default 0.95.
    error
        anytime-valid: the chance of a leader that is not the model's most frequent answer; default 0.05.
    bayes_factor
        best-of-infinity: the evidence for the leader; default 100.
    concentration
        best-of-infinity: the weight of answers not seen, in responses; default 0.3.
    window
        early-stopping, difficulty-adaptive: so many equal answers stop it; default 5 and 4.
    extension
        difficulty-adaptive: answers between two looks; default 4.
    batch
        Responses that are drawn at once between two looks; default 1.
    """

    stopping: StoppingName | None = None
    confidence: float | None = None
    error: float | None = None
    bayes_factor: float | None = None
    concentration: float | None = None
    window: int | None = None
    extension: int | None = None
    batch: int | None = None

    def settings(self, strategy: str) -> dict[str, Any]:
        """Return what `Sampling` is told: the rule and the batch; ArgumentError for what fits neither rule nor strategy."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        if not given:
            return {}
        if self.stopping is None:
            raise ArgumentError(
                f"{_option(next(iter(given)))} goes with --stopping; name a rule: {', '.join(_RULES)}"
            )
        if strategy != "vote":
            raise ArgumentError(
                f"--stopping stops a vote, and says nothing about --strategy {strategy}; use --strategy vote"
            )
        batch = given.pop("batch", None)
        del given["stopping"]
        kind = _RULES[self.stopping]
        for name in given.keys() - {field.name for field in fields(kind)}:
            raise ArgumentError(f"{_option(name)} is no setting of --stopping {self.stopping}")
        rule: StoppingRule = kind(**given)
        return {"stopping": rule, "batch": batch}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
