"""The simplest strategy: one call, at temperature 0."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance
from kcurve.rules import Vote
from kcurve.strategies.generator import Generator
from kcurve.strategies.sampling import Sampling

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies.solution import Solution


@dataclass(frozen=True, slots=True)
class Greedy:
    """Ask once, at temperature 0.

    Parameters
    ----------
    generator : Generator
        What makes the answer; its temperature is set to 0.

    Examples
    --------
    >>> from kcurve.llm import Parameters
    >>> Greedy(Generator(parameters=Parameters(temperature=0.7))).generator.parameters.temperature
    0.0
    """

    generator: Generator = field(default_factory=Generator)

    def __post_init__(self) -> None:
        """Set the temperature."""
        instance("generator", self.generator, Generator)
        cold = replace(self.generator.parameters, temperature=0.0)
        object.__setattr__(self, "generator", replace(self.generator, parameters=cold))

    @property
    def calls_per_question(self) -> int:
        """One."""
        return 1

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON."""
        return {**self._sampling.description(llm, dataset), "strategy": "Greedy"}

    def log_settings(self) -> dict[str, Any]:
        """Return how the store's texts become a log: arguments of `Store.log`."""
        return self._sampling.log_settings()

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question; see `Sampling.solve`."""
        if run is None:
            run = llm.store.run(self.description(llm, question.dataset))
        return await self._sampling.solve(llm, question, rng=rng, run=run)

    @property
    def _sampling(self) -> Sampling:
        return Sampling(Vote(), k=1, generator=self.generator)
