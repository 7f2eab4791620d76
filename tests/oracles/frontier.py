"""Frontiers by comparing every pair of points."""

from itertools import pairwise


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
