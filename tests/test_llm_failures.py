"""Failures over real HTTP: what is asked again, what is told at once, what ends."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from kcurve.errors import LLMError
from kcurve.llm import LLM, Parameters, RetryPolicy
from tests.llms import QUICK, SEEDED, balanced, model
from tests.scripted_server import chat, echo, one_after_another, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_what_fails_is_asked_again_with_the_same_seed():
    answer = one_after_another(refusal(500), refusal(503), None)
    async with serving(answer) as server, model(server) as llm:
        (sample,) = await llm.sample("hi", until=1, parameters=SEEDED)
        assert (sample.status, sample.attempts) == ("ok", 4)
        assert len(set(server.seeds)) == 1
        assert llm.account.failed == {"http_500": 1, "http_503": 1, "connection": 1}
        assert (llm.account.sent, llm.account.retried) == (4, 3)
        assert balanced(llm.account)


async def test_a_sample_whose_attempts_all_failed_is_a_failed_sample():
    async with serving(lambda _: refusal(500, "out of order")) as server, model(server) as llm:
        samples = await llm.sample("hi", until=2)
        assert [sample.status for sample in samples] == ["failed", "failed"]
        assert samples[0].error == "http_500: out of order"
        assert samples[0].text is None
        assert len(server) == 8
        assert balanced(llm.account)


async def test_a_failed_sample_is_asked_for_again_next_time():
    answer = one_after_another(*(refusal(500) for _ in range(4)))
    async with serving(answer) as server, model(server) as llm:
        (first,) = await llm.sample("hi", until=1)
        (second,) = await llm.sample("hi", until=1)
        assert (first.status, second.status, second.attempts) == ("failed", "ok", 5)


async def test_one_failed_sample_does_not_keep_others_from_coming():
    async with serving() as server, model(server) as llm:
        bad = (await llm.sample("hi", until=5, parameters=SEEDED))[2].seed

    def answer(body):
        return refusal(500) if body["seed"] == bad else echo(body)

    async with serving(answer) as server, model(server) as llm:
        samples = await llm.sample("hi", until=5, parameters=SEEDED)
        assert [sample.status for sample in samples] == ["ok", "ok", "failed", "ok", "ok"]
        assert len(server) == 4 + 4


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "check the parameters"),
        (401, "OPENAI_API_KEY"),
        (403, "may not use"),
        (404, "name of the model"),
        (422, "check the parameters"),
    ],
)
async def test_what_no_retry_can_mend_is_told_at_once(status, remedy):
    async with serving(lambda _: refusal(status)) as server, model(server) as llm:
        with pytest.raises(LLMError, match=remedy):
            await llm.sample("hi", until=1)
        assert len(server) == 1
        assert balanced(llm.account)


async def test_an_exhausted_quota_is_told_at_once():
    answer = lambda _: refusal(429, "You exceeded your quota", code="insufficient_quota")  # noqa: E731
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"exceeded your quota; .* go on with the same store"):
            await llm.sample("hi", until=1)
        assert len(server) == 1


async def test_after_an_error_calls_under_way_end_and_are_kept():
    release = asyncio.Event()

    async def answer(body):
        if len(server) == 4:
            asyncio.get_running_loop().call_later(0.05, release.set)
            return refusal(401)
        await release.wait()
        return echo(body)

    async with serving(answer) as server, model(server, concurrency=4) as llm:
        with pytest.raises(LLMError):
            await llm.sample("hi", until=100)
        assert (len(server), llm.account.succeeded) == (4, 3)
        assert balanced(llm.account)
        release.set()
        found = await llm.store.find(call_of(llm), range(100))
        assert len(found.samples) == 3


def call_of(llm):
    return llm._calls.call("hi", Parameters()).request


async def test_retry_after_is_waited():
    times = []

    def answer(body):
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            return refusal(429, headers={"Retry-After": "0.2"})
        return echo(body)

    async with serving(answer) as server, model(server) as llm:
        await llm.sample("hi", until=1)
    assert times[1] - times[0] >= 0.2


async def test_one_refusal_among_successes_stops_nobody_else():
    answer = one_after_another(refusal(429, headers={"Retry-After": "0.5"}))
    async with serving(answer) as server, model(server, concurrency=2) as llm:
        first = asyncio.create_task(llm.sample("hi", until=1))
        while len(server) < 1:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        await llm.sample("others", until=20)
        assert not first.done()
        assert (await first)[0].attempts == 2


async def test_refusals_one_after_another_stop_everybody():
    times = []

    def answer(body):
        times.append(asyncio.get_running_loop().time())
        return refusal(429, headers={"Retry-After": "0.3"}) if len(times) <= 4 else echo(body)

    async with serving(answer) as server, model(server, concurrency=4) as llm:
        await llm.sample("hi", until=12)
    assert len(times) == 16
    assert times[4] - times[1] >= 0.3


async def test_a_longer_wait_than_allowed_ends_the_call_and_keeps_the_sample_open():
    answer = one_after_another(refusal(429, headers={"Retry-After": "3600"}))
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(
            LLMError, match=r"3600 seconds, longer than RetryPolicy\(longest_wait=1"
        ):
            await llm.sample("hi", until=1)
        assert len(server) == 1
        (sample,) = await llm.sample("hi", until=1)
        assert (sample.status, sample.attempts) == ("ok", 2)


async def test_a_call_has_a_deadline():
    async def answer(body):
        if len(server) == 1:
            await asyncio.sleep(10)
        return echo(body)

    async with serving(answer) as server, model(server, timeout=0.5) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert (sample.status, sample.attempts) == ("ok", 2)
        assert llm.account.failed == {"timeout": 1}


async def test_no_attempt_starts_after_the_deadline_of_all():
    policy = RetryPolicy(attempts=1000, backoff=0.02, jitter=0.0, deadline=0.1)
    async with serving(lambda _: refusal(500)) as server, model(server, retry=policy) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.status == "failed"
        # Waits of 20 and 40 ms fit, one of 80 ms more does not.
        assert len(server) <= 3


async def test_a_server_that_is_not_there_is_a_failed_connection():
    async with LLM("m", base_url="http://127.0.0.1:9/v1", api_key="k", retry=QUICK) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.error.startswith("connection: ")
        assert llm.account.failed == {"connection": 4}


@pytest.mark.parametrize("per_call", [1, 2])
async def test_a_call_cut_off_is_journalled_as_unknown(tmp_path, per_call):
    async def answer(_body):
        await asyncio.sleep(10)

    path = tmp_path / "s.db"
    settings = {"store": path, "samples_per_request": per_call, "grace": 0.01}
    async with serving(answer) as server, model(server, **settings) as llm:
        task = asyncio.create_task(llm.sample("hi", until=3 * per_call))
        while len(server) < 3:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (llm.account.sent, llm.account.unknown) == (3, 3)
        assert balanced(llm.account)
    with closing(sqlite3.connect(path)) as connection:
        kinds = connection.execute("SELECT kind FROM attempts LEFT JOIN outcomes ON id = attempt")
        assert kinds.fetchall() == [("cancelled",)] * 3 * per_call


async def test_when_cancelled_calls_under_way_end_and_no_other_is_sent():
    let_go = asyncio.Event()

    async def answer(_body):
        await let_go.wait()
        return chat("late")

    async with serving(answer) as server, model(server, concurrency=2) as llm:
        task = asyncio.create_task(llm.sample("hi", until=10))
        while len(server) < 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(server) == 2
        assert (llm.account.succeeded, llm.account.unknown) == (2, 0)
        kept = await llm.sample("hi", until=2)
        assert [sample.paid_now for sample in kept] == [False, False]


async def test_closing_lets_calls_under_way_end_and_tells_who_waits():
    let_go = asyncio.Event()

    async def answer(_body):
        await let_go.wait()
        return chat("late")

    async with serving(answer) as server, model(server, concurrency=2) as llm:
        task = asyncio.create_task(llm.sample("hi", until=10))
        while len(server) < 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.05, let_go.set)
        await llm.close()
        with pytest.raises(LLMError, match="was closed"):
            await task
        assert (len(server), llm.account.succeeded) == (2, 2)


async def test_a_closed_llm_sends_nothing_until_it_is_entered_again():
    async with serving(echo) as server:
        async with model(server) as llm:
            await llm.sample("hi", until=2)
        kept = await llm.sample("hi", until=2)
        assert [sample.paid_now for sample in kept] == [False, False]
        # As what still runs beside a task that has failed would go on.
        with pytest.raises(LLMError, match="was closed"):
            await llm.sample("hi", until=3)
        assert len(server) == 2
        async with llm:
            await llm.sample("hi", until=3)
        assert len(server) == 3
