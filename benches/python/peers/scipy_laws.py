"""The exponential law fitted one question at a time by a general optimiser, as published analyses do.

Bounded quasi-Newton (L-BFGS-B) with differences for derivatives, from (1, 1, 1), c1 and c2 at least 1e-6; the exponent
of the hard form is clipped to 70. The sums are NumPy's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BOUNDS = [(1e-6, None), (1e-6, None), (None, None)]


def law(c: Floats, limit: float, k: Floats) -> Floats:
    exponent = -c[0] * k - c[1] * np.sqrt(k) - c[2]
    if limit == 0:
        return np.exp(np.clip(exponent, -70, 70))
    return limit * (1 - np.exp(exponent))


def fit(k: Floats, scores: Floats, limit: float, start: Floats | None = None) -> float:
    """Return the sum of squares where the optimiser stops."""

    def squares(c: Floats) -> float:
        return float(np.sum((scores - law(c, limit, k)) ** 2))

    start = np.ones(3) if start is None else start
    with np.errstate(over="ignore", invalid="ignore"):
        return float(minimize(squares, start, bounds=BOUNDS).fun)


def best_of_restarts(k: Floats, scores: Floats, limit: float, rng: np.random.Generator) -> float:
    """Return the least of twenty random starts."""
    starts = np.stack(
        [10 ** rng.uniform(-5, 1, 20), 10 ** rng.uniform(-5, 1, 20), rng.uniform(-3, 3, 20)], axis=1
    )
    found = [fit(k, scores, limit, start) for start in starts]
    return min(value for value in found if np.isfinite(value))
