"""The exact vote curve by a NumPy dynamic programme, vectorised over questions.

The same formula as ours. With the correct answer winning by ``t`` votes, ``y`` counting ties and
``w(c, i)`` the weight of drawing ``i`` of an answer given ``c`` times,

    sum_t w(c_0, t) [z^(k-t)] Int_0^1 prod_j ( sum_{i<t} w(c_j, i) z^i + y w(c_j, t) z^t ) dy / w(n, k)

where ``w(c, i) = C(c, i)`` without replacement. With replacement ``w(c, i) = exp(-r c/n) (r c/n)^i / i!``,
a Poisson weight whose radius ``r`` cancels; it only keeps the numbers inside the range of a float64.

What makes it quick for NumPy:

- an answer too rare to reach ``t`` votes has no upper limit, and the product of all such answers is one
  row of the table, ``w(sum of their counts, .)``: only the answers that reach ``t`` are multiplied;
- the integral over ``y`` is a Gauss-Legendre rule with only as many nodes as these answers need;
- for one ``t`` the questions with the same number of such answers are the contiguous last axis of the
  arrays, in pieces that fit the cache: no padding, and long inner loops;
- a product keeps only the degrees it has, loops over its shorter factor, and the last one makes only the
  degrees of the wanted ``k``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE = 32_768
"""Numbers in one array of a piece: 256 KiB, so that a product stays in the second-level cache."""
NEGLIGIBLE = 1e-19
LARGEST_K_WITH_REPLACEMENT = 1200


@dataclass(frozen=True)
class Weights:
    """``table[c, i] = w(c, i)`` and ``reach[c]``, the most votes an answer given ``c`` times can have."""

    table: NDArray[np.float64]
    reach: NDArray[np.int64]


def vote_curve(
    counts: NDArray[np.int64],
    k: NDArray[np.int64],
    *,
    replacement: bool,
    piece: int = PIECE,
    pool: bool = True,
) -> NDArray[np.float64]:
    """Return the expected score [Q, K] of the plurality vote, ties split.

    ``counts`` [Q, A] holds the correct answer in column 0; every question has the same number of samples.
    Without ``pool`` every answer is a factor of its own, limited or not: the formula as it stands.
    """
    n = int(counts[0].sum())
    if (counts.sum(axis=1) != n).any():
        raise ValueError("the programme wants the same number of samples for every question")
    weights = _poisson(n, int(k.max())) if replacement else _binomial(n, int(k.max()))
    # Falling counts: the limited answers of a question come first in its row.
    wrong = -np.sort(-counts[:, 1:], axis=1)
    wrong_reach = weights.reach[wrong]
    correct_reach = weights.reach[counts[:, 0]]
    total = np.zeros((len(k), len(counts)))
    for t in range(1, int(correct_reach.max()) + 1):
        active = np.flatnonzero(correct_reach >= t)
        n_limited = (wrong_reach[active] >= (t if pool else 1)).sum(axis=1)
        wanted = np.flatnonzero(k >= t)
        degrees = k[wanted] - t
        for m in np.unique(n_limited):
            rows = active[n_limited == m]
            lanes = max(1, piece // ((m // 2 + 1) * (int(degrees.max()) + 1)))
            for start in range(0, len(rows), lanes):
                some = rows[start : start + lanes]
                others = _others(weights, wrong[some], int(m), t, degrees)
                total[np.ix_(wanted, some)] += weights.table[counts[some, 0], t] * others
    return (total / weights.table[n, k][:, None]).T


def _others(
    weights: Weights, wrong: NDArray[np.int64], m: int, t: int, degrees: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the coefficients [degrees, rows] of the wrong answers' product, integrated over ``y``.

    The first ``m`` of the ``wrong`` [rows, A - 1] are limited to ``t`` votes, the others are not.
    """
    # The integrand has degree m in y, and g nodes are exact up to degree 2g - 1.
    position, share = np.polynomial.legendre.leggauss(m // 2 + 1)
    nodes, rows = len(position), len(wrong)
    top = int(degrees.max())
    unlimited = wrong[:, m:].sum(axis=1)
    length = min(top, int(weights.reach[unlimited].max())) + 1
    product = np.tile(weights.table[unlimited, :length].T, (1, nodes))
    for j in range(m):
        factor = np.tile(weights.table[wrong[:, j], : t + 1].T, (1, nodes))
        factor[t] *= np.repeat((position + 1) / 2, rows)
        if j + 1 == m and len(degrees) < min(len(product), t + 1):
            return _integral(_product_at(product, factor, degrees), share)
        product = _product(product, factor, top)
    coefficients = np.zeros((len(degrees), product.shape[1]))
    present = degrees < len(product)
    coefficients[present] = product[degrees[present]]
    return _integral(coefficients, share)


def _product(a: NDArray[np.float64], b: NDArray[np.float64], top: int) -> NDArray[np.float64]:
    """Return the product of the polynomials ``a`` and ``b`` [degree, lane] up to degree ``top``."""
    if len(a) < len(b):
        a, b = b, a
    product = np.zeros((min(len(a) + len(b) - 1, top + 1), a.shape[1]))
    term = np.empty_like(product)
    for i in range(min(len(b), top + 1)):
        length = min(len(a), top + 1 - i)
        np.multiply(a[:length], b[i], out=term[:length])
        product[i : i + length] += term[:length]
    return product


def _product_at(
    a: NDArray[np.float64], b: NDArray[np.float64], degrees: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the given coefficients only of the product of ``a`` and ``b`` [degree, lane]."""
    coefficients = np.zeros((len(degrees), a.shape[1]))
    backwards = b[::-1]
    for row, degree in enumerate(degrees):
        first, last = max(0, degree - len(b) + 1), min(len(a), degree + 1)
        if first < last:
            start = len(b) - 1 - degree + first
            factor = backwards[start : start + last - first]
            np.einsum("il,il->l", a[first:last], factor, out=coefficients[row])
    return coefficients


def _integral(values: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum [degree, node x row] over the Gauss-Legendre nodes of [0, 1]."""
    by_node = values.reshape(len(values), len(share), -1)
    return np.einsum("dgr,g->dr", by_node, share / 2)


def _binomial(n: int, k_max: int) -> Weights:
    # Pascal's rule: sums only, so each entry is the nearest float64 up to C(1000, 500).
    table = np.zeros((n + 1, k_max + 1))
    table[:, 0] = 1.0
    for c in range(1, n + 1):
        table[c, 1:] = table[c - 1, 1:] + table[c - 1, :-1]
    return Weights(table, np.minimum(np.arange(n + 1), k_max))


def _poisson(n: int, k_max: int) -> Weights:
    # One radius serves every k from 1 to k_max: at k_max/2 the smallest coefficient, at k = 1, is
    # near exp(-k_max/2), which a float64 holds up to k_max = 1200.
    if k_max > LARGEST_K_WITH_REPLACEMENT:
        raise ValueError(f"k must be at most {LARGEST_K_WITH_REPLACEMENT}, got {k_max}")
    i = np.arange(k_max + 1)
    log_factorial = np.array([lgamma(value + 1.0) for value in i])
    share = np.arange(n + 1)[:, None] / n
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        mean = share * (k_max / 2)
        table = np.exp(np.where(i == 0, 0.0, i * np.log(mean)) - mean - log_factorial)
        # Votes beyond `reach` have a probability below NEGLIGIBLE at k_max, and less at every smaller k.
        log_choose = log_factorial[-1] - log_factorial - log_factorial[::-1]
        success = np.where(i == 0, 0.0, i * np.log(share))
        failure = np.where(i == k_max, 0.0, (k_max - i) * np.log1p(-share))
        votes = np.exp(log_choose + success + failure)
    at_least = np.cumsum(votes[:, ::-1], axis=1)[:, ::-1]
    return Weights(table, (at_least > NEGLIGIBLE).sum(axis=1) - 1)
