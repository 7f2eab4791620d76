"""Populations of questions: what answer distributions are drawn from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.simulate.distributions import Distributions, generator
from kcurve.theory.distributions import numbers_of_calls

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from kcurve.log import AnswerLog
    from kcurve.rules import Rule
    from kcurve.simulate.samples import Blocks, Filter, RewardModel

    Floats = NDArray[np.float64]
    Weighted = tuple[Floats, Floats]

_MOST_NODES = 512


class Population(ABC):
    """Where questions come from; answer 0 is the correct one."""

    __slots__ = ()

    @abstractmethod
    def draw(self, questions: int, random: np.random.Generator) -> Floats:
        """Draw answer distributions, [questions, A]."""

    @abstractmethod
    def representatives(self, degree: int) -> Weighted | None:
        """Return questions and weights that integrate polynomials in p of this degree exactly.

        None if there are none: the answers are too many.
        """

    def distributions(self, questions: int, *, rng: int = 0) -> Distributions:
        """Draw questions.

        Parameters
        ----------
        questions : int
            How many.
        rng : int
            Seed.

        Returns
        -------
        Distributions
            With the correct answer first.
        """
        positive_integer("questions", questions)
        return Distributions(self.draw(questions, generator(rng, "questions")))

    def log(
        self,
        questions: int,
        samples: int,
        *,
        rng: int = 0,
        keep: Filter | None = None,
        score: RewardModel | None = None,
        blocks: Blocks | None = None,
    ) -> AnswerLog:
        """Draw questions, and a log of them; see `Distributions.log`.

        The questions are those of ``distributions(questions, rng=rng)``.
        """
        truth = self.distributions(questions, rng=rng)
        return truth.log(samples, rng=rng, keep=keep, score=score, blocks=blocks)

    def accuracy(
        self,
        rule: Rule,
        k: ArrayLike,
        *,
        keep: Filter | None = None,
        questions: int = 10_000,
        rng: int = 0,
    ) -> Floats:
        """Return the expected accuracy on a fresh question after k calls, [K].

        Exact for two answers: by the two levels, or Gauss-Jacobi quadrature that is exact up to
        k = 1023 and close beyond. With more answers it is the exact mean over `questions` drawn ones,
        whose standard error is at most ``0.5 / sqrt(questions)``.

        Parameters
        ----------
        rule : Vote, FilterVote, PassAtK, PassHatK, GPassAtK or MeanAtK
            What the system does with its samples.
        k : int or array_like of int [K]
            Numbers of calls.
        keep : Filter, optional
            The filter of a FilterVote.
        questions, rng : int
            How many questions to draw where no closed form exists, and the seed.

        Returns
        -------
        float64 [K]
        """
        calls = np.atleast_1d(numbers_of_calls(k, least=rule.least_calls))
        found = self.representatives(int(calls.max()))
        if found is None:
            return self.distributions(questions, rng=rng).accuracy(rule, calls, keep=keep)
        p, weights = found
        return np.asarray(weights @ Distributions(p).per_question(rule, calls, keep=keep))


@dataclass(frozen=True, slots=True, kw_only=True)
class BiLevel(Population):
    """Two kinds of question, two answers: a share of easy ones, the rest hard.

    Parameters
    ----------
    share : float
        Share alpha of easy questions, 0 to 1.
    easy, hard : float
        Probability p1, p2 of the correct answer.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BiLevel
    >>> BiLevel(share=0.5, easy=0.85, hard=0.4).accuracy(kc.Vote(), [1, 3, 5]).round(4)
    array([0.625 , 0.6456, 0.6454])
    """

    share: float
    easy: float
    hard: float

    def __post_init__(self) -> None:
        """Check the probabilities."""
        for name in ("share", "easy", "hard"):
            number_between(name, getattr(self, name), 0, 1)

    def draw(self, questions: int, random: np.random.Generator) -> Floats:
        """Draw answer distributions, [questions, 2]."""
        return _two(np.where(random.random(questions) < self.share, self.easy, self.hard))

    def representatives(self, degree: int) -> Weighted:  # noqa: ARG002 - both levels, for any
        """Return the two levels and their shares."""
        return _two(np.array([self.easy, self.hard])), np.array([self.share, 1 - self.share])


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaQuestions(Population):
    """Two answers, the correct one with probability p ~ Beta(a, b).

    Parameters
    ----------
    a, b : float
        Shapes, above 0. Below 1 questions are mostly very easy or very hard.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BetaQuestions
    >>> BetaQuestions(a=2, b=1).accuracy(kc.PassAtK(), [1, 2, 4])
    array([0.66666667, 0.83333333, 0.93333333])
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        """Check the shapes."""
        number_between("a", self.a, 0, 1e9, low_excluded=True)
        number_between("b", self.b, 0, 1e9, low_excluded=True)

    def draw(self, questions: int, random: np.random.Generator) -> Floats:
        """Draw answer distributions, [questions, 2]."""
        return _two(random.beta(self.a, self.b, questions))

    def representatives(self, degree: int) -> Weighted:
        """Return the nodes of a Gauss-Jacobi rule."""
        from scipy.special import roots_jacobi  # noqa: PLC0415 - scipy is slow to import

        nodes = min(degree // 2 + 1, _MOST_NODES)
        points, weights = roots_jacobi(nodes, self.b - 1, self.a - 1)
        return _two(np.clip((1 + points) / 2, 0, 1)), weights / weights.sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class DirichletQuestions(Population):
    """Several answers, their probabilities drawn from a Dirichlet distribution.

    Parameters
    ----------
    answers : int
        Number of answers A, at least 2.
    correct : float
        Mean probability of the correct answer, in (0, 1).
    rival : float, optional
        Mean probability of the leading wrong answer; the other wrong ones share what is left. By
        default all wrong answers are alike.
    concentration : float
        Sum of the Dirichlet's parameters, above 0: questions differ less the larger it is.

    Examples
    --------
    >>> from kcurve.simulate import DirichletQuestions
    >>> DirichletQuestions(answers=4, correct=0.4, rival=0.3, concentration=10.0).mean
    array([0.4 , 0.3 , 0.15, 0.15])
    """

    answers: int
    correct: float
    concentration: float
    rival: float | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        positive_integer("answers", self.answers)
        if self.answers < 2:
            msg = f"answers must be an integer of at least 2, got {self.answers!r}"
            raise ArgumentError(msg)
        number_between("correct", self.correct, 1e-12, 1 - 1e-12)
        number_between("concentration", self.concentration, 0, 1e12, low_excluded=True)
        if self.rival is not None:
            number_between("rival", self.rival, 1e-12, 1 - self.correct)
            if (self.answers == 2) != (abs(1 - self.correct - self.rival) < 1e-12):
                msg = (
                    "correct and rival must leave something to the other answers, if there are any, "
                    f"and nothing if not, got {self.correct} and {self.rival} of {self.answers}"
                )
                raise ArgumentError(msg)

    @property
    def mean(self) -> Floats:
        """Mean probability of each answer, [A]."""
        wrong = self.answers - 1
        if self.rival is None or wrong == 1:
            return np.array([self.correct] + [(1 - self.correct) / wrong] * wrong)
        others = (1 - self.correct - self.rival) / (wrong - 1)
        return np.array([self.correct, self.rival] + [others] * (wrong - 1))

    def draw(self, questions: int, random: np.random.Generator) -> Floats:
        """Draw answer distributions, [questions, A]."""
        return random.dirichlet(self.concentration * self.mean, questions)

    def representatives(self, degree: int) -> Weighted | None:
        """Return those of a beta distribution for two answers; None for more."""
        if self.answers > 2:
            return None
        shapes = self.concentration * self.mean
        return BetaQuestions(a=float(shapes[0]), b=float(shapes[1])).representatives(degree)


def _two(p: Floats) -> Floats:
    return np.stack([p, 1 - p], axis=-1)
