"""Which points no other point beats, and the best accuracy for every cost; on plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EVEN = 1e-12
"""Accuracies, and relative costs, that are equal by symmetry differ by rounding."""

_BLOCK = 2**24


def unbeaten(accuracy: Floats, cost: Floats) -> NDArray[np.bool_]:
    """Return which points are on the frontier of each draw.

    A point is beaten by another that costs no more and scores no less, one of them strictly.

    Parameters
    ----------
    accuracy, cost : float64 [R, P]
        Draws of all points.

    Returns
    -------
    bool [R, P]

    Examples
    --------
    >>> unbeaten(np.array([[0.5, 0.7, 0.6]]), np.array([[1.0, 2.0, 2.0]]))
    array([[ True,  True, False]])
    """
    found = np.empty(accuracy.shape, dtype=np.bool_)
    rows = max(1, _BLOCK // max(accuracy.shape[1], 1))
    for start in range(0, len(accuracy), rows):
        part = slice(start, start + rows)
        found[part] = _unbeaten(accuracy[part], cost[part])
    return found


def _unbeaten(accuracy: Floats, cost: Floats) -> NDArray[np.bool_]:
    best_first = np.argsort(-accuracy, axis=1, kind="stable")
    by_cost = np.argsort(np.take_along_axis(cost, best_first, axis=1), axis=1, kind="stable")
    order = np.take_along_axis(best_first, by_cost, axis=1)
    sorted_accuracy = np.take_along_axis(accuracy, order, axis=1)
    sorted_cost = np.take_along_axis(cost, order, axis=1)
    top = np.maximum.accumulate(sorted_accuracy, axis=1)
    before = np.concatenate([np.full((len(top), 1), -np.inf), top[:, :-1]], axis=1)
    wins = sorted_accuracy > before + EVEN
    # A point level with the one before it in both is as good as that one.
    same = np.zeros_like(wins)
    same[:, 1:] = (np.abs(np.diff(sorted_accuracy, axis=1)) <= EVEN) & (
        np.diff(sorted_cost, axis=1) <= EVEN * np.abs(sorted_cost[:, 1:])
    )
    for column in range(1, wins.shape[1]) if same.any() else ():
        wins[:, column] |= same[:, column] & wins[:, column - 1]
    found = np.empty_like(wins)
    np.put_along_axis(found, order, wins, axis=1)
    return found


def envelope(accuracy: Floats, cost: Floats, budgets: Floats) -> Floats:
    """Return the line through the frontier at each budget: what neighbours on it buy together.

    Where questions may be given to either of two points at random, any mean cost between theirs is
    to be had, with the accuracy in proportion. Above the dearest point of the frontier more money
    buys nothing, below the cheapest point nothing is to be had.

    Parameters
    ----------
    accuracy, cost : float64 [R, P]
        Draws of the points.
    budgets : float64 [B]
        Costs, increasing.

    Returns
    -------
    float64 [R, B]
        NaN below the cheapest point.

    Examples
    --------
    >>> envelope(np.array([[0.5, 0.7]]), np.array([[1.0, 3.0]]), np.array([0.5, 1.0, 2.0, 9.0]))
    array([[nan, 0.5, 0.6, 0.7]])
    """
    found = np.empty((len(accuracy), len(budgets)))
    for row, (costs, best) in enumerate(knots(accuracy, cost)):
        found[row] = np.interp(budgets, costs, best, left=np.nan, right=best[-1])
    return found


def knots(accuracy: Floats, cost: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield costs and accuracies of the frontier of each draw [R, P], the cheapest first.

    The envelope is linear between them.

    Examples
    --------
    >>> list(knots(np.array([[0.7, 0.5]]), np.array([[3.0, 1.0]])))
    [(array([1., 3.]), array([0.5, 0.7]))]
    """
    kept = unbeaten(accuracy, cost)
    order = np.argsort(cost, axis=1, kind="stable")
    for row, by_cost in enumerate(order):
        own = by_cost[kept[row, by_cost]]
        yield cost[row, own], accuracy[row, own]
