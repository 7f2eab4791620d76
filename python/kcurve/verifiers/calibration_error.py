"""The expected calibration error, its bias and its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]

_BLOCK = 4_000_000
"""Weights that are held at once: bounds the memory."""


class CalibrationError(NamedTuple):
    """The expected calibration error of bins."""

    plug_in: float
    corrected: float
    low: float
    high: float
    calibrated: float
    """What calibrated bins would have on average."""
    p_value: float


def calibration_error(
    samples: ScoredSamples, gap: Floats, *, level: float, resamples: int, rng: int
) -> CalibrationError:
    """Return the error of bins whose sums of correctness less score are `gap` by question, [Q, B].

    By the Bayesian bootstrap over units: weights are exponential, of mean 1.
    """
    size = len(samples.score)
    plug_in = float(np.abs(gap.sum(axis=0)).sum() / size)
    if samples.n_units < 2:
        return CalibrationError(plug_in, np.nan, np.nan, np.nan, np.nan, np.nan)
    units = np.zeros((samples.n_units, gap.shape[1]))
    np.add.at(units, samples.unit, gap)
    sizes = np.bincount(samples.unit, samples.sums(np.ones(size)))
    # Calibrated bins: the same noise about 0. The noise is what units differ by from their share.
    noise = units - sizes[:, None] / size * units.sum(axis=0)
    random = np.random.Generator(np.random.PCG64(rng))
    block = max(1, _BLOCK // len(units))
    drawn, noisy = [], []
    for first in range(0, resamples, block):
        weights = random.standard_exponential((min(block, resamples - first), len(units)))
        total = weights @ sizes
        drawn.append(np.abs(weights @ units).sum(axis=1) / total)
        noisy.append(np.abs(weights @ noise).sum(axis=1) / total)
    values, chance = np.concatenate(drawn), np.concatenate(noisy)
    p_value = float((np.sum(chance >= plug_in) + 1) / (resamples + 1))
    variance = (noise**2).sum(axis=0) * len(units) / (len(units) - 1)
    squares = np.clip(units.sum(axis=0) ** 2 - variance, 0, None)
    corrected = float(np.sqrt(squares).sum() / size)
    least, most = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
    # Resampled errors are too large near 0: there the test says whether 0 is in the interval.
    low = 0.0 if p_value > 1 - level else max(0.0, 2 * plug_in - float(most))
    return CalibrationError(
        plug_in,
        corrected,
        min(low, corrected),
        max(2 * plug_in - float(least), corrected),
        float(chance.mean()),
        p_value,
    )
