"""What a rule makes of a question's candidates: the answer chosen, and whether it is right."""

from __future__ import annotations

import asyncio
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from kcurve.answers import Classes, SameExpression, classes
from kcurve.strategies.claims import NO_ANSWER
from kcurve.strategies.decision import decide, tie_draw
from kcurve.strategies.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.answers import Equivalence
    from kcurve.datasets import Question
    from kcurve.rules import Rule
    from kcurve.search import SearchTree
    from kcurve.strategies.solution import Candidate, Spent


class Choice(NamedTuple):
    """The answer chosen among candidates, and the places of those who gave it; the rest is as in `Solution`."""

    answer: str | None
    correct: bool | None
    votes: Mapping[str, float]
    tied: bool
    fell_back: bool
    members: tuple[int, ...]

    def solution(
        self,
        question: Question,
        candidates: tuple[Candidate, ...],
        *,
        spent: Spent,
        reward_spent: Spent,
        tree: SearchTree | None = None,
        stopped_early: bool | None = None,
    ) -> Solution:
        """Return the solution of the question that this choice among its candidates is."""
        return Solution(
            question=question.id,
            dataset=question.dataset,
            answer=self.answer,
            correct=self.correct,
            votes=self.votes,
            tied=self.tied,
            fell_back=self.fell_back,
            candidates=candidates,
            spent=spent,
            reward_spent=reward_spent,
            tree=tree,
            stopped_early=stopped_early,
        )


async def choice_among(
    rule: Rule,
    question: Question,
    candidates: Sequence[Candidate],
    *,
    equivalence: Equivalence,
    scored: bool,
    rng: int,
) -> Choice:
    """Return what the rule chooses, by the candidates' answers, verdicts and, if `scored`, scores."""

    def grouped() -> Classes:
        answers = [candidate.answer for candidate in candidates]
        return classes(answers, equivalence=equivalence, reference=question.reference)

    # Symbolic comparison waits for worker processes, and must not hold up the calls of other questions.
    is_slow = isinstance(equivalence, SameExpression)
    same = await asyncio.to_thread(grouped) if is_slow else grouped()
    keep = [candidate.kept for candidate in candidates if candidate.kept is not None]
    scores = [nan if candidate.score is None else candidate.score for candidate in candidates]
    codes = same.codes.tolist()
    decision = decide(
        rule,
        codes,
        keep=keep or None,
        scores=scores if scored else None,
        draw=tie_draw(rng, question.dataset, question.id),
    )
    right = None if question.reference is None else decision.code == same.correct != NO_ANSWER
    return Choice(
        answer=None if decision.code == NO_ANSWER else same.texts[decision.code],
        correct=right,
        votes={
            "" if code == NO_ANSWER else same.texts[code]: claim
            for code, claim in decision.votes.items()
        },
        tied=decision.tied,
        fell_back=decision.fell_back,
        members=tuple(
            place for place, code in enumerate(codes) if code == decision.code != NO_ANSWER
        ),
    )
