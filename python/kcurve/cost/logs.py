"""What a log cost: altogether, by question, by sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from kcurve import _core
from kcurve._validation import instance
from kcurve.cost.additive import Additive, candidate_calls
from kcurve.log import AnswerLog
from kcurve.rules import Rule, Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_PLAIN = Vote()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LogCost:
    """What drawing a log's samples cost.

    Attributes
    ----------
    policy, reward : float64 [Q]
        What generating the samples of each question cost, and judging them.
    of_samples, of_judging : float64 [N]
        The same by sample, each as if it had been drawn alone; NaN where unknown.
    samples : int64 [Q]
        How many samples each question has.
    unit : str
        What costs are counted in.
    """

    policy: Floats
    reward: Floats
    of_samples: Floats
    of_judging: Floats
    samples: NDArray[np.int64]
    unit: str

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.policy, self.reward, self.of_samples, self.of_judging, self.samples):
            values.setflags(write=False)

    @property
    def per_question(self) -> Floats:
        """Both together, float64 [Q]."""
        return self.policy + self.reward

    @property
    def total(self) -> float:
        """The cost of the whole log."""
        return float(self.per_question.sum())

    @property
    def mean(self) -> float:
        """The cost of a question."""
        return float(self.per_question.mean())

    def to_dict(self) -> dict[str, Any]:
        """Return the sums as plain values."""
        return {
            "unit": self.unit,
            "total": self.total,
            "policy": float(self.policy.sum()),
            "reward": float(self.reward.sum()),
            "per_question": self.mean,
            "per_sample": self.total / int(self.samples.sum()),
            "questions": len(self.policy),
            "samples": int(self.samples.sum()),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return a row for each question as an Arrow stream, in the order of the log."""
        return _core.TableStream(
            [
                ("samples", self.samples),
                ("policy", self.policy),
                ("reward", self.reward),
                ("total", self.per_question),
            ]
        )

    def __repr__(self) -> str:
        """Show the total, and what a question and a sample cost."""
        samples = int(self.samples.sum())
        reward = f", {self.reward.sum():.4g} of it judging" if self.reward.any() else ""
        return (
            f"LogCost({self.total:.4g} {self.unit}{reward}: {len(self.policy)} questions at "
            f"{self.mean:.4g}, {samples} samples at {self.total / samples:.4g})"
        )


def log_cost(log: AnswerLog, cost: Additive, *, rule: Rule = _PLAIN) -> LogCost:
    """Return what a log cost: all its samples, however many each question has.

    Parameters
    ----------
    log : AnswerLog
        The log; most models need its columns of tokens, cost or latency.
    cost : Calls, Tokens, Flops, TransformerFlops, Kinetics, Dollars or Latency
        What a call costs.
    rule : Rule
        Says whether the samples were judged or scored; a plain vote by default.

    Raises
    ------
    MissingColumnError
        If the model needs a column that the log lacks.
    LogError
        If no sample of a question has a known cost; where some have, the others count as these do.

    Notes
    -----
    Questions are taken to come one after another, so that the total of `Latency` is the time of all.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import Tokens
    >>> table = {
    ...     "question_id": [1, 1, 2],
    ...     "answer": [2, 3, 1],
    ...     "reference": [2, 2, 1],
    ...     "tokens_out": [10, 30, 20],
    ... }
    >>> found = log_cost(kc.AnswerLog.from_table(table), Tokens())
    >>> found
    LogCost(60 tokens: 2 questions at 30, 3 samples at 20)
    >>> found.per_question
    array([40., 20.])
    """
    instance("log", log, AnswerLog)
    instance("cost", cost, Additive)
    instance("rule", rule, *get_args(Rule))
    samples = np.diff(log.offsets)
    sizes, which = np.unique(samples, return_inverse=True)
    # As many calls as make a question's own number of candidates.
    found = cost.of_calls(log, rule, sizes * candidate_calls(rule))
    rows = np.arange(len(samples))
    return LogCost(
        policy=found.policy[rows, which],
        reward=found.reward[rows, which],
        of_samples=cost.of_samples(log).copy(),
        of_judging=cost.of_judging(log, rule).copy(),
        samples=samples.astype(np.int64),
        unit=cost.unit,
    )
