"""Random logs of scored samples, as lists for the oracles and as answer logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import kcurve as kc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.verifiers import Scored


def random_questions(
    seed: int, *, questions: int = 5, most: int = 9, chances: bool = False
) -> list[list[Scored]]:
    """Return questions of 2 to `most` samples, often with tied scores; one of each verdict at least."""
    rng = np.random.default_rng([2026, seed])
    levels = int(rng.choice([2, 4, 1000]))
    found = []
    for _ in range(questions):
        n = int(rng.integers(2, most + 1))
        right = rng.random(n) < rng.beta(1, 1)
        score = rng.integers(0, levels, size=n) + right * rng.integers(
            0, max(levels // 3, 1) + 1, n
        )
        values = (score + 1) / (levels + levels // 3 + 3) if chances else score.astype(float)
        found.append([(float(s), bool(r)) for s, r in zip(values, right, strict=True)])
    found[0][:2] = [(found[0][0][0], True), (found[0][1][0], False)]
    return found


def log_of_scores(questions: Sequence[Sequence[Scored]]) -> kc.AnswerLog:
    """Return the log: the right answer is 0, the wrong one 1."""
    return kc.AnswerLog.from_codes(
        [[0 if right else 1 for _, right in question] for question in questions],
        correct=[0] * len(questions),
        score=[[score for score, _ in question] for question in questions],
        question=[f"q{i:04}" for i in range(len(questions))],
    )


def pool(questions: Sequence[Sequence[Scored]]) -> list[Scored]:
    """Return all samples."""
    return [sample for question in questions for sample in question]
