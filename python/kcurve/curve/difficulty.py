"""Query difficulty: whether a vote is on the right side, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice
from kcurve.curve.evaluation import kept_samples
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog


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

    def split(
        self, log: AnswerLog, *, by: Literal["vote", "filter"] = "vote"
    ) -> dict[str, AnswerLog]:
        """Return the questions of `log` by difficulty: "easy", "hard", "tied"; empty ones left out.

        Parameters
        ----------
        log : AnswerLog
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
        return {name: log.select(questions=mask) for name, mask in masks.items() if mask.any()}

    def __repr__(self) -> str:
        """Show how many questions are on which side."""
        return (
            f"Difficulty({len(self.vote)} questions: {self.easy.sum()} easy, "
            f"{self.hard.sum()} hard, {self.tied.sum()} tied)"
        )


def difficulty(log: AnswerLog, *, threshold: float | None = None) -> Difficulty:
    """Return the difficulty of each question for Vote and, where a filter is known, Filter-Vote.

    ``d = max_wrong P(answer) - P(correct)``, by the logged frequencies. Samples without an answer
    count among the draws but for no answer. If several answers are correct the most frequent one
    counts.

    Parameters
    ----------
    log : AnswerLog
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
        kept_any = _per_question(log, keep) > 0
        kept_lead = np.where(kept_any, _lead_of_wrong(log, keep), vote)
    return Difficulty(vote=vote, filter=kept_lead)


def _lead_of_wrong(log: AnswerLog, included: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the top wrong frequency less the top correct one; 0 where nothing is included."""
    question = np.repeat(np.arange(log.n_questions), log.n_samples)
    answered = included & (log.codes >= 0)
    answer = log.answer_offsets[question[answered]] + log.codes[answered]
    n_answers = int(log.answer_offsets[-1])
    counts = np.bincount(answer, minlength=n_answers)
    correct = np.zeros(n_answers, dtype=bool)
    np.logical_or.at(correct, answer, log.correct[answered])
    owner = np.repeat(np.arange(log.n_questions), np.diff(log.answer_offsets))
    top = np.zeros((2, log.n_questions), dtype=np.int64)
    np.maximum.at(top, (correct.astype(np.intp), owner), counts)
    drawn = _per_question(log, included)
    return np.asarray((top[0] - top[1]) / np.maximum(drawn, 1))


def _per_question(log: AnswerLog, included: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many samples of each question are included."""
    question = np.repeat(np.arange(log.n_questions), log.n_samples)
    return np.bincount(question[included], minlength=log.n_questions)
