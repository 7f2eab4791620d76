"""Random logs of every shape: few or hundreds of answers and samples, scores that tie, gaps of every kind."""

from __future__ import annotations

from functools import cache

import numpy as np

from tests.oracles.samples import Sample

SIZES = (6, 12, 40, 128, 300)
ANSWERS = (1, 2, 3, 4, 8, 16, 17, 40, 150)
MOST_CALLS = 1_000


@cache
def random_questions(seed: int) -> list[list[Sample]]:
    """Return the samples of three to six questions, some more than others."""
    rng = np.random.default_rng([2026, seed])
    size = int(rng.choice(SIZES))
    return [_question(rng, size + int(rng.integers(0, 4))) for _ in range(int(rng.integers(3, 7)))]


def _question(rng: np.random.Generator, n: int) -> list[Sample]:
    answers = int(rng.choice(ANSWERS))
    shares = rng.dirichlet(np.full(answers, rng.choice([0.3, 3.0, 30.0])))
    codes = rng.choice(answers, size=n, p=shares)
    n_correct = int(rng.choice([0, 1, 2], p=[0.05, 0.75, 0.2]))
    right = set(rng.choice(codes, size=n_correct).tolist())
    silent = rng.random(n) < rng.choice([0.0, 0.2])
    silent[0] = False  # "drop" leaves something to draw
    few_levels = rng.random() < 0.5
    scores = rng.integers(0, 4, size=n) if few_levels else rng.permutation(n)
    unscored = rng.random(n) < rng.choice([0.0, 0.2])
    keep = rng.random(n) < rng.choice([0.1, 0.6, 1.0])
    return [
        Sample(
            None if silent[i] else int(code),
            correct=bool(not silent[i] and code in right),
            score=None if unscored[i] else int(scores[i]),
            keep=bool(keep[i]),
        )
        for i, code in enumerate(codes)
    ]


def random_calls(seed: int, least: int, most: int) -> list[int]:
    """Return a dense or a sparse grid of numbers of calls up to ``most``."""
    rng = np.random.default_rng([2027, seed])
    if rng.random() < 0.4:
        return list(range(least, min(most, 48) + 1))
    points = np.geomspace(least, most, int(rng.integers(1, 12)))
    return sorted({least, most, *points.astype(int).tolist()})
