"""What every reward model offers: a score for a response, or for the last of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.store.records import Purpose, Sample

RewardKind: TypeAlias = Literal["outcome", "process"]
"""What is scored: a response as a whole, or its last step in the light of those before."""


class Score(NamedTuple):
    """The score of a response or a step.

    Attributes
    ----------
    value : float
        The score, finite; NaN if there is none.
    samples : tuple of Sample
        The calls it was read from, whether made now or found in the store.
    reason : str or None
        Why there is no score.
    """

    value: float
    samples: tuple[Sample, ...] = ()
    reason: str | None = None


class Reward(Protocol):
    """A reward model: outcome reward model (ORM) or process reward model (PRM).

    A reward is a function of question and text: equal texts have one score, which is paid for once. Its calls are
    journalled and stored like all others.
    """

    @property
    def kind(self) -> RewardKind:
        """What it scores."""
        ...

    @property
    def llm(self) -> LLM | None:
        """The model it asks; None for the one that the strategy is run with."""
        ...

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the scores, as plain JSON; `model` is the one without its own."""
        ...

    async def score(
        self, llm: LLM, question: Question, steps: Sequence[str], *, purpose: Purpose
    ) -> Score:
        """Return the score of a response: of all `steps` together, or of the last of them.

        Parameters
        ----------
        llm : LLM
            The model to ask, if the reward has none of its own; its store keeps the calls.
        question : Question
            What was asked.
        steps : sequence of str
            The response so far, at least one step; a response that is not divided is one step. Their texts
            joined, without anything between, are the response.
        purpose : Purpose
            What the score is for.

        Raises
        ------
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        ...
