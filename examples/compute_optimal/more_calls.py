"""The first paper's questions: do more calls help, which questions, and how many calls are best."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import kcurve as kc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from results import Results

    Floats = NDArray[np.float64]

RULES = {"Vote": kc.Vote(), "Filter-Vote": kc.FilterVote(threshold=0.5)}
"""A response is kept if the reward model thinks it right rather than wrong."""

FITTED_AT = (2, 5, 10, 20, 50, 100)
"""Numbers of calls at which the paper's program fits the law."""

POSTERIOR_DRAWS = 512

MOST = 1000
"""The largest number of calls at which the law is judged, as in the paper."""


class Accuracy(NamedTuple):
    """Accuracy after k calls, with the limits of a 95 % interval over questions like these."""

    policy: str
    rule: str
    part: str
    questions: int
    k: int
    accuracy: float
    low: float
    high: float


class LawFit(NamedTuple):
    """How well the exponential law describes a log at numbers of calls that it was not fitted at, and its best one."""

    policy: str
    rule: str
    easy: int
    hard: int
    tied: int
    mean_squared_error: float
    largest_error: float
    best_k: int
    law_k: int
    law_regret: float


class Optimum(NamedTuple):
    """The best number of calls as foretold from a few samples, and as the other samples tell."""

    policy: str
    rule: str
    mixture: str
    hard_share: float
    best_k: int
    best_accuracy: float
    law_k: int
    law_regret: float
    posterior_k: int
    posterior_regret: float
    one_regret: float
    most_regret: float


def calls_grid(most: int) -> list[int]:
    """Return numbers of calls up to the most: all small ones, then about 20 for a factor of 10."""
    spaced = np.geomspace(1, most, 1 + int(20 * np.log10(most))).round().astype(int)
    return sorted({*range(1, min(most, 12) + 1), *spaced.tolist()})


def most_calls(log: kc.AnswerLog, rule: kc.Vote | kc.FilterVote) -> int:
    """Return how many calls the samples of a log allow; a candidate and its verdict are two."""
    per_candidate = rule.calls_per_candidate if isinstance(rule, kc.FilterVote) else 1
    return int(log.n_samples.min()) * per_candidate


def accuracies(results: Results) -> list[Accuracy]:
    """Return the curves of all policies, for all questions, easy and hard ones."""
    return [
        Accuracy(policy, name, part, len(some), k, *values)
        for policy, log in results.logs.items()
        for name, rule in RULES.items()
        for part, some in {"all": log, **kc.difficulty(log).split(log)}.items()
        for k, *values in _curve(some, rule)
    ]


def _curve(log: kc.AnswerLog, rule: kc.Vote | kc.FilterVote) -> Iterator[tuple[int, ...]]:
    k = [k for k in calls_grid(most_calls(log, rule)) if k >= rule.least_calls]
    curve = kc.curve(log, rule, k=k)
    columns = (curve.k, curve.mean, curve.low, curve.high)
    yield from zip(*(column.tolist() for column in columns), strict=True)


def law_fits(results: Results) -> list[LawFit]:
    """Return how well the law fits, judged as in the paper: on the same log, at other numbers of calls up to 1000."""
    return [
        law_fit(policy, name, log, rule)[0]
        for policy, log in results.logs.items()
        for name, rule in RULES.items()
    ]


def law_fit(
    policy: str, name: str, log: kc.AnswerLog, rule: kc.Vote | kc.FilterVote
) -> tuple[LawFit, NDArray[np.int64], Floats, Floats]:
    """Return the quality of a fit, and k, accuracy and law that it is of."""
    k = [k for k in calls_grid(MOST) if k >= 2]
    told = kc.curve(log, rule, k=k, method=kc.Exact(replacement=True), interval=None)
    fitted = kc.fit(log, kc.ExponentialLaw(rule=rule, k=FITTED_AT)).predict(k)
    difficulty = kc.difficulty(log, threshold=getattr(rule, "threshold", None))
    values = difficulty.vote if difficulty.filter is None else difficulty.filter
    signs = [int((np.sign(values) == sign).sum()) for sign in (-1, 1, 0)]
    off = (told.mean - fitted)[~np.isin(k, FITTED_AT)]
    best, by_law = _best(told.mean), _best(fitted)
    quality = LawFit(
        policy,
        name,
        *signs,
        float(np.mean(off**2)),
        float(np.abs(off).max()),
        k[best],
        k[by_law],
        float(told.mean[best] - told.mean[by_law]),
    )
    return quality, told.k, told.mean, fitted


def optima(results: Results) -> list[Optimum]:
    """Return predicted and true best numbers of calls, for mixtures of more and of fewer hard questions."""
    return [
        optimum(mixed, rule, policy=policy, name=name, mixture=mixture, few=results.few)
        for policy, log in results.logs.items()
        for mixture, mixed in mixtures(log).items()
        for name, rule in RULES.items()
    ]


def mixtures(log: kc.AnswerLog) -> dict[str, kc.AnswerLog]:
    """Return the log, the log with half of its hard questions, and with half of its easy ones."""
    vote = kc.difficulty(log).vote
    kept: dict[str, NDArray[np.bool_]] = {"as asked": np.ones(len(vote), bool)}
    for name, part in (("half of the hard", vote > 0), ("half of the easy", vote < 0)):
        dropped = np.flatnonzero(part)[::2]
        kept[name] = np.ones(len(vote), bool)
        kept[name][dropped] = False
    return {name: log.select(questions=mask) for name, mask in kept.items() if mask.any()}


def optimum(
    log: kc.AnswerLog,
    rule: kc.Vote | kc.FilterVote,
    *,
    policy: str,
    name: str,
    mixture: str,
    few: int,
) -> Optimum:
    """Return the best k as law and posterior foretell it from the first few samples, judged by the others."""
    first, others = log.first(few), later(log, few)
    most = most_calls(others, rule)
    k = np.array([k for k in calls_grid(most) if k >= rule.least_calls])
    truth = kc.curve(others, rule, k=k, interval=None).mean
    law = _best(kc.fit(first, kc.ExponentialLaw(rule=rule, k=FITTED_AT)).predict(k))
    posterior = _best(kc.Posterior(first, draws=POSTERIOR_DRAWS).predict(k, rule=rule).mean)
    best = _best(truth)

    def told(place: int) -> tuple[int, float]:
        """Return a number of calls, and what it loses against the best."""
        return int(k[place]), float(truth[best] - truth[place])

    return Optimum(
        policy,
        name,
        mixture,
        float((kc.difficulty(log).vote > 0).mean()),
        int(k[best]),
        float(truth[best]),
        *told(law),
        *told(posterior),
        told(0)[1],
        told(-1)[1],
    )


def _best(values: Floats) -> int:
    """Return the first place of the highest value; rounding makes none higher."""
    return int(np.argmax(values >= values.max() - 1e-12))


def later(log: kc.AnswerLog, first: int) -> kc.AnswerLog:
    """Return a log of equally many samples of every question without the first ones."""
    n = int(log.n_samples.min())
    shape = (len(log), n)
    parts = {"codes": log.codes, "correct": log.correct, "score": log.score}
    rows = {name: values.reshape(shape)[:, first:] for name, values in parts.items()}
    return kc.AnswerLog.from_codes(
        rows["codes"], correct=rows["correct"], score=rows["score"], question=log.question.tolist()
    )
