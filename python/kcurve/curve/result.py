"""The result of a curve: the score after every number of calls, with its band."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kcurve import _core
from kcurve._validation import choice, number_between, positive_integer
from kcurve.curve import table
from kcurve.curve.bands import INTERVALS, spread
from kcurve.curve.evaluation import exact_tables
from kcurve.curve.identity import identity_order
from kcurve.curve.limits import band_limits, reason_undefined
from kcurve.curve.methods import Bootstrap
from kcurve.curve.replay import replay
from kcurve.curve.shape import shape_of
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve.bands import Interval, Spread
    from kcurve.curve.methods import Method
    from kcurve.curve.replay import Replays
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
    method: Method
    interval: Interval | None
    level: float
    simultaneous: bool
    log: AnswerLog | TalliedLog
    replays: Replays | None = field(default=None)
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
        cluster, order = self.log.cluster, identity_order(self.log)
        codes = None if cluster is None else cluster.codes[order]
        return spread(self.per_question[order], codes)

    def replicates(
        self, interval: Literal["combined", "run_to_run", "fresh_run"] = "combined"
    ) -> NDArray[np.float64]:
        """Return the mean score of every bootstrap replicate, float64 [R, K].

        Parameters
        ----------
        interval : {"combined", "run_to_run", "fresh_run"}
            What differs between replicates: the questions; the samples drawn; both. See `band`.

        Raises
        ------
        ArgumentError
            If the curve was not bootstrapped.

        Examples
        --------
        >>> import kcurve as kc
        >>> curve = kc.curve(kc.example_log(), k=[1, 9], method=kc.Bootstrap(n_resamples=256))
        >>> curve.replicates("run_to_run").shape
        (256, 2)
        """
        return self._replays().replicates(interval)

    def extend(
        self, *, n_resamples: int, progress: Callable[[int, int], object] | None = None
    ) -> Curve:
        """Return the curve with `n_resamples` more bootstrap replicates.

        It is the curve that asking for all of them at once gives, to the last bit, at the cost of
        the new ones. An interruption leaves this curve as it is.

        Raises
        ------
        ArgumentError
            If the curve was not bootstrapped.

        Examples
        --------
        >>> import kcurve as kc
        >>> curve = kc.curve(kc.example_log(), k=[1, 9], method=kc.Bootstrap(n_resamples=256))
        >>> curve.extend(n_resamples=256).method.n_resamples
        512
        """
        replays = self._replays()
        positive_integer("n_resamples", n_resamples)
        first = replays.n_resamples
        assert isinstance(self.method, Bootstrap)  # noqa: S101 - it has replicates
        method = replace(self.method, n_resamples=first + n_resamples)
        later = replay(
            self.log,
            self.rule,
            self.k,
            method,
            first=first,
            threads=self.threads,
            progress=progress,
        )
        replays = replays.joined(later)
        return replace(
            self,
            mean=replays.mean,
            per_question=replays.scores,
            method=method,
            replays=replays,
        ).band(self.interval)

    def _replays(self) -> Replays:
        if self.replays is None:
            msg = f"only a bootstrapped curve has replicates, this one is by {self.method!r}"
            raise ArgumentError(msg)
        return self.replays

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
            - ``"fresh_run"``: as many fresh questions, one run of the system with k calls each.
              The band is where that run's accuracy falls: it allows for the questions of the log,
              for the fresh ones, and for the run.
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
        By `Bootstrap`, ``"combined"`` is made of resampled questions as its `limits` say,
        ``"run_to_run"`` and ``"fresh_run"`` are percentiles of replicates, and the other two are
        not to be had. Simultaneous bands are the widest share of curves that lie
        inside at every k.

        By `Exact`, for means of scores the band is Wilson's at the effective number of questions with a t
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
            whole_curve = simultaneous and len(self.k) > 1
            low, high = band_limits(self, self._spread, interval, level, simultaneous=whole_curve)
        changed = replace(
            self, low=low, high=high, interval=interval, level=level, simultaneous=simultaneous
        )
        for name in ("variance", "_spread"):
            if name in self.__dict__:
                changed.__dict__[name] = self.__dict__[name]
        return changed

    @property
    def undefined(self) -> str | None:
        """Why the band is NaN somewhere; None if it is defined throughout, or not asked for."""
        if self.interval is None or not np.isnan(self.low).any():
            return None
        return reason_undefined(self._spread, self.interval)

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
        place = table.position(k, self.k)
        return float(self.mean[place]), float(self.low[place]), float(self.high[place])

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
