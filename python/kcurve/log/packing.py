"""Ragged data as flat arrays: offsets, and positions of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


def read_only(array: ArrayLike, dtype: type[_Scalar]) -> NDArray[_Scalar]:
    """One-dimensional, contiguous view that cannot be written to; copies only to convert."""
    view = np.ascontiguousarray(array, dtype=dtype).reshape(-1).view()
    view.setflags(write=False)
    return view


def spans(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions `starts[i], ..., starts[i] + counts[i] - 1` of all runs, one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - counts), counts) + np.arange(total, dtype=np.int64)


def offsets_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where runs of these lengths begin, and the end of the last."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
