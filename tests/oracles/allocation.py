"""The best options within a budget, by trying every budget and by linear programming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Sequence


def best_value(
    values: Sequence[Sequence[float]], costs: Sequence[Sequence[int]], budget: int
) -> float:
    """Return the largest sum of values of one option per question, whole costs, within the budget.

    By dynamic programming over questions and what is spent; minus infinity if nothing fits.
    """
    best = [0.0] * (budget + 1)
    for offered, prices in zip(values, costs, strict=True):
        best = [
            max(
                (
                    best[spent - price] + value
                    for value, price in zip(offered, prices, strict=True)
                    if price <= spent
                ),
                default=float("-inf"),
            )
            for spent in range(budget + 1)
        ]
    return best[budget]


def relaxed_value(
    values: Sequence[Sequence[float]], costs: Sequence[Sequence[float]], budget: float
) -> float:
    """Return the same if a question may take mixtures of its options."""
    worth, prices = np.array(values, dtype=float), np.array(costs, dtype=float)
    questions, options = worth.shape
    solution = linprog(
        -worth.ravel(),
        A_ub=prices.ravel()[None],
        b_ub=[budget],
        A_eq=np.kron(np.eye(questions), np.ones(options)),
        b_eq=np.ones(questions),
        bounds=(0, 1),
    )
    return float(-solution.fun)
