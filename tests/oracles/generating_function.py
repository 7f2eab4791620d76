"""The exact plurality vote for hundreds of samples, by integer polynomials.

Fix the winner's count t. Every other answer with count c contributes the series of the ways to draw it fewer than
t times, plus y times the ways to draw it exactly t times; what casts no ballot contributes its whole series::

    low_c(z) + y tie_c z^t        low_c(z) = sum_{i<t} w_c(i) z^i,   tie_c = w_c(t)

with w_c(i) = C(c, i) without replacement and c^i / i! with replacement. The coefficient of y^s z^(k-t) in the
product counts the draws in which s others tie; such a draw scores 1/(s+1) (split) or [s = 0] (wrong).

Everything is an exact integer: with replacement every series is multiplied by D!, where D is the largest k.
Polynomials are multiplied by packing them into one integer each (Kronecker substitution). In the lists below
entry s is the polynomial that multiplies (y z^t)^s.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Polynomial = list[int]


@dataclass(frozen=True)
class _Ring:
    """Polynomials up to a degree, with every coefficient multiplied by ``scale``."""

    degree: int
    replacement: bool

    @property
    def scale(self) -> int:
        return math.factorial(self.degree) if self.replacement else 1

    def ways(self, count: int, i: int) -> int:
        """Return ``scale`` times the weight of drawing an answer with this count i times."""
        if self.replacement:
            return int(count**i) * (self.scale // math.factorial(i))
        return math.comb(count, i)

    def series(self, count: int, terms: int) -> Polynomial:
        return _trimmed([self.ways(count, i) for i in range(min(terms, self.degree + 1))])

    def multiply(self, a: Polynomial, b: Polynomial, degree: int) -> Polynomial:
        """Return the product of a and b up to a degree."""
        a, b = a[: degree + 1], b[: degree + 1]
        if degree < 0 or not a or not b:
            return []
        size = (
            max(a).bit_length() + max(b).bit_length() + min(len(a), len(b)).bit_length()
        ) // 8 + 1
        packed = _pack(a, size) * _pack(b, size)
        terms = min(len(a) + len(b) - 1, degree + 1)
        data = packed.to_bytes((len(a) + len(b)) * size, "little")
        product = (int.from_bytes(data[i * size : (i + 1) * size], "little") for i in range(terms))
        return _trimmed([coefficient // self.scale for coefficient in product])

    def power(self, a: Polynomial, exponent: int, degree: int) -> Polynomial:
        if exponent == 0:
            return [self.scale]
        half = self.power(a, exponent // 2, degree)
        square = self.multiply(half, half, degree)
        return self.multiply(square, a, degree) if exponent % 2 else square


def _pack(a: Polynomial, size: int) -> int:
    return int.from_bytes(
        b"".join(coefficient.to_bytes(size, "little") for coefficient in a), "little"
    )


def _trimmed(a: Polynomial) -> Polynomial:
    while a and a[-1] == 0:
        a.pop()
    return a


def _add(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) < len(b):
        a, b = b, a
    return [x + y for x, y in zip(a, b, strict=False)] + a[len(b) :]


def _alike(ring: _Ring, count: int, copies: int, t: int) -> list[Polynomial]:
    """Return (low + y tie z^t)^copies for one count, by the binomial theorem, up to the degree left after t."""
    tie = ring.series(count, t + 1)[t:]
    low = ring.series(count, t)
    room = ring.degree - t
    most = min(copies, room // t) if tie else 0
    powers = {copies - most: ring.power(low, copies - most, room)}
    for exponent in range(copies - most + 1, copies + 1):
        powers[exponent] = ring.multiply(powers[exponent - 1], low, room)
    tied = [ring.scale]
    factor = []
    for s in range(most + 1):
        ways = math.comb(copies, s)
        term = ring.multiply(tied, powers[copies - s], room - s * t)
        factor.append([ways * coefficient for coefficient in term])
        tied = ring.multiply(tied, tie, 0)
    return factor


def _others(ring: _Ring, counts: Counter[int], inert: int, t: int) -> list[Polynomial]:
    """Return, for each number s of others that tie at t, the series of drawing everything but the winner."""
    room = ring.degree - t
    by_ties = [ring.series(inert, room + 1)]
    for count, copies in counts.items():
        factor = _alike(ring, count, copies, t)
        most = min(len(by_ties) + len(factor) - 2, room // t)
        product: list[Polynomial] = [[] for _ in range(most + 1)]
        for s, a in enumerate(by_ties):
            for r, b in enumerate(factor[: most - s + 1]):
                product[s + r] = _add(product[s + r], ring.multiply(a, b, room - (s + r) * t))
        by_ties = product
    return by_ties


def plurality(
    counts: Sequence[int],
    ks: Sequence[int],
    *,
    winner: int = 0,
    inert: int = 0,
    ties: Literal["split", "wrong"] = "split",
    replacement: bool,
) -> list[Fraction]:
    """Return the expected credit of answer ``winner`` in a vote of k samples, for each k.

    ``inert`` samples are drawn without casting a ballot.
    """
    n = sum(counts) + inert
    ring = _Ring(max(ks), replacement)
    own = counts[winner]
    others = Counter(count for answer, count in enumerate(counts) if answer != winner and count)
    credit = dict.fromkeys(ks, Fraction(0))
    for t in range(1, (ring.degree if replacement else min(own, ring.degree)) + 1):
        wins = ring.ways(own, t)
        for s, series in enumerate(_others(ring, others, inert, t)):
            if ties == "wrong" and s > 0:
                break
            for k in ks:
                at = k - t - s * t
                if 0 <= at < len(series):
                    credit[k] += Fraction(wins * series[at], s + 1)
    ordered = {k: Fraction(math.factorial(k), ring.scale**2 * n**k) for k in ks}
    unordered = {k: Fraction(1, math.comb(n, k)) if k <= n else Fraction(0) for k in ks}
    share = ordered if replacement else unordered
    return [credit[k] * share[k] for k in ks]
