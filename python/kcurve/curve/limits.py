"""The limits of a band, by the method of the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import numpy as np

from kcurve.curve.bands import (
    critical_value,
    proportion_interval,
    run_interval,
    simultaneous_factor,
)
from kcurve.curve.methods import Bootstrap, Exact
from kcurve.curve.resampling import confidence_limits, spread_limits
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.bands import Interval, Spread
    from kcurve.curve.replay import Replays
    from kcurve.curve.result import Curve

    Floats = NDArray[np.float64]


def band_limits(
    curve: Curve, spread: Spread, interval: Interval, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    """Return the lower and the upper limit of a curve's band at each k, both NaN where one is."""
    low, high = _limits(curve, spread, interval, level, simultaneous=simultaneous)
    undefined = np.isnan(low) | np.isnan(high)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def reason_undefined(spread: Spread, interval: Interval) -> str:
    """Return why limits are NaN, where some are."""
    if spread.units == 1 and interval in ("combined", "generalisation", "fresh_run"):
        return "one question, or one cluster, says nothing about others"
    return "with every sample drawn (k = n) no sample is left out to judge the noise by"


def _limits(
    curve: Curve, spread: Spread, interval: Interval, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    if curve.replays is not None and isinstance(curve.method, Bootstrap):
        return _replayed_limits(
            curve.replays, curve.method, interval, level, simultaneous=simultaneous
        )
    return _exact_limits(curve, spread, interval, level, simultaneous=simultaneous)


def _exact_limits(
    curve: Curve, spread: Spread, interval: Interval, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    units, mean = spread.units, curve.mean
    if interval in ("combined", "generalisation", "fresh_run"):
        critical = critical_value(level, units - 1) if units > 1 else np.nan
        if simultaneous:
            critical *= simultaneous_factor(spread.covariance, level)
        variance = spread.variance
        if interval == "generalisation":
            variance = np.maximum(variance - _estimation_variance(curve), 0)
        if interval == "fresh_run":
            # The log's questions are a sample, and so are the fresh ones.
            return run_interval(mean, 2 * variance + _run_variance(curve), critical)
        return proportion_interval(mean, variance, units, critical)
    share = (1 - level) / len(curve.k) if simultaneous else 1 - level
    critical = critical_value(1 - share, np.inf)
    if interval == "estimation":
        draws = curve.log.n_samples.sum() / curve.k
        return proportion_interval(mean, _estimation_variance(curve), draws, critical)
    return run_interval(mean, _run_variance(curve), critical)


def _estimation_variance(curve: Curve) -> Floats:
    return np.asarray(curve.variance.sum(axis=0) / curve.n_questions**2)


def _run_variance(curve: Curve) -> Floats:
    scores = curve.per_question
    return np.asarray((scores * (1 - scores)).sum(axis=0) / curve.n_questions**2)


def _replayed_limits(
    replays: Replays, method: Bootstrap, interval: Interval, level: float, *, simultaneous: bool
) -> tuple[Floats, Floats]:
    match interval:
        case "combined":
            if len(np.unique(replays.units)) == 1:
                nothing = np.full(replays.per_question.shape[1], np.nan)
                return nothing, nothing
            return confidence_limits(
                replays.resamples, method.limits, level, simultaneous=simultaneous
            )
        case "run_to_run":
            return spread_limits(replays.runs, level, simultaneous=simultaneous)
        case "fresh_run":
            return spread_limits(replays.predictions, level, simultaneous=simultaneous)
        case "estimation" | "generalisation":
            msg = (
                f'a bootstrap has no interval "{interval}", which needs the curves of smaller logs; '
                f'use "combined", "run_to_run" or "fresh_run", or method={Exact()!r}'
            )
            raise ArgumentError(msg)
        case _:
            assert_never(interval)
