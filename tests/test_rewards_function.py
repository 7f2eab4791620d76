"""Functions as reward models: evaluated once, journalled, stored; what goes wrong is a missing score."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pytest

from kcurve.datasets import Question
from kcurve.errors import ArgumentError, StoreError
from kcurve.llm import LLM
from kcurve.rewards import FunctionReward
from kcurve.store import Purpose, Store
from tests.reward_process import RESPONSES, score_all

QUESTION = Question("2 + 3?", "5")


def model(store=None):
    """Return an LLM whose server is never asked; there is none."""
    return LLM("m", base_url="http://127.0.0.1:9/v1", store=store)


def one(llm, reward, steps, candidate=0, question=QUESTION):
    run, row = llm.store.run({"strategy": "test"}), llm.store.question(question)
    purpose = Purpose(run, row, "reward", candidate)
    return reward.score(llm, question, steps, purpose=purpose)


def scored(reward, *responses, store=None, question=QUESTION):
    """Return the scores of responses, asked for at the same time."""

    async def work():
        async with model(store) as llm:
            return await asyncio.gather(
                *(one(llm, reward, steps, i, question) for i, steps in enumerate(responses))
            )

    return asyncio.run(work())


def counted(value=1.0, wait=0.0):
    """Return a function of this value, and the list of the texts it was called with."""
    calls = []

    def function(_question, text):
        calls.append(text)
        time.sleep(wait)
        return value

    return function, calls


def rows(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sentence).fetchall()


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
    beside = []

    async def awaited(*_):
        await asyncio.sleep(0)
        beside.append(threading.current_thread() is not threading.main_thread())
        return 1

    def called(*_):
        beside.append(threading.current_thread() is not threading.main_thread())
        return 1

    for function in (
        awaited,
        called,
        lambda *given: awaited(*given),  # noqa: PLW0108 - a function that returns an awaitable
    ):
        (score,) = scored(FunctionReward(function, kind="outcome", name="f"), ["a"])
        assert score.value == 1.0
    assert beside == [False, True, False]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3.0),
        (True, 1.0),
        (Fraction(1, 8), 0.125),
        (np.float32(0.5), 0.5),
        (np.bool_(False), 0.0),
        (np.array(0.25), 0.25),
        (-0.0, 0.0),
        (5e-324, 5e-324),
        (0.1 + 0.2, 0.1 + 0.2),
    ],
)
def test_a_number_of_any_type_is_a_score_now_and_from_the_store(tmp_path, value, expected):
    function, calls = counted(value)
    reward = FunctionReward(function, kind="outcome", name="f")
    for _ in range(2):
        (score,) = scored(reward, ["a"], store=tmp_path / "store.db")
        assert (score.value, score.reason) == (expected, None)
    assert calls == ["a"]


def raising(error):
    def function(*_):
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "kind", "reason"),
    [
        (raising(ValueError("no\nsuch answer")), "exception", "ValueError: no such answer"),
        (raising(KeyError()), "exception", "KeyError"),
        (raising(TimeoutError("mine")), "exception", "TimeoutError: mine"),
        (raising(StopIteration(1)), "exception", "StopIteration: 1"),
        (raising(SystemExit(3)), "exception", "SystemExit: 3"),
        (raising(OSError("key sk-abcdefgh12345678")), "exception", "OSError: key [removed]"),
        (lambda *_: "0.5", "not_a_number", "a score must be a number, got '0.5'"),
        (lambda *_: None, "not_a_number", "a score must be a number, got None"),
        (lambda *_: np.ones(2), "not_a_number", "got array([1., 1.])"),
        (lambda *_: 10**400, "not_a_number", "a score must be a number"),
        (lambda *_: nan, "not_finite", "a score must be finite, got nan"),
        (lambda *_: -inf, "not_finite", "a score must be finite, got -inf"),
    ],
)
def test_what_is_no_score_is_missing_with_a_reason_journalled_and_asked_for_again(
    tmp_path, function, kind, reason
):
    path = tmp_path / "store.db"
    reward = FunctionReward(function, kind="outcome", name="f")
    for attempts in (1, 2):
        (score,) = scored(reward, ["a"], store=path)
        assert isnan(score.value)
        assert score.reason.startswith(f"{kind}: ")
        assert reason in score.reason
        (sample,) = score.samples
        assert (sample.status, sample.attempts, sample.paid_now) == ("failed", attempts, True)
        with Store(path, read_only=True) as store:
            info = store.info()
        assert info.failures == {kind: attempts}
        assert (info.samples, info.unknown) == (0, 0)
    mended = replace(reward, function=lambda *_: 0.5)
    (score,) = scored(mended, ["a"], store=path)
    assert score.value == 0.5


def test_a_function_that_is_too_slow_has_no_score_and_gives_its_place_to_the_next():
    released = threading.Event()

    def function(_question, text):
        if text == "slow":
            released.wait()
        return 1.0

    reward = FunctionReward(function, kind="outcome", name="f", timeout=1.0, concurrency=1)
    slow, quick = scored(reward, ["slow"], ["quick"])
    released.set()
    assert slow.reason == "timeout: no score within 1 seconds"
    assert (quick.value, quick.reason) == (1.0, None)


def test_an_async_function_that_is_too_slow_is_cancelled():
    ended = []

    async def function(_question, text):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(text)
            raise

    (score,) = scored(FunctionReward(function, kind="outcome", name="f", timeout=0.05), ["a"])
    assert score.reason == "timeout: no score within 0.05 seconds"
    assert ended == ["a"]


def test_who_asks_for_the_same_at_the_same_time_shares_one_evaluation():
    function, calls = counted(0.5, wait=0.05)
    scores = scored(FunctionReward(function, kind="outcome", name="f"), *[["a"]] * 5, ["b"])
    assert [score.value for score in scores] == [0.5] * 6
    assert sorted(calls) == ["a", "b"]
    assert sorted(score.samples[0].paid_now for score in scores) == [False] * 4 + [True] * 2


def test_two_writers_of_one_store_evaluate_once(tmp_path):
    function, calls = counted(0.5, wait=0.2)
    reward = FunctionReward(function, kind="outcome", name="f")

    async def work():
        async with model(tmp_path / "s.db") as first, model(tmp_path / "s.db") as second:
            return await asyncio.gather(*(one(llm, reward, ["a"]) for llm in (first, second)))

    assert [score.value for score in asyncio.run(work())] == [0.5, 0.5]
    assert calls == ["a"]


def test_as_many_evaluations_are_under_way_as_allowed_and_no_more():
    now, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(3, timeout=30)  # breaks, which is an exception, if fewer come

    def function(*_):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1
        return 1.0

    reward = FunctionReward(function, kind="outcome", name="f", concurrency=3)
    for _ in range(2):  # in a second event loop as well
        scores = scored(reward, *[[f"{i}"] for i in range(12)])
        assert [score.value for score in scores] == [1.0] * 12
        assert most == 3


def test_a_score_is_stored_under_name_revision_question_and_text(tmp_path):
    function, calls = counted()
    reward = FunctionReward(function, kind="outcome", name="f")
    path = tmp_path / "store.db"
    others = [
        (replace(reward, name="g"), QUESTION, ["a"]),
        (replace(reward, revision="2"), QUESTION, ["a"]),
        (reward, replace(QUESTION, reference="6"), ["a"]),
        (reward, replace(QUESTION, metadata={"level": "2"}), ["a"]),
        (reward, QUESTION, ["b"]),
        (replace(reward, kind="process"), QUESTION, ["a"]),
    ]
    for again in range(2):
        for number, (other, question, steps) in enumerate([(reward, QUESTION, ["a"]), *others]):
            (score,) = scored(other, steps, store=path, question=question)
            assert score.samples[0].paid_now is not bool(again)
            assert len(calls) == (7 if again else number + 1)
    # Only the text counts for a response, but the steps do where a step is scored.
    scored(reward, ["", "a"], store=path)
    assert len(calls) == 7
    scored(replace(reward, kind="process"), ["", "a"], store=path)
    assert len(calls) == 8


def test_the_store_says_what_a_score_is_for_and_what_it_cost(tmp_path):
    path = tmp_path / "store.db"
    reward = FunctionReward(lambda *_: 0.75, kind="outcome", name="f", revision="r")
    for _ in range(2):
        scored(reward, ["a"], ["a"], store=path)
    assert rows(path, "SELECT role, candidate, start, stop FROM links ORDER BY candidate") == [
        ("reward", 0, 0, 1),
        ("reward", 1, 0, 1),
    ]
    assert rows(path, "SELECT text, prompt_tokens, completion_tokens, cost FROM responses") == [
        ("0.75", 0, 0, 0.0)
    ]
    ((canonical,),) = rows(path, "SELECT canonical FROM requests")
    assert json.loads(canonical) == {
        "endpoint": "function",
        "model": "f",
        "parameters": {},
        "prompt": {"question": QUESTION.to_dict(), "response": "a"},
        "revision": "r",
    }
    with Store(path, read_only=True) as store:
        assert store.verify().sound
        assert store.info().models[0].model == "f"


def test_cancelled_while_it_is_evaluated_it_is_journalled_so_and_evaluated_again(tmp_path):
    path, began = tmp_path / "store.db", threading.Event()

    def hanging(*_):
        began.set()
        time.sleep(0.5)
        return 0.5

    async def work():
        async with model(path) as llm:
            reward = FunctionReward(hanging, kind="outcome", name="f")
            asked = asyncio.create_task(one(llm, reward, ["a"]))
            await asyncio.to_thread(began.wait)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked

    asyncio.run(work())
    assert rows(path, "SELECT kind, final FROM outcomes") == [("cancelled", 0)]
    assert rows(path, "SELECT * FROM responses") == []
    function, calls = counted()
    (score,) = scored(FunctionReward(function, kind="outcome", name="f"), ["a"], store=path)
    assert (score.value, calls) == (1.0, ["a"])


def test_one_of_two_who_wait_is_cancelled_and_the_other_gets_the_score():
    began = threading.Event()

    def function(*_):
        began.set()
        time.sleep(0.1)
        return 0.5

    async def work():
        async with model() as llm:
            reward = FunctionReward(function, kind="outcome", name="f")
            first, second = (asyncio.create_task(one(llm, reward, ["a"])) for _ in range(2))
            await asyncio.to_thread(began.wait)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await second

    score = asyncio.run(work())
    assert (score.value, score.samples[0].attempts) == (0.5, 1)


def test_a_process_ends_even_if_a_function_never_does():
    program = """
import asyncio, time
from kcurve.datasets import Question
from kcurve.llm import LLM
from kcurve.rewards import FunctionReward
from kcurve.store import Purpose

async def work():
    async with LLM("m", base_url="http://127.0.0.1:9/v1") as llm:
        question = Question("2 + 3?")
        place = Purpose(llm.store.run({}), llm.store.question(question))
        reward = FunctionReward(lambda q, t: time.sleep(1e6), kind="outcome", name="f", timeout=0.1)
        print((await reward.score(llm, question, ["a"], purpose=place)).reason)

asyncio.run(work())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "timeout: no score within 0.1 seconds\n"


def test_kill_9_repeats_no_finished_evaluation(tmp_path):
    path, evaluated = tmp_path / "store.db", tmp_path / "evaluated"
    evaluated.touch()
    committed = set()
    deaths = 0
    for least in (5, 20, 40):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.reward_process", str(path), str(evaluated)],
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        before = len(evaluated.read_text().splitlines())
        while len(evaluated.read_text().splitlines()) < least:
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        deaths += process.wait() == -signal.SIGKILL
        new = evaluated.read_text().splitlines()[before:]
        assert not committed.intersection(new)
        texts = rows(path, "SELECT json_extract(canonical, '$.prompt.response') FROM requests "
                           "JOIN responses ON responses.request = requests.id")  # fmt: skip
        committed = {text for (text,) in texts}
    assert deaths == 3
    assert len(committed) >= 20
    before = len(evaluated.read_text().splitlines())
    scores = asyncio.run(score_all(path, evaluated))
    assert [score.value for score in scores] == [float(i) for i in range(len(RESPONSES))]
    new = evaluated.read_text().splitlines()[before:]
    assert sorted(new) == sorted({text for (text,) in RESPONSES} - committed)
    # What was evaluated twice is what a death cut off between its end and the commit.
    ((cut_off,),) = rows(
        path, "SELECT count(*) FROM attempts WHERE id NOT IN (SELECT attempt FROM outcomes)"
    )
    assert len(evaluated.read_text().splitlines()) <= len(RESPONSES) + cut_off


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"function": 3}, "function must be callable, got 3"),
        ({"kind": "both"}, "kind must be one of 'outcome', 'process', got 'both'"),
        ({"name": " "}, "name must not be empty"),
        ({"timeout": 0}, "timeout must be greater than 0"),
        ({"concurrency": 0}, "concurrency must be an integer of at least 1, got 0"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    given = {"function": len, "kind": "outcome", "name": "f", **settings}
    with pytest.raises(ArgumentError, match=message):
        FunctionReward(given.pop("function"), **given)


def test_no_steps_are_refused_and_a_text_for_steps_is():
    reward = FunctionReward(len, kind="outcome", name="f")
    with pytest.raises(ArgumentError, match="steps must hold at least one text"):
        scored(reward, [])
    with pytest.raises(ArgumentError, match=r"a step holds half a character, '.ud83d' at 1"):
        scored(reward, ["a", "b\ud83d"])
    with pytest.raises(TypeError, match="steps must be a sequence of texts"):
        scored(reward, "a text")


def test_it_says_what_determines_its_scores():
    reward = FunctionReward(len, kind="process", name="f", revision="2", concurrency=3)
    assert reward.description("any") == {
        "reward": "FunctionReward",
        "kind": "process",
        "name": "f",
        "revision": "2",
    }
    assert reward == replace(reward)
    assert repr(reward).startswith(
        "FunctionReward(function=<built-in function len>, kind='process'"
    )


def test_a_store_that_cannot_be_written_is_an_error_and_no_missing_score():
    async def work():
        async with model() as llm:

            def closing_store(*_):
                llm.store.close()
                return 1.0

            reward = FunctionReward(closing_store, kind="outcome", name="f")
            with pytest.raises(StoreError):
                await one(llm, reward, ["a"])

    asyncio.run(work())
