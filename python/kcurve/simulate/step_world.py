"""A world of step-by-step reasoning with a reward model of known quality, for searches to be compared in."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.search import IndependentPaths
from kcurve.search.state import AGGREGATIONS
from kcurve.simulate.samples import RewardModel
from kcurve.simulate.searched import Searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from kcurve.search import Aggregation, Search

    Floats = NDArray[np.float64]

_DEFAULT_REWARD = RewardModel(auc=0.85)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWorld:
    r"""Questions that are answered in steps, any of which may go wrong.

    A path begins on the right track. Its next step is right with the question's accuracy p; a wrong one derails
    the path into a mistake, mistake j with probability :math:`m_j \propto j^{-\text{concentration}}`, and every path below that comes
    to the answer of that mistake, unless a later step brings it back, with probability `recovery`. After `steps`
    steps a path ends. Each step is scored by a reward model that sees through noise whether the path is on the
    track. Tokens of a step are log-normal.

    Parameters
    ----------
    steps : int
        Steps to the end of a path.
    accuracy : float
        Mean over questions of the chance that a step is right: the strength of the policy.
    spread : float
        Standard deviation of that chance over questions, which are the quantiles of a beta distribution; 0
        for questions that are all alike.
    recovery : float
        Chance that a step brings a derailed path back.
    mistakes : int
        Number of wrong answers.
    concentration : float
        How much the first of them prevail: 0 for all alike.
    tokens : float
        Mean tokens of a step.
    tokens_spread : float
        Standard deviation of their logarithm.
    reward : RewardModel
        The reward model, by its AUC for a single step: 0.5 is noise.

    Notes
    -----
    The luck of a step depends on the seed, the question, the run and the path of child numbers to it alone, so
    all searches with one seed explore the same trees, and their differences are paired.

    A step that a search's limit of tokens breaks off counts as a step; a last one that is broken off has no
    answer yet, and is gone on with if the limits allow it. Rewards are independent given who is on the track: a
    derailed path is looked at afresh at every step. A real reward model that is fooled once may stay fooled,
    so the gains found here are optimistic.

    Examples
    --------
    >>> from kcurve.rules import WeightedVote
    >>> from kcurve.search import Rebase
    >>> world = StepWorld(steps=5, accuracy=0.75, spread=0.1)
    >>> searched = world.searched(Rebase(16), questions=200)
    >>> sampled = world.sampled_with_tokens_of(searched)
    >>> searched.difference(sampled, WeightedVote()).low > 0
    True
    """

    steps: int = 5
    accuracy: float = 0.8
    spread: float = 0.0
    recovery: float = 0.0
    mistakes: int = 8
    concentration: float = 1.0
    tokens: float = 40.0
    tokens_spread: float = 0.3
    reward: RewardModel = _DEFAULT_REWARD

    def __post_init__(self) -> None:
        """Check the settings."""
        positive_integer("steps", self.steps)
        positive_integer("mistakes", self.mistakes)
        number_between("accuracy", self.accuracy, 0, 1)
        number_between("recovery", self.recovery, 0, 1)
        number_between("concentration", self.concentration, 0, 100)
        number_between("tokens", self.tokens, 1, 1e6)
        number_between("tokens_spread", self.tokens_spread, 0, 5)
        instance("reward", self.reward, RewardModel)
        number_between("spread", self.spread, 0, 0.5)
        if self.spread and self.spread**2 >= self.accuracy * (1 - self.accuracy):
            raise ArgumentError(
                f"spread must be less than sqrt(accuracy (1 - accuracy)) = "
                f"{(self.accuracy * (1 - self.accuracy)) ** 0.5:.3g}, got {self.spread}"
            )

    def accuracies(self, questions: int) -> Floats:
        """Return the chance of a right step of each question: quantiles of the distribution, ascending."""
        positive_integer("questions", questions)
        if not self.spread:
            return np.full(questions, float(self.accuracy))
        strength = self.accuracy * (1 - self.accuracy) / self.spread**2 - 1
        shares = (np.arange(questions) + 0.5) / questions
        low = np.full(questions, self.accuracy * strength)
        high = np.full(questions, (1 - self.accuracy) * strength)
        return _core.betaincinv(low, high, shares, upper=False)

    @property
    def mistake_shares(self) -> Floats:
        """The chances of the mistakes."""
        shares: Floats = np.arange(1, self.mistakes + 1, dtype=np.float64) ** -self.concentration
        return np.asarray(shares / shares.sum())

    def answers(self, accuracies: ArrayLike) -> Floats:
        r"""Return the distribution of the answer of one path, exactly.

        With :math:`t_d` the chance to be on the track after d steps, :math:`t_{d+1} = t_d p + (1 - t_d) r`; the right answer has
        :math:`t_D`, mistake j :math:`(1 - t_D) m_j`.

        Parameters
        ----------
        accuracies : array_like [Q]
            Chance of a right step of each question.

        Returns
        -------
        float64 [Q, mistakes + 1]
            The right answer first: a table as `kcurve.theory` takes it.

        Examples
        --------
        >>> StepWorld(steps=2, mistakes=2, concentration=0).answers([0.5])
        array([[0.25 , 0.375, 0.375]])
        """
        p = np.atleast_1d(np.asarray(accuracies, dtype=np.float64))
        on_track = np.ones_like(p)
        for _ in range(self.steps):
            on_track = on_track * p + (1 - on_track) * self.recovery
        wrong = (1 - on_track)[:, None] * self.mistake_shares
        return np.concatenate([on_track[:, None], wrong], axis=1)

    def mean_scores(self) -> Floats:
        """Return the mean reward of a last step by answer, the right one first: the weights of a weighted vote.

        Examples
        --------
        >>> StepWorld(mistakes=1, reward=RewardModel(auc=0.5)).mean_scores()
        array([0.5, 0.5])
        """
        # Gauss and Hermite's rule: exact for polynomials up to degree 127, and the logistic function is smooth.
        nodes, weights = np.polynomial.hermite_e.hermegauss(64)
        weights = weights / weights.sum()
        right, wrong = (
            float(weights @ (1 / (1 + np.exp(-(side * self.reward.shift + nodes)))))
            for side in (0.5, -0.5)
        )
        return np.array([right] + [wrong] * self.mistakes)

    def searched(
        self,
        search: Search,
        *,
        questions: int = 1000,
        runs: int = 1,
        rng: int = 0,
        aggregation: Aggregation = "last",
        threads: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> Searched:
        """Run a search on questions of this world.

        Parameters
        ----------
        search : Search
            The settings of a search.
        questions, runs : int
            How many questions, and runs of each.
        rng : int
            Where all luck comes from.
        aggregation : {"last", "min", "prod", "mean"}
            How the rewards of a path become the score that rules see.
        threads : int, optional
            How many processors; the result does not depend on it.
        progress : callable, optional
            Is told how many of ``questions * runs`` searches are done.

        Notes
        -----
        Takes about a third of a microsecond a step. Ctrl-C interrupts it.
        """
        positive_integer("runs", runs)
        instance("rng", rng, int)
        choice("aggregation", aggregation, AGGREGATIONS)
        if not 0 <= rng < 2**64:
            raise ArgumentError(f"rng must be between 0 and 2**64 - 1, got {rng}")
        if threads is not None:
            positive_integer("threads", threads)
        world = _core.World(
            self.steps,
            self.recovery,
            self.mistake_shares.tolist(),
            self.tokens,
            self.tokens_spread,
            self.reward.shift,
        )
        columns = world.searched(
            self.accuracies(questions),
            search.begin().core,
            aggregation,
            runs,
            rng,
            threads,
            progress,
        )
        return Searched(
            search=search,
            aggregation=aggregation,
            rng=rng,
            **{name: column.reshape(questions, runs) for name, column in columns.items()},
        )

    def sampled_with_tokens_of(self, searched: Searched) -> Searched:
        """Run plain sampling on the same questions with at least as many tokens.

        As many independent paths are taken as it needs for their mean tokens to reach those of the search, rounded up;
        questions, runs, seed and aggregation are those of the search, so that the two are paired.
        """
        questions, runs = searched.tokens.shape
        one = self.searched(IndependentPaths(1), questions=questions, rng=searched.rng)
        width = max(1, ceil(searched.mean_tokens / one.mean_tokens))
        while True:
            sampled = self.searched(
                IndependentPaths(width),
                questions=questions,
                runs=runs,
                rng=searched.rng,
                aggregation=searched.aggregation,
            )
            if sampled.mean_tokens >= searched.mean_tokens:
                return sampled
            width += 1
