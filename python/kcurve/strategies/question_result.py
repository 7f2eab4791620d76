"""What a run keeps of a question, and what stages of cascades took: numbers, no texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kcurve.strategies.solution import Spent

if TYPE_CHECKING:
    from kcurve.strategies.solution import Solution


class QuestionResult(NamedTuple):
    """What became of a question: its answer, and no texts.

    Attributes
    ----------
    question, dataset : str
        Which one.
    answer : str or None
        The answer chosen.
    correct : bool or None
        Whether it is right; None without a reference, or if the question failed.
    tied : bool
        Whether several answers had the most votes.
    fell_back : bool
        Whether the verifier kept no candidate.
    spent : Spent
        Calls, tokens and money.
    error : str or None
        Why there is no answer, if the question failed.
    reward_spent : Spent
        The part of `spent` that scores took.
    stopped_early : bool or None
        Whether a stopping rule ended the drawing before the most candidates were there; None without one.
    stage_spent : tuple of Spent
        The parts of `spent` that the stages of a cascade took, of those that were asked.
    """

    question: str
    dataset: str
    answer: str | None
    correct: bool | None
    tied: bool
    fell_back: bool
    spent: Spent
    error: str | None = None
    reward_spent: Spent = Spent()
    stopped_early: bool | None = None
    stage_spent: tuple[Spent, ...] = ()


class StageResult(NamedTuple):
    """What a stage of a cascade took.

    Attributes
    ----------
    questions : int
        How many it was asked.
    spent : Spent
        Calls, tokens and money.
    """

    questions: int
    spent: Spent


def question_result(solution: Solution) -> QuestionResult:
    """Return what is kept of a solution."""
    return QuestionResult(
        solution.question,
        solution.dataset,
        solution.answer,
        solution.correct,
        solution.tied,
        solution.fell_back,
        solution.spent,
        reward_spent=solution.reward_spent,
        stopped_early=solution.stopped_early,
        stage_spent=tuple(stage.spent for stage in solution.stages),
    )
