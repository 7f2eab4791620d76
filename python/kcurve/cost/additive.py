"""Models that price every sample by itself: k calls cost k times the mean of the question."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from kcurve.cost.model import CallCost
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.log import AnswerLog
from kcurve.rules import BestOfN, FilterVote, Vote, WeightedVote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]


class Additive(ABC):
    """A cost model that is a sum over samples.

    The k samples of a question are drawn from its n without order, so that their expected cost is
    k times the mean over the n. Samples whose cost is unknown (NaN) are taken to cost what the
    others of their question do. Under ``no_answer="drop"`` k counts answered samples, and those
    without an answer that are drawn on the way are paid for: the mean is then the cost of all
    samples over the number of answered ones.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def unit(self) -> str:
        """What costs are counted in."""

    @abstractmethod
    def of_samples(self, log: AnswerLog | TalliedLog) -> Floats:
        """Return what each sample cost to generate, float64 [N]; NaN where unknown."""

    @abstractmethod
    def of_judging(self, log: AnswerLog | TalliedLog, rule: Rule) -> Floats:
        """Return what the rule's judging or scoring of each sample costs, float64 [N]."""

    def of_calls(self, log: AnswerLog | TalliedLog, rule: Rule, k: NDArray[np.int64]) -> CallCost:
        """Return the expected cost of k calls of every question."""
        candidates = (k // candidate_calls(rule)).astype(np.float64)
        policy = question_means(log, self.of_samples(log), rule)[:, None] * candidates
        reward = question_means(log, self.of_judging(log, rule), rule)[:, None] * candidates
        if (once := self.of_questions(log, rule)) is not None:
            # Whatever the rule draws, this is paid for once: the mean is over all samples.
            policy = policy + question_means(log, once[0], Vote())[:, None]
            reward = reward + question_means(log, once[1], Vote())[:, None]
        return CallCost(k=k, policy=policy, reward=reward, unit=self.unit)

    def of_questions(
        self,
        log: AnswerLog | TalliedLog,  # noqa: ARG002 - for models that have such costs
        rule: Rule,  # noqa: ARG002
    ) -> tuple[Floats, Floats] | None:
        """Return what a question pays once for all its samples, as each sample has it: [N] for policy and reward.

        None if there is nothing of the kind.
        """
        return None


def candidate_calls(rule: Rule) -> int:
    """Return how many of the rule's calls k a candidate takes."""
    return rule.calls_per_candidate if isinstance(rule, FilterVote) else 1


def judges(rule: Rule) -> bool:
    """Return whether the rule needs samples judged or scored."""
    return isinstance(rule, FilterVote | WeightedVote | BestOfN)


def refuse_drop(rule: Rule, model: str) -> None:
    """Fail for a rule that draws until it has k answers; `model` needs to know how many calls that is."""
    if isinstance(rule, Vote | FilterVote | WeightedVote) and rule.no_answer == "drop":
        raise ArgumentError(
            f'{model} needs the number of calls, which no_answer="drop" leaves open; '
            'take no_answer="ignore"'
        )


def question_means(log: AnswerLog | TalliedLog, costs: Floats, rule: Rule) -> Floats:
    """Return the mean cost of the samples of each question, float64 [Q].

    Raises
    ------
    LogError
        If no sample of a question has a known cost, or none has an answer where the rule counts
        only those.
    """
    starts = log.offsets[:-1]
    weight = np.ones(len(costs)) if isinstance(log, AnswerLog) else log.count.astype(np.float64)
    known = np.where(np.isnan(costs), 0.0, weight)
    total = np.add.reduceat(known * np.nan_to_num(costs), starts)
    counted = np.add.reduceat(known, starts)
    if not counted.all():
        question = log.question[int(counted.argmin())]
        raise LogError(
            f'no sample of question "{question}" has a known cost; leave the question out with '
            "log.select(questions=...), or take another cost model"
        )
    means = np.asarray(total / counted)
    if isinstance(rule, Vote | FilterVote | WeightedVote) and rule.no_answer == "drop":
        answered = np.add.reduceat(np.where(log.codes >= 0, weight, 0.0), starts)
        if not answered.all():
            question = log.question[int(answered.argmin())]
            raise LogError(
                f'question "{question}" has no answer in any sample, and {rule!r} draws only answers; '
                'leave the question out, or take no_answer="ignore"'
            )
        means *= np.add.reduceat(weight, starts) / answered
    return means


def column(log: AnswerLog | TalliedLog, name: str, model: str) -> Floats:
    """Return a column of the log that a cost model needs.

    Raises
    ------
    MissingColumnError
        If the log has no such column.
    """
    values: Floats | None = getattr(log, name, None)
    if values is None:
        remedy = (
            "read the samples one by one with read_log"
            if not isinstance(log, AnswerLog)
            else f"name it when reading: {name}=..."
        )
        raise MissingColumnError(f"{model} needs a {name} column, which the log lacks; {remedy}")
    return values
