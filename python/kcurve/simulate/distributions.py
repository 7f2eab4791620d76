"""Known answer distributions: their logs and their exact curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import instance, positive_integer
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog
from kcurve.rules import FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK, Vote
from kcurve.simulate.samples import Blocks, Filter, RewardModel
from kcurve.theory import filter_vote_accuracy, vote_accuracy
from kcurve.theory.distributions import answer_masses, missing_mass, numbers_of_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

_PURPOSES = ("questions", "samples", "blocks", "keep", "score")


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the random stream of a seed for one purpose: none depends on what others draw."""
    if isinstance(seed, bool) or seed not in range(2**64):
        msg = f"rng must be an integer from 0 to 2^64 - 1, got {seed!r}"
        raise ArgumentError(msg)
    return np.random.Generator(np.random.PCG64([seed, _PURPOSES.index(purpose)]))


@dataclass(frozen=True, eq=False, repr=False)
class Distributions:
    """Answer distributions of questions, known exactly.

    Parameters
    ----------
    p : array_like [Q, A]
        Probability of each answer; what a row lacks of 1 is the probability of no answer.
    correct : array_like of int [Q], optional
        The position of each correct answer, the first by default.

    Examples
    --------
    >>> from kcurve.simulate import Distributions
    >>> truth = Distributions([[0.6, 0.4], [0.3, 0.7]])
    >>> truth
    Distributions: 2 questions x 2 answers
    >>> truth.log(samples=100, rng=0)
    AnswerLog: 2 questions x 100 samples
    """

    p: Floats
    correct: NDArray[np.int64]

    def __init__(self, p: ArrayLike, correct: ArrayLike | None = None) -> None:
        """Check the distributions and make them read-only."""
        masses = answer_masses("p", p).copy()
        if masses.ndim != 2:
            msg = f"p must have the shape (questions, answers), got {masses.shape}"
            raise ArgumentError(msg)
        missing_mass("p", masses)
        right = np.zeros(len(masses), np.int64) if correct is None else np.array(correct)
        if right.shape != (len(masses),) or right.dtype.kind not in "iu":
            msg = f"correct must be {len(masses)} integers, one per question, got {correct!r:.80}"
            raise ArgumentError(msg)
        if ((right < 0) | (right >= masses.shape[1])).any():
            msg = f"correct must be positions of answers, 0 to {masses.shape[1] - 1}"
            raise ArgumentError(msg)
        for name, values in (("p", masses), ("correct", right.astype(np.int64))):
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @property
    def p_correct(self) -> Floats:
        """Probability of the correct answer, [Q]."""
        return self.p[np.arange(len(self.p)), self.correct]

    def log(
        self,
        samples: int,
        *,
        rng: int = 0,
        keep: Filter | None = None,
        score: RewardModel | None = None,
        blocks: Blocks | None = None,
        question: Sequence[str] | None = None,
    ) -> AnswerLog:
        """Draw a log.

        Parameters
        ----------
        samples : int
            Samples per question.
        rng : int
            Seed. Answers are the same with and without `keep` and `score`.
        keep : Filter, optional
            Gives the log a keep column.
        score : RewardModel, optional
            Gives the log a score column.
        blocks : Blocks, optional
            Correlates samples; independent by default.
        question : sequence of str, optional
            Ids of the questions, "0", "1", ... by default.

        Returns
        -------
        AnswerLog
        """
        positive_integer("samples", samples)
        whole = np.concatenate([self.p, missing_mass("p", self.p)[:, None]], axis=1)
        if blocks is not None:
            instance("blocks", blocks, Blocks)
            whole = blocks.probabilities(
                whole, -(-samples // blocks.size), generator(rng, "blocks")
            )
            whole = np.repeat(whole, blocks.size, axis=1)[:, :samples]
        codes = _drawn(whole, generator(rng, "samples").random((len(self.p), samples)))
        codes = np.where(codes == self.p.shape[1], -1, codes)
        right = codes == self.correct[:, None]
        flags = scores = None
        if keep is not None:
            instance("keep", keep, Filter)
            flags = keep.flags(right, codes >= 0, generator(rng, "keep"))
        if score is not None:
            instance("score", score, RewardModel)
            scores = score.scores(right, generator(rng, "score"))
        return AnswerLog.from_codes(
            codes, correct=self.correct, question=question, keep=flags, score=scores
        )

    def per_question(self, rule: Rule, k: ArrayLike, *, keep: Filter | None = None) -> Floats:
        """Return the exact accuracy of each question after k calls, [Q, K].

        Parameters
        ----------
        rule : Vote, FilterVote, PassAtK, PassHatK, GPassAtK or MeanAtK
            What the system does with its samples. The others have no closed form: bootstrap a long
            log.
        k : int or array_like of int [K]
            Numbers of calls.
        keep : Filter, optional
            The filter of a FilterVote.

        Returns
        -------
        float64 [Q, K]
        """
        calls = np.atleast_1d(numbers_of_calls(k, least=rule.least_calls))
        chance = self.p_correct[:, None]
        match rule:
            case Vote():
                return vote_accuracy(self._votes(rule), calls, correct=self.correct, ties=rule.ties)
            case FilterVote():
                return self._filtered(rule, calls, keep)
            case PassAtK():
                with np.errstate(divide="ignore"):
                    return np.asarray(-np.expm1(calls * np.log1p(-chance)))
            case PassHatK():
                return np.asarray(chance**calls)
            case MeanAtK():
                return np.repeat(chance, len(calls), axis=1)
            case GPassAtK():
                from scipy.stats import binom  # noqa: PLC0415 - scipy is slow to import

                above, below = rule.ratio
                return np.asarray(binom.sf(-(-above * calls // below) - 1, calls, chance))
            case _:
                msg = f"{rule!r} has no closed form; bootstrap the curve of a long log instead"
                raise ArgumentError(msg)

    def accuracy(self, rule: Rule, k: ArrayLike, *, keep: Filter | None = None) -> Floats:
        """Return the exact mean accuracy of these questions after k calls, [K].

        See `per_question`.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.simulate import Distributions
        >>> Distributions([[0.6, 0.4], [0.3, 0.7]]).accuracy(kc.Vote(), [1, 3, 5])
        array([0.45   , 0.432  , 0.42282])
        """
        return np.asarray(self.per_question(rule, k, keep=keep).mean(axis=0))

    def _votes(self, rule: Vote) -> Floats:
        missing = missing_mass("p", self.p)[:, None]
        if rule.no_answer == "vote":
            return np.concatenate([self.p, missing], axis=1)
        if rule.no_answer == "drop":
            return self.p / (1 - missing)
        return self.p

    def _filtered(self, rule: FilterVote, k: NDArray[np.int64], keep: Filter | None) -> Floats:
        if keep is None or rule.threshold is not None:
            msg = f"the accuracy of {rule!r} needs keep=Filter(...), and no threshold"
            raise ArgumentError(msg)
        if rule.no_answer != "ignore" and (missing_mass("p", self.p) > 0).any():
            msg = (
                f"a filtered vote with draws without an answer is known for 'ignore', got {rule!r}"
            )
            raise ArgumentError(msg)
        right = np.arange(self.p.shape[1]) == self.correct[:, None]
        chance = np.where(right, keep.keep_right, keep.keep_wrong)
        return filter_vote_accuracy(
            self.p * chance,
            self.p * (1 - chance),
            k,
            correct=self.correct,
            ties=rule.ties,
            calls=rule.calls,
        )

    def __repr__(self) -> str:
        """Show the size."""
        return f"Distributions: {len(self.p)} questions x {self.p.shape[1]} answers"


def _drawn(p: Floats, uniform: Floats) -> NDArray[np.int64]:
    """Return the answers [Q, n] at the uniform numbers, by p [Q, A] or [Q, n, A] that sum to 1."""
    edges = p.cumsum(axis=-1)
    edges = edges[..., :-1] / edges[..., -1:]
    if p.ndim == 3:
        return np.asarray((uniform[..., None] >= edges).sum(axis=-1, dtype=np.int64))
    drawn = np.zeros(uniform.shape, dtype=np.int64)
    # One pass per answer: the table of all edges would be larger than the log.
    for answer in range(edges.shape[1]):
        drawn += uniform >= edges[:, answer, None]
    return drawn
