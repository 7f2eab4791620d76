"""A run on the tiny model that somebody kills: python -m tests.live.killed URL STORE."""

import asyncio
import sys
from pathlib import Path

from tests.live.arithmetic import generator, questions, verifier

from kcurve import FilterVote
from kcurve.llm import LLM
from kcurve.strategies import RunResult, Sampling, run

QUESTIONS = questions(12, steps=3, seed=9)
STRATEGY = Sampling(
    FilterVote(calls="candidates"), k=16, generator=generator(seed=4), verifier=verifier()
)


async def finished(url: str, store: Path | str) -> tuple[RunResult, int]:
    """Return the result of the run, and how many calls this process sent."""
    settings = {"endpoint": "completions", "concurrency": 8, "api_key": "none"}
    async with LLM("tiny", base_url=url, store=store, **settings) as llm:
        result = await run(STRATEGY, llm, QUESTIONS)
        return result, llm.account.sent


if __name__ == "__main__":
    asyncio.run(finished(*sys.argv[1:]))
