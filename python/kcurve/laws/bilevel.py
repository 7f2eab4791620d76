"""Two kinds of questions, easy and hard, each with one chance of a correct sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import choice
from kcurve.curve import Curve
from kcurve.curve.evaluation import exact_tables
from kcurve.errors import ArgumentError
from kcurve.laws.fitted import FittedLaw, Residuals
from kcurve.laws.questions import Counts, Questions, one_log
from kcurve.laws.two_answers import (
    READINGS,
    Reading,
    several_answers,
    vote_curve,
    votes_for_correct,
)
from kcurve.rules import Vote
from kcurve.theory import binary_vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.laws.questions import AnyLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Criterion: TypeAlias = Literal["likelihood", "least_squares"]
"""What a fit is best by."""

_NAMES = ("alpha", "p1", "p2")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilevelLaw:
    """A share alpha of questions with chance p1 >= 1/2, the others with p2 <= 1/2.

    ``F(K) = alpha I_p1(m, m) + (1 - alpha) I_p2(m, m)`` with ``m = (K + 1) / 2`` for odd K, and
    ``F(K) = F(K - 1)`` for even K: votes between two answers, ties split.

    Parameters
    ----------
    criterion : {"likelihood", "least_squares"}, optional
        ``"likelihood"``: of the number of correct samples of every question, a mixture of two
        binomials; the default for a log. ``"least_squares"``: to the mean scores of a curve; the
        default for a curve, and for a log to its unbiased vote curve.
    reading : {"correct", "rival"}
        For the likelihood: whether the correct answer competes with all else together or with the
        most frequent wrong answer alone. See `BinaryLaw`.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4 (two-level
    difficulty).

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import BilevelLaw
    >>> fit = BilevelLaw().fit(kc.example_log())
    >>> [round(value, 3) for value in fit.parameters.values()]
    [0.745, 0.945, 0.368]
    """

    criterion: Criterion | None = None
    reading: Reading = "correct"

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.criterion is not None:
            choice("criterion", self.criterion, ("likelihood", "least_squares"))
        choice("reading", self.reading, READINGS)

    def fit(self, data: AnyLog | Curve) -> BilevelFit:
        """Fit the law to the counts of a log, or to a curve of votes.

        Raises
        ------
        ArgumentError
            If the curve is not of a vote with split ties.
        """
        log = one_log(data)
        if isinstance(data, Curve) and not (
            isinstance(data.rule, Vote) and data.rule.ties == "split"
        ):
            msg = f"BilevelLaw is of Vote with split ties, the curve is of {data.rule!r}"
            raise ArgumentError(msg)
        by_default: Criterion = "least_squares" if isinstance(data, Curve) else "likelihood"
        criterion = self.criterion or by_default
        curve = data if isinstance(data, Curve) else None
        calls, observed = (curve.k, curve.mean) if curve is not None else vote_curve(log)
        if criterion == "least_squares":
            per_question = curve.per_question if curve is not None else _vote_scores(log, calls)
            source: Counts | _Scores = _Scores(calls, per_question, Questions.of(log))
            row = _core.fit_bilevel_curves(calls, np.ascontiguousarray(observed[None]))[0]
        else:
            source = Counts.of(log, *votes_for_correct(log, self.reading))
            row = _core.fit_bilevel_counts(source.correct, source.samples, source.weights)[0]
        verdict = _verdict(row, calls, criterion)
        if verdict is None and criterion == "likelihood":
            verdict = several_answers(log, self.reading)
        alpha, p1, p2, _ = row.tolist()
        return BilevelFit(
            law=self,
            alpha=alpha,
            p1=p1,
            p2=p2,
            residuals=Residuals(k=calls, observed=observed, fitted=vote_at(row[None], calls)[0]),
            verdict=verdict,
            source=source,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """The per-question scores of a curve."""

    k: Integers
    per_question: Floats
    questions: Questions


def _vote_scores(log: AnyLog, calls: Integers) -> Floats:
    return exact_tables(log, Vote(), calls, replacement=False)[0]


def vote_at(rows: Floats, k: Integers) -> Floats:
    """Return the law's values at increasing k by row of alpha, p1, p2."""
    alpha = rows[:, 0, None]
    high, low = (binary_vote(rows[:, i, None], k) for i in (1, 2))
    return np.asarray(alpha * high + (1 - alpha) * low)


def _verdict(row: Floats, calls: Integers, criterion: Criterion) -> str | None:
    alpha, p1, p2 = row[:3].tolist()
    distinct = len(np.unique((calls - 1) // 2))
    if criterion == "least_squares" and distinct < 3:
        return (
            f"scores at {distinct} odd numbers of calls do not identify three parameters "
            "(k and k + 1 calls score alike for odd k); give 3 or more"
        )
    if alpha < 1e-6 or alpha > 1 - 1e-6:
        kind, unknown = ("hard", "p1") if alpha < 0.5 else ("easy", "p2")
        return f"all questions are {kind}: {unknown} is not identified"
    if p1 - p2 < 1e-3:
        return "both kinds of questions are a toss-up: alpha is not identified"
    if p1 - 0.5 < 1e-6 or 0.5 - p2 < 1e-6:
        kind = "p1" if p1 - 0.5 < 1e-6 else "p2"
        return f"{kind} is at its bound 1/2: questions of that kind are ties to the law"
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class BilevelFit(FittedLaw):
    """The two-level law of a data set.

    Attributes
    ----------
    law : BilevelLaw
        What was fitted.
    alpha : float
        The share of easy questions.
    p1, p2 : float
        The chance of a correct sample of easy and of hard questions.
    residuals : Residuals
        Of the mean vote curve.
    verdict : str or None
        Why the data do not identify the law; None if they do.
    """

    law: BilevelLaw
    alpha: float
    p1: float
    p2: float
    residuals: Residuals
    verdict: str | None
    source: Counts | _Scores

    @property
    def parameters(self) -> dict[str, float]:
        """The values of alpha, p1 and p2."""
        return dict(zip(_NAMES, (self.alpha, self.p1, self.p2), strict=True))

    def _means(self, k: Integers) -> Floats:
        return np.asarray(vote_at(np.array([[self.alpha, self.p1, self.p2]]), k)[0])

    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        source = self.source
        if isinstance(source, Counts):
            weights = source.resampled(n_resamples, rng)
            rows = _core.fit_bilevel_counts(source.correct, source.samples, weights)
        else:
            curves = source.questions.resampled_means(source.per_question, n_resamples, rng)
            rows = _core.fit_bilevel_curves(source.k, curves)
        return rows[:, :3]

    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        return vote_at(self._replicates(n_resamples, rng), k)
