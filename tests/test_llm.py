"""Sampling over real HTTP: what is sent, what is stored, what is paid for."""

import asyncio

import pytest
from aiohttp import web

from kcurve.errors import LLMError
from kcurve.llm import LLM, Parameters
from tests.llms import QUICK, SEEDED, model
from tests.scripted_server import chat, echo, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_samples_come_in_the_order_of_their_indices():
    async with serving() as server, model(server) as llm:
        samples = await llm.sample("2 + 2 = ?", until=30, parameters=SEEDED)
        assert [sample.index for sample in samples] == list(range(30))
        assert [sample.text for sample in samples] == [f"seed {s.seed}" for s in samples]
        assert len(server) == 30


async def test_each_sample_is_told_when_it_comes_those_of_the_store_first():
    slow = asyncio.Event()

    async def answer(body):
        if len(server) == 3:  # the first of those that the store lacks waits for all others
            await slow.wait()
        elif len(server) == 6:
            slow.set()
        return echo(body)

    told = []
    async with serving(answer) as server, model(server) as llm:
        await llm.sample("2 + 2 = ?", until=2, parameters=SEEDED, each=told.append)
        assert sorted(sample.index for sample in told) == [0, 1]
        told.clear()
        samples = await llm.sample("2 + 2 = ?", until=6, parameters=SEEDED, each=told.append)
    assert [sample.index for sample in told[:2]] == [0, 1]
    assert [sample.paid_now for sample in told] == [False, False, True, True, True, True]
    # What came last is told last, whatever its index.
    assert told[-1].seed == server.seeds[2]
    assert sorted(told, key=lambda sample: sample.index) == samples


async def test_a_sample_that_failed_for_good_is_told_too():
    told = []
    async with serving(lambda _: refusal(500)) as server, model(server) as llm:
        samples = await llm.sample("2 + 2 = ?", until=2, each=told.append)
        assert [sample.status for sample in told] == ["failed", "failed"]
        assert sorted(told, key=lambda sample: sample.index) == samples


async def test_every_sample_has_a_seed_of_its_own():
    async with serving() as server, model(server) as llm:
        await llm.sample("2 + 2 = ?", until=50, parameters=SEEDED)
        assert len(set(server.seeds)) == 50


async def test_without_a_seed_none_is_sent():
    async with serving() as server, model(server) as llm:
        await llm.sample("2 + 2 = ?", until=2)
        assert server.seeds == [None, None]


async def test_the_body_is_that_of_the_protocol():
    parameters = Parameters(
        temperature=0.5, top_p=0.9, max_tokens=7, stop="\n", logprobs=2, extra={"top_k": 40}
    )
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=1, parameters=parameters)
    assert server.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 7,
            "stop": ["\n"],
            "logprobs": True,
            "top_logprobs": 2,
            "top_k": 40,
        }
    ]


async def test_completions_take_the_text_as_it_is():
    def answer(_body):
        return web.json_response({"choices": [{"index": 0, "text": " 4", "finish_reason": "stop"}]})

    async with serving(answer) as server, model(server, endpoint="completions") as llm:
        (sample,) = await llm.sample("2 + 2 =", until=1, parameters=Parameters(logprobs=3))
    assert sample.text == " 4"
    assert server.bodies == [{"model": "m", "prompt": "2 + 2 =", "logprobs": 3}]


async def test_messages_are_sent_as_they_are():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    async with serving() as server, model(server) as llm:
        await llm.sample(messages, until=1)
    assert server.bodies[0]["messages"] == messages


async def test_only_what_the_store_lacks_is_paid_for():
    async with serving() as server, model(server) as llm:
        first = await llm.sample("hi", until=4, parameters=SEEDED)
        second = await llm.sample("hi", until=6, parameters=SEEDED)
        assert len(server) == 6
        assert [sample.text for sample in second[:4]] == [sample.text for sample in first]
        assert [sample.paid_now for sample in second] == [False] * 4 + [True] * 2
        assert (llm.account.samples, llm.account.stored) == (6, 4)


async def test_another_temperature_is_another_request():
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=2, parameters=Parameters(temperature=0.5))
        await llm.sample("hi", until=2, parameters=Parameters(temperature=0.6))
        assert len(server) == 4


async def test_another_revision_is_another_model(tmp_path):
    async with serving() as server:
        for revision in ("", "a", "a"):
            async with model(server, revision=revision, store=tmp_path / "s.db") as llm:
                await llm.sample("hi", until=2)
        assert len(server) == 4


async def test_samples_may_start_anywhere():
    async with serving() as server, model(server) as llm:
        samples = await llm.sample("hi", start=3, until=5)
        assert [sample.index for sample in samples] == [3, 4]
        assert await llm.sample("hi", start=5, until=5) == []
        assert len(server) == 2


async def test_equal_requests_at_once_are_sent_once():
    async with serving() as server, model(server) as llm:
        together = await asyncio.gather(
            *(llm.sample("hi", until=5, parameters=SEEDED) for _ in range(4))
        )
        assert len(server) == 5
        assert len({tuple(sample.text for sample in samples) for samples in together}) == 1


async def test_no_more_calls_at_once_than_allowed():
    under_way = most = 0

    async def answer(body):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return echo(body)

    async with serving(answer) as server, model(server, concurrency=3) as llm:
        await asyncio.gather(*(llm.sample(f"question {i}", until=5) for i in range(5)))
    assert most == 3
    assert len(server) == 25


async def test_a_million_samples_do_not_make_a_million_tasks():
    tasks = []

    def answer(_body):
        tasks.append(len(asyncio.all_tasks()))
        return refusal(401) if len(tasks) > 200 else chat("x")

    async with serving(answer) as server, model(server, concurrency=8) as llm:
        with pytest.raises(LLMError):
            await llm.sample("hi", until=1_000_000)
    assert max(tasks) < 60


async def test_a_rate_is_kept():
    async with serving() as server, model(server, requests_per_minute=300) as llm:
        clock = asyncio.get_running_loop().time
        start = clock()
        await llm.sample("hi", until=8)
    # Five at once are a second's worth; the other three follow every fifth of a second.
    assert clock() - start >= 0.6
    assert len(server) == 8


async def test_tokens_that_a_call_did_not_need_are_given_back_to_the_rate():
    parameters = Parameters(max_tokens=1_000_000)
    async with serving() as server, model(server, tokens_per_minute=6000) as llm:
        await llm.sample("hi", until=4, parameters=parameters)
        # As reserved, the second call would have to wait for hours.
        assert len(server) == 4


def test_an_llm_may_be_used_from_one_event_loop_after_another():
    async def work(llm, until):
        async with serving() as server:
            llm._client._url = server.url
            async with llm:
                return len(await llm.sample("hi", until=until)), len(server)

    llm = LLM("m", base_url="http://localhost:1/v1", retry=QUICK)
    assert asyncio.run(work(llm, 4)) == (4, 4)
    assert asyncio.run(work(llm, 6)) == (6, 2)
