"""One logged sample of a question, as the definitions see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Score = int | float | Fraction


@dataclass(frozen=True)
class Sample:
    """A sample: its answer (None: none was found), its grade, and what a scorer and a filter said.

    Frozen, so that equal samples are one kind and a question is a multiset of kinds. A sample without an answer
    may be graded correct (a grader ran the program that no parser could name): it passes, and votes refuse such a log.
    """

    answer: int | None
    correct: bool = False
    score: Score | None = None
    keep: bool = True


def rank(sample: Sample) -> tuple[bool, Score]:
    """Return what samples are ranked by: the score; a missing one is below all others, infinities included."""
    return (False, 0) if sample.score is None else (True, sample.score)


def question(
    counts: Sequence[int], *, correct: Sequence[int] = (0,), no_answers: int = 0
) -> list[Sample]:
    """Return the samples of a question with ``counts[a]`` samples of each answer ``a``."""
    answered = [
        Sample(answer, correct=answer in correct)
        for answer, count in enumerate(counts)
        for _ in range(count)
    ]
    return answered + [Sample(None)] * no_answers


def with_keep(samples: Sequence[Sample], *, keep: bool) -> list[Sample]:
    """Return the same samples with every keep flag set to ``keep``."""
    return [replace(sample, keep=keep) for sample in samples]


def scored_by_correctness(samples: Sequence[Sample]) -> list[Sample]:
    """Return the same samples scored by a perfect verifier: 1 if correct, else 0."""
    return [replace(sample, score=int(sample.correct)) for sample in samples]
