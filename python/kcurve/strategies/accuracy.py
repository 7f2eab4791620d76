"""The accuracy of a run, and how sure it is."""

from __future__ import annotations

from math import nan, sqrt
from statistics import NormalDist
from typing import NamedTuple


class Accuracy(NamedTuple):
    """A share of right answers, with Wilson's interval.

    Attributes
    ----------
    value : float
        The share; NaN if no question has a known answer.
    low, high : float
        The limits of the interval for the accuracy on questions like these.
    """

    value: float
    low: float
    high: float


def wilson(right: int, n: int, level: float) -> Accuracy:
    """Return a share and Wilson's interval for it.

    Examples
    --------
    >>> tuple(round(value, 4) for value in wilson(8, 10, 0.95))
    (0.8, 0.4902, 0.9433)
    """
    if n == 0:
        return Accuracy(nan, nan, nan)
    z = NormalDist().inv_cdf((1 + min(level, 1 - 1e-15)) / 2)
    share = right / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Accuracy(share, max(0.0, centre - half), min(1.0, centre + half))
