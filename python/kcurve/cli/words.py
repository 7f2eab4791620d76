"""What a curve says, in words: its rule, its settings, its shape, its last doubling."""

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from kcurve.curve import Curve
from kcurve.log import AnswerLog
from kcurve.rules import BestOfN, FilterVote, GPassAtK, MeanAtK, PassAtK, PassHatK, Rule, Vote

_TIES = {"split": "ties split", "first": "ties to the first drawn", "wrong": "ties lose"}
_NO_ANSWER = {
    "ignore": "no-answers never win",
    "vote": "no-answers vote too",
    "drop": "no-answers left out",
}
_CALLS = {"paper": "2 calls per candidate", "candidates": "candidates counted, not calls"}
_INTERVAL = {
    "combined": "sampling noise of answers and of questions",
    "estimation": "sampling noise of answers only, these questions",
    "generalisation": "other questions of the same kind",
    "run_to_run": "one run of the system to the next",
}


class Gain(NamedTuple):
    """Accuracy gained between two numbers of calls, and its band over paired questions."""

    start: int
    stop: int
    mean: float
    low: float
    high: float


def describe_rule(rule: Rule) -> str:
    """Name of the rule and its settings, as a phrase."""
    match rule:
        case FilterVote():
            kept = "keep flags" if rule.threshold is None else f"scores from {rule.threshold:g}"
            words = [
                "filter vote",
                kept,
                _CALLS[rule.calls],
                _TIES[rule.ties],
                _NO_ANSWER[rule.no_answer],
            ]
        case Vote():
            words = ["plurality vote", _TIES[rule.ties], _NO_ANSWER[rule.no_answer]]
        case BestOfN():
            words = ["best of n by score", _TIES[rule.ties]]
        case PassAtK():
            words = ["pass@k", "any of k is correct"]
        case PassHatK():
            words = ["pass^k", "all of k are correct"]
        case GPassAtK():
            words = ["G-Pass@k", f"at least {100 * rule.tau:g}% of k are correct"]
        case MeanAtK():
            words = ["mean@k", "average of k answers"]
    return ", ".join(words)


def describe_log(log: AnswerLog) -> str:
    """Questions and samples of the log, its data sets and models."""
    counts = log.n_samples
    least, most = int(counts.min()), int(counts.max())
    samples = f"{least}" if least == most else f"{least} to {most}"
    parts = [
        f"{log.n_questions} {plural('question', log.n_questions)} x {samples} {plural('sample', most)}"
    ]
    for names in (log.dataset.names, log.model.names):
        named = [name for name in names if name]
        if named:
            parts.append(", ".join(named) if len(named) <= 3 else f"{len(named)} of them")
    return "; ".join(parts)


def describe_method(curve: Curve) -> str:
    """How the numbers were computed and what the band covers."""
    replacement = "with replacement" if curve.method.replacement else "without replacement"
    words = f"exact expectation over draws {replacement}"
    if curve.interval is None:
        return words
    return f"{words}; {100 * curve.level:g}% band: {_INTERVAL[curve.interval]}"


def plural(noun: str, count: int) -> str:
    """`noun`, with an s unless there is one of it."""
    return noun if count == 1 else f"{noun}s"


def shorten(text: str, most: int) -> str:
    """`text`, cut to `most` characters with two dots at the end if it is longer."""
    return text if len(text) <= most else text[: most - 2] + ".."


def points(difference: float, digits: int = 1) -> str:
    """A difference of accuracies in percentage points, signed: "+0.6"."""
    rounded = round(100 * difference, digits)
    return f"{rounded + 0.0:+.{digits}f}"  # the sum turns -0.0 into 0.0


def last_doubling(curve: Curve) -> Gain | None:
    """Gain from the largest k of the curve that is at most half its last, to its last.

    Its band takes the per-question differences as a sample of questions: mean +- z s / sqrt(Q). The
    noise of the answers is inside s. None if the curve has no such pair of points.
    """
    known = np.flatnonzero(np.isfinite(curve.mean))
    if len(known) == 0:
        return None
    stop = int(known[-1])
    before = [int(row) for row in known if 2 * curve.k[row] <= curve.k[stop]]
    if not before:
        return None
    start = before[-1]
    differences = curve.per_question[:, stop] - curve.per_question[:, start]
    mean = float(differences.mean())
    count = len(differences)
    margin = math.nan
    if count > 1:
        margin = (
            NormalDist().inv_cdf(0.5 + curve.level / 2)
            * float(differences.std(ddof=1))
            / math.sqrt(count)
        )
    return Gain(int(curve.k[start]), int(curve.k[stop]), mean, mean - margin, mean + margin)


def closing(curve: Curve) -> Iterable[str]:
    """One or two sentences: the shape and the best k; what the last doubling bought."""
    best = curve.optimal_k()
    values = {int(k): float(mean) for k, mean in zip(curve.k, curve.mean, strict=True)}
    first, last = int(curve.k[0]), int(curve.k[-1])
    at_first, at_best, at_last = (
        f"{100 * values[k]:.1f}% at {k} {plural('call', k)}" for k in (first, best, last)
    )
    match curve.shape:
        case "increasing":
            yield f"More calls help all the way: {at_first}, {at_last}."
        case "decreasing":
            yield f"More calls hurt from the start: {at_first}, {at_last}."
        case "inverse-U":
            yield f"More calls help, then hurt: {at_first}, the best {at_best}, {at_last}."
        case "U":
            yield f"More calls hurt, then help: {at_first}, {at_last}; the best is {at_best}."
        case "flat":
            yield f"More calls change nothing: {at_first}, {at_last}."
        case _:
            yield f"The curve rises and falls more than once: {at_first}, the best {at_best}, {at_last}."
    gain = last_doubling(curve)
    if gain is not None:
        words = f"From {gain.start} to {gain.stop} calls: {points(gain.mean)} points"
        if math.isfinite(gain.low):
            words += f", {100 * curve.level:g}% band {points(gain.low)} to {points(gain.high)}"
            if gain.low <= 0 <= gain.high:
                words += "; this log cannot tell it from no change"
        yield words + "."
