"""The majority of two answers, in integers: a binomial or hypergeometric tail.

With two answers and an odd number k of votes the first answer wins when it is drawn at least (k+1)/2 times. The
tail is summed term by term, each term an exact integer, until the rest is below 2^-90 of the sum; starting on the
side where the terms fall makes that a bound on the relative error. (scipy.special.betainc and
scipy.stats.hypergeom lose digits far out in the tail, so they serve as a second opinion only.)
"""

from __future__ import annotations

import math
from fractions import Fraction


def majority_of_two(right: int, wrong: int, k: int, *, replacement: bool) -> Fraction:
    """Return the chance that k draws, k odd, hold more of the first answer."""
    if k % 2 == 0:
        message = f"k must be odd, got {k}"
        raise ValueError(message)
    if right > wrong:  # the terms of the tail fall from its start only for the rarer answer
        return 1 - majority_of_two(wrong, right, k, replacement=replacement)
    n, least = right + wrong, (k + 1) // 2
    if replacement:
        term = math.comb(k, least) * right**least * wrong ** (k - least)
        draws = n**k
    else:
        term = math.comb(right, least) * math.comb(wrong, k - least)
        draws = math.comb(n, k)
    total, j = 0, least
    while term and term.bit_length() > total.bit_length() - 90:
        total += term
        if replacement:
            term = term * (k - j) * right // ((j + 1) * wrong)
        else:
            term = term * (right - j) * (k - j) // ((j + 1) * (wrong - k + j + 1))
        j += 1
    # A hundred binary digits of the quotient: reducing the whole fraction would take longer than all the rest.
    shift = max(0, draws.bit_length() - total.bit_length() + 100)
    return Fraction((total << shift) // draws, 1 << shift)
