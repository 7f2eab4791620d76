"""A vote between two answers by summing its binomial law, in fractions."""

from fractions import Fraction
from math import comb


def binary_vote(p: Fraction, k: int, ties: str = "split") -> Fraction:
    """Return the chance that more than half of k calls are right, even splits by `ties`."""
    chances = [comb(k, wins) * p**wins * (1 - p) ** (k - wins) for wins in range(k + 1)]
    worth = {"split": Fraction(1, 2), "wrong": Fraction(0), "right": Fraction(1)}[ties]
    even = chances[k // 2] if k % 2 == 0 else Fraction(0)
    return sum(chances[k // 2 + 1 :], Fraction(0)) + worth * even
