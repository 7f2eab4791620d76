"""Which points of a long curve a table shows."""

import numpy as np
import numpy.typing as npt

MOST_ROWS = 12
"""Above this many points a table shows a selection."""


def readable_rows(k: npt.NDArray[np.int64], *, best: int, most: int = MOST_ROWS) -> list[int]:
    """Positions in `k` worth a row each: the ends, the best, and about evenly spaced logarithms.

    A curve of at most `most` points is shown whole. Else the rows are those nearest to 1, 2, 3, 4,
    6, 8, 12, ..., or to 1, 2, 4, 8, ... where the former would be too many.

    Parameters
    ----------
    k : int array [K]
        Numbers of calls, increasing.
    best : int
        Position of the point that must be among them.
    most : int
        Rows to stay below, the ends and the best not counted.

    Examples
    --------
    >>> k = np.arange(1, 31)
    >>> [int(k[row]) for row in readable_rows(k, best=28)]
    [1, 2, 3, 4, 6, 8, 12, 16, 24, 29, 30]
    """
    if len(k) <= most:
        return list(range(len(k)))
    doublings = 2 ** np.arange(int(np.log2(k[-1])) + 1)
    halfway = np.sort(np.concatenate([doublings, 3 * doublings[:-1]]))
    chosen: set[int] = set()
    for targets in (halfway, doublings):
        inside = targets[(targets >= k[0]) & (targets <= k[-1])]
        chosen = {int(np.argmin(np.abs(k - target))) for target in inside}
        if len(chosen) <= most:
            break
    return sorted(chosen | {0, best, len(k) - 1})
