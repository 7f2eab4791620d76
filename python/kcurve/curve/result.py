"""The result of a curve: the score after every number of calls, with its band."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import choice, number_between
from kcurve.curve import table
from kcurve.curve.bands import (
    INTERVALS,
    critical_value,
    proportion_interval,
    run_interval,
    simultaneous_factor,
    spread,
)
from kcurve.curve.evaluation import exact_tables
from kcurve.curve.shape import shape_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve.bands import Interval, Spread
    from kcurve.curve.methods import Exact
    from kcurve.curve.shape import Shape
    from kcurve.log import AnswerLog, TalliedLog
    from kcurve.rules import Rule


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Curve:
    """Expected score of a rule against the number of calls k, with a band.

    Made by `curve`. Scores are accuracies in [0, 1]; arrays are read-only.

    Attributes
    ----------
    k : int64 [K]
        Numbers of calls, increasing.
    mean : float64 [K]
        Mean score over questions.
    low, high : float64 [K]
        The band; NaN where it is not defined, for the reason `undefined` gives.
    per_question : float64 [Q, K]
        Score of each question.
    rule, method
        What was evaluated, and how.
    interval : str or None
        Which uncertainty the band shows: see `band`.
    level : float
        Confidence level of the band.
    simultaneous : bool
        Whether the band covers the whole curve at once, or each k by itself.
    log : AnswerLog or TalliedLog
        The log that was drawn from.
    """

    k: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    per_question: NDArray[np.float64]
    rule: Rule
    method: Exact
    interval: Interval | None
    level: float
    simultaneous: bool
    log: AnswerLog | TalliedLog
    threads: int | None = field(default=None)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.k, self.mean, self.low, self.high, self.per_question):
            values.setflags(write=False)

    @property
    def n_questions(self) -> int:
        """Number of questions."""
        return len(self.per_question)

    @cached_property
    def variance(self) -> NDArray[np.float64]:
        """Delete-one jackknife variance of each question's score, float64 [Q, K].

        ``(n - 1) / n sum_i (F_(-i) - mean)^2``: the noise that a finite number of logged samples
        leaves in the score. Without replacement it is NaN at k = n, where no sample can be spared.
        Computed when first asked for, at the cost of one curve per distinct answer.
        """
        _, variance = exact_tables(
            self.log,
            self.rule,
            self.k,
            replacement=self.method.replacement,
            jackknife=True,
            threads=self.threads,
        )
        assert variance is not None  # noqa: S101 - asked for, hence there
        variance.setflags(write=False)
        return variance

    @cached_property
    def _spread(self) -> Spread:
        cluster = self.log.cluster
        return spread(self.per_question, None if cluster is None else cluster.codes)

    def band(
        self,
        interval: Interval | None = "combined",
        *,
        level: float | None = None,
        simultaneous: bool | None = None,
    ) -> Curve:
        """Return the same curve with another band; the scores are not computed again.

        Parameters
        ----------
        interval : {"combined", "estimation", "generalisation", "run_to_run"} or None
            - ``"combined"``: what a fresh set of questions of the same kind, sampled as often,
              would give: the variance between the per-question estimates over their number. It
              contains the sampling noise of each estimate.
            - ``"estimation"``: these questions, sampled again: the mean jackknife variance over the
              number of questions.
            - ``"generalisation"``: fresh questions, sampled without end: combined less estimation.
            - ``"run_to_run"``: these questions, one run of the system with k calls each:
              ``sum f (1 - f) / Q^2``. The band is where that run's accuracy falls.
            - None: no band.

            Questions of one cluster, if the log has clusters, count as one unit.
        level : float, optional
            Confidence level, 0.5 <= level < 1. The default keeps the present one.
        simultaneous : bool, optional
            Cover the whole curve with probability `level`, not each k by itself: by the maximum of
            the estimated Gaussian process for ``"combined"`` and ``"generalisation"``, by
            Bonferroni's inequality otherwise.

        Returns
        -------
        Curve

        Notes
        -----
        For means of scores the band is Wilson's at the effective number of questions with a t
        quantile, which keeps its coverage for 30 questions and near 0 or 1; for one run it is the
        beta distribution of equal mean and variance.
        """
        level = self.level if level is None else level
        simultaneous = self.simultaneous if simultaneous is None else simultaneous
        number_between("level", level, 0.5, 1 - 1e-12)
        if interval is None:
            low = high = np.full(len(self.k), np.nan)
        else:
            choice("interval", interval, INTERVALS)
            low, high = self._limits(interval, level, simultaneous=simultaneous)
        changed = replace(
            self, low=low, high=high, interval=interval, level=level, simultaneous=simultaneous
        )
        for name in ("variance", "_spread"):
            if name in self.__dict__:
                changed.__dict__[name] = self.__dict__[name]
        return changed

    def _limits(
        self, interval: Interval, level: float, *, simultaneous: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        units = self._spread.units
        whole_curve = simultaneous and len(self.k) > 1
        if interval in ("combined", "generalisation"):
            critical = critical_value(level, units - 1) if units > 1 else np.nan
            if whole_curve:
                critical *= simultaneous_factor(self._spread.covariance, level)
            variance = self._spread.variance
            if interval == "generalisation":
                variance = np.maximum(variance - self._estimation_variance(), 0)
            low, high = proportion_interval(self.mean, variance, units, critical)
        else:
            share = (1 - level) / len(self.k) if whole_curve else 1 - level
            critical = critical_value(1 - share, np.inf)
            if interval == "estimation":
                draws = self.log.n_samples.sum() / self.k
                low, high = proportion_interval(
                    self.mean, self._estimation_variance(), draws, critical
                )
            else:
                low, high = run_interval(self.mean, self._run_variance(), critical)
        undefined = np.isnan(low) | np.isnan(high)
        return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)

    def _estimation_variance(self) -> NDArray[np.float64]:
        return np.asarray(self.variance.sum(axis=0) / self.n_questions**2)

    def _run_variance(self) -> NDArray[np.float64]:
        scores = self.per_question
        return np.asarray((scores * (1 - scores)).sum(axis=0) / self.n_questions**2)

    @property
    def undefined(self) -> str | None:
        """Why the band is NaN somewhere; None if it is defined throughout, or not asked for."""
        if self.interval is None or not np.isnan(self.low).any():
            return None
        if self._spread.units == 1 and self.interval in ("combined", "generalisation"):
            return "one question, or one cluster, says nothing about others"
        return "with every sample drawn (k = n) no sample is left out to judge the noise by"

    @cached_property
    def shape(self) -> Shape:
        """What calls do to the score, judged against the noise between questions.

        ``"increasing"``, ``"decreasing"``, ``"inverse-U"`` (up, then down), ``"U"``, ``"flat"`` (no
        change that exceeds its noise) or ``"other"`` (several turns, or a single question). Every
        pair of k is tested at once at the curve's level, on paired differences.
        """
        return shape_of(self._spread, level=self.level)

    def optimal_k(self, *, tolerance: float = 0.0) -> int:
        """Return the least k whose mean score is within `tolerance` of the highest.

        Parameters
        ----------
        tolerance : float
            Score one is willing to give up for fewer calls, in [0, 1].

        Examples
        --------
        >>> import kcurve as kc
        >>> kc.curve(kc.example_log(), k=range(1, 11)).optimal_k(tolerance=0.01)
        6
        """
        number_between("tolerance", tolerance, 0, 1)
        # Curves that are flat by symmetry, such as k and k + 1 for two answers, differ by rounding.
        reached = self.mean >= self.mean.max() - max(tolerance, 1e-12)
        return int(self.k[np.argmax(reached)])

    def at(self, k: int) -> tuple[float, float, float]:
        """Return mean, low and high after `k` calls, one of the curve's k."""
        position = int(np.searchsorted(self.k, k))
        if position == len(self.k) or self.k[position] != k:
            table.refuse_absent_calls(k, self.k)
        return float(self.mean[position]), float(self.low[position]), float(self.high[position])

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain Python values, ready for JSON; NaN becomes None."""
        return {
            "rule": repr(self.rule),
            "method": repr(self.method),
            "interval": self.interval,
            "level": self.level,
            "simultaneous": self.simultaneous,
            "n_questions": self.n_questions,
            "shape": self.shape,
            "optimal_k": self.optimal_k(),
            "k": self.k.tolist(),
            "mean": self.mean.tolist(),
            "low": table.without_nan(self.low),
            "high": table.without_nan(self.high),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns k, mean, low and high as an Arrow stream.

        Pass it to ``pyarrow.table``, ``polars.DataFrame`` or ``pandas.DataFrame.from_arrow``.
        """
        return _core.TableStream(
            [("k", self.k), ("mean", self.mean), ("low", self.low), ("high", self.high)]
        )

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the curve and its band on matplotlib axes (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.curve.plot import plot_curve  # noqa: PLC0415 - matplotlib is optional

        return plot_curve(self, ax, label=label)

    def __repr__(self) -> str:
        """Show what it is and how it goes."""
        first, last = self.k[0], self.k[-1]
        return (
            f"Curve({self.rule!r}, k={first}..{last}, {self.n_questions} questions: "
            f"{self.mean[0]:.4f} at k={first}, {self.mean[-1]:.4f} at k={last}, {self.shape})"
        )

    def _repr_html_(self) -> str:
        return table.html(
            ("k", "mean", "low", "high"), (self.k, self.mean, self.low, self.high), repr(self)
        )
