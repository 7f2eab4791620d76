"""Which answers lead a question: what its vote tends to as calls are added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kcurve.curve.evaluation import kept_samples, sample_counts
from kcurve.rules import FilterVote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.laws.questions import AnyLog
    from kcurve.rules import Vote

    Integers = NDArray[np.int64]


class Leaders(NamedTuple):
    """The lead of each question."""

    limit: NDArray[np.float64]
    """Correct answers among those in the lead over all of them: 1 easy, 0 hard, 1 / m a tie, [Q]."""
    lead: Integers
    """Samples of the most frequent correct answer less those of the most frequent wrong one, [Q]."""
    correct: Integers
    """Samples of the most frequent correct answer, [Q]."""
    wrong: Integers
    """Samples of the most frequent wrong answer, [Q]."""
    answers: Integers
    """Distinct answers, [Q]."""


def leaders(log: AnyLog, rule: Vote | FilterVote) -> Leaders:
    """Return who leads among the samples that vote in the end.

    For Filter-Vote those are the samples kept, or all of a question that keeps none: with calls
    enough some sample is kept wherever any can be.
    """
    question = np.repeat(np.arange(log.n_questions), np.diff(log.offsets))
    stands_for = sample_counts(log)
    weights = np.ones(len(log.codes), np.int64) if stands_for is None else stands_for
    if isinstance(rule, FilterVote):
        keep = kept_samples(log, rule.threshold) & (weights > 0)
        keeps_any = np.bincount(question[keep], minlength=log.n_questions) > 0
        weights = np.where(keep | ~keeps_any[question], weights, 0)
    # Codes are less than the number of entries of the question; no answer comes after all of them.
    votes = np.ones(len(log.codes), bool) if rule.no_answer == "vote" else log.codes >= 0
    entries = len(log.codes)
    place = np.where(log.codes >= 0, log.offsets[question] + log.codes, entries + question)[votes]
    counts = np.bincount(place, weights[votes], minlength=entries + log.n_questions)
    counts = counts.astype(np.int64)
    correct = np.zeros(len(counts), bool)
    correct[place[log.correct[votes]]] = True
    owner = np.concatenate([question, np.arange(log.n_questions)])
    top = np.zeros((2, log.n_questions), np.int64)
    np.maximum.at(top, (correct.astype(np.intp), owner), counts)
    leading = (counts > 0) & (counts == top.max(axis=0)[owner])
    tied = np.bincount(owner[leading], minlength=log.n_questions)
    right = np.bincount(owner[leading & correct], minlength=log.n_questions)
    return Leaders(
        limit=right / np.maximum(tied, 1),
        lead=top[1] - top[0],
        correct=top[1],
        wrong=top[0],
        answers=np.bincount(owner[counts > 0], minlength=log.n_questions),
    )
