"""Populations of questions with a known accuracy curve, to simulate logs from.

A population draws each question's distribution over answers; answer 0 is correct. Its true curve is the expected
score of k fresh votes on a fresh question, computed exactly or by quadrature, never simulated.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """``draw(rng, size)`` gives size x answers probabilities; ``accuracy(k)`` is the truth for k votes, k odd."""

    draw: Callable[[np.random.Generator, int], Floats]
    accuracy: Callable[[int], float]


def _binary(p: Floats) -> Floats:
    return np.stack([p, 1 - p], axis=1)


def beta(a: float, b: float) -> Population:
    """Two answers, the right one with probability p ~ Beta(a, b): the majority is a beta-binomial tail."""

    def accuracy(k: int) -> float:
        return float(stats.betabinom.sf((k - 1) // 2, k, a, b))

    return Population(lambda rng, size: _binary(rng.beta(a, b, size)), accuracy)


def easy_and_hard(share: float, easy: tuple[float, float], hard: tuple[float, float]) -> Population:
    """A share of questions from one beta population, the rest from another."""
    kinds = beta(*easy), beta(*hard)

    def draw(rng: np.random.Generator, size: int) -> Floats:
        is_easy = rng.random(size) < share
        return np.where(is_easy[:, None], kinds[0].draw(rng, size), kinds[1].draw(rng, size))

    def accuracy(k: int) -> float:
        return share * kinds[0].accuracy(k) + (1 - share) * kinds[1].accuracy(k)

    return Population(draw, accuracy)


def dirichlet(alpha: Sequence[float]) -> Population:
    """Several answers: sums the Dirichlet-multinomial over all counts of k votes, ties split."""

    def accuracy(k: int) -> float:
        total = 0.0
        for votes in itertools.combinations_with_replacement(range(len(alpha)), k):
            tally = Counter(votes)
            top = max(tally.values())
            tied = [answer for answer, count in tally.items() if count == top]
            if 0 in tied:
                total += _dirichlet_multinomial(tally, alpha) / len(tied)
        return total

    return Population(lambda rng, size: rng.dirichlet(alpha, size), accuracy)


def _dirichlet_multinomial(tally: Counter[int], alpha: Sequence[float]) -> float:
    k, whole = sum(tally.values()), sum(alpha)
    log = math.lgamma(k + 1) + math.lgamma(whole) - math.lgamma(k + whole)
    for answer, count in tally.items():
        log += (
            math.lgamma(count + alpha[answer]) - math.lgamma(alpha[answer]) - math.lgamma(count + 1)
        )
    return math.exp(log)


def sample(rng: np.random.Generator, probabilities: Floats, n: int) -> Codes:
    """Return n answer codes for each row of probabilities."""
    edges = probabilities.cumsum(axis=1)
    edges[:, -1] = 1.0
    uniform = rng.random((len(edges), n, 1))
    return np.asarray((uniform >= edges[:, None, :]).sum(axis=2, dtype=np.int64))


def vote_accuracy(probability: Floats, k: int) -> Floats:
    """Return the accuracy of k votes, k odd, on questions with two answers."""
    return np.asarray(stats.binom.sf((k - 1) // 2, k, probability))
