"""Scores in a process that somebody kills: python -m tests.reward_process STORE EVALUATED.

Every evaluation appends its text to the file EVALUATED when it has ended, before its score is stored.
"""

import asyncio
import sys
import time
from pathlib import Path

from kcurve.datasets import Question
from kcurve.llm import LLM
from kcurve.rewards import FunctionReward, response_scores

QUESTION = Question("2 + 3?", "5")
RESPONSES = [[f"response {i}"] for i in range(60)]


async def score_all(store, evaluated):
    """Return the scores of all responses."""

    def function(_question, text):
        time.sleep(0.01)
        with Path(evaluated).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
        return float(text.split()[1])

    reward = FunctionReward(function, kind="outcome", name="number", concurrency=4)
    async with LLM("m", base_url="http://127.0.0.1:9/v1", store=store) as llm:
        return await response_scores(
            reward,
            llm,
            QUESTION,
            RESPONSES,
            run=llm.store.run({"strategy": "test"}),
            question_row=llm.store.question(QUESTION),
        )


if __name__ == "__main__":
    asyncio.run(score_all(*sys.argv[1:]))
