"""Samples in processes that are killed at random moments, until nothing is missing.

python -m tests.sampling_process URL STORE SEED KILLS

Each life of the sampler is a fork of this process, which has imported everything: a new process would spend its life
with imports. After each death the responses in the store are read and printed as one line of JSON.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from kcurve.answers import LastNumber, SameNumber, describe
from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.store import Purpose

QUESTIONS = ("1 + 1 = ?", "2 + 3 = ?", "5 + 8 = ?")
SAMPLES = 110
MOST_OF_A_LIFE = 9
"""Responses after which a life has ended: few enough for all lives together to leave some for the last."""
WARM_UP = "Warm up."
PARAMETERS = Parameters(seed=3, max_tokens=8)
READING = {"extractor": describe(LastNumber()), "equivalence": describe(SameNumber())}


async def sample_all(url, path):
    """Return the texts of all samples of all questions."""
    retry = RetryPolicy(backoff=0.01)
    async with LLM("m", base_url=url, store=path, concurrency=4, retry=retry) as llm:
        row = llm.store.run(READING)

        def sampled(text):
            purpose = Purpose(row, llm.store.question(Question(text)))
            return llm.sample(text, until=SAMPLES, parameters=PARAMETERS, purpose=purpose)

        return await asyncio.gather(*map(sampled, QUESTIONS))


async def warm_up(url):
    """Import what the first call imports."""
    async with LLM("m", base_url=url) as llm:
        await llm.sample(WARM_UP, until=1, parameters=PARAMETERS)


def life(work):
    """Do the work, a coroutine, in a fork, and return its number."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(work)
        except BaseException:  # noqa: BLE001 - a fork ends here, whatever happens
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    work.close()
    return child


def responses(path):
    """Return what is committed: texts by request and sample."""
    if not Path(path).exists():
        return {}
    with sqlite3.connect(path) as connection:
        try:
            rows = connection.execute("SELECT request, sample, text FROM responses").fetchall()
        except sqlite3.OperationalError:  # killed before it had made a table
            rows = []
    connection.close()
    return {f"{request} {sample}": text for request, sample, text in rows}


def death(child, path, chance, *, most, moments):
    """Kill a life some time after it has brought some responses, and return how it ended.

    By its work, not by the clock: on a busy machine a life would end before it has done anything, on a quick one
    nothing would be left to do.
    """
    enough = len(responses(path)) + chance.randint(0, most)
    while len(responses(path)) < enough:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    time.sleep(chance.uniform(0.0, moments))
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def tell(path, status):
    """Print what became of a life, and of the store."""
    story = {"exit": os.waitstatus_to_exitcode(status), "responses": responses(path)}
    print(json.dumps(story), flush=True)  # noqa: T201 - read by the test


def main():
    url, path, seed, kills = sys.argv[1:]
    asyncio.run(warm_up(url))
    chance = random.Random(int(seed))  # noqa: S311 - no secret
    for _ in range(int(kills)):
        tell(
            path,
            death(life(sample_all(url, path)), path, chance, most=MOST_OF_A_LIFE, moments=0.03),
        )
    tell(path, os.waitpid(life(sample_all(url, path)), 0)[1])


if __name__ == "__main__":
    main()
