"""What all fitted laws can do: predict with intervals, find the best k, judge the fit, draw."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between, positive_integer
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_SEEDS = 2**64
_ROUNDING = 1e-12
"""Curves that are flat by symmetry differ by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Residuals:
    """What a law leaves unexplained of the mean scores at some numbers of calls.

    Attributes
    ----------
    k : int64 [K]
        Numbers of calls.
    observed, fitted : float64 [K]
        Mean score over questions, of the data and by the law.
    """

    k: Integers
    observed: Floats
    fitted: Floats

    @property
    def values(self) -> Floats:
        """Observed less fitted, float64 [K]."""
        return self.observed - self.fitted

    @property
    def sse(self) -> float:
        """Sum of squared residuals."""
        return float(np.sum(self.values**2))

    @property
    def rmse(self) -> float:
        """Root of the mean squared residual."""
        return float(np.sqrt(np.mean(self.values**2)))

    @property
    def largest(self) -> float:
        """Largest absolute residual."""
        return float(np.abs(self.values).max())

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {
            "k": self.k.tolist(),
            "observed": self.observed.tolist(),
            "fitted": self.fitted.tolist(),
            "sse": self.sse,
            "rmse": self.rmse,
            "largest": self.largest,
        }

    def __repr__(self) -> str:
        """Show how large they are."""
        return (
            f"Residuals(k={self.k[0]}..{self.k[-1]}: rmse {self.rmse:.2g}, "
            f"largest {self.largest:.2g}, sse {self.sse:.3g})"
        )


class FittedLaw(ABC):
    """A law with its parameters; what all of them have in common.

    Intervals resample questions: each replicate weighs every question, or every cluster of them, by
    an independent Poisson number of mean 1, and fits the law again. They show what a fresh set of
    questions of the same kind, sampled as often, would give; they do not know whether the law is right.
    """

    __slots__ = ()

    law: Any
    residuals: Residuals
    verdict: str | None

    @property
    @abstractmethod
    def parameters(self) -> dict[str, float]:
        """The law's parameters by name."""

    @abstractmethod
    def _means(self, k: Integers) -> Floats:
        """Return the law's values at increasing k."""

    @abstractmethod
    def _replicates(self, n_resamples: int, rng: int) -> Floats:
        """Return the parameters of each replicate, [R, P], in the order of `parameters`."""

    @abstractmethod
    def _replicate_means(self, k: Integers, n_resamples: int, rng: int) -> Floats:
        """Return the law's values at increasing k of each replicate, [R, K]."""

    @property
    def least_k(self) -> int:
        """The least number of calls that the law speaks of."""
        return 1

    def predict(self, k: int | Iterable[int]) -> Floats:
        """Return the predicted mean score after each number of calls, float64 [K].

        Parameters
        ----------
        k : int or iterable of int
            Numbers of calls, in any order; any size.

        Raises
        ------
        ArgumentError
            If a k is less than the law's least number of calls.
        """
        calls, place = np.unique(self._calls(k), return_inverse=True)
        return np.asarray(self._means(calls)[place])

    def interval(
        self,
        k: int | Iterable[int],
        *,
        level: float = 0.95,
        n_resamples: int = 1000,
        rng: int = 0,
    ) -> tuple[Floats, Floats]:
        """Return lower and upper limits of the predicted mean scores, each float64 [K].

        Percentiles over refits to resampled questions, see `FittedLaw`.

        Parameters
        ----------
        k : int or iterable of int
            Numbers of calls.
        level : float
            Confidence level, 0.5 <= level < 1.
        n_resamples : int
            Number of replicates.
        rng : int
            Seed; the same seed gives the same bits for any number of threads.
        """
        calls, place = np.unique(self._calls(k), return_inverse=True)
        _check_resampling(level, n_resamples, rng)
        low, high = percentiles(self._replicate_means(calls, n_resamples, rng), level)
        return low[place], high[place]

    def parameter_intervals(
        self, *, level: float = 0.95, n_resamples: int = 1000, rng: int = 0
    ) -> dict[str, tuple[float, float]]:
        """Return the limits of each parameter, as `interval` does those of predictions."""
        _check_resampling(level, n_resamples, rng)
        low, high = percentiles(self._replicates(n_resamples, rng), level)
        limits = zip(low.tolist(), high.tolist(), strict=True)
        return dict(zip(self.parameters, limits, strict=True))

    def optimal_k(self, *, k_max: int = 1000, tolerance: float = 0.0) -> int:
        """Return the least k up to `k_max` whose predicted score is within `tolerance` of the highest.

        Every integer is tried.
        """
        positive_integer("k_max", k_max)
        number_between("tolerance", tolerance, 0, 1)
        if k_max < self.least_k:
            msg = f"k_max must be at least {self.least_k} for {self.law!r}, got {k_max}"
            raise ArgumentError(msg)
        k = np.arange(self.least_k, k_max + 1)
        mean = self._means(k)
        reached = mean >= np.nanmax(mean, initial=-np.inf) - max(tolerance, _ROUNDING)
        return int(k[np.argmax(reached)])

    def plot(
        self, ax: Axes | None = None, *, k_max: int | None = None, label: str | None = None
    ) -> Axes:
        """Draw the law with its 95% interval, and the scores it was fitted to.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.laws.plot import plot_fit  # noqa: PLC0415 - matplotlib is optional

        return plot_fit(self, ax, k_max=k_max, label=label)

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain Python values, ready for JSON."""
        return {
            "law": repr(self.law),
            "parameters": {
                name: None if np.isnan(value) else value for name, value in self.parameters.items()
            },
            "residuals": self.residuals.to_dict(),
            "verdict": self.verdict,
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns k, observed and fitted as an Arrow stream."""
        residuals = self.residuals
        return _core.TableStream(
            [("k", residuals.k), ("observed", residuals.observed), ("fitted", residuals.fitted)]
        )

    def __repr__(self) -> str:
        """Show the parameters, and how well the law fits."""
        parameters = ", ".join(f"{name} {value:.4g}" for name, value in self.parameters.items())
        verdict = "" if self.verdict is None else f"; {self.verdict}"
        return (
            f"{type(self).__name__}({self.law!r}: {parameters}; "
            f"rmse {self.residuals.rmse:.2g}{verdict})"
        )

    def _calls(self, k: int | Iterable[int]) -> Integers:
        return call_numbers(k, least=self.least_k, subject=repr(self.law))


def call_numbers(k: int | Iterable[int], *, least: int, subject: str) -> Integers:
    """Return k as an array; ArgumentError unless all are integers of at least `least`."""
    values = np.atleast_1d(np.asarray(list(k) if isinstance(k, Iterable) else k))
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "iu":
        msg = f"k must be an integer or a sequence of integers, got {k!r}"
        raise ArgumentError(msg)
    if values.min() < least:
        msg = f"k must be at least {least} for {subject}, got {values.min()}"
        raise ArgumentError(msg)
    return values.astype(np.int64)


def percentiles(replicates: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the central interval over the replicates that have a value, by column."""
    tail = (1 - level) / 2
    usable = replicates[~np.isnan(replicates).any(axis=1)]
    if len(usable) == 0:
        nothing = np.full(replicates.shape[1], np.nan)
        return nothing, nothing
    low, high = np.quantile(usable, [tail, 1 - tail], axis=0)
    return low, high


def _check_resampling(level: float, n_resamples: int, rng: int) -> None:
    number_between("level", level, 0.5, 1 - 1e-12)
    positive_integer("n_resamples", n_resamples)
    if isinstance(rng, bool) or rng not in range(_SEEDS):
        msg = f"rng must be an integer from 0 to 2^64 - 1, got {rng!r}"
        raise ArgumentError(msg)
