"""Searches in processes that are killed at random moments, until nothing is missing.

python -m tests.search_process URL STORE SEED KILLS

Each life is a fork of this process, which has imported everything. After each death the responses in the store are read
and printed as one line of JSON; the trees of the last life, which nobody kills, are another one.
"""

import asyncio
import json
import random
import sys

from kcurve.datasets import Question
from kcurve.search import MCTS, Limits, Rebase
from tests.sampling_process import death, life, tell
from tests.scripted_steps import model, searching

QUESTIONS = [Question(f"number {i}?", "x", id=f"{i}", dataset="known") for i in range(3)]
LIMITS = Limits(depth=6)
SEARCHES = [Rebase(10, limits=LIMITS), MCTS(10, limits=LIMITS)]
WARM_UP = Question("Warm up.")
MOST_OF_A_LIFE = 14
"""Responses after which a life has ended."""


class Address:
    """Where a server is, as a test's own server says it."""

    def __init__(self, url):
        self.url = url


async def search_all(url, path):
    """Return the solutions of all questions by all searches, at the same time."""
    async with model(Address(url), store=path, concurrency=4) as llm:
        return await asyncio.gather(
            *(
                searching(search).solve(llm, question)
                for search in SEARCHES
                for question in QUESTIONS
            )
        )


async def warm_up(url):
    """Import what the first call imports."""
    async with model(Address(url)) as llm:
        await searching(Rebase(1, limits=LIMITS)).solve(llm, WARM_UP)


def main():
    url, path, seed, kills = sys.argv[1:]
    asyncio.run(warm_up(url))
    chance = random.Random(int(seed))  # noqa: S311 - no secret
    for _ in range(int(kills)):
        ended = death(life(search_all(url, path)), path, chance, most=MOST_OF_A_LIFE, moments=0.06)
        tell(path, ended)
    solutions = asyncio.run(search_all(url, path))
    tell(path, 0)
    told = [solution.tree.to_dict() for solution in solutions]
    print(json.dumps(told), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
