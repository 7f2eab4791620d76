"""A strategy that keeps what it finds, for a command that shows one question in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies import Solution, Strategy


class Recorder:
    """The strategy `inner`, with its solutions if they are to be kept."""

    def __init__(self, inner: Strategy, *, keep: bool) -> None:
        self.inner = inner
        self.solutions: list[Solution] = []
        self._keep = keep

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        return getattr(self.inner, "label", type(self.inner).__name__)

    @property
    def calls_per_question(self) -> int:
        """How many calls a question takes."""
        return self.inner.calls_per_question

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples."""
        return self.inner.description(llm, dataset)

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question."""
        solution = await self.inner.solve(llm, question, rng=rng, run=run)
        if self._keep:
            self.solutions.append(solution)
        return solution
