"""Answers for a server on loopback, drawn by prompt and seed from distributions that are known."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from kcurve.answers import AnswerIs
from kcurve.datasets import Question
from kcurve.llm import Parameters
from kcurve.strategies import Generator, Verifier
from tests.scripted_server import chat

if TYPE_CHECKING:
    from aiohttp import web

ANSWERS = {
    "easy": {"A": 0.75, "B": 0.15, "C": 0.10},
    "hard": {"A": 0.45, "B": 0.55},
}
"""How often each kind of question is answered how; A is right."""

KEEPS = {"A": 0.9, "B": 0.3, "C": 0.3}
"""How often the verifier keeps each answer."""

GENERATOR = Generator(
    "Solve: {{question}}", parameters=Parameters(seed=1, temperature=1.0), extract=AnswerIs()
)
VERIFIER = Verifier(
    "Judge: {{question}} || {{response}}", parameters=Parameters(seed=2, temperature=0.5)
)


def questions(kind: str, n: int) -> list[Question]:
    """Return n questions of a kind, whose right answer is A."""
    return [Question(f"{kind} {i}", "A", id=f"{kind}-{i}", dataset="known") for i in range(n)]


def uniform(*parts: object) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    digest = sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def text_of(body: dict) -> str:
    """Return the last message."""
    return body["messages"][-1]["content"]


def respond(body: dict) -> web.Response:
    """Answer a question, or judge a response, as often as the tables say."""
    text, seed = text_of(body), body["seed"]
    chance = uniform(text, seed, body["temperature"])
    if text.startswith("Judge:"):
        answer = re.findall(r"answer is \((.)\)", text)[-1]
        return chat("[[correct]]" if chance < KEEPS[answer] else "[[wrong]]", usage=(20, 2))
    kind = re.search("easy|hard", text)[0]
    answer = drawn(ANSWERS[kind], chance)
    return chat(f"Seed {seed} thinks the answer is ({answer}).", usage=(10, 5))


def drawn(shares: dict[str, float], chance: float) -> str:
    """Return the answer at a point of the shares laid end to end."""
    for answer, share in shares.items():
        if chance < share:
            return answer
        chance -= share
    return answer
