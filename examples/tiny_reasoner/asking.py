r"""How the models are asked with kcurve: whole solutions, single steps, and the reward of a step.

All of them speak to the completions endpoint of a server that holds the model:
``LLM("small", base_url=server.url, api_key="none", endpoint="completions")``.
"""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

from typing import TYPE_CHECKING

from task import ANSWER

from kcurve.answers import Regex, TokenProbability
from kcurve.datasets import Question
from kcurve.llm import Parameters
from kcurve.rewards import PromptedReward
from kcurve.strategies import Generator, StepGenerator

if TYPE_CHECKING:
    import task

    from kcurve.llm import LLM

PROMPT = "Q:{{question}}\n"
STEP_PROMPT = "V:{{question}}\n{{response}}"

MOST_TOKENS = 112
"""A little more than the longest solution takes."""

ALL_TOKENS = {"top_k": 0, "min_p": 0.0}
"""The server's own defaults cut unlikely tokens off."""


def dataset(asked: list[task.Question]) -> list[Question]:
    """Return questions as strategies take them."""
    return [Question(one["question"], one["answer"], id=one["question"]) for one in asked]


def generator(*, temperature: float = 1.0, seed: int = 1) -> Generator:
    """Return the generator of whole solutions."""
    sampling = Parameters(
        temperature=temperature,
        top_p=1.0,
        max_tokens=MOST_TOKENS,
        seed=seed,
        extra=ALL_TOKENS,
    )
    return Generator(PROMPT, parameters=sampling, extract=Regex(ANSWER))


def step_generator(*, temperature: float = 1.0, seed: int = 1) -> StepGenerator:
    """Return the generator of one step after another; a response ends with the line of the answer."""
    sampling = Parameters(
        temperature=temperature, top_p=1.0, max_tokens=24, seed=seed, extra=ALL_TOKENS
    )
    return StepGenerator(PROMPT, parameters=sampling, step_end="\n", extract=Regex(ANSWER))


def process_reward(llm: LLM | None = None) -> PromptedReward:
    """Return the reward of a step: how probable it is, to the reward model, that it and all before it are right."""
    return PromptedReward(
        STEP_PROMPT,
        read=TokenProbability("y", "n"),
        parameters=Parameters(temperature=0.0, max_tokens=1, logprobs=5),
        kind="process",
        llm=llm,
    )
