"""Candidates that were drawn, with what was found in them and what judges and rewards said of them."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from kcurve.rewards import Score, completed_scores
from kcurve.strategies.solution import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.rewards import Missing, ResponseScore
    from kcurve.store.records import Sample


def drawn_candidates(
    drawn: Sequence[tuple[int, Sample]],
    answers: Sequence[str | None],
    *,
    kept: Sequence[bool] | None,
    scores: Sequence[float | None] | None,
    steps: Sequence[ResponseScore] | None,
) -> tuple[Candidate, ...]:
    """Return the candidates: each with its generator and sample, and where there are any with its verdict and scores."""
    return tuple(
        Candidate(
            number=number,
            generator=generator,
            answer=answers[number],
            status=sample.status,
            text=sample.text,
            kept=None if kept is None else kept[number],
            score=None if scores is None else scores[number],
            step_scores=None if steps is None else steps[number].steps,
        )
        for number, (generator, sample) in enumerate(drawn)
    )


def present_scores(
    scores: Sequence[ResponseScore],
    texts: Sequence[str | None],
    missing: Missing,
    question: Question,
) -> list[float | None]:
    """Return the scores of responses, with what stands in for those that are missing; None for none.

    Nothing stands in for the score of a response that is not there.
    """
    known = [
        Score(0.0) if text is None else score for score, text in zip(scores, texts, strict=True)
    ]
    values = completed_scores(known, missing, question=question)
    return [
        None if text is None or isnan(value) else value
        for value, text in zip(values, texts, strict=True)
    ]
