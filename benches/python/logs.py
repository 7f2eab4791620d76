"""Seeded logs to measure on: questions x samples with a known number of distinct answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORRECT = 0
"""The code of the correct answer in every drawn log."""


@dataclass(frozen=True)
class DrawnLog:
    """A log before it becomes anyone's data structure.

    ``codes`` is int32 [Q, n], ``counts`` int64 [Q, A] with the correct answer in column 0.
    """

    codes: NDArray[np.int32]
    counts: NDArray[np.int64]

    @property
    def n_questions(self) -> int:
        return len(self.codes)

    def spread(self, n_questions: int) -> DrawnLog:
        """Take ``n_questions`` of evenly spaced difficulty: what a slow contestant is measured on."""
        by_difficulty = np.argsort(self.counts[:, CORRECT], kind="stable")
        ranks = (2 * np.arange(n_questions) + 1) * self.n_questions // (2 * n_questions)
        rows = by_difficulty[ranks]
        return DrawnLog(self.codes[rows], self.counts[rows])


def draw_log(n_questions: int, n_samples: int, n_answers: int, *, seed: int) -> DrawnLog:
    """Draw answers from one Dirichlet answer distribution per question.

    On about six questions of ten the correct answer is the likeliest one (easy), on the others it is a
    random other one (hard). Every answer is given at least once, so each question has exactly
    ``n_answers`` distinct answers; the weights have a long tail, as those of language models do.
    """
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n_answers, 2 / n_answers), size=n_questions)
    likeliest = weights.argmax(axis=1)
    other = (likeliest + rng.integers(1, n_answers, size=n_questions)) % n_answers
    correct = np.where(rng.random(n_questions) < 0.6, likeliest, other)
    rows = np.arange(n_questions)
    swapped = weights.copy()
    swapped[rows, CORRECT] = weights[rows, correct]
    swapped[rows, correct] = weights[rows, CORRECT]
    counts = 1 + rng.multinomial(n_samples - n_answers, swapped)
    in_order = np.tile(np.arange(n_answers, dtype=np.int32), n_questions)
    codes = np.repeat(in_order, counts.ravel()).reshape(n_questions, n_samples)
    return DrawnLog(rng.permuted(codes, axis=1), counts)
