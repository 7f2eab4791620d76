"""The power law of coverage: pass@k against k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve import Curve, curve as compute_curve
from kcurve.errors import ArgumentError
from kcurve.laws.fitted import FittedLaw, Residuals, call_numbers
from kcurve.laws.questions import Questions, one_log, spaced_calls
from kcurve.rules import PassAtK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kcurve.laws.questions import AnyLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """Coverage as a power law: ``-ln pass@k = a k^-b``.

    Parameters
    ----------
    k : iterable of int, optional
        Numbers of calls to fit at, for a log; by default about a dozen from 1 to the samples of the
        shortest question. A curve is fitted at its own.
    weighted : bool
        Whether points count by the inverse of their variance, taken from the spread between
        questions, or all alike.

    Notes
    -----
    A straight line by least squares: ``ln(-ln pass@k) = ln a - b ln k``. Points where pass@k is 0 or 1
    have no place on it and are left out.

    References
    ----------
    Brown et al., "Large Language Monkeys", arXiv 2407.21787, section 3.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.laws import PowerLaw
    >>> PowerLaw().fit(kc.example_log()).predict([1, 10, 1000]).round(3)
    array([0.814, 0.958, 0.998])
    """

    k: Iterable[int] | None = None
    weighted: bool = False

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.k is not None:
            calls = np.unique(call_numbers(self.k, least=1, subject="PowerLaw"))
            object.__setattr__(self, "k", tuple(calls.tolist()))

    def fit(self, data: AnyLog | Curve) -> PowerFit:
        """Fit the law to the unbiased pass@k of a log, or to a curve of pass@k.

        Raises
        ------
        ArgumentError
            If the curve is of another rule.
        """
        log = one_log(data)
        if isinstance(data, Curve):
            curve = data
            if curve.rule != PassAtK():
                msg = f"PowerLaw is of PassAtK, the curve is of {curve.rule!r}"
                raise ArgumentError(msg)
        else:
            calls = spaced_calls(int(np.min(log.n_samples))) if self.k is None else self.k
            curve = compute_curve(log, PassAtK(), k=calls, interval=None)
        questions = Questions.of(log)
        weights = _weights(curve) if self.weighted else np.ones(len(curve.k))
        row = _line(curve.mean[None], curve.k, weights)
        return PowerFit(
            law=self,
            a=float(row[0, 0]),
            b=float(row[0, 1]),
            residuals=Residuals(k=curve.k, observed=curve.mean, fitted=coverage(row, curve.k)[0]),
            verdict=_verdict(curve.mean, float(row[0, 1])),
            per_question=curve.per_question,
            weights=weights,
            questions=questions,
        )


def coverage(rows: Floats, k: Integers) -> Floats:
    """Return pass@k by row of a and b."""
    a, b = rows[:, 0, None], rows[:, 1, None]
    return np.asarray(np.exp(-a * k.astype(np.float64) ** -b))


def _usable(means: Floats) -> NDArray[np.bool_]:
    return np.asarray((means > 0) & (means < 1))


def _line(means: Floats, k: Integers, weights: Floats) -> Floats:
    """Return a and b of each row of pass@k [R, K]; NaN where fewer than two points are usable."""
    usable = _usable(means)
    y = np.log(-np.log(np.where(usable, means, 0.5)))
    x = np.broadcast_to(np.log(k.astype(np.float64)), y.shape)
    weight = np.where(usable, weights, 0.0)
    total = weight.sum(axis=1, keepdims=True)
    enough = usable.sum(axis=1) >= 2
    total = np.where(total > 0, total, 1)
    centre = (weight * x).sum(axis=1, keepdims=True) / total
    height = (weight * y).sum(axis=1, keepdims=True) / total
    spread = (weight * (x - centre) ** 2).sum(axis=1)
    slope = (weight * (x - centre) * (y - height)).sum(axis=1) / np.where(enough, spread, 1)
    a = np.exp(height[:, 0] - slope * centre[:, 0])
    return np.where(enough[:, None], np.stack([a, -slope], axis=1), np.nan)


def _weights(curve: Curve) -> Floats:
    """Return one over the variance of ln(-ln pass@k), by the delta method."""
    mean = np.where(_usable(curve.mean), curve.mean, 0.5)
    variance = np.maximum(curve.per_question.var(axis=0) / curve.n_questions, 1e-12)
    return np.asarray((mean * np.log(mean)) ** 2 / variance)


def _verdict(means: Floats, b: float) -> str | None:
    usable = int(_usable(means).sum())
    if usable < 2:
        return (
            f"pass@k is strictly between 0 and 1 at {usable} of {len(means)} numbers of calls: "
            "two at least are needed"
        )
    if usable == 2:
        return "two numbers of calls fix the line but cannot show whether there is one; give more"
    if usable < len(means):
        left = len(means) - usable
        return f"pass@k is 0 or 1 at {left} numbers of calls, which the law cannot be; left out"
    if b <= 0:
        return "pass@k does not grow with k: the law describes nothing"
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PowerFit(FittedLaw):
    """The power law of coverage of a data set.

    Attributes
    ----------
    law : PowerLaw
        What was fitted.
    a, b : float
        Factor and exponent; NaN if fewer than two points can be fitted.
    residuals : Residuals
        Of pass@k itself.
    verdict : str or None
        Why the data do not identify the law; None if they do.
    """

    law: PowerLaw
    a: float
    b: float
    residuals: Residuals
    verdict: str | None
    per_question: Floats
    weights: Floats
    questions: Questions

    @property
    def parameters(self) -> dict[str, float]:
        """The values of a and b."""
        return {"a": self.a, "b": self.b}

    def _means(self, k: Integers) -> Floats:
        return np.asarray(coverage(np.array([[self.a, self.b]]), k)[0])

    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        means = self.questions.resampled_means(self.per_question, n_resamples, rng)
        return _line(means, self.residuals.k, self.weights)

    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        return coverage(self._replicates(n_resamples, rng), k)
