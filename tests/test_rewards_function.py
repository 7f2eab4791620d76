"""Functions as reward models: evaluated once, journalled, stored; what goes wrong is a missing score."""

import asyncio
import threading
from math import isnan

import numpy as np
import pytest

from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm import LLM
from kcurve.rewards import FunctionReward
from kcurve.store import Purpose, Store

QUESTION = Question("2 + 3?", "5")


def scored(reward, *responses, store=None, question=QUESTION):
    """Return the scores of responses, asked for at the same time."""

    async def work():
        async with LLM("m", base_url="http://127.0.0.1:9/v1", store=store) as llm:
            return await asyncio.gather(
                *(one(llm, reward, question, i, r) for i, r in enumerate(responses))
            )

    return asyncio.run(work())


def one(llm, reward, question, candidate, steps):
    store = llm.store
    purpose = Purpose(
        store.run({"strategy": "test"}), store.question(question), "reward", candidate
    )
    return reward.score(llm, question, steps, purpose=purpose)


def test_an_outcome_reward_gets_the_text_and_a_process_reward_the_steps():
    seen = []

    def function(question, response):
        seen.append((question, response))
        return 0.5

    for kind in ("outcome", "process"):
        (score,) = scored(FunctionReward(function, kind=kind, name="f"), ["a\n", "b"])
        assert (score.value, score.reason) == (0.5, None)
    assert seen == [(QUESTION, "a\nb"), (QUESTION, ("a\n", "b"))]


def test_async_functions_are_awaited_in_the_loop_and_others_run_beside_it():
    where = []

    async def awaited(question, text):
        where.append(threading.current_thread() is threading.main_thread())
        return 1

    def called(question, text):
        where.append(threading.current_thread() is threading.main_thread())
        return 1

    for function in (awaited, called, lambda question, text: awaited(question, text)):
        (score,) = scored(FunctionReward(function, kind="outcome", name="f"), ["a"])
        assert score.value == 1.0
    assert where == [True, False, True]
