"""What the tiny model can do: sums of small numbers, and the checking of a step; and what it gets wrong.

It was trained on steps of plus seven of which 65 % were wrong, so a question with such a step is a trap: the
majority of its answers is wrong, and more votes hurt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from random import Random

from kcurve.answers import Contains, Regex, TokenProbability
from kcurve.datasets import Question
from kcurve.llm import Parameters
from kcurve.rewards import PromptedReward, Score
from kcurve.strategies import Generator, StepGenerator, StepVerifier

ALL_TOKENS = {"top_k": 0, "min_p": 0.0}
"""The server's own defaults cut unlikely tokens off."""


LAST_LINE = Regex(r"A:\s*(-?\d+)")
"""The answer is told in a line of its own."""


def questions(count: int, *, steps: int, trap: bool = False, seed: int = 0) -> list[Question]:
    """Return different sums such as 37+8-5+9: traps with exactly one step of +7, others with none."""
    random = Random(seed)  # noqa: S311 - a test's numbers
    chosen: dict[str, Question] = {}
    while len(chosen) < count:
        text, result = _sum(random, steps)
        if text.count("+7") == trap:
            chosen[text] = Question(text, str(result), id=text)
    return list(chosen.values())


def _sum(random, steps):
    total = random.randint(10, 80)
    text = str(total)
    for _ in range(steps):
        size, sign = random.randint(2, 9), random.choice("+-")
        if total + size > 98:
            sign = "-"
        elif total - size < 0:
            sign = "+"
        total += size if sign == "+" else -size
        text += f"{sign}{size}"
    return text, total


def generator(*, seed: int, temperature: float = 1.2) -> Generator:
    """Write one step per line, 37+8=45; the answer is the result of the last one."""
    return Generator(
        "Q:{{question}}\n",
        parameters=Parameters(
            temperature=temperature,
            top_p=1.0,
            max_tokens=64,
            stop="A:",
            seed=seed,
            extra=ALL_TOKENS,
        ),
        extract=Regex(r"=(\d+)\s*$"),
    )


def verifier() -> StepVerifier:
    """Work a step out anew, at temperature 0: "V:37+8=46?" is answered by "45n"."""
    return StepVerifier(
        "V:{{step}}?",
        parameters=Parameters(temperature=0.0, max_tokens=5, stop="\n"),
        verdict=Contains("y"),
    )


def whole_generator(*, seed: int, temperature: float = 1.2) -> Generator:
    """Write all lines, that of the answer too."""
    return Generator(
        "Q:{{question}}\n",
        parameters=Parameters(
            temperature=temperature, top_p=1.0, max_tokens=64, seed=seed, extra=ALL_TOKENS
        ),
        extract=LAST_LINE,
    )


def step_generator(*, seed: int, temperature: float = 1.2) -> StepGenerator:
    """Write the next line; a response ends with the line of the answer, A:45."""
    return StepGenerator(
        "Q:{{question}}\n",
        parameters=Parameters(
            temperature=temperature, top_p=1.0, max_tokens=24, seed=seed, extra=ALL_TOKENS
        ),
        step_end="\n",
        extract=LAST_LINE,
    )


CHECK = PromptedReward(
    "V:{{step}}?",
    read=TokenProbability(("y",), ("n",)),
    parameters=Parameters(temperature=0.0, max_tokens=5, stop="\n", logprobs=5),
)
"""How sure the model is of an equation; it was trained on the checks of no other lines."""


@dataclass(frozen=True)
class EquationReward:
    """Check the last equation: that of the last step, or of the one before if the last is the answer, A:45."""

    check: PromptedReward = CHECK
    kind = "process"

    @property
    def llm(self):
        return self.check.llm

    def description(self, model):
        return {**self.check.description(model), "reward": "EquationReward"}

    async def score(self, llm, question, steps, *, purpose):
        equations = steps if "=" in steps[-1] else steps[:-1]
        if not equations:
            return Score(nan, reason="there is no equation before the answer")
        return await self.check.score(llm, question, equations, purpose=purpose)
