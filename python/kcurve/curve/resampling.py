"""From replicates to intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.methods import Limits
    from kcurve.curve.replay import Resamples

    Floats = NDArray[np.float64]


def spread_limits(values: Floats, level: float, *, simultaneous: bool) -> tuple[Floats, Floats]:
    """Return the limits between which the share `level` of the replicates [R, K] falls."""
    outside = _outside(values, level, simultaneous=simultaneous)
    low, high = np.nanquantile(values, [outside / 2, 1 - outside / 2], axis=0)
    return low, high


def confidence_limits(
    resamples: Resamples, limits: Limits, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    """Return the confidence limits of the mean score, from its resamples.

    With ``q(p)`` the quantile of the resampled values, ``e`` the estimate and ``a`` half of one less
    the level:

    - percentile: ``q(a), q(1 - a)``;
    - basic: ``2 e - q(1 - a), 2 e - q(a)``;
    - bca: ``q`` at ``Phi(z0 + (z0 + z) / (1 - c (z0 + z)))`` for ``z = Phi^-1(a)`` and
      ``Phi^-1(1 - a)``, where ``Phi(z0)`` is the share of values below ``e`` and ``c`` the
      acceleration;
    - studentised: ``e - t(1 - a) s, e - t(a) s``, where t is the quantile of
      ``(value - e) / (its own standard error)`` and s the standard error of ``e``.

    Where the questions do not differ there is nothing to resample: both limits are the estimate.
    """
    estimate, values = resamples.estimate, resamples.values
    match limits:
        case "percentile":
            low, high = spread_limits(values, level, simultaneous=simultaneous)
        case "basic":
            low, high = spread_limits(values, level, simultaneous=simultaneous)
            low, high = 2 * estimate - high, 2 * estimate - low
        case "bca":
            outside = _outside(values, level, simultaneous=simultaneous)
            low, high = _accelerated(resamples, outside)
        case "studentised":
            low, high = _studentised(resamples, level, simultaneous=simultaneous)
    certain = resamples.error == 0
    return (
        np.where(certain, estimate, np.clip(low, 0, 1)),
        np.where(certain, estimate, np.clip(high, 0, 1)),
    )


def _outside(values: Floats, level: float, *, simultaneous: bool) -> float:
    """Return the share of replicates that the limits leave out at each k.

    For a simultaneous band it is the largest for which the share `level` of the replicate curves
    lies inside everywhere.
    """
    if not simultaneous or values.shape[1] == 1:
        return 1 - level
    defined = values[~np.isnan(values).any(axis=1)]
    below = np.array([np.searchsorted(np.sort(column), column) for column in defined.T])
    above = np.array(
        [len(column) - np.searchsorted(np.sort(column), column, "right") for column in defined.T]
    )
    # A curve is inside as long as no more than its extreme rank is left out on either side.
    rank = np.minimum(below, above).min(axis=0)
    return float(2 * np.quantile(rank, 1 - level) / len(defined))


def _accelerated(resamples: Resamples, outside: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - scipy is slow to import

    values, estimate = resamples.values, resamples.estimate
    count = np.sum(~np.isnan(values), axis=0)
    # Sums of rounded credit may miss the estimate by their rounding.
    near = np.abs(values - estimate) <= 1e-9
    below = np.sum((values < estimate) & ~near, axis=0) + 0.5 * np.sum(near, axis=0)
    bias = ndtri(np.clip(below / count, 0.5 / count, 1 - 0.5 / count))

    def limit(tail: float) -> Floats:
        shifted = bias + ndtri(tail)
        quantile = ndtr(bias + shifted / (1 - resamples.acceleration * shifted))
        return np.array(
            [np.nanquantile(column, q) for column, q in zip(values.T, quantile, strict=True)]
        )

    tail = max(outside / 2, 1e-12)
    return limit(tail), limit(1 - tail)


def _studentised(
    resamples: Resamples, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    errors = np.where(resamples.errors > 0, resamples.errors, np.nan)
    ratios = (resamples.values - resamples.estimate) / errors
    # A resample without spread says only that its mean is certain: it is as far off as any.
    ratios = np.where(
        np.isnan(ratios), np.sign(resamples.values - resamples.estimate) * 1e3, ratios
    )
    outside = _outside(ratios, level, simultaneous=simultaneous)
    low, high = np.nanquantile(ratios, [outside / 2, 1 - outside / 2], axis=0)
    return (
        resamples.estimate - high * resamples.error,
        resamples.estimate - low * resamples.error,
    )
