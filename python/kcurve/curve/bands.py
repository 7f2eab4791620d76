"""Bands around a curve: which uncertainty, and how its variance becomes an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Interval: TypeAlias = Literal["combined", "estimation", "generalisation", "run_to_run", "fresh_run"]
"""Which uncertainty a band shows."""

INTERVALS = ("combined", "estimation", "generalisation", "run_to_run", "fresh_run")

GUARD = 6.0
"""How fast evidence of rare outcomes overrules the worst case; see `proportion_interval`."""

_MAXIMUM_DRAWS = 4000
_MOST_GRID_POINTS = 200


@dataclass(frozen=True, slots=True)
class Spread:
    """How per-question scores vary over independent units: questions, or clusters of them."""

    mean: Floats
    """Mean over questions, [K]."""
    residuals: Floats
    """Sum of the centred scores of each unit over the number of questions, [units, K]."""

    @property
    def units(self) -> int:
        """Number of independent units."""
        return len(self.residuals)

    @property
    def variance(self) -> Floats:
        """Variance of the mean over a fresh choice of units; NaN for a single unit."""
        if self.units < 2:
            return np.full(len(self.mean), np.nan)
        scale = self.units / (self.units - 1)
        return np.asarray(scale * np.einsum("uk,uk->k", self.residuals, self.residuals))

    @property
    def covariance(self) -> Floats:
        """Covariance of the mean between numbers of calls, [K, K]."""
        scale = self.units / max(self.units - 1, 1)
        return np.asarray(scale * self.residuals.T @ self.residuals)


def spread(scores: Floats, clusters: NDArray[np.integer] | None) -> Spread:
    """Summarise per-question scores [Q, K]; `clusters` [Q] are the codes of dependent questions."""
    questions = len(scores)
    mean = scores.mean(axis=0)
    residuals = (scores - mean) / questions
    if clusters is not None:
        _, unit = np.unique(clusters, return_inverse=True)
        sums = np.zeros((int(unit.max()) + 1, scores.shape[1]))
        np.add.at(sums, unit, residuals)
        residuals = sums
    return Spread(mean, residuals)


def critical_value(level: float, degrees: float) -> float:
    """Two-sided critical value of Student's t; of the normal for infinite `degrees`."""
    from scipy.special import ndtri, stdtrit  # noqa: PLC0415 - scipy is slow to import

    tail = 0.5 + level / 2
    return float(ndtri(tail) if np.isinf(degrees) else stdtrit(degrees, tail))


def simultaneous_factor(covariance: Floats, level: float) -> float:
    """How much wider than pointwise a band must be to cover every k at once.

    The quantile of the maximum of a Gaussian process with this covariance, by simulation with a
    fixed seed, over that of a single normal. Long grids are thinned: neighbours are nearly one.
    """
    size = len(covariance)
    if size > _MOST_GRID_POINTS:
        kept = np.unique(np.geomspace(1, size, _MOST_GRID_POINTS).astype(np.int64)) - 1
        covariance = covariance[np.ix_(kept, kept)]
    deviation = np.sqrt(np.diag(covariance))
    varying = deviation > 0
    if not varying.any():
        return 1.0
    correlation = covariance[np.ix_(varying, varying)] / np.outer(
        deviation[varying], deviation[varying]
    )
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    draws = np.random.default_rng(0).standard_normal((_MAXIMUM_DRAWS, len(root))) @ root.T
    maximum = np.quantile(np.abs(draws).max(axis=1), level)
    return max(1.0, float(maximum) / critical_value(level, np.inf))


def proportion_interval(
    mean: Floats, variance: Floats, units: float, critical: float
) -> tuple[Floats, Floats]:
    """Interval for the mean of scores in [0, 1], fit for few units and for means near 0 or 1.

    Wilson's interval at the effective number of units: ``units / phi``, where phi is the variance
    found over that of `units` outcomes that are all 0 or 1. Scores that are all but equal and all
    but perfect cannot tell a uniformly small failure rate from failures that are total but rare.
    As long as less than about half a failure has been seen, phi is therefore drawn towards 1, the
    worst case, by ``exp(-6 units min(mean, 1 - mean))``.

    References
    ----------
    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    Korn and Graubard, "Confidence Intervals for Proportions with Small Expected Number of
    Positive Counts Estimated from Survey Data", 1998 (effective sample size).
    """
    worst = mean * (1 - mean)
    phi = np.divide(variance * units, worst, out=np.ones_like(mean), where=worst > 0)
    evidence = units * np.minimum(mean, 1 - mean)
    phi = phi + np.clip(1 - phi, 0, None) * np.exp(-GUARD * evidence)
    square = critical * critical * phi / units
    centre = (mean + square / 2) / (1 + square)
    half = np.sqrt(worst * square + square * square / 4) / (1 + square)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def run_interval(mean: Floats, variance: Floats, critical: float) -> tuple[Floats, Floats]:
    """Interval that the accuracy of one run falls in: quantiles of the beta with these moments."""
    from scipy.special import betaincinv, ndtr  # noqa: PLC0415 - scipy is slow to import

    tail = float(ndtr(-critical))
    random = (variance > 0) & (mean > 0) & (mean < 1)
    safe = np.where(random, variance, 1.0)
    size = np.where(random, mean * (1 - mean) / safe - 1, 1.0)
    inside = np.where(random, mean, 0.5)
    low = betaincinv(size * inside, size * (1 - inside), tail)
    high = betaincinv(size * inside, size * (1 - inside), 1 - tail)
    return np.where(random, low, mean), np.where(random, high, mean)
