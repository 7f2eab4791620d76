"""Searches on the tiny model that somebody kills: python -m tests.live.killed_search URL STORE."""

import asyncio
import sys
from pathlib import Path

from tests.live.arithmetic import EquationReward, questions, step_generator

from kcurve.llm import LLM
from kcurve.search import BeamSearch, Limits, Rebase
from kcurve.strategies import Solution, TreeSearch

QUESTIONS = questions(6, steps=3, seed=9)
SEARCHES = [search(8, limits=Limits(depth=7)) for search in (Rebase, BeamSearch)]


async def finished(url: str, store: Path | str) -> tuple[list[Solution], int]:
    """Return the solutions of all questions by all searches, and how many calls this process sent."""
    settings = {"endpoint": "completions", "concurrency": 8, "api_key": "none"}
    async with LLM("tiny", base_url=url, store=store, **settings) as llm:
        # One search after the other: the second finds first steps of the first in the store.
        solutions = []
        for search in SEARCHES:
            strategy = TreeSearch(
                search,
                generator=step_generator(seed=4),
                reward=EquationReward(),
                aggregation="min",
            )
            solutions += await asyncio.gather(
                *(strategy.solve(llm, question) for question in QUESTIONS)
            )
        return solutions, llm.account.sent


if __name__ == "__main__":
    asyncio.run(finished(*sys.argv[1:]))
