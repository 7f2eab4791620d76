"""What a curve says, in words: its rule, its settings, its shape, its last doubling."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kcurve.curve import Bootstrap, Curve
from kcurve.curve.bands import critical_value, spread
from kcurve.log import AnswerLog, TalliedLog
from kcurve.rules import (
    BestOfN,
    FilterVote,
    GPassAtK,
    MeanAtK,
    PassAtK,
    PassHatK,
    Rule,
    Vote,
    WeightedVote,
)

_TIES = {"split": "ties split", "first": "ties to the first drawn", "wrong": "ties lose"}
_NO_ANSWER = {
    "ignore": "no-answers never win",
    "vote": "no-answers vote too",
    "drop": "no-answers left out",
}
_CALLS = {"paper": "2 calls per candidate", "candidates": "candidates counted, not calls"}
_INTERVAL = {
    "combined": "for fresh questions and fresh samples",
    "estimation": "for fresh samples of these questions",
    "generalisation": "for fresh questions, sampled without end",
    "run_to_run": "for one run of the system on these questions",
    "fresh_run": "for one run of the system on fresh questions",
}


class Gain(NamedTuple):
    """Accuracy gained between two numbers of calls on the same questions, and its band."""

    from_k: int
    to_k: int
    gain: float
    low: float
    high: float


def describe_rule(rule: Rule) -> str:
    """Name of the rule and its settings, as a phrase."""
    match rule:
        case FilterVote():
            kept = "keep flag" if rule.threshold is None else f"score from {rule.threshold:g}"
            words = [
                "filter vote",
                kept,
                _CALLS[rule.calls],
                _TIES[rule.ties],
                _NO_ANSWER[rule.no_answer],
            ]
        case Vote():
            words = ["plurality vote", _TIES[rule.ties], _NO_ANSWER[rule.no_answer]]
        case WeightedVote():
            words = [*_weights(rule), _TIES[rule.ties], _NO_ANSWER[rule.no_answer]]
        case BestOfN():
            words = ["the highest score wins", _TIES[rule.ties]]
        case PassAtK():
            words = ["any of k is correct"]
        case PassHatK():
            words = ["all of k are correct"]
        case GPassAtK():
            words = [f"at least {100 * rule.tau:g}% of k are correct"]
        case MeanAtK():
            words = ["average of k answers"]
    return f"{rule.label}: {', '.join(words)}"


def _weights(rule: WeightedVote) -> Iterator[str]:
    if rule.temperature is not None:
        yield f"{rule.weight} of exp(score / {rule.temperature:g})"
    else:
        of = "ranks" if rule.weight == "borda" else "scores"
        power = "" if rule.power == 1 else f" to the power {rule.power:g}"
        yield f"{rule.weight} of {of}{power}"
    if rule.top < 1:
        yield f"the top {100 * rule.top:g}% vote"


def describe_log(log: AnswerLog | TalliedLog) -> str:
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
    words = f"exact, {replacement}"
    if isinstance(curve.method, Bootstrap):
        words = f"{curve.method.n_resamples:,} bootstrap replicates, {replacement}"
    if curve.interval is None:
        return words
    return f"{words}; {100 * curve.level:g}% band {_INTERVAL[curve.interval]}"


def plural(noun: str, count: int) -> str:
    """`noun`, with an s unless there is one of it."""
    return noun if count == 1 else f"{noun}s"


def points(difference: float, digits: int = 1) -> str:
    """A difference of accuracies in percentage points, signed: "+0.6"."""
    rounded = round(100 * difference, digits)
    return f"{rounded + 0.0:+.{digits}f}"  # the sum turns -0.0 into 0.0


def last_doubling(curve: Curve) -> Gain | None:
    """Gain from the largest k of the curve that is at most half its last, to its last.

    Its band is that of a mean of paired differences, ``mean +- t s / sqrt(Q)`` at the curve's level,
    over clusters if the log has them: the noise of the answers is inside s. NaN for a single
    question; None if the curve has no such pair of points.
    """
    before = np.flatnonzero(2 * curve.k <= curve.k[-1])
    if len(before) == 0:
        return None
    start = int(before[-1])
    differences = curve.per_question[:, [-1]] - curve.per_question[:, [start]]
    cluster = curve.log.cluster
    paired = spread(differences, None if cluster is None else cluster.codes)
    mean, margin = float(paired.mean[0]), math.nan
    if paired.units > 1:
        critical = critical_value(curve.level, paired.units - 1)
        margin = critical * math.sqrt(float(paired.variance[0]))
    return Gain(int(curve.k[start]), int(curve.k[-1]), mean, mean - margin, mean + margin)


def closing(curve: Curve) -> Iterator[str]:
    """Say the shape and the best k, and what the last doubling bought."""
    first, best, last = (
        f"{100 * curve.at(k)[0]:.1f}% at {k} {plural('call', k)}"
        for k in (int(curve.k[0]), curve.optimal_k(), int(curve.k[-1]))
    )
    if len(curve.k) == 1:
        yield f"{first[0].upper()}{first[1:]}."
        return
    match curve.shape:
        case "increasing":
            yield f"More calls help: {first}, {last}."
        case "decreasing":
            yield f"More calls hurt: {first}, {last}."
        case "inverse-U":
            yield f"More calls help, then hurt: {first}, the best {best}, {last}."
        case "U":
            yield f"More calls hurt, then help: {first}, {last}; the best is {best}."
        case "flat":
            yield f"More calls change nothing that this log can tell: {first}, {last}."
        case "other":
            yield f"No simple shape: {first}, the best {best}, {last}."
    gain = last_doubling(curve)
    if gain is not None:
        yield _describe_gain(gain, curve.level)


def _describe_gain(gain: Gain, level: float) -> str:
    words = f"From {gain.from_k} to {gain.to_k} calls: {points(gain.gain)} points"
    if math.isfinite(gain.low):
        words += f", {100 * level:g}% band {points(gain.low)} to {points(gain.high)}"
        if gain.low <= 0 <= gain.high:
            words += "; the log cannot tell this from no change"
    return f"{words}."
