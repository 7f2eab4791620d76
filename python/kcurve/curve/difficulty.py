"""Query difficulty: whether a vote is on the right side, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from kcurve._validation import choice
from kcurve.curve.evaluation import kept_samples, sample_counts
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.evaluation import AnyLog
    from kcurve.log import AnswerLog, TalliedLog


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Difficulty:
    """Difficulty of each question: negative easy, positive hard, zero tied.

    With calls without end a vote answers the easy questions right and the hard ones wrong; a tie
    with m - 1 wrong answers is right one time in m.

    Attributes
    ----------
    vote : float64 [Q]
        ``d_V = max_wrong P(answer) - P(correct)``.
    filter : float64 [Q] or None
        ``d_F``, the same among the samples the filter keeps (all samples where it keeps none);
        None if the log has nothing to filter by.
    """

    vote: NDArray[np.float64]
    filter: NDArray[np.float64] | None

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        self.vote.setflags(write=False)
        if self.filter is not None:
            self.filter.setflags(write=False)

    @property
    def easy(self) -> NDArray[np.bool_]:
        """Questions whose correct answer leads the vote."""
        return np.asarray(self.vote < 0)

    @property
    def hard(self) -> NDArray[np.bool_]:
        """Questions whose vote a wrong answer leads."""
        return np.asarray(self.vote > 0)

    @property
    def tied(self) -> NDArray[np.bool_]:
        """Questions whose correct answer and a wrong one lead together, or that have no vote."""
        return np.asarray(self.vote == 0)

    @overload
    def split(
        self, log: AnswerLog, *, by: Literal["vote", "filter"] = "vote"
    ) -> dict[str, AnswerLog]: ...

    @overload
    def split(
        self, log: TalliedLog, *, by: Literal["vote", "filter"] = "vote"
    ) -> dict[str, TalliedLog]: ...

    def split(
        self, log: AnyLog, *, by: Literal["vote", "filter"] = "vote"
    ) -> dict[str, AnswerLog] | dict[str, TalliedLog]:
        """Return the questions of `log` by difficulty: "easy", "hard", "tied"; empty ones left out.

        Parameters
        ----------
        log : AnswerLog or TalliedLog
            The log whose difficulty this is.
        by : {"vote", "filter"}
            Which difficulty to split by.

        Examples
        --------
        >>> import kcurve as kc
        >>> log = kc.example_log()
        >>> parts = kc.difficulty(log).split(log)
        >>> {name: part.n_questions for name, part in parts.items()}
        {'easy': 876, 'hard': 116, 'tied': 7}
        """
        choice("by", by, ("vote", "filter"))
        values = self.vote if by == "vote" else self.filter
        if values is None:
            msg = 'by="filter" needs a keep column or a threshold, which difficulty() was not given'
            raise ArgumentError(msg)
        if len(values) != log.n_questions:
            msg = f"the log has {log.n_questions} questions, this difficulty is of {len(values)}"
            raise ArgumentError(msg)
        masks = {"easy": values < 0, "hard": values > 0, "tied": values == 0}
        return {  # type: ignore[return-value]
            name: log.select(questions=mask) for name, mask in masks.items() if mask.any()
        }

    def __repr__(self) -> str:
        """Show how many questions are on which side."""
        return (
            f"Difficulty({len(self.vote)} questions: {self.easy.sum()} easy, "
            f"{self.hard.sum()} hard, {self.tied.sum()} tied)"
        )


def difficulty(log: AnyLog, *, threshold: float | None = None) -> Difficulty:
    """Return the difficulty of each question for Vote and, where a filter is known, Filter-Vote.

    ``d = max_wrong P(answer) - P(correct)``, by the logged frequencies. Samples without an answer
    count among the draws but for no answer. If several answers are correct the most frequent one
    counts.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        Sampled answers.
    threshold : float, optional
        Keep samples with at least this score. The default is the ``keep`` column, if there is one.

    Returns
    -------
    Difficulty

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4 (query difficulty).

    Examples
    --------
    >>> import kcurve as kc
    >>> log = kc.AnswerLog.from_codes([[0, 0, 1, 2], [1, 0, 1, 1]], correct=[0, 0])
    >>> kc.difficulty(log).vote
    array([-0.25,  0.5 ])
    """
    samples = np.ones(len(log.codes), dtype=bool)
    vote = _lead_of_wrong(log, samples)
    kept_lead = None
    if threshold is not None or log.keep is not None:
        keep = kept_samples(log, threshold)
        kept_any = _sums(_owners(log)[keep], _weights(log, keep), log.n_questions) > 0
        kept_lead = np.where(kept_any, _lead_of_wrong(log, keep), vote)
    return Difficulty(vote=vote, filter=kept_lead)


def _lead_of_wrong(log: AnyLog, included: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the top wrong frequency less the top correct one; 0 where nothing is included."""
    question = _owners(log)
    # Codes are less than the number of entries, so that these are distinct answers of the log.
    answered = included & (log.codes >= 0)
    answer = log.offsets[question[answered]] + log.codes[answered]
    n_answers = len(log.codes)
    counts = _sums(answer, _weights(log, answered), n_answers)
    correct = np.zeros(n_answers, dtype=bool)
    np.logical_or.at(correct, answer, log.correct[answered])
    top = np.zeros((2, log.n_questions), dtype=np.int64)
    np.maximum.at(top, (correct.astype(np.intp), question), counts)
    drawn = _sums(question[included], _weights(log, included), log.n_questions)
    return np.asarray((top[0] - top[1]) / np.maximum(drawn, 1))


def _owners(log: AnyLog) -> NDArray[np.int64]:
    """Return the question of each entry."""
    return np.repeat(np.arange(log.n_questions), np.diff(log.offsets))


def _weights(log: AnyLog, included: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Return how many samples each included entry stands for; None if one each."""
    counts = sample_counts(log)
    return None if counts is None else counts[included]


def _sums(
    places: NDArray[np.int64], weights: NDArray[np.int64] | None, length: int
) -> NDArray[np.int64]:
    """Return the sum of the weights at each place; sums below 2^53 are exact."""
    return np.bincount(places, weights, minlength=length).astype(np.int64)
