"""Arguments of any shapes for functions of flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

_Number = TypeVar("_Number", np.float64, np.uint64)


def elementwise(
    function: Callable[..., NDArray[np.float64]], *arguments: ArrayLike
) -> NDArray[np.float64] | np.float64:
    """Apply a function of flat arrays of floats as a NumPy ufunc would: broadcast, scalars for scalars.

    Arguments of one element go in as such, without a copy for each element of the result.
    """
    arrays = [np.asarray(argument, dtype=np.float64) for argument in arguments]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    values = function(*(flat(array, shape) for array in arrays))
    if not shape:
        return np.float64(values[0])
    return values.reshape(shape)


def flat(array: NDArray[_Number], shape: tuple[int, ...]) -> NDArray[_Number]:
    """Return the elements of the array broadcast to the shape, or its only one."""
    if array.size == 1:
        return array.reshape(1)
    return np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(-1)
