"""How the work is divided."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kcurve import _core
from kcurve.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Sequence

Part: TypeAlias = tuple[str, list[int]]
"""A file, and some of its row groups."""

_TASKS_PER_WORKER = 4
_MOST_BUCKETS = 1024


def row_groups(paths: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return file, number and rows of every row group of the files.

    Raises
    ------
    LogError
        If there is none.
    """
    layout = _core.parquet_layout(paths)
    groups = [
        (path, group, rows)
        for path, counts in zip(paths, layout, strict=True)
        for group, rows in enumerate(counts)
    ]
    if not groups:
        raise LogError(f"the files hold no rows: {paths[0]!r}" + ", ..." * (len(paths) > 1))
    return groups


def shares(groups: Sequence[tuple[str, int, int]], partitions: int) -> list[list[Part]]:
    """Divide row groups into at most this many shares of about equally many rows.

    Neighbours stay together: a question's rows often do, and then its counts are in one share.

    Examples
    --------
    >>> shares([("a", 0, 50), ("a", 1, 50), ("b", 0, 100)], 2)
    [[('a', [0, 1])], [('b', [0])]]
    """
    rows = np.array([rows for _, _, rows in groups], dtype=np.float64)
    middles = np.cumsum(rows) - rows / 2
    which = np.minimum(partitions * middles // max(rows.sum(), 1), partitions - 1)
    divided: dict[int, dict[str, list[int]]] = {}
    for (path, group, _), share in zip(groups, which.astype(int).tolist(), strict=True):
        divided.setdefault(share, {}).setdefault(path, []).append(group)
    return [list(files.items()) for files in divided.values()]


def default_partitions(workers: int) -> int:
    """Return the number of shares for this many workers: several, for some take longer."""
    return _TASKS_PER_WORKER * workers


def default_buckets(workers: int) -> int:
    """Return the number of buckets, a power of two.

    Examples
    --------
    >>> default_buckets(2), default_buckets(100)
    (8, 512)
    """
    return int(min(_MOST_BUCKETS, 1 << (_TASKS_PER_WORKER * workers - 1).bit_length()))
