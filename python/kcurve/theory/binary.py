"""Votes between two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve import _core
from kcurve._validation import choice
from kcurve.errors import ArgumentError
from kcurve.theory._broadcasting import flat

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def binary_vote(
    p: ArrayLike, k: ArrayLike, *, ties: Literal["split", "wrong", "right"] = "split"
) -> NDArray[np.float64] | np.float64:
    """Chance that a vote of k calls between two answers is right.

    Each call is right with chance p, independently of the others. For odd k it is
    ``I_p((k+1)/2, (k+1)/2)``; an even k whose even split is decided by a coin is as good as k - 1.

    Parameters
    ----------
    p : array_like of float
        Chance that a call is right, in [0, 1].
    k : array_like of int
        Numbers of calls, at least 1. Broadcast with p.
    ties : {"split", "wrong", "right"}, default "split"
        What an even split is worth: half a win, nothing, or a win. "wrong" takes
        ``C(k, k/2) (p(1-p))^(k/2) / 2`` from the value of "split", and "right" adds as much.

    Returns
    -------
    float64 array or scalar
        Chances in [0, 1], to a relative error below 1e-13 however rare wins are; ``1 - F`` is
        ``binary_vote(1 - p, k)``, with "wrong" and "right" exchanged.

    Raises
    ------
    ArgumentError
        A p outside [0, 1], a k below 1 or no whole number, or an unknown `ties`.

    Notes
    -----
    On dense grids of k each value follows from its neighbour by
    ``F(2m+1) - F(2m-1) = C(2m, m) (p(1-p))^m (p - 1/2)``, added up from the rare end; other
    values come from `betainc`. Cost: a few operations per value, or some 100 ns.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need? Towards the Scaling Properties of Compound AI Systems", 2024,
    arXiv 2403.02419.

    Examples
    --------
    >>> from kcurve.theory import binary_vote
    >>> binary_vote(0.6, [1, 3, 5, 11, 101])
    array([0.6 , 0.648 , 0.68256 , 0.75349813, 0.97910331])
    >>> binary_vote(0.6, 2), binary_vote(0.6, 2, ties="wrong"), binary_vote(0.6, 2, ties="right")
    (np.float64(0.6), np.float64(0.36), np.float64(0.84))
    >>> binary_vote(0.01, 301)
    np.float64(4.18056705e-214)
    """
    choice("ties", ties, ("split", "wrong", "right"))
    chances = _chances("p", p)
    calls = _calls(k)
    shape = np.broadcast_shapes(chances.shape, calls.shape)
    values = _core.binary_vote(flat(chances, shape), flat(calls, shape), ties)
    return values.reshape(shape) if shape else np.float64(values[0])


def binary_vote_increment(p: ArrayLike, m: ArrayLike) -> NDArray[np.float64] | np.float64:
    """What the step from 2m - 1 to 2m + 1 calls adds: ``C(2m, m) (p(1-p))^m (p - 1/2)``.

    Parameters
    ----------
    p : array_like of float
        Chance that a call is right, in [0, 1].
    m : array_like of int
        At least 1. Broadcast with p.

    Returns
    -------
    float64 array or scalar
        Positive where p > 1/2, negative where p < 1/2; 0 where it is smaller than the smallest double.

    Raises
    ------
    ArgumentError
        A p outside [0, 1], or an m below 1 or no whole number.

    Examples
    --------
    >>> from kcurve.theory import binary_vote, binary_vote_increment
    >>> binary_vote_increment(0.6, 2)
    np.float64(0.03456)
    >>> binary_vote(0.6, 5) - binary_vote(0.6, 3)
    np.float64(0.03456)
    """
    chances, order = _chances("p", p), _calls(m, name="m")
    shape = np.broadcast_shapes(chances.shape, order.shape)
    values = _core.binary_vote_increment(flat(chances, shape), flat(order, shape))
    return values.reshape(shape) if shape else np.float64(values[0])


def _chances(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return the chances as an array; ArgumentError unless all are in [0, 1]."""
    chances = np.asarray(value, dtype=np.float64)
    outside = ~((chances >= 0) & (chances <= 1))
    if outside.any():
        worst = float(chances[outside].reshape(-1)[0])
        raise ArgumentError(f"{name} must be at least 0 and at most 1, got {worst!r}")
    return chances


def _calls(value: ArrayLike, *, name: str = "k") -> NDArray[np.uint64]:
    """Return the numbers of calls as an array; ArgumentError unless all are integers from 1 on."""
    calls = np.asarray(value)
    whole = calls.dtype.kind in "iu" or (calls.size == 0 and calls.dtype.kind == "f")
    if not whole or (calls.size and calls.min() < 1):
        shown = value if calls.ndim == 0 or not whole else int(calls.min())
        raise ArgumentError(f"{name} must be integers of at least 1, got {shown!r:.80}")
    return calls.astype(np.uint64)
