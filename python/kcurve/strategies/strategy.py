"""What every strategy offers: it solves questions, and says what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies.solution import Solution


class Strategy(Protocol):
    """What `run` can run: anything that solves questions, and says what it does.

    It may also have a `label`, what it is called in a summary (else the name of its class), and a method `log_settings`
    that returns the arguments of `Store.log` for its runs, or None if they make no log.
    """

    @property
    def calls_per_question(self) -> int:
        """How many calls a question takes, more or less: for the number of questions at once."""
        ...

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON: equal descriptions are one run."""
        ...

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question."""
        ...
