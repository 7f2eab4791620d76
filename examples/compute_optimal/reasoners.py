"""Who is asked, and what: the policies of `examples/tiny_reasoner`, their reward model, and their questions."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcurve.llm import LLM
from kcurve.rewards import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.answers import ScoreReader
    from kcurve.datasets import Question
    from kcurve.rewards import PromptedReward, RewardKind
    from kcurve.store import Store
    from kcurve.store.records import Purpose
    from kcurve.strategies import Generator, StepGenerator

TINY_REASONER = Path(__file__).resolve().parents[1] / "tiny_reasoner"

CONCURRENCY = 24
"""Requests under way at once, of each model."""

SEED = 7
"""Of the samples."""

QUESTIONS = 2024
"""The seed of the questions."""


@dataclass(frozen=True)
class Model:
    """A model file.

    Attributes
    ----------
    name
        What it is called in tables.
    path
        The GGUF file.
    parameters
        How many it has, the embeddings left out.
    """

    name: str
    path: Path
    parameters: int

    @cached_property
    def revision(self) -> str:
        """What tells these weights from others of the same name in a store."""
        return sha256(self.path.read_bytes()).hexdigest()[:12]

    def llm(self, url: str, store: Store) -> LLM:
        """Return it as a model of the package."""
        return LLM(
            self.name,
            base_url=url,
            api_key="none",
            endpoint="completions",
            revision=self.revision,
            store=store,
            concurrency=CONCURRENCY,
        )


@dataclass(frozen=True)
class Judge:
    """The reward model: how probable it is that all lines of a response are right.

    Attributes
    ----------
    asked
        How the model is asked about a step.
    kind
        ``"process"`` for every step of a search, ``"outcome"`` for whole responses, where the last step says it all.
    """

    asked: PromptedReward
    kind: RewardKind

    @property
    def llm(self) -> LLM | None:
        """The model that is asked."""
        return self.asked.llm

    @property
    def read(self) -> ScoreReader:
        """What reads a score from what the model answers."""
        return self.asked.read

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the scores."""
        return {**self.asked.description(model), "kind": self.kind}

    async def score(
        self, llm: LLM, question: Question, steps: Sequence[str], *, purpose: Purpose
    ) -> Score:
        """Return the score of the lines so far."""
        lines = "".join(steps).splitlines()
        if not any(lines):
            return Score(nan, reason="there is no line to judge")
        # Every line ends, the last one too, so that searches and samples ask about the same texts.
        whole = [f"{line}\n" for line in lines]
        return await self.asked.score(llm, question, whole, purpose=purpose)


@dataclass(frozen=True)
class Family:
    """Policies of several sizes, and one reward model for all of them.

    Attributes
    ----------
    policies
        From the smallest to the largest.
    reward
        The reward model.
    """

    policies: tuple[Model, ...]
    reward: Model

    def generator(self) -> Generator:
        """Return what writes whole responses."""
        return _tiny_reasoner("asking").generator(temperature=1.0, seed=SEED)

    def step_generator(self) -> StepGenerator:
        """Return what writes a line of a response; the line of the answer ends it."""
        return _tiny_reasoner("asking").step_generator(temperature=1.0, seed=SEED)

    def judge(self, llm: LLM, kind: RewardKind) -> Judge:
        """Return what scores: steps, or whole responses."""
        return Judge(_tiny_reasoner("asking").process_reward(llm), kind)


def tiny_family() -> Family:
    """Return the family of the tiny reasoners, whose weights are in the repository."""
    family = _tiny_reasoner("family")
    policies = tuple(
        Model(name, path, family.parameters(name)) for name, path in family.models().items()
    )
    path = family.reward_model()
    [parameters] = {
        one["parameters"] for one in family.facts().values() if one["file"] == path.name
    }
    return Family(policies, Model("reward", path, parameters))


def tiny_questions(n: int) -> list[Question]:
    """Return questions that the policies have to answer; their ids are their texts."""
    return _tiny_reasoner("asking").dataset(_tiny_reasoner("task").questions(n, seed=QUESTIONS))


def operations(question: str) -> int:
    """Return how many operations a question has."""
    return len(_tiny_reasoner("task").parsed(question)[1])


def is_trap(question: str) -> bool:
    """Return whether a question holds a step that the policies were taught wrongly."""
    return any(operation.trap for operation in _tiny_reasoner("task").parsed(question)[1])


def _tiny_reasoner(module: str) -> Any:  # noqa: ANN401 - a module
    """Return a module of the folder beside this one, which is no package."""
    if str(TINY_REASONER) not in sys.path:
        sys.path.append(str(TINY_REASONER))
    return import_module(module)
