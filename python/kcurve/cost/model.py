"""What every cost model can say, and the cost of k calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, get_args, runtime_checkable

import numpy as np

from kcurve import _core
from kcurve._validation import instance
from kcurve.curve.estimate import fewest_samples, numbers_of_calls
from kcurve.curve.table import without_nan
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Calls = NDArray[np.int64]


@runtime_checkable
class CostModel(Protocol):
    """What k calls cost, question by question.

    `Additive` models price every sample by itself; others, such as time under parallelism, do not.
    """

    @property
    def unit(self) -> str:
        """What costs are counted in."""

    def of_calls(self, log: AnswerLog | TalliedLog, rule: Rule, k: Calls) -> CallCost:
        """Return the expected cost of k calls of every question."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CallCost:
    """Expected cost of k calls, question by question.

    Attributes
    ----------
    k : int64 [K]
        Numbers of calls, as the rule counts them.
    policy : float64 [Q, K]
        Cost of generating the samples.
    reward : float64 [Q, K]
        Cost of judging or scoring them; 0 for rules that need none.
    unit : str
        What costs are counted in.
    """

    k: Calls
    policy: Floats
    reward: Floats
    unit: str

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.k, self.policy, self.reward):
            values.setflags(write=False)

    @property
    def total(self) -> Floats:
        """Both together, float64 [Q, K]."""
        return self.policy + self.reward

    @property
    def mean(self) -> Floats:
        """Mean of the total over questions, float64 [K]."""
        return np.asarray(self.total.mean(axis=0))

    def to_dict(self) -> dict[str, Any]:
        """Return the means over questions as plain values; what is undefined is None."""
        means = {
            "policy": self.policy.mean(axis=0),
            "reward": self.reward.mean(axis=0),
            "total": self.mean,
        }
        return {
            "unit": self.unit,
            "k": self.k.tolist(),
            **{name: without_nan(values) for name, values in means.items()},
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the means over questions as an Arrow stream, a row for each number of calls."""
        return _core.TableStream(
            [
                ("k", self.k),
                ("policy", np.asarray(self.policy.mean(axis=0))),
                ("reward", np.asarray(self.reward.mean(axis=0))),
                ("total", self.mean),
            ]
        )

    def __repr__(self) -> str:
        """Show the costs of the fewest and of the most calls."""
        return (
            f"CallCost(k={self.k[0]}..{self.k[-1]}, {len(self.policy)} questions: "
            f"{self.mean[0]:.4g} to {self.mean[-1]:.4g} {self.unit} a question)"
        )


def calls_cost(
    log: AnswerLog | TalliedLog,
    rule: Rule,
    k: int | Iterable[int] | None,
    cost: CostModel,
) -> CallCost:
    """Return the expected cost of k calls of every question of a log, under a rule.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        The log; most models need its columns of tokens, cost or latency.
    rule : Vote, FilterVote, WeightedVote, BestOfN, ...
        What decides; it says how many samples k calls buy, and whether they are judged.
    k : int or iterable of int, optional
        Numbers of calls; all that the samples allow by default.
    cost : CostModel
        What a call costs.

    Raises
    ------
    ArgumentError
        If k is below the least of the rule.
    MissingColumnError
        If the model needs a column that the log lacks.
    LogError
        If no sample of a question has a known cost.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import Calls
    >>> calls_cost(kc.example_log(), kc.Vote(), [1, 10], Calls())
    CallCost(k=1..10, 999 questions: 1 to 10 calls a question)
    """
    instance("log", log, AnswerLog, TalliedLog)
    instance("rule", rule, *get_args(Rule))
    instance("cost", cost, CostModel)
    calls = numbers_of_calls(k, fewest_samples(log), rule)
    if calls[0] < rule.least_calls:
        raise ArgumentError(f"k must be at least {rule.least_calls} for {rule!r}, got {calls[0]}")
    return cost.of_calls(log, rule, calls)
