"""What the posterior says of the questions themselves, apart from any rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.log import AnswerLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve import _core
    from kcurve.log import TalliedLog

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuestionAnswers:
    """The posterior of one question's answer distribution. Made by `Posterior.answers`.

    Attributes
    ----------
    answer : list of str
        The answers that were given, correct ones first, each group by falling count. A tallied log
        keeps no texts: there they are numbers.
    correct : bool [A]
        Which of them are correct.
    count : int64 [A]
        How often each was given.
    mean, low, high : float64 [A]
        Posterior mean and credible limits of each answer's probability.
    unseen_correct, unseen_wrong, no_answer : float
        Posterior mean of the mass on correct and on wrong answers not given yet, and on no answer.
        With the sum of `mean` they add up to one.
    draws : float64 [D, A]
        Draws of the answers' probabilities.
    """

    answer: list[str]
    correct: NDArray[np.bool_]
    count: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats
    unseen_correct: float
    unseen_wrong: float
    no_answer: float
    draws: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; the draws are left out."""
        return {
            "answer": self.answer,
            "correct": self.correct.tolist(),
            "count": self.count.tolist(),
            "mean": self.mean.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "unseen_correct": self.unseen_correct,
            "unseen_wrong": self.unseen_wrong,
            "no_answer": self.no_answer,
        }


def question_answers(
    log: AnswerLog | TalliedLog,
    question: int,
    population: _core.Population,
    *,
    draws: int,
    level: float,
) -> QuestionAnswers:
    """Return the posterior of the question at a position."""
    span = slice(int(log.offsets[question]), int(log.offsets[question + 1]))
    codes, right = log.codes[span], log.correct[span]
    weight = np.ones(len(codes)) if isinstance(log, AnswerLog) else log.count[span]
    answered = codes >= 0
    count = np.bincount(codes[answered], weights=weight[answered]).astype(np.int64)
    verdict = np.zeros(len(count), dtype=np.bool_)
    verdict[codes[answered]] = right[answered]
    # The order of the core: correct ones first, then by falling count; codes nobody gave are left out.
    order = np.lexsort((-count, ~verdict))
    order = order[count[order] > 0]
    table = population.answer_draws(question, draws)
    chances, rest = table[:, : len(order)], table[:, len(order) :].mean(axis=0)
    tail = (1 - level) / 2
    return QuestionAnswers(
        answer=[_name(log, question, int(code)) for code in order],
        correct=verdict[order],
        count=count[order],
        mean=chances.mean(axis=0),
        low=np.quantile(chances, tail, axis=0),
        high=np.quantile(chances, 1 - tail, axis=0),
        unseen_correct=float(rest[0]),
        unseen_wrong=float(rest[1]),
        no_answer=float(rest[2]),
        draws=chances,
    )


def _name(log: AnswerLog | TalliedLog, question: int, code: int) -> str:
    if isinstance(log, AnswerLog):
        return str(log.answers[int(log.answer_offsets[question]) + code])
    return str(code)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopulationSummary:
    """What the questions of a log are like, all together. Made by `Posterior.population`.

    Attributes
    ----------
    success_mean, success_deviation : float
        Mean and standard deviation over questions of the share of answered samples that is correct.
    agreement : float
        Probability that two wrong samples of a question give the same answer: how concentrated
        wrong answers are, from 0 (each another one) to 1 (always the same).
    competing_answers : float
        Number of wrong answers in competition: the equally frequent ones that would agree as
        often, ``1 / agreement``.
    unseen_mass : float
        Mean over questions of the probability that the next sample is a wrong answer that this
        question has not been given yet.
    success, competition : float64 [components, 3]
        The components of the mixture: a, b and weight of each beta distribution; discount, strength
        and weight of each partition.
    """

    success_mean: float
    success_deviation: float
    agreement: float
    competing_answers: float
    unseen_mass: float
    success: Floats
    competition: Floats

    def to_dict(self) -> dict[str, float]:
        """Return the numbers as plain Python values, without the components."""
        return {
            "success_mean": self.success_mean,
            "success_deviation": self.success_deviation,
            "agreement": self.agreement,
            "competing_answers": self.competing_answers,
            "unseen_mass": self.unseen_mass,
        }


def population_summary(population: _core.Population) -> PopulationSummary:
    """Summarise the mixture."""
    success, competition = population.components()
    a, b, weight = success.T
    mean = float(weight @ (a / (a + b)))
    square = float(weight @ (a * (a + 1) / ((a + b) * (a + b + 1))))
    discount, strength, weight = competition.T
    agreement = float(weight @ ((1 - discount) / (1 + strength)))
    return PopulationSummary(
        success_mean=mean,
        success_deviation=float(np.sqrt(max(square - mean**2, 0))),
        agreement=agreement,
        competing_answers=1 / agreement,
        unseen_mass=float(population.unseen_mass().mean()),
        success=success,
        competition=competition,
    )
