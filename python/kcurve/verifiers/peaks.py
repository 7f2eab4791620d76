"""Where curves of resampled questions peak, and whether a turn is more than noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.bands import Spread
    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_BLOCK = 4_000_000
"""Weights that are held at once: bounds the memory."""


def turn_p_value(spread: Spread, draws: int, random: np.random.Generator) -> float:
    """Return the chance that noise alone leaves the end as far below the curve as it is.

    `spread` is of the curve less its end; its largest standardised value is compared with those of
    noise of the same covariance.
    """
    above, error = spread.mean, np.sqrt(spread.variance)
    varying = error > 1e-12
    certain = bool((above[~varying] > 1e-12).any())
    if not varying.any():
        return 1 / (draws + 1) if certain else 1.0
    observed = np.inf if certain else float((above[varying] / error[varying]).max())
    units = spread.units
    standard = spread.residuals[:, varying] / error[varying] * np.sqrt(units / (units - 1))
    # As Student's t: the spread, too, is estimated.
    scale = np.sqrt(random.chisquare(units - 1, draws) / (units - 1))
    values, vectors = np.linalg.eigh(standard.T @ standard)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    maximum = (random.standard_normal((draws, len(root))) @ root.T).max(axis=1) / scale
    return float((np.sum(maximum >= observed) + 1) / (draws + 1))


def resampled_peaks(
    samples: ScoredSamples, values: Floats, resamples: int, random: np.random.Generator
) -> tuple[Integers, float]:
    """Return where the curve of each replicate peaks, and the share whose peak is before the end."""
    units = np.zeros((samples.n_units, values.shape[1]))
    np.add.at(units, samples.unit, values)
    block = max(1, _BLOCK // max(units.shape))
    peaks, turned = [], 0
    for first in range(0, resamples, block):
        weights = random.standard_exponential((min(block, resamples - first), len(units)))
        weights /= weights.sum(axis=1, keepdims=True)
        curves = weights @ units
        top = curves.max(axis=1, keepdims=True)
        peaks.append(np.argmax(curves >= top - 1e-12, axis=1))
        turned += int((curves[:, -1] < top[:, 0] - 1e-12).sum())
    return np.concatenate(peaks), turned / resamples
