"""What few samples tell of questions: the hierarchical model, spelled out.

A question's kind is one of a library: a beta distribution of the share of correct answers, and an urn for the wrong ones.
Drawing from the urn after ``w`` samples of ``m`` wrong answers repeats answer j with probability
``(c_j - discount) / (w + strength)`` and gives a new one with ``(strength + m discount) / (w + strength)``. The weights of
the kinds are found by expectation maximisation from a prior worth 20 questions. The predictive probability of the
next samples follows by drawing them one after another; a vote is scored by listing all that may be drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PRIOR_QUESTIONS = 20.0
SCATTERED = 0.03
STEPS = 10


@dataclass(frozen=True)
class Kind:
    """Beta(a, b) for the share of correct samples, an urn for the wrong ones, and the prior weight."""

    a: float
    b: float
    discount: float
    strength: float
    prior: float


def kinds() -> list[Kind]:
    """Return the library with its prior weights."""
    urns = [(d, s) for d in (0.0, 0.4, 0.75) for s in (0.3, 1.0, 3.0, 10.0)]
    urns.append((-1.0, 1.0))
    urns += [(-size, size * answers) for answers in (2, 4, 10) for size in (0.3, 1.0, 4.0)]
    weight = [SCATTERED if d > 0.5 or s > 3 else 1.0 for d, s in urns]
    means = [1 / (1 + math.exp(-0.75 * i)) for i in range(-6, 7)]
    shares = [(mean * size, (1 - mean) * size) for mean in means for size in (1, 4, 16, 64)]
    scale = PRIOR_QUESTIONS / sum(weight) / len(shares)
    return [
        Kind(a, b, d, s, w * scale)
        for (a, b), ((d, s), w) in product(shares, zip(urns, weight, strict=True))
    ]


@dataclass(frozen=True)
class Counts:
    """How often each answer of a question was given: the correct one, and the wrong ones."""

    right: int
    wrong: tuple[int, ...]


def next_right(kind: Kind, counts: Counts) -> float:
    """Return the probability that the next sample is correct."""
    total = kind.a + kind.b + counts.right + sum(counts.wrong)
    return (kind.a + counts.right) / total


def next_wrong(kind: Kind, counts: Counts) -> list[tuple[float, Counts]]:
    """Return the counts that one more wrong sample leads to, with their probabilities given that it is wrong."""
    total = sum(counts.wrong) + kind.strength
    ways = []
    for j, count in enumerate(counts.wrong):
        more = (*counts.wrong[:j], count + 1, *counts.wrong[j + 1 :])
        ways.append(((count - kind.discount) / total, Counts(counts.right, more)))
    new = (kind.strength + len(counts.wrong) * kind.discount) / total
    if new > 1e-12:
        ways.append((new, Counts(counts.right, (*counts.wrong, 1))))
    return ways


def likelihood(kind: Kind, counts: Counts) -> float:
    """Return the probability of a sequence of samples with these counts: one answer after another."""
    seen, probability = Counts(0, ()), 1.0
    for _ in range(counts.right):
        probability *= next_right(kind, seen)
        seen = Counts(seen.right + 1, seen.wrong)
    for position, count in enumerate(counts.wrong):
        for repeat in range(count):
            probability *= 1 - next_right(kind, seen)
            ways = {after.wrong: chance for chance, after in next_wrong(kind, seen)}
            after = (*seen.wrong, 1) if repeat == 0 else (*seen.wrong[:position], repeat + 1)
            if after not in ways:
                return 0.0
            probability *= ways[after]
            seen = Counts(seen.right, after)
    return probability


def weights(library: Sequence[Kind], questions: Sequence[Counts]) -> list[float]:
    """Return the weight of every kind: ten steps of expectation maximisation from the prior."""
    table = [[likelihood(kind, counts) for kind in library] for counts in questions]
    weight = [kind.prior / PRIOR_QUESTIONS for kind in library]
    for _ in range(STEPS):
        expected = [kind.prior for kind in library]
        for row in table:
            joint = [chance * share for chance, share in zip(row, weight, strict=True)]
            total = sum(joint)
            expected = [e + j / total for e, j in zip(expected, joint, strict=True)]
        total = sum(expected)
        weight = [e / total for e in expected]
    return weight


def expected_votes(questions: Sequence[Counts], calls: int) -> list[float]:
    """Return the mean over questions of the expected vote after 1, ..., calls fresh samples, ties split."""
    library = kinds()
    weight = weights(library, questions)
    means = [0.0] * calls
    for counts in questions:
        masses = [w * likelihood(kind, counts) for kind, w in zip(library, weight, strict=True)]
        total = sum(masses)
        for kind, mass in zip(library, masses, strict=True):
            if mass > 1e-5 * total:
                for k in range(1, calls + 1):
                    vote = _vote(kind, counts, counts, k)
                    means[k - 1] += mass / total * vote / len(questions)
    return means


@cache
def _vote(kind: Kind, before: Counts, now: Counts, left: int) -> float:
    if left == 0:
        # Wrong answers keep their places; new ones come after them.
        wrong = [
            count - (before.wrong[j] if j < len(before.wrong) else 0)
            for j, count in enumerate(now.wrong)
        ]
        right = now.right - before.right
        top = max([right, *wrong])
        return 1 / (1 + wrong.count(right)) if right == top else 0.0
    p = next_right(kind, now)
    score = p * _vote(kind, before, Counts(now.right + 1, now.wrong), left - 1)
    for chance, after in next_wrong(kind, now):
        score += (1 - p) * chance * _vote(kind, before, after, left - 1)
    return score


def expected_passes(questions: Sequence[Counts], calls: int) -> list[float]:
    """Return the mean over questions of the chance that one of 1, ..., calls fresh samples is correct."""
    library = kinds()
    weight = weights(library, questions)
    means = [0.0] * calls
    for counts in questions:
        masses = [w * likelihood(kind, counts) for kind, w in zip(library, weight, strict=True)]
        for kind, mass in zip(library, masses, strict=True):
            failure = 1.0
            samples = kind.a + kind.b + counts.right + sum(counts.wrong)
            for k in range(calls):
                failure *= 1 - (kind.a + counts.right) / (samples + k)
                means[k] += mass / sum(masses) * (1 - failure) / len(questions)
    return means
