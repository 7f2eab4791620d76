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
    """The best accuracy of any mixture of two points whose mean cost is the budget, or of one below it."""
    kept = [(c, a) for a, c, on in zip(accuracy, cost, unbeaten(accuracy, cost), strict=True) if on]
    kept.sort()
    if budget < kept[0][0]:
        return None
    best = max(a for c, a in kept if c <= budget)
    for (c, a), (d, b) in pairwise(kept):
        if c <= budget <= d and d > c:
            best = max(best, a + (b - a) * (budget - c) / (d - c))
    return best
