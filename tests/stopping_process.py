"""Votes that a rule stops, and cascades, in processes that are killed at random moments, until nothing is missing.

python -m tests.stopping_process URL STORE SEED KILLS

Each life is a fork of this process, which has imported everything. After each death the responses in the store are read
and printed as one line of JSON; what the last life decided, which nobody kills, is another one.
"""

import asyncio
import json
import random
import sys
from dataclasses import replace

import kcurve as kc
from kcurve.llm import Parameters
from kcurve.stopping import AdaptiveConsistency, EarlyStopping
from kcurve.strategies import Cascade, Sampling
from tests.known_models import GENERATOR, questions
from tests.llms import model
from tests.sampling_process import death, life, tell
from tests.search_process import Address

QUESTIONS = [*questions("easy", 8), *questions("hard", 8)]
COLD = replace(GENERATOR, parameters=Parameters(seed=1, temperature=0.25))
STRATEGIES = [
    Sampling(kc.Vote(), k=16, generator=GENERATOR, stopping=AdaptiveConsistency()),
    Sampling(kc.Vote(), k=16, generator=GENERATOR, stopping=EarlyStopping(window=4), batch=3),
    Cascade(
        [Sampling(kc.Vote(), k=3, generator=COLD), Sampling(kc.Vote(), k=12, generator=GENERATOR)],
        lead=3,
    ),
]
WARM_UP = questions("easy, to warm up", 1)[0]
MOST_OF_A_LIFE = 11
"""Responses after which a life has ended."""


async def solve_all(url, path):
    """Return the solutions of all questions by all strategies, at the same time."""
    async with model(Address(url), store=path, concurrency=4) as llm:
        return await asyncio.gather(
            *(strategy.solve(llm, question) for strategy in STRATEGIES for question in QUESTIONS)
        )


async def warm_up(url):
    """Import what the first call imports."""
    async with model(Address(url)) as llm:
        for strategy in STRATEGIES:
            await strategy.solve(llm, WARM_UP)


def plain(solution):
    """Return a solution as JSON gives it back, without what was paid when."""
    return unpaid(json.loads(json.dumps(solution.to_dict())))


def unpaid(told):
    """Return what is told of a solution and its stages, without what was paid."""
    kept = {name: value for name, value in told.items() if "spent" not in name}
    return kept | {"stages": [unpaid(stage) for stage in told["stages"]]}


def main():
    url, path, seed, kills = sys.argv[1:]
    asyncio.run(warm_up(url))
    chance = random.Random(int(seed))  # noqa: S311 - no secret
    for _ in range(int(kills)):
        ended = death(life(solve_all(url, path)), path, chance, most=MOST_OF_A_LIFE, moments=0.04)
        tell(path, ended)
    solutions = asyncio.run(solve_all(url, path))
    tell(path, 0)
    print(json.dumps([plain(one) for one in solutions]), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
