"""What happens to the accuracy of a vote as calls are added: any number of levels of difficulty."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from math import floor, fsum, inf
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.errors import ArgumentError
from kcurve.theory.binary import binary_vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_ROUNDING = 1e-14
"""Sums this small beside their terms are zero."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixtureLandscape:
    """Accuracy of votes over a data set of many levels of difficulty, for all numbers of calls.

    Attributes
    ----------
    p, weights : float64 [levels]
        Chances of a right call, and shares of the queries; the shares sum to one.
    shape : str
        "increasing", "decreasing", "constant", or the moves in turn: "up-down", "down-up-down", ...
    turning_points : tuple of int
        The odd k where the accuracy turns; the lower of two that tie.
    most_turns : int
        Descartes' bound: the sign changes of the weights ``(p - 1/2) w`` in the order of p(1-p).
    at_one, limit : float
        Accuracy of one call, and of calls without end.
    optimal_k : int or float
        The number of calls of greatest accuracy, the least of those that tie; infinite where the
        supremum is the limit and no number of calls reaches it.
    supremum : float
        The accuracy there.
    """

    p: NDArray[np.float64]
    weights: NDArray[np.float64]
    shape: str
    turning_points: tuple[int, ...]
    most_turns: int
    at_one: float
    limit: float
    optimal_k: float
    supremum: float

    def accuracy(self, k: ArrayLike) -> NDArray[np.float64] | np.float64:
        """Accuracy of votes of k calls, even splits shared.

        Examples
        --------
        >>> from kcurve.theory import mixture_landscape
        >>> mixture_landscape([0.9, 0.6, 0.3]).accuracy([1, 3])
        array([0.6  , 0.612])
        """
        calls = np.asarray(k)
        votes = binary_vote(self.p.reshape(-1, *[1] * calls.ndim), calls)
        total = np.tensordot(self.weights, votes, axes=1)
        return np.float64(total) if total.ndim == 0 else total

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name, arrays as lists."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {
            "p": self.p.tolist(),
            "weights": self.weights.tolist(),
            "turning_points": list(self.turning_points),
        }


def mixture_landscape(p: ArrayLike, weights: ArrayLike | None = None) -> MixtureLandscape:
    """Shape of the accuracy of a vote over the number of calls, where queries differ in difficulty.

    A share ``weights[i]`` of the queries is answered right with chance ``p[i]`` by every call; there
    are two answers. All turns are found, out to calls without end.

    Parameters
    ----------
    p : array_like of float [levels]
        In [0, 1].
    weights : array_like of float [levels], optional
        Not negative; divided by their sum. Default: all the same.

    Returns
    -------
    MixtureLandscape

    Raises
    ------
    ArgumentError
        No level, a p outside [0, 1], negative weights or none above 0.

    Notes
    -----
    The step from 2m - 1 to 2m + 1 calls adds ``C(2m, m) sum_i w_i (p_i - 1/2) exp(m ln(p_i (1-p_i)))``: an
    exponential sum in m, which has no more real zeros than its coefficients, in the order of p(1-p), have changes of sign.
    They are isolated as in the proof of that rule: divided by an exponential between two terms of different
    sign, the sum has a derivative with one change less, whose zeros, found in the same way, part the line into
    pieces where the quotient is monotonic. Beyond the last piece the last term outweighs the others. Cost: about 0.1 ms
    per level for each change of sign.

    Examples
    --------
    >>> from kcurve.theory import mixture_landscape
    >>> found = mixture_landscape([0.95, 0.6, 0.42, 0.2], [0.1, 0.3, 0.3, 0.3])
    >>> found.shape, found.turning_points, found.most_turns
    ('down-up-down', (17, 29), 3)
    >>> found.optimal_k, found.supremum
    (1, 0.461)
    """
    p, weights = _levels(p, weights)
    bases, coefficients = _terms(p, weights)
    zeros = _zeros(coefficients, bases)
    moves = _moves(zeros, coefficients, bases)
    turning_points = tuple(2 * last + 1 for last, _ in moves[:-1])
    at_one = float(weights @ p)
    limit = float(weights @ np.where(p == 0.5, 0.5, p > 0.5))
    candidates = [1, *(k for k, (_, sign) in zip(turning_points, moves, strict=False) if sign > 0)]
    landscape = MixtureLandscape(
        p=p,
        weights=weights,
        shape=_name([sign for _, sign in moves]),
        turning_points=turning_points,
        most_turns=_sign_changes(coefficients),
        at_one=at_one,
        limit=limit,
        optimal_k=1,
        supremum=at_one,
    )
    accuracies = np.atleast_1d(landscape.accuracy(np.array(candidates)))
    best = int(np.argmax(accuracies))
    optimal_k: float = candidates[best]
    supremum = float(accuracies[best])
    if moves and moves[-1][1] > 0 and limit > supremum:
        optimal_k, supremum = inf, limit
    return dataclasses.replace(landscape, optimal_k=optimal_k, supremum=supremum)


def _levels(
    p: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    chances = np.array(p, dtype=np.float64).reshape(-1)
    shares = np.ones_like(chances) if weights is None else np.array(weights, dtype=np.float64)
    if not chances.size or shares.shape != chances.shape:
        raise ArgumentError(
            f"p and weights must have one number for each level, got {chances.size} and {shares.size}"
        )
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ArgumentError(f"p must be at least 0 and at most 1, got {chances.tolist()!r:.80}")
    if not ((shares >= 0) & (shares < inf)).all() or not shares.sum() > 0:
        msg = f"weights must not be negative, and one must be above 0, got {shares.tolist()!r:.80}"
        raise ArgumentError(msg)
    shares = shares / shares.sum()
    for array in (chances, shares):
        array.setflags(write=False)
    return chances, shares


def _terms(
    p: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``ln(4 p (1-p))``, increasing, and the coefficients; equal ones added, zero ones left out."""
    away = np.abs(p - 0.5)
    coefficients = weights * (p - 0.5)
    kept = (away < 0.5) & (coefficients != 0)
    if not kept.any():
        return np.empty(0), np.empty(0)
    bases = np.log1p(-4 * away[kept] ** 2)
    order = np.argsort(bases, kind="stable")
    bases, coefficients = bases[order], coefficients[kept][order]
    starts = np.flatnonzero(np.diff(bases, prepend=-inf) > _ROUNDING * np.abs(bases))
    sizes = np.add.reduceat(np.abs(coefficients), starts)
    sums = np.add.reduceat(coefficients, starts)
    kept = np.abs(sums) > _ROUNDING * sizes
    return bases[starts][kept], sums[kept]


def _sign_changes(coefficients: NDArray[np.float64]) -> int:
    return int(np.count_nonzero(np.diff(np.sign(coefficients))))


def _sign(m: float, coefficients: NDArray[np.float64], bases: NDArray[np.float64]) -> int:
    """Sign of ``sum_i c_i exp(m b_i)``; 0 up to rounding."""
    exponents = m * bases + np.log(np.abs(coefficients))
    terms = np.sign(coefficients) * np.exp(exponents - exponents.max())
    total = fsum(terms.tolist())
    # The exponents are rounded, too: by the more the larger they are.
    room = (_ROUNDING + 4e-16 * float(np.abs(exponents).max())) * fsum(np.abs(terms).tolist())
    return 0 if abs(total) <= room else (1 if total > 0 else -1)


def _zeros(coefficients: NDArray[np.float64], bases: NDArray[np.float64]) -> list[float]:
    """Return the real numbers from 1/2 on where the sum changes its sign."""
    changes = np.flatnonzero(np.diff(np.sign(coefficients)))
    if not len(changes):
        return []
    at = int(changes[len(changes) // 2])
    middle = (bases[at] + bases[at + 1]) / 2
    inner = _zeros(coefficients * (bases - middle), bases)
    sizes = np.abs(coefficients)
    last = np.log(sizes[:-1].sum() / sizes[-1]) / (bases[-1] - bases[-2])
    ends = [0.5, *inner, max(2 * last, 2 * (inner[-1] if inner else 1), 2.0)]
    signs = [_sign(m, coefficients, bases) for m in ends]
    known = [at for at, sign in enumerate(signs) if sign]
    zeros = []
    for before, after in pairwise(known):
        if signs[before] == signs[after]:
            continue
        if after == before + 1:
            low, high = ends[before], ends[after]
            zeros.append(_bisected(low, high, signs[before], coefficients, bases))
        else:
            zeros.append(ends[before + 1])
    return zeros


def _bisected(
    low: float,
    high: float,
    before: int,
    coefficients: NDArray[np.float64],
    bases: NDArray[np.float64],
) -> float:
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return middle
        sign = _sign(middle, coefficients, bases)
        if sign == 0:
            return middle
        if sign == before:
            low = middle
        else:
            high = middle


def _moves(
    zeros: Sequence[float], coefficients: NDArray[np.float64], bases: NDArray[np.float64]
) -> list[tuple[int, int]]:
    """Return the last whole m of each stretch of increments of one sign, and the sign; the last has no end."""
    if not len(coefficients):
        return []
    moves: list[tuple[int, int]] = []
    first = 1
    for zero in [*zeros, inf]:
        last = first + 3 if zero == inf else floor(zero)
        # A zero at a whole number, or next to one, is told from its neighbours by the sum itself.
        signs = [(m, _sign(m, coefficients, bases)) for m in _whole(first, last)]
        for m, sign in signs:
            if sign and moves and moves[-1][1] == sign:
                moves[-1] = (m, sign)
            elif sign:
                moves.append((m, sign))
        first = max(first, last + 1)
    return moves


def _whole(first: int, last: int) -> list[int]:
    """The numbers of a stretch that tell its sign and its end: the first two and the last two."""
    return sorted({m for m in (first, first + 1, last - 1, last) if first <= m <= last})


def _name(signs: list[int]) -> str:
    if not signs:
        return "constant"
    if len(signs) == 1:
        return "increasing" if signs[0] > 0 else "decreasing"
    return "-".join("up" if sign > 0 else "down" for sign in signs)
