"""A server of steps whose whole tree is known: what it writes and how it scores follow from prompt and seed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

from kcurve.answers import NumberScore, Regex
from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.rewards import PromptedReward
from kcurve.search import Limits
from kcurve.strategies import StepGenerator, TreeSearch
from tests.known_models import uniform
from tests.scripted_server import refusal

GENERATOR = StepGenerator(
    "Q {{question}}\n",
    parameters=Parameters(seed=1, temperature=1.0),
    step_end="\n",
    extract=Regex(r"A:(\w+)"),
)
REWARD = PromptedReward(
    "V {{question}}\n{{response}}",
    kind="process",
    read=NumberScore(),
    parameters=Parameters(seed=2),
)


QUICK = RetryPolicy(attempts=2, backoff=0.001)
QUESTION = Question("which?", "x", id="q", dataset="known")
SHORT = Limits(depth=6)


def model(server, **settings):
    """Return an LLM that asks this server for completions, and does not wait long before it asks again."""
    settings = {"endpoint": "completions", "api_key": "k", "retry": QUICK, **settings}
    return LLM("m", base_url=server.url, **settings)


def searching(search, **settings):
    """Return the strategy of a search in the world of these steps."""
    return TreeSearch(search, **{"generator": GENERATOR, "reward": REWARD, **settings})


def completion(text, *, prompt_tokens=10, tokens=None, finish_reason="stop"):
    """Return a response of the completions endpoint."""
    usage = {"prompt_tokens": prompt_tokens}
    usage["completion_tokens"] = len(text) + 1 if tokens is None else tokens
    choice = {"index": 0, "text": text, "finish_reason": finish_reason}
    return web.json_response({"object": "text_completion", "choices": [choice], "usage": usage})


def step_of(prompt: str, seed: int, max_tokens: int | None = None) -> tuple[str, bool]:
    """Return the step after a prompt, a token for each letter, and whether a limit cut it.

    Paths of two steps and more may end with an answer. Of three letters each, many siblings are twins.
    """
    path = prompt.partition("\n")[2]
    chance = uniform("step", prompt, seed)
    depth = path.count("\n")
    if depth >= 2 and chance < 0.25 * depth:
        text = f"A:{'xyz'[int(uniform('answer', prompt, seed) * 3)]}"
    else:
        text = "abc"[int(uniform("letter", prompt, seed) * 3)] * 3
    is_cut = max_tokens is not None and len(text) >= max_tokens
    return (text[:max_tokens], True) if is_cut else (text, False)


def score_of(text: str) -> float:
    """Return the score of a response."""
    return round(uniform("score", text), 3)


@dataclass
class Steps:
    """Answers a step server gives, and what it counted.

    Attributes
    ----------
    latency : callable
        Seconds that a request takes, by body.
    lost : callable
        Whether a request fails, by body.
    """

    latency: object = None
    lost: object = None
    tokens: Counter = field(default_factory=Counter)

    async def __call__(self, body):
        """Answer a request for a step, or for a score."""
        if self.latency is not None:
            await asyncio.sleep(self.latency(body))
        if self.lost is not None and self.lost(body):
            return refusal(500)
        prompt = body["prompt"]
        if prompt.startswith("V "):
            text = f"{score_of(prompt.partition(chr(10))[2])}"
            self.tokens["reward"] += len(text) + 1
            return completion(text)
        assert body["stop"] == ["\n"]
        text, is_cut = step_of(prompt, body["seed"], body.get("max_tokens"))
        tokens = len(text) if is_cut else len(text) + 1
        self.tokens["step"] += tokens
        return completion(text, tokens=tokens, finish_reason="length" if is_cut else "stop")


def is_score(body) -> bool:
    """Tell whether a request asks for a score."""
    return body["prompt"].startswith("V ")


def path_of(body) -> str:
    """Return the response that a request continues or scores."""
    return re.sub(r"^[^\n]*\n", "", body["prompt"])
