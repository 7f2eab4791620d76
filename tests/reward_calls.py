"""What tests of reward models share: a question, prompts for grades, and how scores are asked for."""

import asyncio
import json
import sqlite3
from contextlib import closing

from kcurve.answers import NumberScore
from kcurve.datasets import Question
from kcurve.rewards import (
    PromptedReward,
    response_scores,
)
from kcurve.store import Purpose
from tests.llms import model
from tests.servers.plan import fraction

QUESTION = Question("What is 2 + 3 + 4?", "9")
GRADE = PromptedReward("{{question}} {{response}} Grade:", read=NumberScore(0, 10))
STEP = PromptedReward("{{question}} [{{previous}}] {{step}} Grade:", read=NumberScore(0, 10))
STEPS = ["2+3=5\n\n", "5+4=9\n\n", "So 9."]


def grade(prompt, seed=0, choice=0):
    """Answer with a grade that depends on what is asked, and on the seed if one is sent."""
    return f"The grade is {int(11 * fraction('grade', prompt, max(seed, 0), choice))}"


def graded(prompt):
    return int(grade(prompt).split()[-1]) / 10


def scored(server, reward, responses, *, aggregation="last", **settings):
    """Return the scores of responses, and the account of the model."""

    async def work():
        async with model(server, **settings) as llm:
            own = reward(llm) if callable(reward) else reward
            scores = await response_scores(
                own,
                llm,
                QUESTION,
                responses,
                run=llm.store.run({"strategy": "test"}),
                question_row=llm.store.question(QUESTION),
                aggregation=aggregation,
            )
            return scores, llm.account

    return asyncio.run(work())


def one(server, reward, steps, **settings):
    """Return the score that a reward gives by itself."""

    async def work():
        async with model(server, **settings) as llm:
            place = Purpose(llm.store.run({}), llm.store.question(QUESTION), "reward", 3)
            own = reward(llm) if callable(reward) else reward
            return await own.score(llm, QUESTION, steps, purpose=place)

    return asyncio.run(work())


def bodies(server):
    return [json.loads(body) for body in server.counts.received]


def rows(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sentence).fetchall()
