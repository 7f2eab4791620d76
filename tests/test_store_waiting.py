"""Who waits for a sample that the same process has under way is woken by its end, whatever that is."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kcurve.llm import LLM, RetryPolicy
from kcurve.store import Store
from kcurve.store.under_way import UnderWay
from tests.llms import SEEDED, balanced, model
from tests.scripted_server import chat, one_after_another, refusal, serving
from tests.store_rows import REQUEST, sample

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def turns():
    """Let everything run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def under_way(store, index=0):
    row = (await store.find(REQUEST, range(index, index + 1))).request
    return row, await store.claim(row, index, seed=None)


async def test_nobody_waits_for_what_is_not_under_way():
    with Store(None) as store:
        row, claim = await under_way(store)
        assert not await store.ended(row, 1)
        assert not await store.ended(row + 1, 0)
        await store.finish(claim, sample(row, 0), b"{}")
        assert not await store.ended(row, 0)


@pytest.mark.parametrize("end", ["finish", "fail"])
async def test_the_end_of_an_attempt_wakes_all_who_wait(end):
    with Store(None) as store:
        row, claim = await under_way(store)
        waiting = [asyncio.create_task(store.ended(row, 0)) for _ in range(3)]
        await turns()
        assert not any(task.done() for task in waiting)
        if end == "finish":
            await store.finish(claim, sample(row, 0), b"{}")
        else:
            await store.fail(claim, "timeout", "late", status=None, final=False)
        assert await asyncio.gather(*waiting) == [True] * 3
        assert (0 in (await store.find(REQUEST, range(1))).samples) == (end == "finish")
        again = await store.claim(row, 0, seed=None)
        assert again.granted == (end == "fail")


async def test_one_who_gives_up_leaves_the_others_waiting():
    with Store(None) as store:
        row, claim = await under_way(store)
        first, second = (asyncio.create_task(store.ended(row, 0)) for _ in range(2))
        await turns()
        first.cancel()
        await turns()
        assert first.cancelled()
        assert not second.done()
        await store.finish(claim, sample(row, 0), b"{}")
        assert await second


async def test_an_attempt_that_was_never_sent_wakes_too():
    with Store(None) as store:
        row = (await store.find(REQUEST, range(1))).request
        asking = asyncio.create_task(store.claim(row, 0, seed=None))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        while (await store.claim(row, 0, seed=None)).granted is False:
            await store.ended(row, 0)
        assert store.info().failures == {"not_sent": 1}


def test_another_event_loop_is_woken():
    attempts = UnderWay()
    attempts.add(7, (1, 0))
    woken = []
    waits = threading.Event()

    async def wait():
        task = asyncio.create_task(attempts.ended((1, 0)))
        await turns()
        waits.set()
        woken.append(await task)

    thread = threading.Thread(target=asyncio.run, args=(wait(),))
    thread.start()
    waits.wait()
    attempts.discard(7)
    thread.join()
    assert woken == [True]
    assert 7 not in attempts


async def test_an_attempt_that_took_the_place_of_another_is_the_one_waited_for():
    attempts = UnderWay()
    attempts.add(7, (1, 0))
    attempts.add(8, (1, 0))  # the commit of the first was undone, and made again
    waiting = asyncio.create_task(attempts.ended((1, 0)))
    await turns()
    attempts.discard(7)
    await turns()
    assert not waiting.done()
    assert 8 in attempts
    attempts.discard(8)
    assert await waiting
    attempts.discard(8)  # nothing happens


class CountingStore(Store):
    """A store that counts how often somebody looks into it."""

    looks = 0

    async def find(self, request, indices):
        self.looks += 1
        return await super().find(request, indices)


async def test_two_who_ask_at_once_share_a_call_without_looking_again_and_again():
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def answer(_):
        arrived.set()
        await answered.wait()
        return chat("four", usage=(3, 1))

    with CountingStore(None) as store:
        async with (
            serving(answer) as server,
            model(server, store=store) as one,
            model(server, store=store) as other,
        ):
            first = asyncio.create_task(one.sample("2 + 2?", until=1, parameters=SEEDED))
            await arrived.wait()
            second = asyncio.create_task(other.sample("2 + 2?", until=1, parameters=SEEDED))
            # Polling would look a dozen times meanwhile.
            await asyncio.sleep(0.5)
            answered.set()
            [[mine], [theirs]] = await asyncio.gather(first, second)
            accounts = one.account, other.account
        assert len(server) == 1
        assert store.looks == 3
    assert (mine.text, mine.paid_now) == ("four", True)
    assert (theirs.text, theirs.paid_now) == ("four", False)
    assert [account.sent for account in accounts] == [1, 0]
    assert [account.stored for account in accounts] == [0, 1]
    assert all(map(balanced, accounts))


async def test_when_the_first_fails_the_second_tries_itself():
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def fail(_):
        arrived.set()
        await answered.wait()
        return refusal(500)

    once = RetryPolicy(attempts=1)
    async with serving(one_after_another(fail)) as server, model(server, retry=once) as llm:
        first = asyncio.create_task(llm.sample("hi", until=1, parameters=SEEDED))
        await arrived.wait()
        second = asyncio.create_task(llm.sample("hi", until=1, parameters=SEEDED))
        await asyncio.sleep(0.05)
        answered.set()
        [[failed], [drawn]] = await asyncio.gather(first, second)
        account = llm.account
    assert (failed.status, drawn.status) == ("failed", "ok")
    assert drawn.attempts == len(server) == account.sent == 2
    assert balanced(account)


async def test_many_who_ask_for_the_same_samples_at_once_pay_once():
    async with serving() as server, LLM("m", base_url=server.url, concurrency=4) as llm:
        drawn = await asyncio.gather(
            *(llm.sample("hi", until=30, parameters=SEEDED) for _ in range(10))
        )
        assert len(server) == llm.account.sent == llm.account.samples == 30
        assert llm.account.stored == 270
    texts = [[sample.text for sample in samples] for samples in drawn]
    assert texts == [texts[0]] * 10
    assert len(set(texts[0])) == 30


async def test_who_waits_for_another_can_be_cancelled():
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def answer(_):
        arrived.set()
        await answered.wait()
        return chat("four")

    async with serving(answer) as server, model(server) as llm:
        first = asyncio.create_task(llm.sample("hi", until=1, parameters=SEEDED))
        await arrived.wait()
        second = asyncio.create_task(llm.sample("hi", until=1, parameters=SEEDED))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        answered.set()
        [drawn] = await first
        assert drawn.status == "ok"
        assert len(server) == 1
