"""What the tests mean by "equal": relative 1e-12 of the exact value, and exactly zero where it is zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

TOLERANCE = 1e-12


def assert_close(
    got: npt.ArrayLike, exact: Sequence[Fraction | float], *, tolerance: float = TOLERANCE
) -> None:
    """Assert that each number is within the relative tolerance of the exact one."""
    expected = np.array([float(each) for each in exact])
    np.testing.assert_allclose(np.ravel(got), expected, rtol=tolerance, atol=0.0)


def assert_variance_close(got: float, exact: Fraction, n: int) -> None:
    """Assert that a jackknife variance is what accurate deleted values must give.

    Let each deleted value carry an error of at most e = 1e-12 (values are at most 1). The deviations d_i from their
    mean then carry at most 2e, and by Cauchy-Schwarz the variance (n-1)/n sum d_i^2 moves by at most
    2 sqrt(V) sqrt(n) 2e + n (2e)^2, to which its own summation adds a relative e.
    """
    e, v = TOLERANCE, float(exact)
    assert abs(got - v) <= 4 * e * (n * v) ** 0.5 + 4 * n * e**2 + e * v, f"{got} is not {v}"
