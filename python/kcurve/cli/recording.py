"""A strategy that keeps what it found, for a command that shows one question in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies import Solution, Strategy


class Recorder:
    """The strategy `inner`, and the last solution it found."""

    def __init__(self, inner: Strategy) -> None:
        self._inner = inner
        self.solution: Solution | None = None

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        return getattr(self._inner, "label", type(self._inner).__name__)

    @property
    def calls_per_question(self) -> int:
        """How many calls a question takes."""
        return self._inner.calls_per_question

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples."""
        return self._inner.description(llm, dataset)

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question."""
        self.solution = await self._inner.solve(llm, question, rng=rng, run=run)
        return self.solution
