"""The exponential law of Chen et al.: per question, averaged over the data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between
from kcurve.curve import Bootstrap, Curve, Exact
from kcurve.curve.estimate import numbers_of_calls
from kcurve.curve.evaluation import drawn_log, exact_tables
from kcurve.errors import ArgumentError
from kcurve.laws.fitted import FittedLaw, Residuals
from kcurve.laws.leaders import leaders
from kcurve.laws.questions import Questions, one_log
from kcurve.rules import FilterVote, Vote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kcurve.laws.leaders import Leaders
    from kcurve.laws.questions import AnyLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_CLOSE_SHARE = 0.2
"""From this share of questions decided by one sample on, the law is said not to be identified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentialLaw:
    """The law of each question that the vote converges on, averaged over questions.

    With ``f(K) = exp(-c1 K - c2 sqrt(K) - c3)``, ``c1, c2 >= 0`` and coefficients of every question's
    own, the score after K calls is ``1 - f(K)`` where the correct answer leads (easy), ``f(K)``
    where a wrong one does (hard), and ``(1 - f(K)) / m`` where the correct answer leads together
    with ``m - 1`` wrong ones.

    Parameters
    ----------
    rule : Vote or FilterVote
        The system. For Filter-Vote K counts its calls, and who leads is judged among the samples
        kept.
    k : iterable of int
        Numbers of calls at which the law is fitted to the curve of each question.
    method : Exact
        How that curve is evaluated: with replacement by default, which allows any k, as the paper
        resamples; without, k up to the samples of every question, unbiased.
    least_rate : float
        Least value of c1 and c2.
    threads : int, optional
        Threads to use; all by default. The result has the same bits for any number.

    Notes
    -----
    Least squares, by a search of rates on a grid and Newton steps from its peaks; about 5 us per
    question and core. Predictions are confined to [0, 1]. Nothing restrains the law below the least
    k it is fitted at, where steep questions would be far off: predictions for fewer calls are those
    for that k. By default it is 2, and a vote of one is as good as a vote of two.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4 (analytical scaling
    model); the tie of m answers and the points of the fit are those of its published code.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import ExponentialLaw
    >>> fit = ExponentialLaw().fit(kc.example_log().first(16))
    >>> fit.parameters["easy"], fit.residuals.rmse
    (0.8639, 0.0003)
    >>> fit.predict([50, 100, 1000]).round(3)
    array([0.87 , 0.871, 0.872])
    """

    rule: Vote | FilterVote = Vote()  # noqa: RUF009 - frozen
    k: Iterable[int] = (2, 5, 10, 20, 50, 100)
    method: Exact = Exact(replacement=True)  # noqa: RUF009 - frozen
    least_rate: float = 1e-6
    threads: int | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        instance("rule", self.rule, Vote, FilterVote)
        instance("method", self.method, Exact)
        number_between("least_rate", self.least_rate, 0, 1)
        calls = tuple(numbers_of_calls(self.k, 1, self.rule).tolist())
        if calls[0] < self.rule.least_calls:
            msg = f"k must be at least {self.rule.least_calls} for {self.rule!r}, got {calls[0]}"
            raise ArgumentError(msg)
        object.__setattr__(self, "k", calls)

    def fit(self, data: AnyLog | Curve) -> ExponentialFit:
        """Fit the law to every question of a log, or of a curve at the curve's k.

        Raises
        ------
        ArgumentError
            If the curve is of another rule than Vote and FilterVote; if k exceeds the samples of a
            question drawn without replacement.
        LogError
            If the log holds several models, or no questions.
        """
        law = self
        if isinstance(data, Curve):
            if not isinstance(data.rule, Vote | FilterVote):
                msg = f"ExponentialLaw is of Vote and FilterVote, the curve is of {data.rule!r}"
                raise ArgumentError(msg)
            method = data.method
            if isinstance(method, Bootstrap):
                method = Exact(replacement=method.replacement)
            law = ExponentialLaw(
                rule=data.rule,
                k=data.k.tolist(),
                method=method,
                least_rate=self.least_rate,
                threads=self.threads,
            )
            log, curves = one_log(data), data.per_question
        else:
            log = drawn_log(one_log(data), self.rule)
            curves, _ = exact_tables(
                log,
                self.rule,
                np.asarray(self.k, np.int64),
                replacement=self.method.replacement,
                threads=self.threads,
            )
        return _fit(law, log, curves)


def _fit(law: ExponentialLaw, log: AnyLog, curves: Floats) -> ExponentialFit:
    calls = np.asarray(law.k, np.int64)
    lead = leaders(log, law.rule)
    coefficients, squares = _core.fit_exponential(
        calls.astype(np.float64),
        np.ascontiguousarray(curves, np.float64),
        lead.limit,
        law.least_rate,
        law.threads,
    )
    questions = Questions.of(log)
    order = questions.order
    fitted = _core.exponential_means(
        coefficients[order], lead.limit[order], calls.astype(np.float64)
    )
    observed = curves[order].mean(axis=0)
    for values in (coefficients, squares, lead.limit):
        values.setflags(write=False)
    return ExponentialFit(
        law=law,
        coefficients=coefficients,
        limits=lead.limit,
        squares=squares,
        residuals=Residuals(k=calls, observed=observed, fitted=fitted),
        verdict=_verdict(calls, curves, lead),
        questions=questions,
    )


def _verdict(calls: Integers, curves: Floats, lead: Leaders) -> str | None:
    if len(calls) < 3:
        return (
            f"{len(calls)} numbers of calls do not identify three coefficients; fit at 3 or more k"
        )
    if np.ptp(curves, axis=1).max() < 1e-9:
        return "the score of no question changes with k: the rates are not identified"
    if (lead.limit == 1).all():
        return "all questions are easy: the predicted score only rises, no finite k is best"
    if (lead.limit == 0).all():
        return "all questions are hard: the predicted score only falls"
    close = float(np.mean(np.abs(lead.lead) <= 1))
    if close >= _CLOSE_SHARE:
        return (
            f"in {close:.0%} of the questions one sample decides which answer leads: what their "
            "votes tend to, and so the score of many calls, is not identified; sample more"
        )
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ExponentialFit(FittedLaw):
    """The exponential law of every question.

    Attributes
    ----------
    law : ExponentialLaw
        What was fitted.
    coefficients : float64 [Q, 3]
        c1, c2 and c3 of each question. Different coefficients can give all but the same curve:
        compare curves.
    limits : float64 [Q]
        What each question's vote tends to: 1 easy, 0 hard, 1/m tied.
    squares : float64 [Q]
        Sum of squared residuals of each question.
    residuals : Residuals
        Of the mean over questions.
    verdict : str or None
        Why the data do not identify the law; None if they do.
    """

    law: ExponentialLaw
    coefficients: Floats
    limits: Floats
    squares: Floats
    residuals: Residuals
    verdict: str | None
    questions: Questions

    @property
    def least_k(self) -> int:
        """The least number of calls of the rule."""
        return self.law.rule.least_calls

    @property
    def parameters(self) -> dict[str, float]:
        """Shares of easy, hard and tied questions."""
        shares = self._kinds().mean(axis=0)
        return dict(zip(("easy", "hard", "tied"), shares.tolist(), strict=True))

    def predict_questions(self, k: int | Iterable[int]) -> Floats:
        """Return the predicted score of each question, float64 [Q, K]."""
        calls = self._within(self._calls(k))
        return _core.exponential_values(self.coefficients, self.limits, calls)

    def _within(self, k: Integers) -> Floats:
        return np.asarray(np.maximum(k, self.residuals.k[0]), np.float64)

    def _kinds(self) -> Floats:
        easy, hard = self.limits == 1, self.limits == 0
        return np.stack([easy, hard, ~(easy | hard)], axis=1).astype(np.float64)

    def _means(self, k: Integers) -> Floats:
        order = self.questions.order
        return _core.exponential_means(
            self.coefficients[order], self.limits[order], self._within(k)
        )

    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        return self.questions.resampled_means(self._kinds(), n_resamples, rng)

    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        return self.questions.resampled_means(self.predict_questions(k), n_resamples, rng)
