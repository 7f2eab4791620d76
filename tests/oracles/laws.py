"""Laws, spelled out: their formulas by mpmath or rational arithmetic, and general optimisers to compare fits with."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import mpmath
import numpy as np
from scipy.optimize import least_squares, minimize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def exponential(c: Sequence[float], limit: float, k: int) -> float:
    """arXiv 2403.02419, section 4: easy 1 - f, hard f, a tie (1 - f) / m; f = exp(-c1 k - c2 sqrt k - c3)."""
    f = mpmath.exp(-c[0] * mpmath.mpf(k) - c[1] * mpmath.sqrt(k) - c[2])
    return float(f if limit == 0 else limit * (1 - f))


def least_squares_of_restarts(
    k: Floats, scores: Floats, limit: float, least_rate: float, rng: np.random.Generator
) -> float:
    """Return the least sum of squares of twenty random starts of one general optimiser, and of another from the best."""
    design = np.stack([k, np.sqrt(k), np.ones(len(k))], axis=1)
    target = scores if limit == 0 else 1 - scores / limit

    def decay(c):
        return np.exp(-np.clip(design @ c, -70, 70))

    best, place = np.inf, np.zeros(3)
    for _ in range(20):
        start = np.r_[10 ** rng.uniform(-6, 1, 2), rng.uniform(-3, 3)]
        start[:2] = np.maximum(start[:2], 1.1 * least_rate)
        found = minimize(
            lambda c: np.sum((decay(c) - target) ** 2),
            start,
            jac=lambda c: -2 * ((decay(c) - target) * decay(c)) @ design,
            bounds=[(least_rate, None), (least_rate, None), (None, None)],
            method="L-BFGS-B",
        )
        if found.fun < best:
            best, place = float(found.fun), found.x
    polished = least_squares(
        lambda c: decay(c) - target,
        np.maximum(place, [1.001 * least_rate, 1.001 * least_rate, -np.inf]),
        jac=lambda c: -design * decay(c)[:, None],
        bounds=([least_rate, least_rate, -np.inf], np.inf),
    )
    best = min(best, 2 * float(polished.cost))
    return best * (limit**2 if limit > 0 else 1)


def binary_vote(p: float, k: int) -> float:
    """The vote of k calls between two answers, ties split, term by term."""
    q = 1 - mpmath.mpf(p)
    total = mpmath.mpf(0)
    for right in range(k + 1):
        share = 1 if 2 * right > k else mpmath.mpf(1) / 2 if 2 * right == k else 0
        total += share * mpmath.binomial(k, right) * mpmath.mpf(p) ** right * q ** (k - right)
    return float(total)


def beta_binomial_log_likelihood(
    a: float, b: float, zeros: float, correct: Sequence[int], samples: Sequence[int]
) -> float:
    """Return sum ln P(c | n), without the binomial coefficients, with a share of zeros that no sample solves."""
    total = mpmath.mpf(0)
    for c, n in zip(correct, samples, strict=True):
        by_chance = mpmath.beta(a + int(c), b + int(n) - int(c)) / mpmath.beta(a, b)
        total += mpmath.log((1 - zeros) * by_chance + (zeros if c == 0 else 0))
    return float(total)


def pass_at_k(a: float, b: float, zeros: float, k: int) -> float:
    """1 - B(a, b + k) / B(a, b), for the questions that can be solved."""
    return float((1 - zeros) * (1 - mpmath.beta(a, b + k) / mpmath.beta(a, b)))


def two_binomials_log_likelihood(
    alpha: float, p1: float, p2: float, correct: NDArray[np.int64], samples: NDArray[np.int64]
) -> float:
    """Return sum ln P(c | n) relative to the likelihood at c / n."""
    return mixture_log_likelihood(
        np.array([p1, p2]), np.array([alpha, 1 - alpha]), correct, samples
    )


def mixture_log_likelihood(
    atoms: Floats, weights: Floats, correct: NDArray[np.int64], samples: NDArray[np.int64]
) -> float:
    """Return sum ln sum_j w_j P(c | n, p_j) relative to the likelihood at c / n."""
    return float(np.log(relative_likelihoods(atoms, correct, samples) @ weights).sum())


def relative_likelihoods(
    atoms: Floats, correct: NDArray[np.int64], samples: NDArray[np.int64]
) -> Floats:
    """Return P(c | n, p) over P(c | n, c / n), questions x atoms."""
    c, wrong = correct[:, None], (samples - correct)[:, None]
    share = c / samples[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        right = np.where(c > 0, c * np.log(atoms / share), 0)
        left = np.where(wrong > 0, wrong * np.log((1 - atoms) / (1 - share)), 0)
    return np.exp(right + left)


def best_of_expectation_maximisation(
    atoms: Floats, correct: NDArray[np.int64], samples: NDArray[np.int64], steps: int
) -> Floats:
    """Return the weights after many steps of the algorithm that climbs slowly but surely."""
    likelihoods = relative_likelihoods(atoms, correct, samples)
    weights = np.full(len(atoms), 1 / len(atoms))
    for _ in range(steps):
        responsibilities = likelihoods * weights
        weights = (responsibilities / responsibilities.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights


def is_increasing(values: Floats) -> bool:
    """Whether no value is below the one before, but for rounding."""
    return all(after >= before - 1e-12 for before, after in pairwise(values))
