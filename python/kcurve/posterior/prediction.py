"""The result of a prediction: the expected score after every k, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import choice, number_between, positive_integer
from kcurve.curve import table
from kcurve.curve.bands import critical_value, run_interval
from kcurve.rules import FilterVote, MeanAtK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.rules import Rule

    Floats = NDArray[np.float64]

Interval: TypeAlias = Literal["measured", "accuracy", "population"]
"""What an interval of a prediction is about."""

INTERVALS = ("measured", "accuracy", "population")

_CURVES = 4000
"""Curves drawn to judge which k is best."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Prediction:
    """Expected score of a rule against k, given few samples. Made by `Posterior.predict`.

    Scores are accuracies in [0, 1]; arrays are read-only.

    Attributes
    ----------
    k : int64 [K]
        Numbers of calls, increasing; they may exceed the samples of the log.
    mean : float64 [K]
        Posterior mean of the score, the mean over the questions of the log.
    low, high : float64 [K]
        Where the quantity that `interval` names is with probability `level`.
    covariance : float64 [K, K]
        Posterior covariance of the score between numbers of calls.
    rule, interval, samples, level
        What was predicted.
    """

    k: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats
    covariance: Floats
    rule: Rule
    interval: Interval
    samples: int | None
    level: float
    expected: Floats
    squares: Floats
    logged: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        *,
        k: NDArray[np.int64],
        mean: Floats,
        covariance: Floats,
        expected: Floats,
        squares: Floats,
        logged: NDArray[np.int64],
        rule: Rule,
        interval: Interval,
        samples: int | None,
        level: float,
    ) -> Prediction:
        """Make it of posterior moments: `expected` and `squares` [Q, K], `logged` samples [Q]."""
        nothing = np.full(len(k), np.nan)
        bare = cls(
            k=k,
            mean=mean,
            low=nothing,
            high=nothing,
            covariance=covariance,
            rule=rule,
            interval=interval,
            samples=samples,
            level=level,
            expected=expected,
            squares=squares,
            logged=logged,
        )
        return bare.limits(interval, samples=samples)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.k, self.mean, self.low, self.high, self.covariance):
            values.setflags(write=False)

    def limits(
        self,
        interval: Interval,
        *,
        samples: int | None = None,
        level: float | None = None,
    ) -> Prediction:
        """Return the same prediction with other limits; nothing is drawn again.

        Parameters
        ----------
        interval : {"measured", "accuracy", "population"}
            - ``"measured"``: what a second, independent log of the same questions would show: the
              estimate from `samples` fresh samples per question. To check a prediction against a
              measurement, this is the interval.
            - ``"accuracy"``: the expected score itself on these questions, which no finite number
              of samples shows: the credible interval of F(k).
            - ``"population"``: the expected score on as many fresh questions of the same kind.
        samples : int, optional
            Fresh samples per question for ``"measured"``. The default is as many as the log has of
            the question, or k if that is more (one run).
        level : float, optional
            Probability, 0.5 <= level < 1. The default keeps the present one.

        Notes
        -----
        Limits are quantiles of the beta distribution of equal mean and variance. The variance is
        that of the posterior; for ``"measured"`` plus ``sum E[f (1 - f)] min(1, k / samples) / Q^2``,
        a bound of the noise of the unbiased estimate (Hoeffding, 1948); for ``"population"`` plus
        the variance of f between questions over Q.

        Examples
        --------
        >>> import kcurve as kc
        >>> measured = kc.Posterior(kc.example_log().first(8)).predict(100)
        >>> accuracy = measured.limits("accuracy")
        >>> bool(measured.high[0] - measured.low[0] > accuracy.high[0] - accuracy.low[0])
        True
        """
        choice("interval", interval, INTERVALS)
        if samples is not None:
            positive_integer("samples", samples)
        level = self.level if level is None else level
        number_between("level", level, 0.5, 1 - 1e-12)
        variance = np.clip(np.diag(self.covariance), 0, None)
        if interval == "measured":
            variance = variance + self._noise(samples)
        elif interval == "population":
            spread = self.squares.mean(axis=0) - self.mean**2
            variance = variance + np.clip(spread, 0, None) / len(self.expected)
        low, high = _beta_limits(self.mean, variance, level)
        return replace(self, low=low, high=high, interval=interval, samples=samples, level=level)

    def _noise(self, samples: int | None) -> Floats:
        """Return the variance that finitely many fresh samples leave in an estimate of the score."""
        draws = self.k
        if isinstance(self.rule, FilterVote):
            draws = draws // self.rule.calls_per_candidate
        fresh = np.maximum(draws, self.logged[:, None] if samples is None else samples)
        # A mean over samples is as noisy whatever the k it is taken in.
        share = 1 / fresh if isinstance(self.rule, MeanAtK) else draws / fresh
        variance = np.clip(self.expected - self.squares, 0, None)
        return np.asarray((variance * share).sum(axis=0) / len(self.expected) ** 2)

    @cached_property
    def per_question(self) -> QuestionPredictions:
        """Mean and credible interval of each question's own expected score, arrays [Q, K]."""
        variance = np.clip(self.squares - self.expected**2, 0, None)
        low, high = _beta_limits(self.expected, variance, self.level)
        return QuestionPredictions(mean=self.expected, low=low, high=high)

    @property
    def optimal_k(self) -> int:
        """The least k of the grid whose posterior mean is the highest."""
        return int(self.k[np.argmax(self.mean >= self.mean.max() - 1e-12)])

    @cached_property
    def _curves(self) -> Floats:
        """Draws of the whole curve, [draws, K]: Gaussian with the posterior's moments."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        normals = np.random.default_rng(0).standard_normal((_CURVES, len(self.k)))
        return np.asarray(self.mean + normals @ root.T)

    @cached_property
    def best(self) -> Floats:
        """Probability that each k of the grid is the best of the grid, [K]; sums to 1."""
        winners = np.argmax(self._curves, axis=1)
        return np.bincount(winners, minlength=len(self.k)) / len(self._curves)

    @cached_property
    def regret(self) -> Floats:
        """Expected score lost by choosing each k instead of the unknown best of the grid, [K].

        ``E[max_j F(j) - F(k)]`` under the posterior.
        """
        curves = self._curves
        return np.asarray(np.mean(curves.max(axis=1, keepdims=True) - curves, axis=0))

    @cached_property
    def regret_high(self) -> Floats:
        """The loss of choosing each k that is exceeded with probability ``1 - level``, [K]."""
        curves = self._curves
        losses = curves.max(axis=1, keepdims=True) - curves
        return np.asarray(np.quantile(losses, self.level, axis=0))

    def at(self, k: int) -> tuple[float, float, float]:
        """Return mean, low and high after `k` calls, one of the prediction's k."""
        place = table.position(k, self.k)
        return float(self.mean[place]), float(self.low[place]), float(self.high[place])

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain Python values, ready for JSON."""
        return {
            "rule": repr(self.rule),
            "interval": self.interval,
            "samples": self.samples,
            "level": self.level,
            "n_questions": len(self.expected),
            "optimal_k": self.optimal_k,
            "k": self.k.tolist(),
            "mean": self.mean.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "best": self.best.tolist(),
            "regret": self.regret.tolist(),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns k, mean, low, high, best and regret as an Arrow stream."""
        names = ("k", "mean", "low", "high", "best", "regret")
        return _core.TableStream([(name, getattr(self, name)) for name in names])

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw mean and interval against k on matplotlib axes (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.curve.plot import plot_band  # noqa: PLC0415 - matplotlib is optional

        return plot_band(
            self.k, self.mean, self.low, self.high, ax=ax, label=label or self.rule.label
        )

    def __repr__(self) -> str:
        """Show what it is and how it goes."""
        first, last = self.k[0], self.k[-1]
        return (
            f"Prediction({self.rule!r}, k={first}..{last}, {len(self.expected)} questions: "
            f"{self.mean[0]:.4f} at k={first}, {self.mean[-1]:.4f} at k={last})"
        )

    def _repr_html_(self) -> str:
        names = ("k", "mean", "low", "high")
        return table.html(names, (self.k, self.mean, self.low, self.high), repr(self))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuestionPredictions:
    """Expected score of each question: posterior mean and credible interval, arrays [Q, K].

    Examples
    --------
    >>> import kcurve as kc
    >>> prediction = kc.Posterior(kc.example_log().first(8)).predict([1, 100])
    >>> prediction.per_question.mean.shape
    (999, 2)
    """

    mean: Floats
    low: Floats
    high: Floats


def _beta_limits(mean: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    # A variable between 0 and 1 varies by less than this.
    possible = np.minimum(variance, 0.999 * mean * (1 - mean))
    low, high = run_interval(mean, possible, critical_value(level, np.inf))
    # A rare failure has a mean outside the quantiles.
    return np.minimum(low, mean), np.maximum(high, mean)
