"""What the papers' formulas give, spelled out: slow and readable."""

from fractions import Fraction
from math import comb, sqrt


def flops(parameters, tokens, n):
    """2 N for every token of every sample, one sample after another."""
    return sum(2 * Fraction(parameters) * Fraction(str(tokens)) for _ in range(n))


def sign_test(wins, losses):
    """Two-sided exact sign test."""
    n = wins + losses
    tail = sum(Fraction(comb(n, i), 2**n) for i in range(max(wins, losses), n + 1))
    return float(min(Fraction(1), 2 * tail))


def least_sign_test(right_first, right_second, n):
    """The least p-value over all ways in which two sets of right answers can overlap."""
    least = max(0, right_first + right_second - n)
    return min(
        sign_test(right_first - both, right_second - both)
        for both in range(least, min(right_first, right_second) + 1)
    )


def wilson(share, n, z):
    """The p with |share - p| = z sqrt(p (1 - p) / n), by halving."""

    def root(inside, outside):
        for _ in range(200):
            middle = (inside + outside) / 2
            if abs(share - middle) <= z * sqrt(middle * (1 - middle) / n):
                inside = middle
            else:
                outside = middle
        return inside

    return root(share, 0.0), root(share, 1.0)
