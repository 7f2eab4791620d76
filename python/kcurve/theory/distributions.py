"""Answer distributions as arguments: what is checked, and the form the core takes them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_Scalar = TypeVar("_Scalar", bound=np.generic)

_ROUNDING = 1e-9
"""How far from 1 a sum of probabilities may be and still be taken as 1."""


def answer_masses(name: str, values: ArrayLike) -> Floats:
    """Return masses [..., A], finite and non-negative, of at least one answer."""
    masses = np.asarray(values, dtype=np.float64)
    if masses.ndim == 0 or masses.shape[-1] == 0:
        msg = f"{name} must hold one probability per answer along its last axis, got shape {masses.shape}"
        raise ArgumentError(msg)
    wrong = ~((masses >= 0) & np.isfinite(masses))
    if wrong.any():
        msg = f"{name} must hold finite numbers of at least 0, got {masses[wrong][0]}"
        raise ArgumentError(msg)
    return masses


def missing_mass(name: str, masses: Floats) -> Floats:
    """Return the probability of no answer [...]: what the sum over answers lacks of 1."""
    missing = np.asarray(1.0 - masses.sum(axis=-1))
    if (missing < -_ROUNDING).any():
        msg = f"{name} must sum to at most 1 over answers, got {1 - missing.min()}"
        raise ArgumentError(msg)
    return np.where(missing <= _ROUNDING, 0.0, missing)


def correct_answers(correct: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which of the answers [..., A] are correct, from a position each or from a mask."""
    given = np.asarray(correct)
    if given.dtype.kind == "b":
        try:
            return np.broadcast_to(given, shape)
        except ValueError:
            msg = f"correct must be a mask of shape {shape}, got shape {given.shape}"
            raise ArgumentError(msg) from None
    answers = shape[-1]
    if given.dtype.kind not in "iu" or ((given < 0) | (given >= answers)).any():
        msg = (
            f"correct must be the position of the correct answer, 0 to {answers - 1}, or a boolean "
            f"mask of the answers, got {correct!r:.80}"
        )
        raise ArgumentError(msg)
    try:
        position = np.broadcast_to(given, shape[:-1])
    except ValueError:
        msg = f"correct must have shape {shape[:-1]}, one position per row, got {given.shape}"
        raise ArgumentError(msg) from None
    return np.asarray(position[..., None] == np.arange(answers))


def numbers_of_calls(k: ArrayLike, *, least: int = 1) -> NDArray[np.int64]:
    """Return numbers of calls, integers of at least `least`, in the shape given."""
    numbers = np.asarray(k)
    if numbers.dtype.kind not in "iu" or numbers.size == 0:
        msg = f"k must be an integer or an array of integers, got {k!r:.80}"
        raise ArgumentError(msg)
    if numbers.min() < least:
        msg = f"k must be at least {least}, got {numbers.min()}"
        raise ArgumentError(msg)
    return numbers.astype(np.int64)


def rows(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return [..., A] as a contiguous table of rows."""
    return np.ascontiguousarray(values).reshape(-1, values.shape[-1])


def number_or_array(values: ArrayLike) -> Floats:
    """Return an array without dimensions as the number it holds, as ufuncs do."""
    result: Floats = np.asarray(values)[()]
    return result
