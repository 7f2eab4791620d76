"""The largest of several samples of a question, in expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def expected_maximum(
    values: Floats, offsets: NDArray[np.int64], sizes: Iterable[int]
) -> dict[int, Floats]:
    r"""Return the expected largest of m values of each question, drawn without replacement.

    Parameters
    ----------
    values : float64 [N]
        A value of each sample; NaN where unknown, as if the sample were not there.
    offsets : int64 [Q + 1]
        Where the samples of each question begin.
    sizes : iterable of int
        Numbers m of values to draw.

    Returns
    -------
    dict of int to float64 [Q]
        The expectation for each m; NaN for questions with fewer known values, 0 for m = 0.

    Notes
    -----
    With the n known values sorted, ``v_1 <= ... <= v_n``, the largest of m is at most ``v_r`` with chance
    ``C(r, m) / C(n, m)``, so that its expectation is ``v_n - sum_{r<n} C(r, m) / C(n, m) (v_{r+1} - v_r)``: exact, all
    terms of one sign. Cost: a sort, then N for every number up to the largest m.

    Examples
    --------
    >>> import numpy as np
    >>> expected_maximum(np.array([1.0, 5.0, 3.0]), np.array([0, 3]), [1, 2, 3])
    {0: array([0.]), 1: array([3.]), 2: array([4.33333333]), 3: array([5.])}
    """
    lengths = np.diff(offsets)
    question = np.repeat(np.arange(len(lengths)), lengths)
    known = ~np.isnan(values)
    question, values = question[known], values[known]
    n = np.bincount(question, minlength=len(lengths))
    if not n.all():
        raise LogError(
            f"no sample of question number {int(n.argmin())} has a known value; leave the question "
            "out with log.select(questions=...)"
        )
    order = np.lexsort((values, question))
    values = values[order]
    starts = np.concatenate([[0], np.cumsum(n)[:-1]])
    rank = np.arange(1, len(values) + 1) - starts[question]
    last = starts + n - 1
    gap = np.zeros(len(values))
    gap[:-1] = np.diff(values)
    gap[last] = 0.0  # the largest of a question has none above it
    wanted = {int(size) for size in sizes}
    found = {0: np.zeros(len(n))}
    below = np.ones(len(values))
    for m in range(1, max(wanted, default=0) + 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            below *= np.clip(rank - m + 1, 0, None) / (n[question] - m + 1)
        if m in wanted:
            expected = values[last] - np.add.reduceat(below * gap, starts)
            found[m] = np.where(n >= m, expected, np.nan)
    return {m: found[m] for m in sorted({0, *wanted})}
