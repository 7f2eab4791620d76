"""Frontiers by comparing every pair of points."""

from itertools import pairwise
from math import exp, log


def unbeaten(accuracy, cost, *, even=1e-12):
    """Which points no other point beats, by the definition."""
    found = []
    for a, c in zip(accuracy, cost, strict=True):
        beaten = any(
            (b > a + even and d <= c) or (b >= a - even and d < c * (1 - even))
            for b, d in zip(accuracy, cost, strict=True)
        )
        found.append(not beaten)
    return found


def best_accuracy(accuracy, cost, budget):
    """The best accuracy of a point within the budget, or of two neighbours on the frontier mixed."""
    kept = [(c, a) for a, c, on in zip(accuracy, cost, unbeaten(accuracy, cost), strict=True) if on]
    kept.sort()
    if budget < kept[0][0]:
        return None
    best = max(a for c, a in kept if c <= budget)
    for (c, a), (d, b) in pairwise(kept):
        if c <= budget <= d and d > c:
            best = max(best, a + (b - a) * (budget - c) / (d - c))
    return best


def overtaken(first, second, *, steps=400):
    """The cost from which on the second envelope stays above the first, by looking at many costs."""
    begin = max(min(cost for _, cost in first), min(cost for _, cost in second))
    end = max(cost for _, cost in first + second)
    start = None
    for step in range(steps + 1):
        budget = begin + (end - begin) * step / steps
        a, b = (best_accuracy(*zip(*pairs, strict=True), budget) for pairs in (first, second))
        ahead_since = budget if start is None else start
        start = ahead_since if b > a + 1e-9 else None
    return float("inf") if start is None else start


def switches(accuracy, cost, size, *, steps=4000):
    """Where the best size changes, and from which to which, by looking at many amounts of compute."""
    curves = {}
    for one in sorted(set(size)):
        own = [i for i, each in enumerate(size) if each == one]
        curves[one] = [log(cost[i]) for i in own], [accuracy[i] for i in own]
    begin, end = log(min(cost)), log(max(cost))
    found, leader = [], None
    for step in range(steps + 1):
        budget = begin + (end - begin) * step / steps
        heights = {one: _height(*curve, budget) for one, curve in curves.items()}
        top = max(heights.values())
        best = min(one for one, height in heights.items() if height >= top - 1e-12)
        if leader is not None and best != leader:
            found.append((exp(budget), (leader, best)))
        leader = best
    return found


def _height(costs, accuracies, budget):
    """The frontier of one size, linear in the logarithm of the cost."""
    kept = sorted(
        (c, a)
        for c, a, on in zip(costs, accuracies, unbeaten(accuracies, costs), strict=True)
        if on
    )
    if budget < kept[0][0] - 1e-12:
        return -1.0
    for (c, a), (d, b) in pairwise(kept):
        if c <= budget <= d:
            return a + (b - a) * (budget - c) / (d - c)
    return kept[-1][1] if budget > kept[0][0] else kept[0][1]
