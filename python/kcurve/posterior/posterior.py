"""The posterior of a log: a population of questions, estimated, and every question's place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.curve.estimate import refuse_several_models
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.posterior.describe import (
    PopulationSummary,
    QuestionAnswers,
    population_summary,
    question_answers,
)
from kcurve.posterior.populations import Populations, drawn_calls, predictable
from kcurve.posterior.prediction import INTERVALS, Prediction
from kcurve.rules import Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from kcurve.posterior.prediction import Interval
    from kcurve.rules import Rule

    AnyLog = AnswerLog | TalliedLog

_ESTIMATES = 16
"""Estimates of the population; draws are a multiple of them."""

_QUESTION_DRAWS = 200_000
_FEWEST_DRAWS, _MOST_DRAWS = 128, 2048

_FEWEST_ANSWER_DRAWS = 1024


class Posterior:
    """Few samples per question, turned into predictions for any number of calls.

    Each question has a distribution over answers that its n samples hardly show: with 8 samples a
    5 to 3 lead is often the wrong way round. What other questions of the log are like tells how to
    read it. The posterior estimates the population of questions from the log (how hard they are,
    how concentrated the wrong answers, how many compete, how much mass is on answers not seen yet)
    and gives for every question a distribution over what its answers may be; rules are then
    predicted at any k, beyond n too.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        Sampled answers of one model; questions may have different numbers of samples.
    rng : int
        The seed. The same seed gives the same bits on any number of threads and in any order of
        questions.
    draws : int, optional
        Posterior draws of each question, rounded up to a multiple of 16. The default is about
        200,000 over the number of questions, between 128 and 2,048.
    threads : int, optional
        Threads to use; all by default.

    Notes
    -----
    The population is a mixture over a fixed library of kinds of questions: the share of correct
    samples is beta, wrong answers fall into partitions of the Pitman-Yor family (which includes
    symmetric Dirichlet distributions over a known number of answers), and so do the correct answers
    where there are several; samples without an answer, and the share that a filter keeps, are
    beta. The weights of the library are estimated from all questions together, 16 times with random
    weights of the questions, so that predictions carry the uncertainty about them. The prior of the
    weights is worth 20 questions. See docs/concepts/prediction.md.

    The cost is about 2 microseconds for each question and draw, and 15 ns for each sample drawn:
    a second or two for a thousand questions and k up to 1,000.

    References
    ----------
    Robbins, "An Empirical Bayes Approach to Statistics", 1956.
    Pitman and Yor, "The Two-Parameter Poisson-Dirichlet Distribution", 1997.
    Newton and Raftery, "Approximate Bayesian Inference with the Weighted Likelihood Bootstrap", 1994.

    Examples
    --------
    >>> import kcurve as kc
    >>> few = kc.example_log().first(8)
    >>> prediction = kc.Posterior(few).predict([1, 10, 100])
    >>> prediction.mean.round(2)
    array([0.83, 0.85, 0.86])
    """

    __slots__ = ("_populations", "draws", "log", "rng", "threads")

    def __init__(
        self,
        log: AnswerLog | TalliedLog,
        *,
        rng: int = 0,
        draws: int | None = None,
        threads: int | None = None,
    ) -> None:
        """Check the log and the settings; the work begins with the first prediction."""
        instance("log", log, AnswerLog, TalliedLog)
        refuse_several_models(log.model.names[code] for code in np.unique(log.model.codes))
        instance("rng", rng, int)
        number_between("rng", rng, 0, 2**64 - 1)
        if draws is None:
            wanted = _QUESTION_DRAWS // max(log.n_questions, 1)
            draws = min(max(wanted, _FEWEST_DRAWS), _MOST_DRAWS)
        positive_integer("draws", draws)
        if threads is not None:
            positive_integer("threads", threads)
        self.log = log
        self.rng = rng
        self.draws = -(-draws // _ESTIMATES) * _ESTIMATES
        self.threads = threads
        self._populations = Populations(seed=rng, threads=threads)

    @property
    def population(self) -> PopulationSummary:
        """What the questions are like all together: difficulty, competition, mass not seen yet.

        Examples
        --------
        >>> import kcurve as kc
        >>> found = kc.Posterior(kc.example_log().first(8)).population
        >>> round(found.success_mean, 1), 1 < found.competing_answers < 4
        (0.8, True)
        """
        return population_summary(self._populations.of_answers(self.log, Vote()))

    def answers(self, question: str, *, level: float = 0.95) -> QuestionAnswers:
        """Return the posterior of one question's answer distribution.

        Parameters
        ----------
        question : str
            The question's id.
        level : float
            Probability of the credible limits.

        Raises
        ------
        ArgumentError
            If the log has no such question.

        Examples
        --------
        >>> import kcurve as kc
        >>> log = kc.AnswerLog.from_codes([[7, 7, 7, 3], [7, 2, 2, 2]], correct=[7, 7])
        >>> found = kc.Posterior(log).answers("0")
        >>> found.answer, found.count
        (['7', '3'], array([3, 1]))
        >>> bool(found.mean[0] > found.mean[1] > found.unseen_wrong)
        True
        """
        number_between("level", level, 0.5, 1 - 1e-12)
        places = [place for place, name in enumerate(self.log.question) if name == str(question)]
        if not places:
            raise ArgumentError(f'the log has no question "{question}"')
        population = self._populations.of_answers(self.log, Vote())
        draws = max(self.draws, _FEWEST_ANSWER_DRAWS)
        return question_answers(self.log, places[0], population, draws=draws, level=level)

    def predict(
        self,
        k: int | Iterable[int],
        *,
        rule: Rule = Vote(),  # noqa: B008 - frozen
        interval: Interval = "measured",
        samples: int | None = None,
        level: float = 0.95,
        progress: Callable[[int, int], object] | None = None,
    ) -> Prediction:
        """Predict the score of a rule after k calls, on the questions of the log.

        Parameters
        ----------
        k : int or iterable of int
            Numbers of calls, in any order; repeats count once. They may exceed the samples.
        rule : Vote, FilterVote, BestOfN, PassAtK, PassHatK, GPassAtK or MeanAtK
            What the system does with its draws.
        interval : {"measured", "accuracy", "population"}
            What `low` and `high` are about; see `Prediction.limits`.
        samples : int, optional
            For ``"measured"``: the fresh samples per question of the measurement. The default is as
            many as the log has, or k if that is more.
        level : float
            Probability of the interval.
        progress : callable, optional
            Called now and then with the number of questions done and their total.

        Returns
        -------
        Prediction
            With `k`, `mean`, `low` and `high`, and `per_question` on request.

        Raises
        ------
        ArgumentError
            If k is below the least of the rule or above 2^31 - 1, or the rule cannot be predicted.
        LogError
            If a question has no samples, or an answer marked both correct and wrong.
        MissingColumnError
            If the rule needs a column that the log lacks.

        Notes
        -----
        Ties are scored as the rule says. Best-of-n borrows scores of other questions for samples
        not drawn yet, worth two samples for each verdict (a draw from a Dirichlet process).

        Examples
        --------
        >>> import kcurve as kc
        >>> posterior = kc.Posterior(kc.example_log().first(8))
        >>> prediction = posterior.predict([1, 4, 16, 64], rule=kc.PassAtK())
        >>> prediction
        Prediction(PassAtK(), k=1..64, 999 questions: 0.8273 at k=1, 0.9689 at k=64)
        """
        choice("interval", interval, INTERVALS)
        number_between("level", level, 0.5, 1 - 1e-12)
        if samples is not None:
            positive_integer("samples", samples)
        rule = predictable(rule)
        log, calls = drawn_calls(self.log, rule, k)
        mean, covariance, expected, squares = self._populations.forecast(
            log, rule, calls, draws=(0, self.draws), joint=True, progress=progress
        )
        return Prediction.of(
            k=calls,
            mean=mean,
            covariance=covariance,
            expected=expected,
            squares=squares,
            logged=log.n_samples,
            rule=rule,
            interval=interval,
            samples=samples,
            level=level,
        )

    def independent_scores(
        self,
        k: int | Iterable[int],
        *,
        rule: Rule = Vote(),  # noqa: B008 - frozen
        parts: int = 2,
        progress: Callable[[int, int], object] | None = None,
    ) -> NDArray[np.float64]:
        """Return the expected score of each question after k calls, several times over.

        Parameters
        ----------
        k, rule, progress
            As `predict` takes them.
        parts : int
            How many estimates. Each is made of its own share of the draws, 32 or more, so that what one
            of them is chosen by can be judged by another.

        Returns
        -------
        float64 [parts, Q, K]
            Questions in the order of the log, numbers of calls increasing. One part has the bits of
            ``predict(k, rule=rule).per_question.mean``.

        Raises
        ------
        ArgumentError, LogError, MissingColumnError
            As `predict` does.

        Notes
        -----
        Without covariances it takes a fraction of the time of `predict` where there are many k.

        Examples
        --------
        >>> import kcurve as kc
        >>> log = kc.AnswerLog.from_codes([[7, 7, 7, 3], [7, 2, 2, 2]], correct=[7, 7])
        >>> easy, hard = kc.Posterior(log).independent_scores([1, 25]).mean(axis=0)
        >>> bool(easy[1] > easy[0] > 0.5 > hard[0] > hard[1])
        True
        """
        positive_integer("parts", parts)
        rule = predictable(rule)
        log, calls = drawn_calls(self.log, rule, k)
        each = max(-(-self.draws // (parts * _ESTIMATES)), 2) * _ESTIMATES
        shares = [
            self._populations.forecast(
                log, rule, calls, draws=(i * each, (i + 1) * each), joint=False, progress=progress
            )
            for i in range(parts)
        ]
        return np.stack([expected for _, _, expected, _ in shares])

    def __repr__(self) -> str:
        """Show the log and the settings."""
        return f"Posterior({self.log!r}, rng={self.rng}, draws={self.draws})"
