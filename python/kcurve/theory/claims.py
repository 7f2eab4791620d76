"""What each answer of a logged question claims in a vote: votes, or the sum of its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.evaluation import sample_counts
from kcurve.errors import ArgumentError, MissingColumnError
from kcurve.rules import Vote, WeightedVote
from kcurve.theory.contest import TIE
from kcurve.theory.lead_probability import Answers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog

    Floats = NDArray[np.float64]


def question_of_entries(log: AnswerLog | TalliedLog) -> NDArray[np.int64]:
    """Return the question of each entry of the log."""
    return np.repeat(np.arange(log.n_questions), np.diff(log.offsets))


def answer_claims(log: AnswerLog | TalliedLog, rule: Vote | WeightedVote) -> Answers:
    """Return the claims of the answers that were given."""
    owner = question_of_entries(log)
    weight = _weights(log, rule, owner)
    counts = sample_counts(log)
    times = np.ones(len(owner)) if counts is None else counts.astype(np.float64)
    # Codes are less than the number of entries of their question: these are distinct, and in order.
    place = 2 * log.offsets[owner] + np.maximum(log.codes, 0)
    votes = np.ones(len(owner), dtype=bool)
    if rule.no_answer == "vote":
        place = np.where(log.codes < 0, 2 * log.offsets[owner + 1] - 1, place)
    else:
        votes = log.codes >= 0
    given, answer = np.unique(place[votes], return_inverse=True)
    question = np.zeros(len(given), dtype=np.int64)
    question[answer] = owner[votes]
    right = np.zeros(len(given), dtype=bool)
    np.logical_or.at(right, answer, log.correct[votes])
    claim = np.bincount(answer, (weight * times)[votes], minlength=len(given)).astype(np.float64)
    squares = np.bincount(answer, (weight**2 * times)[votes], minlength=len(given)).astype(
        np.float64
    )
    return Answers(question, claim, squares, right)


def _weights(
    log: AnswerLog | TalliedLog, rule: Vote | WeightedVote, owner: NDArray[np.int64]
) -> Floats:
    """Return the weight of each entry's samples, relative to the largest of its question."""
    if isinstance(rule, Vote):
        return np.ones(len(owner))
    if rule.weight != "sum" or rule.top != 1:
        msg = f'limits are of weighted votes with weight="sum" and top=1.0, got {rule!r}'
        raise ArgumentError(msg)
    if log.score is None:
        msg = "WeightedVote needs a score column, which the log lacks; read it with score=..."
        raise MissingColumnError(msg)
    scored = ~np.isnan(log.score)
    score = np.where(scored, log.score, 0.0)
    if rule.temperature is None:
        with np.errstate(all="ignore"):
            weight = np.where(scored, score**rule.power, 0.0)
    else:
        highest = np.full(log.n_questions, -np.inf)
        np.maximum.at(highest, owner[scored], score[scored])
        exponent = np.where(scored, score - np.where(scored, highest[owner], 0.0), -np.inf)
        weight = np.exp(exponent / rule.temperature)
    if not np.isfinite(weight).all():
        entry = int(np.argmin(np.isfinite(weight)))
        question = log.question[int(owner[entry])]
        msg = f'question "{question}" has a score without a finite weight, {log.score[entry]}'
        raise ArgumentError(msg)
    largest = np.zeros(log.n_questions)
    np.maximum.at(largest, owner, np.abs(weight))
    return np.asarray(weight / np.where(largest > 0, largest, 1.0)[owner])


def leading_claims(answers: Answers, questions: int) -> tuple[Floats, Floats, Floats]:
    """Return the share of each lead that is correct, and the two largest claims, [Q] each."""
    first = np.full(questions, -np.inf)
    np.maximum.at(first, answers.question, answers.claim)
    own = first[answers.question]
    leading = own - answers.claim <= TIE * np.abs(own)
    tied = np.bincount(answers.question, leading, minlength=questions)
    right = np.bincount(answers.question, leading & answers.right, minlength=questions)
    order = np.lexsort((-answers.claim, answers.question))
    starts = np.searchsorted(answers.question, np.arange(questions + 1))
    several = np.diff(starts) > 1
    second = np.zeros(questions)
    second[several] = answers.claim[order[starts[:-1][several] + 1]]
    nobody = np.diff(starts) == 0
    return right / tied.clip(1), np.where(nobody, 0.0, first), second
