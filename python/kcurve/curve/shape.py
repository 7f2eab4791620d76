"""The shape of a curve, judged against its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve.curve.bands import critical_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.bands import Spread

Shape: TypeAlias = Literal["increasing", "decreasing", "inverse-U", "U", "flat", "other"]
"""What happens to the score as calls are added."""

_MOST_GRID_POINTS = 40
_DRAWS = 2000


def shape_of(spread: Spread, *, level: float) -> Shape:
    """Judge a curve by the rises and falls between pairs of k that exceed their noise.

    Every pair is tested at once: the critical value is the quantile of the largest of all the
    standardised differences, under a Gaussian with the curve's covariance.
    """
    if spread.units < 2:
        return "other"
    kept = np.unique(
        np.geomspace(1, len(spread.mean), _MOST_GRID_POINTS).round().astype(np.int64) - 1
    )
    rise, fall = _significant_moves(spread, kept, level)
    if not rise.any() and not fall.any():
        return "flat"
    if not fall.any():
        return "increasing"
    if not rise.any():
        return "decreasing"
    up_then_down = bool(np.any(rise.any(axis=0) & fall.any(axis=1)))
    down_then_up = bool(np.any(fall.any(axis=0) & rise.any(axis=1)))
    if up_then_down == down_then_up:
        return "other"
    return "inverse-U" if up_then_down else "U"


def _significant_moves(
    spread: Spread, kept: NDArray[np.int64], level: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of the moves from point i to a later point j are rises, and which are falls."""
    mean = spread.mean[kept]
    residuals = spread.residuals[:, kept]
    covariance = spread.units / (spread.units - 1) * residuals.T @ residuals
    variance = np.diag(covariance)
    squares = variance[:, None] + variance[None, :] - 2 * covariance
    # Rounding leaves tiny squares, of either sign, where two points never differ.
    noise = np.sqrt(np.where(squares > 1e-15 * variance.max(initial=0), squares, 0))
    first, later = np.triu_indices(len(kept), 1)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    draws = np.random.default_rng(0).standard_normal((_DRAWS, len(kept))) @ root.T
    pairs = noise[first, later]
    standardised = np.abs(draws[:, later] - draws[:, first])
    standardised = np.divide(standardised, pairs, out=np.zeros_like(standardised), where=pairs > 0)
    critical = np.quantile(standardised.max(axis=1, initial=0), level)
    critical *= critical_value(level, spread.units - 1) / critical_value(level, np.inf)
    moves = np.triu(mean[None, :] - mean[:, None], 1)
    limit = critical * noise + 1e-12
    return moves > limit, moves < -limit
