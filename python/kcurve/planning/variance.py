"""Where the noise of an accuracy comes from: the questions, and the samples of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kcurve.cost.additive import candidate_calls
from kcurve.curve import Exact, curve
from kcurve.curve.bands import GUARD, spread
from kcurve.curve.estimate import fewest_samples
from kcurve.curve.evaluation import drawn_log
from kcurve.errors import LogError
from kcurve.posterior import Posterior
from kcurve.rules import FilterVote, MeanAtK, Vote, WeightedVote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]
    AnyLog = AnswerLog | TalliedLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Variance components of a measured accuracy.

    The accuracy at k, estimated from n samples of each of Q questions, has the variance
    ``(between + within(n)) / Q``.

    Attributes
    ----------
    between : float
        Variance of the true score between questions; of clusters as much as makes the formula hold.
    one_run : float
        Mean variance of the score of one run of k calls; ties share the credit, which varies less.
    first_order : float
        The part of it that falls as 1/n however many samples there are.
    draws : int
        Samples that one run draws.
    """

    between: float
    one_run: float
    first_order: float
    draws: int

    def within(self, samples: Floats | NDArray[np.int64] | int) -> Floats:
        """Return the mean variance that so many samples per question leave in a score.

        ``a x + (v - a) x^2`` with ``x = k / n``: exact for n = k, for k = 1 and for k = 2, and for
        any k in the limit of many samples (Hoeffding, 1948).
        """
        x = self.draws / np.asarray(samples, np.float64)
        return np.asarray(self.first_order * x + (self.one_run - self.first_order) * x * x)


def components(log: AnyLog, rule: Rule, k: int, *, rng: int) -> tuple[Components, Floats]:
    """Estimate the variance components of a rule at k calls, and a score of each question [Q].

    For k = 1 by moments, without bias; else by the posterior of the log, which knows k beyond the
    samples too.

    Raises
    ------
    LogError
        If there is one question only, or one has fewer than two samples, which say nothing of their
        noise.
    """
    log = drawn_log(log, rule)
    if log.n_questions < 2:
        raise LogError(
            f"a pilot needs at least 2 questions to tell how much they differ, got {log.n_questions}"
        )
    fewest = fewest_samples(log)
    if fewest < 2:
        raise LogError(
            "a pilot needs at least 2 samples of every question to tell the noise of samples from "
            "the difference between questions; leave out the others with log.select(min_samples=2)"
        )
    draws = 1 if isinstance(rule, MeanAtK) else k // candidate_calls(rule)
    if draws == 1 and not isinstance(rule, FilterVote):
        found, scores = _by_moments(log, rule, k)
        return _not_too_sure(found, scores), scores
    told = Posterior(log, rng=rng).predict(k, rule=rule, interval="accuracy")
    mean, squares = told.expected[:, 0], told.squares[:, 0]
    questions = len(mean)
    one_run = float(np.clip(mean - squares, 0, None).mean())
    between = float(squares.mean() - mean.mean() ** 2) * questions / (questions - 1)
    scores, first_order = mean, one_run
    if fewest > draws and not isinstance(rule, WeightedVote):
        made = curve(log, rule, k=k, method=Exact(), interval=None)
        scores = made.per_question[:, 0]
        if isinstance(rule, Vote | FilterVote) and rule.ties != "wrong":
            # At least two share a tie, so that of its credit at most half is left in the square.
            alone = curve(log, replace(rule, ties="wrong"), k=k, interval=None).per_question[:, 0]
            one_run = max(0.0, one_run - float((scores - alone).mean()) / 2)
        first_order = _first_order(made.variance[:, 0], draws / log.n_samples, one_run)
    found = Components(
        between=max(0.0, between) * _design_effect(log, scores),
        one_run=one_run,
        first_order=first_order,
        draws=draws,
    )
    return _not_too_sure(found, scores), scores


def covariance(first: tuple[AnyLog, Floats], second: tuple[AnyLog, Floats]) -> tuple[float, int]:
    """Return the covariance of the scores of two logs between questions, and how many they share.

    Noise of samples is independent between logs and does not enter.
    """
    from kcurve.planning.systems import question_keys  # noqa: PLC0415 - only here

    row_of = {key: row for row, key in enumerate(question_keys(second[0]))}
    pairs = [(row, row_of[key]) for row, key in enumerate(question_keys(first[0])) if key in row_of]
    if len(pairs) < 2:
        return 0.0, len(pairs)
    rows, others = (np.array(each) for each in zip(*pairs, strict=True))
    a, b = first[1][rows], second[1][others]
    log = first[0]
    clusters = None if log.cluster is None else log.cluster.codes[rows]
    sums = [spread(scores[:, None], clusters).variance[0] for scores in (a + b, a - b)]
    return float(sums[0] - sums[1]) / 4 * len(pairs), len(pairs)


def _by_moments(log: AnyLog, rule: Rule, k: int) -> tuple[Components, Floats]:
    made = curve(log, rule, k=k, interval=None)
    scores, n = made.per_question[:, 0], log.n_samples
    # With a tie rule or a score one draw is right or wrong, so that its variance is p (1 - p).
    noise = scores * (1 - scores) / (n - 1)
    one_run = float((noise * n).mean())
    clusters = None if log.cluster is None else log.cluster.codes
    total = float(spread(scores[:, None], clusters).variance[0]) * len(scores)
    found = Components(
        between=max(0.0, total - float(noise.mean())),
        one_run=one_run,
        first_order=one_run,
        draws=1,
    )
    return found, scores


def _not_too_sure(found: Components, scores: Floats) -> Components:
    """Return components that allow for failures a pilot of hardly any failure has not seen.

    As for `proportion_interval`: with less than about half a failure (or success) seen, the variance is
    not taken to be less than that of the share two failures and two successes more would make.
    """
    questions, mean = len(scores), float(scores.mean())
    share = (questions * mean + 2) / (questions + 4)
    doubt = float(np.exp(-GUARD * questions * min(mean, 1 - mean)))
    least = doubt * share * (1 - share)
    return replace(found, between=max(found.between, least - found.one_run))


def _first_order(jackknife: Floats, x: Floats, one_run: float) -> float:
    """Return the first-order part that a jackknife variance at x = k / n implies."""
    linear = float((x - x * x).mean())
    if linear <= 0:
        return one_run
    found = (float(jackknife.mean()) - one_run * float((x * x).mean())) / linear
    return float(np.clip(found, 0.0, one_run))


def _design_effect(log: AnyLog, scores: Floats) -> float:
    """Return how much more the mean varies for the questions being clustered."""
    if log.cluster is None:
        return 1.0
    alone = float(spread(scores[:, None], None).variance[0])
    together = float(spread(scores[:, None], log.cluster.codes).variance[0])
    return max(1.0, together / alone) if alone > 0 else 1.0
