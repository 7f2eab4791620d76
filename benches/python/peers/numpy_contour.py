"""The exact vote curve with replacement by a contour integral in NumPy: for large k.

The coefficient of ``z^k`` in the generating function (see ``numpy_programme``) is its mean over equally
spaced points of the circle of radius ``r = k``, where an answer of share ``p`` has the factor
``exp(-p r) (p r)^i / i!`` and about ``10 sqrt(k) + 24`` points give full double precision. By conjugate
symmetry half of them are needed.

What makes it quick for NumPy: the sums ``E_c[t] = sum_{i<t} w(c, i) u^i`` depend on the count ``c`` only,
so one table per count serves every question; and the factor of an answer that may tie is
``(1 - y) E_c[t] + y E_c[t + 1]``, so a stretch of ``t`` is the rows of one array. Equal counts are one factor
raised to a power, answers too rare to tie are one exponential, and only likely ``t`` are visited.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, lgamma, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEGLIGIBLE = 1e-19
STRETCH = 32
"""Votes taken together: their answers that may tie are those of the first."""


def vote_curve(counts: NDArray[np.int64], k: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the expected score [Q, K] of the plurality vote with replacement, ties split.

    ``counts`` [Q, A] holds the correct answer in column 0; every question has the same number of samples.
    """
    n = int(counts[0].sum())
    if (counts.sum(axis=1) != n).any():
        raise ValueError("the contour wants the same number of samples for every question")
    curve = np.zeros((len(counts), len(k)))
    for point, size in enumerate(k):
        circle = _Circle.of(n, int(size))
        curve[:, point] = [circle.score(int(row[0]), row[1:]) for row in counts]
    return curve


@dataclass(frozen=True)
class _Circle:
    """Everything that the questions share at one ``k``."""

    n: int
    k: int
    powers: NDArray[np.complex128]
    """``u^i`` [k + 1, points] on the upper half of the unit circle."""
    shares: NDArray[np.float64]
    """The weight of each point in the mean, over the Poisson chance of ``k`` in all."""
    log_factorial: NDArray[np.float64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    """The range of votes [n + 1] that an answer given ``c`` times gets with any likelihood."""
    sums: dict[int, NDArray[np.complex128]]

    @classmethod
    def of(cls, n: int, k: int) -> _Circle:
        half = ceil((10 * sqrt(k) + 24) / 2)
        angle = np.pi * np.arange(half + 1) / half
        i = np.arange(k + 1)
        log_factorial = np.array([lgamma(value + 1.0) for value in i])
        shares = np.full(half + 1, 1 / half)
        shares[[0, -1]] /= 2
        shares /= np.exp(k * np.log(k) - k - log_factorial[k])
        log_choose = log_factorial[-1] - log_factorial - log_factorial[::-1]
        share = np.arange(1, n)[:, None] / n
        chance = np.exp(log_choose + i * np.log(share) + (k - i) * np.log1p(-share))
        likely = np.vstack([i == 0, chance > NEGLIGIBLE, i == k])
        least, most = likely.argmax(axis=1), k - likely[:, ::-1].argmax(axis=1)
        return cls(n, k, np.exp(1j * np.outer(i, angle)), shares, log_factorial, least, most, {})

    def score(self, correct: int, wrong: NDArray[np.int64]) -> float:
        # Fewer votes than any wrong answer is sure to have cannot win.
        first = max(1, self.least[correct], self.least[wrong].max(initial=0))
        last = int(self.most[correct])
        starts = range(first, last + 1, STRETCH)
        return sum(self._stretch(correct, wrong, t, min(t + STRETCH - 1, last)) for t in starts)

    def _stretch(self, correct: int, wrong: NDArray[np.int64], first: int, last: int) -> float:
        """Sum over the votes ``first..last`` of the correct answer."""
        can_reach = wrong[self.most[wrong] >= first]
        unlimited = (self.n - correct - can_reach.sum()) / self.n
        # exp(k p (u - 1)): all answers that cannot stop the correct one.
        free = np.exp(self.k * unlimited * (self.powers[1] - 1.0)) * self.shares
        rows = np.arange(first, last + 2)
        limited, multiplicity = np.unique(can_reach, return_counts=True)
        sums = [self._sums(int(c)).take(rows, axis=0, mode="clip") for c in limited]
        steps = [partial[1:] - partial[:-1] for partial in sums]
        # u^(t - k) is the conjugate of u^(k - t).
        start = self.powers[self.k - last : self.k - first + 1][::-1].conj()
        position, share = np.polynomial.legendre.leggauss(len(can_reach) // 2 + 1)
        integral = np.zeros(last - first + 1)
        for y, weight in zip((position + 1) / 2, share / 2, strict=True):
            product = start
            for partial, step, times in zip(sums, steps, multiplicity, strict=True):
                product = product * _power(partial[:-1] + y * step, int(times))
            integral += weight * (product @ free).real
        return float(integral @ self._poisson(correct, rows[:-1]))

    def _poisson(self, c: int, votes: NDArray[np.int64]) -> NDArray[np.float64]:
        mean = self.k * c / self.n
        return np.exp(votes * np.log(mean) - mean - self.log_factorial[votes])

    def _sums(self, c: int) -> NDArray[np.complex128]:
        if c not in self.sums:
            votes = np.arange(self.most[c] + 1)
            terms = self._poisson(c, votes)[:, None] * self.powers[votes]
            self.sums[c] = np.vstack([np.zeros_like(terms[:1]), np.cumsum(terms, axis=0)])
        return self.sums[c]


def _power(x: NDArray[np.complex128], times: int) -> NDArray[np.complex128]:
    """Raise to an integer power by squaring: NumPy's complex power takes logarithms."""
    if times == 1:
        return x
    root = _power(x, times // 2)
    return root * root * x if times % 2 else root * root
