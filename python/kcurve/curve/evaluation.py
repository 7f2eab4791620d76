"""From a log and a rule to the per-question scores: the calls into the core, and its complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, assert_never

import numpy as np

from kcurve import _core
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import (
    BestOfN,
    FilterVote,
    GPassAtK,
    MeanAtK,
    PassAtK,
    PassHatK,
    Vote,
    WeightedVote,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kcurve.rules import Rule

    AnyLog = AnswerLog | TalliedLog
    Request = _core.ExactRequest | _core.ReplayRequest
    Scores = tuple[NDArray[np.float64], NDArray[np.float64] | None]


def drawn_log(log: AnyLog, rule: Rule) -> AnyLog:
    """Return the log the rule draws from: without the unanswered samples if it drops them."""
    if isinstance(rule, Vote | FilterVote | WeightedVote) and rule.no_answer == "drop":
        return log.drop_no_answers()
    return log


def sample_counts(log: AnyLog) -> NDArray[np.int64] | None:
    """Return how many samples each entry of the log stands for; None if one each."""
    return log.count if isinstance(log, TalliedLog) else None


def kept_samples(log: AnyLog, threshold: float | None) -> NDArray[np.bool_]:
    """Return which samples the filter keeps: by the ``keep`` column, or by the score."""
    if threshold is None:
        if log.keep is None:
            msg = (
                "FilterVote needs a keep column, which the log lacks; "
                "read it with keep=..., or filter by score with FilterVote(threshold=...)"
            )
            raise MissingColumnError(msg)
        return log.keep
    if log.score is None:
        msg = f"FilterVote(threshold={threshold}) needs a score column; read it with score=..."
        raise MissingColumnError(msg)
    return np.asarray(log.score >= threshold)


def exact_tables(
    log: AnyLog,
    rule: Rule,
    k: NDArray[np.int64],
    *,
    replacement: bool,
    jackknife: bool = False,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Scores:
    """Return the scores and, on request, the jackknife variances; both questions x k."""
    request = _core.ExactRequest(
        k=k, replacement=replacement, jackknife=jackknife, threads=threads, progress=progress
    )
    answer: Scores = answer_of(log, rule, request)
    return answer


def answer_of(log: AnyLog, rule: Rule, request: Request) -> Any:  # noqa: ANN401 - as asked for
    """Return what the request asks for; complaints of the core in the words of the log."""
    try:
        return _answer(log, rule, request)
    except _core.QuestionError as error:
        explain(log, rule, error)


def _answer(log: AnyLog, rule: Rule, request: Request) -> object:
    count = sample_counts(log)
    match rule:
        case Vote():
            no_answer = "ignore" if rule.no_answer == "drop" else rule.no_answer
            return _core.vote(
                log.offsets, log.codes, log.correct, rule.ties, no_answer, request, count
            )
        case FilterVote():
            no_answer = "ignore" if rule.no_answer == "drop" else rule.no_answer
            keep = kept_samples(log, rule.threshold)
            return _core.filter_vote(
                log.offsets,
                log.codes,
                log.correct,
                keep,
                rule.ties,
                no_answer,
                rule.calls_per_candidate,
                request,
                count,
            )
        case WeightedVote():
            if isinstance(request, _core.ExactRequest):
                msg = f"{rule!r} has no closed form; use method=Bootstrap(...)"
                raise ArgumentError(msg)
            score = score_of_samples(log, "WeightedVote")
            return _core.weighted_vote(
                log.offsets,
                log.codes,
                log.correct,
                score,
                rule.weight,
                rule.power,
                rule.temperature,
                rule.ratio,
                rule.ties,
                "ignore" if rule.no_answer == "drop" else rule.no_answer,
                request,
                count,
            )
        case BestOfN():
            score = score_of_samples(log, "BestOfN")
            return _core.best_of_n(log.offsets, score, log.correct, rule.ties, request, count)
        case GPassAtK():
            return _core.g_pass_at_k(log.offsets, log.correct, rule.ratio, request, count)
        case PassAtK() | PassHatK() | MeanAtK():
            return _COUNTING[type(rule)](log.offsets, log.correct, request, count)
        case _:
            assert_never(rule)


_COUNTING = {
    PassAtK: _core.pass_at_k,
    PassHatK: _core.pass_hat_k,
    MeanAtK: _core.mean_at_k,
}


def score_of_samples(log: AnyLog, rule: str) -> NDArray[np.float64]:
    """Return the score column, which the rule of this name needs."""
    if log.score is None:
        msg = f"{rule} needs a score column, which the log lacks; read it with score=..."
        raise MissingColumnError(msg)
    return log.score


def explain(log: AnyLog, rule: Rule, error: _core.QuestionError) -> NoReturn:
    """Word the core's complaint, which knows questions by position only."""
    kind, position, *numbers = error.args
    question = f'question "{log.question[position]}"'
    match kind:
        case "calls_out_of_range":
            k, least, most = numbers
            if k < least:
                msg = f"k must be at least {least} for {rule!r}, got {k}"
                raise ArgumentError(msg) from None
            msg = (
                f"k must be between {least} and {most} (the samples of {question}), got {k}; use "
                "Exact(replacement=True) to extrapolate, or log.select(min_samples=...) to leave "
                "out questions with few samples"
            )
            raise ArgumentError(msg) from None
        case "no_samples":
            msg = f"{question} has no samples to draw; leave it out by log.select(min_samples=1)"
            raise LogError(msg) from None
        case "mixed_verdict":
            answer = _answer_text(log, position, numbers[0])
            msg = (
                f"{question} has {answer} marked both correct and wrong; "
                "a vote needs one verdict per answer: fix the correct column, or normalise answers"
            )
            raise LogError(msg) from None
        case "correct_without_answer":
            if isinstance(log, TalliedLog):
                subject = f"a sample of {question}"
            else:
                subject = f"{question}, sample {log.sample[numbers[0]]},"
            msg = (
                f"{subject} is marked correct but has no answer to vote for; "
                "a vote needs an answer column"
            )
            raise LogError(msg) from None
        case "no_weight":
            assert log.score is not None  # noqa: S101 - weights were made of it
            msg = (
                f"{question} has a sample with the score {log.score[numbers[0]]}, which has no finite "
                f"weight under {rule!r}; rescale the scores, or choose other weights"
            )
            raise LogError(msg) from None
        case _:
            raise error


def _answer_text(log: AnyLog, question: int, sample: int) -> str:
    """Name an answer as well as the log can: a tallied log does not keep the texts."""
    if isinstance(log, TalliedLog):
        return "an answer"
    answer = log.answers[log.answer_offsets[question] + log.codes[sample]]
    return f"the answer {answer!r}"
