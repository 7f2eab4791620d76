"""Data sets of two levels of difficulty: what the landscape and the optimum are both read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_ROUNDING = 8 * np.finfo(np.float64).eps
"""Relative differences up to this are those of rounding: thresholds count as met."""


class TwoLevels(NamedTuple):
    """A share alpha of the queries is answered right with chance p1 > 1/2, the others with p2 < 1/2.

    `slope` is the sign of p1 + p2 - 1, and `first_step` that of F(3) - F(1), both 0 up to rounding.
    `steps` is the real number of steps of two calls after which the increments change sign, half of K*;
    NaN or infinite where they do not.
    """

    alpha: NDArray[np.float64]
    p1: NDArray[np.float64]
    p2: NDArray[np.float64]
    t: NDArray[np.float64]
    slope: NDArray[np.float64]
    first_step: NDArray[np.float64]
    steps: NDArray[np.float64]

    @property
    def at_one(self) -> NDArray[np.float64]:
        """F(1)."""
        return self.alpha * self.p1 + (1 - self.alpha) * self.p2

    @property
    def turning_point(self) -> NDArray[np.float64]:
        """The odd k at which the increments change sign; the lower of two where one is zero."""
        steps = np.where(np.isfinite(self.steps), self.steps, np.nan)
        whole = np.rint(steps)
        close = np.abs(steps - whole) <= 1e-12 * np.maximum(1, np.abs(whole))
        return np.asarray(np.where(close, 2 * whole - 1, 2 * np.floor(steps) + 1))

    @property
    def shape(self) -> NDArray[np.str_]:
        """Names of the shapes."""
        rising, falling = self.first_step > 0, self.first_step < 0
        # The last increments belong to the level whose p(1-p) is larger, if it is there at all.
        easy = (self.alpha > 0) & (self.p1 < 1)
        hard = (self.alpha < 1) & (self.p2 > 0)
        ends_up = easy & (~hard | (self.slope < 0) | ((self.slope == 0) & rising))
        ends_down = hard & (~easy | (self.slope > 0) | ((self.slope == 0) & falling))
        conditions = [rising & ends_down, falling & ends_up, ends_up, ends_down]
        names = ["up-down", "down-up", "increasing", "decreasing"]
        return np.select(conditions, names, "constant")


def two_levels(alpha: ArrayLike, p1: ArrayLike, p2: ArrayLike) -> TwoLevels:
    """Check and broadcast the three, and find thresholds and turns."""
    arrays = np.broadcast_arrays(
        _inside("alpha", alpha, 0, 1), _inside("p1", p1, 0.5, 1), _inside("p2", p2, 0, 0.5)
    )
    alpha, p1, p2 = (array.astype(np.float64) for array in arrays)
    if (p1 == 0.5).any() or (p2 == 0.5).any():
        msg = "p1 must be above 0.5 and p2 below 0.5; mixture_landscape takes any chances, 0.5 too"
        raise ArgumentError(msg)
    easy, hard = p1 * (1 - p1), p2 * (1 - p2)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = hard * (0.5 - p2) / (easy * (p1 - 0.5)) + 1
        above = (p1 - 0.5) + (p2 - 0.5)
        slope = np.where(np.abs(above) <= _ROUNDING, 0, np.sign(above))
        up, down = alpha * easy * (p1 - 0.5), (1 - alpha) * hard * (0.5 - p2)
        level = np.abs(up - down) <= _ROUNDING * (up + down)
        first_step = np.where(level, 0, np.sign(up - down))
        odds = alpha * (p1 - 0.5) / ((1 - alpha) * (0.5 - p2))
        # ln(hard / easy), without cancellation where the two are alike.
        ratio = np.log1p(above * (p1 - p2) / easy)
        steps = np.log(odds) / np.where(slope == 0, 0, ratio)
    return TwoLevels(alpha, p1, p2, t, slope, first_step, steps)


def _inside(name: str, value: ArrayLike, low: float, high: float) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    outside = ~((array >= low) & (array <= high))
    if outside.any():
        worst = float(array[outside].reshape(-1)[0])
        edges = {"p1": " and above 0.5", "p2": " and below 0.5"}.get(name, "")
        raise ArgumentError(f"{name} must be in [{low}, {high}]{edges}, got {worst!r}")
    return array
