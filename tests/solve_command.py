"""`kcurve solve` in a folder of questions, and the strategies of the library that it is held against."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from kcurve.cli import main
from kcurve.datasets import Question
from kcurve.rules import BestOfN, Vote, WeightedVote
from kcurve.search import DVTS, MCTS, BeamSearch, Rebase
from kcurve.strategies import Generator, Greedy, Sampling
from tests.scripted_steps import (
    GENERATOR,
    REWARD,
    SHORT,
    Steps,
    completion,
    is_score,
    searching,
    step_of,
)

WHOLE = Generator(
    GENERATOR.template, parameters=GENERATOR.parameters, extract=GENERATOR.extract
)  # what `Steps` writes, undivided
OUTCOME = replace(REWARD, kind="outcome")
QUESTION = Question("which?", "x", id="q", dataset="question")
"""As it is read from the file."""
STRATEGIES = {
    "greedy": Greedy(WHOLE),
    "vote": Sampling(Vote(), k=5, generator=WHOLE),
    "best-of-n": Sampling(BestOfN(), k=5, generator=WHOLE, reward=OUTCOME),
    "weighted-vote": Sampling(WeightedVote(), k=5, generator=WHOLE, reward=OUTCOME),
    "rebase": searching(Rebase(5, limits=SHORT)),
    "beam": searching(BeamSearch(5, branching=4, limits=SHORT)),
    "dvts": searching(DVTS(5, branching=4, limits=SHORT)),
    "mcts": searching(MCTS(12, limits=SHORT)),
}
KNOWN = (
    "--model", "m", "--endpoint", "completions", "--template", "steps.txt", "--extract", r"regex:A:(\w+)",
    "--equivalence", "text", "--temperature", 1.0, "--seed", 1, "--step-end", "\\n", "--max-depth", 6,
)  # fmt: skip
"""The words for the generator and the limits above."""
SCORED = ("--reward", "score.txt", "--reward-read", "number")


def fill(folder):
    """Put questions and prompts into a folder."""
    (folder / "question.jsonl").write_text(
        json.dumps({"id": "q", "question": "which?", "answer": "x"}) + "\n"
    )
    rows = [{"id": f"q{i}", "question": f"which {i}?", "answer": "x"} for i in range(3)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "steps.txt").write_text("Q {{question}}\n")
    (folder / "score.txt").write_text("V {{question}}\n{{response}}")


def command(capsys):
    """Return a function that runs the command to its end within this process: exit code, output, errors."""

    async def run(*arguments, server=None):
        words = [str(argument) for argument in arguments]
        if server is not None:
            words += ["--base-url", server.url]
        # Another thread, for the command has an event loop of its own.
        code = await asyncio.to_thread(main, words)
        return code, *capsys.readouterr()

    return run


def solve(question, *more):
    return ("solve", question, *more)


class Responses(Steps):
    """Answers of `Steps`, and whole responses to who does not stop them after a step."""

    async def __call__(self, body):
        if is_score(body) or "stop" in body:
            return await super().__call__(body)
        text = ""
        while "A:" not in text:
            text += step_of(body["prompt"] + text, body.get("seed", 0))[0] + "\n"
        return completion(text)


def told_solution(out):
    told = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    return {name: value for name, value in told["solution"].items() if "spent" not in name}
