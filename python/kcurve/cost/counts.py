"""Costs that are counts: calls and tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice
from kcurve.cost.additive import Additive, column
from kcurve.rules import FilterVote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calls(Additive):
    """Every call costs 1, as the rule counts calls.

    A candidate of Filter-Vote is two calls by the accounting of the paper; scores of other rules
    are no calls.

    Examples
    --------
    >>> Calls().unit
    'calls'
    """

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "calls"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return 1 for each sample, float64 [N]."""
        return np.ones(len(log.codes))

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return 1 for each sample that a filter call judges, float64 [N]."""
        calls = rule.calls_per_candidate - 1 if isinstance(rule, FilterVote) else 0
        return np.full(len(log.codes), float(calls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Additive):
    """Tokens generated, read, or both.

    Parameters
    ----------
    count : {"out", "in", "both"}
        Which tokens: those generated, those of the prompt, or both.

    Notes
    -----
    Needs the log's ``tokens_out`` and ``tokens_in`` columns. Tokens of a verifier or reward model are
    not counted: they are another model's. `Flops` and `Dollars` make them comparable.

    Examples
    --------
    >>> import kcurve as kc
    >>> table = {
    ...     "question_id": [1, 1],
    ...     "answer": [2, 3],
    ...     "reference": [2, 2],
    ...     "tokens_out": [10, 30],
    ... }
    >>> from kcurve.cost import calls_cost
    >>> calls_cost(kc.AnswerLog.from_table(table), kc.Vote(), 2, Tokens()).mean
    array([40.])
    """

    count: Literal["out", "in", "both"] = "out"

    def __post_init__(self) -> None:
        """Check the setting."""
        choice("count", self.count, ("out", "in", "both"))

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "tokens"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return the tokens of each sample, float64 [N]."""
        names = {"out": ["tokens_out"], "in": ["tokens_in"], "both": ["tokens_out", "tokens_in"]}
        counted = [column(log, name, repr(self)) for name in names[self.count]]
        return np.asarray(sum(counted), np.float64)

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:  # noqa: ARG002 - of another model
        """Return zeros, float64 [N]."""
        return np.zeros(len(log.codes))
