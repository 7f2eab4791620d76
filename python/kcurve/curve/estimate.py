"""`curve`: from a log and a rule to the score after every number of calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

import numpy as np

from kcurve._validation import instance, number_between, positive_integer
from kcurve.curve.evaluation import drawn_log, exact_tables
from kcurve.curve.identity import identity_order
from kcurve.curve.methods import Bootstrap, Exact
from kcurve.curve.replay import Replays, replay
from kcurve.curve.result import Curve
from kcurve.errors import ArgumentError, LogError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import FilterVote, Rule, Vote, WeightedVote

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kcurve.curve.bands import Interval
    from kcurve.curve.methods import Method


def curve(
    log: AnswerLog | TalliedLog,
    rule: Rule = Vote(),  # noqa: B008 - frozen
    *,
    k: int | Iterable[int] | None = None,
    method: Method | None = None,
    interval: Interval | None = "combined",
    level: float = 0.95,
    simultaneous: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Curve:
    """Estimate the score of a rule after every number of calls k, with a band.

    The score of a question is the expectation of the rule's credit over the draws of k of its n
    logged samples; the curve is the mean over questions.

    Parameters
    ----------
    log : AnswerLog or TalliedLog
        Sampled answers of one model. Questions may have different numbers of samples.
    rule : Vote, FilterVote, WeightedVote, BestOfN, PassAtK, PassHatK, GPassAtK or MeanAtK
        What the system does with its draws.
    k : int or iterable of int, optional
        Numbers of calls, in any order; repeats count once. The default is every k from the least the rule is defined for to the
        most that every question's samples allow.
    method : Exact or Bootstrap, optional
        How the expectation is evaluated: in closed form or by replaying draws; without replacement
        (unbiased, k up to n) or with (any k). The default is ``Exact()``, and ``Bootstrap()`` for
        a rule that has no closed form.
    interval : {"combined", "estimation", "generalisation", "run_to_run", "fresh_run"} or None
        Which uncertainty the band shows; see `Curve.band`.
    level : float
        Confidence level of the band.
    simultaneous : bool
        Whether the band covers the whole curve at once.
    threads : int, optional
        Threads to use; all by default. The result has the same bits for any number.
    progress : callable, optional
        Called now and then with the number of questions done and their total.

    Returns
    -------
    Curve

    Raises
    ------
    ArgumentError
        If k exceeds the samples of a question drawn without replacement, or a setting is out of
        range.
    LogError
        If the log holds several models, a question without samples, or an answer marked both
        correct and wrong.
    MissingColumnError
        If the rule needs a column that the log lacks.

    Notes
    -----
    About ``n^2`` multiply-adds per question for a vote at every k, up to n of about a thousand;
    ``100 k`` per answer that can win, and k, beyond (contour integral). Questions with equal counts
    are evaluated once. The relative error is below 1e-12 up to a thousand samples, and below 1e-10
    beyond, for scores above 1e-9.

    By `Bootstrap`, for each question and replicate of a vote, about 0.3 ns per draw for four
    answers, up to a few hundred draws between neighbouring k, and 20 ns per answer beyond.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, sections 3 and 4.

    Examples
    --------
    >>> import kcurve as kc
    >>> log = kc.AnswerLog.from_codes([[0, 0, 1, 2], [1, 0, 1, 1]], correct=[0, 1])
    >>> kc.curve(log, interval=None).mean.round(4)
    array([0.625 , 0.625 , 0.8333, 1.    ])
    """
    instance("log", log, AnswerLog, TalliedLog)
    method = chosen_method(rule, method, level)
    refuse_several_models(log.model.names[code] for code in np.unique(log.model.codes))
    if threads is not None:
        positive_integer("threads", threads)
    log = drawn_log(log, rule)
    calls = numbers_of_calls(k, fewest_samples(log), rule)
    scores: NDArray[np.float64] | Replays
    if isinstance(method, Bootstrap):
        scores = replay(log, rule, calls, method, threads=threads, progress=progress)
    else:
        total = log.n_questions
        scores, _ = exact_tables(
            log,
            rule,
            calls,
            replacement=method.replacement,
            threads=threads,
            progress=None if progress is None else lambda done: progress(done, total),
        )
    made = curve_of(
        log, rule, calls, method, scores, level=level, simultaneous=simultaneous, threads=threads
    )
    return made.band(interval)


def chosen_method(rule: Rule, method: Method | None, level: float) -> Method:
    """Check what a curve is asked for; return the method, the rule's own by default."""
    instance("rule", rule, *get_args(Rule))
    if method is None:
        method = Bootstrap() if isinstance(rule, WeightedVote) else Exact()
    instance("method", method, Exact, Bootstrap)
    number_between("level", level, 0.5, 1 - 1e-12)
    return method


def curve_of(
    log: AnswerLog | TalliedLog,
    rule: Rule,
    calls: NDArray[np.int64],
    method: Method,
    scores: NDArray[np.float64] | Replays,
    *,
    level: float,
    simultaneous: bool,
    threads: int | None,
) -> Curve:
    """Return the curve, without a band, of exact scores [Q, K] or of replicates."""
    if isinstance(scores, Replays):
        replays, per_question, mean = scores, scores.scores, scores.mean
    else:
        replays, per_question = None, scores
        mean = scores[identity_order(log)].mean(axis=0)
    nothing = np.full(len(calls), np.nan)
    return Curve(
        k=calls,
        mean=mean,
        low=nothing,
        high=nothing,
        per_question=per_question,
        rule=rule,
        method=method,
        interval=None,
        level=level,
        simultaneous=simultaneous,
        log=log,
        replays=replays,
        threads=threads,
    )


def refuse_several_models(models: Iterable[str]) -> None:
    """Fail unless there is one model."""
    found = list(models)
    if len(found) > 1:
        names = ", ".join(map(repr, found[:3]))
        more = ", ..." if len(found) > 3 else ""
        msg = (
            f"a curve is of one model, but the log holds {len(found)} ({names}{more}); "
            'take them one by one with log.by("model"), or choose with log.select(model=...)'
        )
        raise LogError(msg)


def fewest_samples(log: AnswerLog | TalliedLog) -> int:
    """Return the number of samples of the question that has the fewest."""
    return int(log.n_samples.min(initial=np.iinfo(np.int64).max))


def numbers_of_calls(k: int | Iterable[int] | None, samples: int, rule: Rule) -> NDArray[np.int64]:
    """Return the numbers of calls asked for, sorted and without repeats.

    By default all that a question of so few `samples` allows.
    """
    if k is None:
        most = samples * rule.calls_per_candidate if isinstance(rule, FilterVote) else samples
        return np.arange(rule.least_calls, max(most, rule.least_calls) + 1, dtype=np.int64)
    values = np.atleast_1d(np.asarray(list(k) if isinstance(k, Iterable) else k))
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "iu":
        msg = f"k must be an integer or a sequence of integers, got {k!r}"
        raise ArgumentError(msg)
    if values.min() < 1:
        msg = f"k must be at least 1, got {values.min()}"
        raise ArgumentError(msg)
    return np.unique(values.astype(np.int64))
