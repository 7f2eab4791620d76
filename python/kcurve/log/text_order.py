"""Packed texts in ascending order, without making them into Python strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log.strings import Strings

_WIDTH = 8


def ascending(texts: Strings) -> NDArray[np.int64]:
    """Return the positions of the texts in ascending order of their bytes; equal ones as they come.

    Notes
    -----
    Eight bytes are compared at a time, as one number; only texts that are level so far are looked
    at further.

    Examples
    --------
    >>> from kcurve.log import Strings
    >>> ascending(Strings.pack(["question 12", "question 2", "question 1", ""]))
    array([3, 2, 0, 1])
    """
    lengths = np.diff(texts.offsets)
    order = np.arange(len(texts), dtype=np.int64)
    group = np.zeros(len(texts), dtype=np.int64)
    level = np.arange(len(texts), dtype=np.int64)
    start = 0
    while len(level) > 1:
        rows = order[level]
        # A text that ends within these bytes comes before one that goes on in zeros.
        left = np.minimum(lengths[rows] - start, _WIDTH + 1)
        words = _words(texts, rows, start)
        by_word = np.lexsort((left, words, group[level]))
        rows, left, words = rows[by_word], left[by_word], words[by_word]
        order[level] = rows
        groups = group[level]
        begins = np.ones(len(level), dtype=np.bool_)
        begins[1:] = (
            (groups[1:] != groups[:-1]) | (words[1:] != words[:-1]) | (left[1:] != left[:-1])
        )
        group[level] = level[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
        alone = begins & np.append(begins[1:], True)
        level = level[~alone & (left > _WIDTH)]
        start += _WIDTH
    return order


def _words(texts: Strings, rows: NDArray[np.int64], start: int) -> NDArray[np.uint64]:
    """Return the eight bytes of each text from `start` on as a number, zeros beyond its end."""
    first = texts.offsets[rows] + start
    end = texts.offsets[rows + 1]
    words = np.zeros(len(rows), dtype=np.uint64)
    for place in range(_WIDTH):
        inside = np.flatnonzero(first + place < end)
        shift = np.uint64(8 * (_WIDTH - 1 - place))
        words[inside] |= texts.data[first[inside] + place].astype(np.uint64) << shift
    return words
