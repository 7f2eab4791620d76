"""Whether a difference of two published accuracies can be luck of the test set."""

from __future__ import annotations

from math import erfc, floor, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kcurve._validation import number_between
from kcurve.curve.bands import proportion_interval

if TYPE_CHECKING:
    from kcurve.published.row import Row


class Difference(NamedTuple):
    """A difference of two accuracies on the same questions, of which only the accuracies are known.

    Attributes
    ----------
    value : float
        The first less the second.
    low, high : float
        Its interval, as if the two had been measured on different questions.
    p : float
        Two-sided p-value under the same assumption.
    paired_p : float
        The least two-sided p-value that any pairing of the two allows: that of a sign test when
        every question on which they differ speaks for the same one.
    """

    value: float
    low: float
    high: float
    p: float
    paired_p: float


def difference(first: Row, second: Row, *, level: float = 0.95) -> Difference:
    r"""Return the difference of the accuracies of two rows on one test set, and what chance allows.

    Parameters
    ----------
    first, second : Row
        Rows of the same data set.
    level : float
        Confidence of the interval.

    Returns
    -------
    Difference
        NaN besides `value` if the data sets differ or their size is unknown.

    Notes
    -----
    With n questions, accuracies a and b, and the pooled share ``m = (a + b) / 2``, p is that of
    ``z = (a - b) / sqrt(2 m (1 - m) / n)``, and the interval is Newcombe's: around ``a - b`` it goes down
    by ``sqrt((a - l_a)^2 + (u_b - b)^2)`` and up by ``sqrt((u_a - a)^2 + (b - l_b)^2)``, with l and u the
    ends of Wilson's intervals. Both rows were measured on the same questions, and questions that are
    easy for one are easy for the other, so that the truth lies between p and `paired_p`; the answers
    to every question, which would tell, are not published. Of ``d = n |a - b|`` questions, with the
    printed digits stretched as far as they go and d rounded down, `paired_p` is ``2^(1-d)``, at most 1.

    A single run on random questions is assumed; means over several runs are less noisy. Nothing is
    corrected for how many differences are looked at.

    References
    ----------
    Newcombe, "Interval Estimation for the Difference between Independent Proportions", 1998, method 10.
    McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions", 1947.

    Examples
    --------
    >>> from kcurve.published import rows
    >>> sampling, search = rows(table="T1", model="Llemma-7B")
    >>> found = difference(search, sampling)
    >>> f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}], p {found.p:.2f} or at least {found.paired_p:.3f}"
    '0.013 [-0.049, 0.074], p 0.68 or at least 0.016'
    """
    number_between("level", level, 0, 1, low_excluded=True)
    a, b, n = first.accuracy, second.accuracy, first.questions
    value = a - b
    if n is None or first.dataset != second.dataset:
        return Difference(value, nan, nan, nan, nan)
    pooled = (a + b) / 2
    error = sqrt(2 * pooled * (1 - pooled) / n)
    p = erfc(abs(value) / error / sqrt(2)) if error > 0 else 1.0
    (low_a, low_b), (high_a, high_b) = wilson(np.array([a, b]), n, level)
    differing = floor(n * (abs(value) + first.accuracy_rounding + second.accuracy_rounding) + 1e-9)
    return Difference(
        value,
        value - sqrt((a - low_a) ** 2 + (high_b - b) ** 2),
        value + sqrt((high_a - a) ** 2 + (b - low_b) ** 2),
        p,
        min(1.0, 2.0 ** (1 - differing)),
    )


def wilson(
    share: np.ndarray[tuple[int], np.dtype[np.float64]], n: int, level: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the lower and upper ends of Wilson's intervals for shares of n."""
    critical = NormalDist().inv_cdf((1 + min(level, 1 - 1e-15)) / 2)
    low, high = proportion_interval(share, share * (1 - share) / n, float(n), critical)
    return tuple(low.tolist()), tuple(high.tolist())
