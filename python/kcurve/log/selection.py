"""Parts of a log: which questions meet conditions, and the log of these alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.errors import ArgumentError, LogError
from kcurve.log.columns import PER_QUESTION, PER_SAMPLE
from kcurve.log.packing import offsets_of, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.log.answer_log import AnswerLog
    from kcurve.log.columns import Categorical
    from kcurve.log.sampled_questions import SampledQuestions


def chosen_questions(
    log: SampledQuestions,
    questions: ArrayLike | None,
    model: str | Sequence[str] | None,
    dataset: str | Sequence[str] | None,
    min_samples: int | None,
) -> NDArray[np.int64]:
    """Positions of the questions that meet every condition given."""
    chosen = np.ones(log.n_questions, dtype=np.bool_)
    if questions is not None:
        chosen &= _by_question(log, questions)
    if model is not None:
        chosen &= _by_name("model", log.model, model)
    if dataset is not None:
        chosen &= _by_name("dataset", log.dataset, dataset)
    if min_samples is not None:
        chosen &= log.n_samples >= min_samples
    return np.flatnonzero(chosen)


def _by_question(log: SampledQuestions, questions: ArrayLike) -> NDArray[np.bool_]:
    given = np.atleast_1d(np.asarray(questions))
    if given.dtype == np.bool_:
        if given.shape != (log.n_questions,):
            raise ArgumentError(
                f"a mask of questions must have {log.n_questions} entries, got {given.shape}"
            )
        return given
    wanted = {str(one) for one in given.tolist()}
    ids = log.question.tolist()
    unknown = wanted.difference(ids)
    if unknown:
        raise ArgumentError(f'the log has no question "{min(unknown)}"')
    return np.fromiter((one in wanted for one in ids), dtype=np.bool_, count=len(ids))


def _by_name(column: str, categories: Categorical, names: str | Sequence[str]) -> NDArray[np.bool_]:
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in categories.names:
            known = ", ".join(f'"{known}"' for known in categories.names if known) or "none"
            raise ArgumentError(f'the log has no {column} "{name}"; it has {known}')
    codes = [categories.names.index(name) for name in wanted]
    return np.isin(categories.codes, codes)


def take_questions(log: AnswerLog, questions: NDArray[np.int64]) -> AnswerLog:
    """Return the log with only the questions at these positions."""
    if not len(questions):
        raise LogError("no question is left; select fewer conditions or other names")
    counts = log.n_samples[questions]
    distinct = np.diff(log.answer_offsets)[questions]
    kept: dict[str, Any] = {
        name: None if (values := getattr(log, name)) is None else values.take(questions)
        for name in PER_QUESTION
    }
    samples = spans(log.offsets[questions], counts)
    return replace(
        log,
        **kept,
        **_samples_at(log, samples),
        offsets=offsets_of(counts),
        answers=log.answers.take(spans(log.answer_offsets[questions], distinct)),
        answer_offsets=offsets_of(distinct),
    )


def take_samples(
    log: AnswerLog, samples: NDArray[np.int64], counts: NDArray[np.int64]
) -> AnswerLog:
    """Return the log with only the samples at these positions, `counts` of each question.

    The codes that are left must still be 0, 1, ... in every question: those of the first
    samples are, because codes follow first appearance.
    """
    offsets = offsets_of(counts)
    distinct = np.maximum.reduceat(log.codes[samples], offsets[:-1]).astype(np.int64) + 1
    return replace(
        log,
        **_samples_at(log, samples),
        offsets=offsets,
        answers=log.answers.take(spans(log.answer_offsets[:-1], distinct)),
        answer_offsets=offsets_of(distinct),
    )


def take_samples_recoded(
    log: AnswerLog, samples: NDArray[np.int64], counts: NDArray[np.int64]
) -> AnswerLog:
    """Return the log with only the samples at these positions, in this order; any of them.

    Codes are given anew, 0, 1, ... in order of appearance.
    """
    offsets = offsets_of(counts)
    question = np.repeat(np.arange(len(counts)), counts)
    codes = log.codes[samples].astype(np.int64)
    answered = codes >= 0
    # Where each answer is in the list of all answers.
    places = (log.answer_offsets[:-1][question] + codes)[answered]
    distinct, first, which = np.unique(places, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    answers_of = np.bincount(question[answered][first], minlength=len(counts)).astype(np.int64)
    answer_offsets = offsets_of(answers_of)
    recoded = np.full(len(codes), -1, dtype=np.int32)
    recoded[answered] = rank[which] - answer_offsets[question[answered]]
    return replace(
        log,
        **{**_samples_at(log, samples), "codes": recoded},
        offsets=offsets,
        answers=log.answers.take(distinct[order]),
        answer_offsets=answer_offsets,
    )


def _samples_at(log: AnswerLog, samples: NDArray[np.int64]) -> dict[str, Any]:
    """Return the values of every per-sample column at these positions."""
    values = {
        name: None if (column := getattr(log, name)) is None else column[samples]
        for name in PER_SAMPLE
    }
    steps = None if log.step_scores is None else log.step_scores.take(samples)
    return {**values, "step_scores": steps}
