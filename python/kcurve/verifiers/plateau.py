"""What a verifier that accepts or rejects can do at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def plateau(p: ArrayLike, *, tpr: ArrayLike, fpr: ArrayLike) -> Floats | np.float64:
    """Return the accuracy that samples accepted by a verifier have, however many are drawn.

    ``p s1 / (p s1 + (1 - p) s0)``: the precision of a verifier that accepts right samples with
    chance s1 and wrong ones with chance s0. Best-of-n with such a verifier, or drawing until one
    is accepted, tends to it; false positives, not samples, are its limit.

    Parameters
    ----------
    p : array_like of float
        Chance that a sample is right, in [0, 1].
    tpr, fpr : array_like of float
        s1 and s0, in [0, 1]. All three are broadcast.

    Returns
    -------
    float64 array or scalar
        Where nothing is ever accepted it is p: best-of-n then chooses blindly.

    Raises
    ------
    ArgumentError
        If a chance is outside [0, 1].

    References
    ----------
    Stroebl, Kapoor and Narayanan, "Inference Scaling fLaws", arXiv 2411.17501.

    Examples
    --------
    >>> from kcurve.verifiers import plateau
    >>> plateau([0.5, 0.1, 0.01], tpr=1.0, fpr=0.1)
    array([0.90909091, 0.52631579, 0.09174312])
    """
    right, wrong = chances("p", p), 1 - chances("p", p)
    accepted_right = right * chances("tpr", tpr)
    accepted = accepted_right + wrong * chances("fpr", fpr)
    some = accepted > 0
    found = np.where(some, accepted_right / np.where(some, accepted, 1), right)
    return np.float64(found) if found.ndim == 0 else found


def accepting_best_of_n(
    p: ArrayLike, k: ArrayLike, *, tpr: ArrayLike, fpr: ArrayLike
) -> Floats | np.float64:
    """Return the accuracy of best-of-n with a verifier that accepts or rejects.

    With ``a = p s1 + (1 - p) s0`` a sample is accepted. If one of k is, an accepted one is chosen, else any:
    ``(1 - (1 - a)^k) p s1 / a + (1 - a)^(k - 1) p (1 - s1)``.

    Parameters
    ----------
    p : array_like of float
        Chance that a sample is right, in [0, 1].
    k : array_like of int
        Numbers of samples, at least 1.
    tpr, fpr : array_like of float
        Chance that a right, and that a wrong, sample is accepted. All four are broadcast.

    Returns
    -------
    float64 array or scalar
        It rises with k if tpr > fpr, and falls if tpr < fpr, to `plateau`.

    Raises
    ------
    ArgumentError
        If a chance is outside [0, 1], or a k is below 1.

    Examples
    --------
    >>> from kcurve.verifiers import accepting_best_of_n
    >>> accepting_best_of_n(0.2, [1, 4, 16, 1000], tpr=0.8, fpr=0.2)
    array([0.2       , 0.4056704 , 0.49907795, 0.5       ])
    """
    calls = whole_numbers("k", k)
    right, s1, s0 = chances("p", p), chances("tpr", tpr), chances("fpr", fpr)
    accepted = right * s1 + (1 - right) * s0
    with np.errstate(divide="ignore"):
        some = -np.expm1(calls * np.log1p(-accepted))
    found = some * np.asarray(plateau(right, tpr=s1, fpr=s0)) * (accepted > 0)
    found = found + (1 - accepted) ** (calls - 1) * right * (1 - s1)
    return np.float64(found) if np.ndim(found) == 0 else np.asarray(found)


def chances(name: str, value: ArrayLike) -> Floats:
    """Return the chances as an array; ArgumentError unless all are in [0, 1]."""
    values = np.asarray(value, dtype=np.float64)
    outside = ~((values >= 0) & (values <= 1))
    if outside.any():
        worst = float(values[outside].reshape(-1)[0])
        msg = f"{name} must be at least 0 and at most 1, got {worst!r}"
        raise ArgumentError(msg)
    return values


def whole_numbers(name: str, value: ArrayLike) -> NDArray[np.int64]:
    """Return the numbers as an array; ArgumentError unless all are integers from 1 on."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iu" or (numbers.size and numbers.min() < 1):
        msg = f"{name} must be integers of at least 1, got {value!r:.80}"
        raise ArgumentError(msg)
    return numbers.astype(np.int64)
