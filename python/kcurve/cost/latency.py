"""Time under a given parallelism."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve._validation import choice, number_between, positive_integer
from kcurve.cost.additive import (
    Additive,
    candidate_calls,
    column,
    judges,
    question_means,
    refuse_drop,
)
from kcurve.cost.model import CallCost
from kcurve.cost.order_statistics import expected_maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

Schedule: TypeAlias = Literal["rounds", "at_least", "at_most"]
"""How calls are put side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Additive):
    r"""Seconds until the last of a question's samples is there.

    Parameters
    ----------
    parallelism : int, optional
        p, how many calls run at the same time; all of a question by default.
    schedule : {"rounds", "at_least", "at_most"}
        ``"rounds"``: p calls begin together, and the next p when all of them are there: the expectation is exact.
        The others bound the expectation when the next call begins as soon as any ends: from below and above.
    judging : float
        Seconds that judging or scoring a sample takes, p at a time, after all samples are there.

    Notes
    -----
    Needs the log's ``latency`` column, one call each; how long calls take when p of them run at the same time is taken
    to be what was logged. A round of m of a question's n logged calls lasts as long as the slowest: its
    expectation is that of the largest of m drawn without replacement (`expected_maximum`), M(m), and the rounds of k calls
    take ``floor(k / p) M(p) + M(k mod p)``. Without rounds the time T of k calls with sum S and maximum M lies between
    ``max(S / p, M)`` and ``S / p + (1 - 1 / p) M``, whose expectations bound that of T; rounds are never faster.

    References
    ----------
    Graham, "Bounds on Multiprocessing Timing Anomalies", 1969.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import calls_cost
    >>> table = {
    ...     "question_id": [1] * 3,
    ...     "answer": [2, 3, 2],
    ...     "reference": [2] * 3,
    ...     "latency": [1.0, 5.0, 3.0],
    ... }
    >>> log = kc.AnswerLog.from_table(table)
    >>> calls_cost(log, kc.Vote(), [1, 2, 3], Latency(parallelism=2)).mean.round(3)
    array([3.   , 4.333, 7.333])
    >>> calls_cost(log, kc.Vote(), 3, Latency(parallelism=2, schedule="at_most")).mean
    array([7.])
    """

    parallelism: int | None = None
    schedule: Schedule = "rounds"
    judging: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.parallelism is not None:
            positive_integer("parallelism", self.parallelism)
        choice("schedule", self.schedule, ("rounds", "at_least", "at_most"))
        number_between("judging", self.judging, 0, inf)

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        return "seconds"

    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return how long each sample took, float64 [N]."""
        return column(log, "latency", "Latency")

    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return how long judging each sample takes, float64 [N]."""
        return np.full(len(log.codes), self.judging if judges(rule) else 0.0)

    def of_calls(self, log: AnswerLog | TalliedLog, rule: Rule, k: NDArray[np.int64]) -> CallCost:
        """Return the expected seconds of k calls of every question; NaN where it has fewer known latencies.

        Raises
        ------
        ArgumentError
            If the rule counts answered samples only: how many run side by side is then unknown.
        """
        refuse_drop(rule, "Latency")
        candidates = k // candidate_calls(rule)
        side_by_side = candidates if self.parallelism is None else np.full(len(k), self.parallelism)
        side_by_side = np.minimum(side_by_side, candidates)
        seconds = self.of_samples(log)
        rounds, rest = np.divmod(candidates, side_by_side)
        largest = expected_maximum(
            seconds, log.offsets, np.concatenate([side_by_side, rest, candidates]).tolist()
        )

        def slowest(sizes: NDArray[np.int64]) -> Floats:
            return np.column_stack([largest[m] for m in sizes.tolist()])

        if self.schedule == "rounds":
            policy = rounds * slowest(side_by_side) + slowest(rest)
        else:
            work = question_means(log, seconds, rule)[:, None] * (candidates / side_by_side)
            if self.schedule == "at_least":
                policy = np.maximum(work, slowest(candidates))
            else:
                alone = slowest(candidates)
                enough = candidates <= side_by_side
                policy = np.where(enough, alone, work + (1 - 1 / side_by_side) * alone)
        judged = np.ceil(candidates / side_by_side) * (self.judging if judges(rule) else 0.0)
        return CallCost(
            k=k, policy=policy, reward=np.tile(judged, (len(policy), 1)), unit=self.unit
        )
