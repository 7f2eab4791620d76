"""Rates over a clock of the test's own, and concurrency that follows the server."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from kcurve.llm.limits import Bucket, Concurrency


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def starts(per_minute, amounts):
    """Return when calls start that all want to start at once."""
    clock = Clock()
    bucket = Bucket(per_minute, clock=clock)
    times = []
    for amount in amounts:
        while wait := bucket.take(amount):
            clock.now += wait + 1e-9
        times.append(clock.now)
    return times


@given(st.floats(1, 1e5), st.lists(st.integers(1, 500), min_size=2, max_size=60))
def test_no_stretch_of_time_sees_more_than_its_share_before_the_last_call(per_minute, amounts):
    times = starts(per_minute, amounts)
    rate = per_minute / 60
    for i in range(len(times)):
        taken = 0
        for j in range(i, len(times)):
            allowed = max(1.0, rate) + rate * (times[j] - times[i])
            assert taken <= allowed * (1 + 1e-6) + 1e-6
            taken += amounts[j]


def test_a_rate_is_used_in_full():
    times = starts(600, [1] * 101)
    assert times[-1] - times[0] == pytest.approx(9.1, abs=1e-3)


def test_calls_come_evenly_after_the_first_second_s_worth():
    gaps = [later - earlier for earlier, later in pairwise(starts(120, [1] * 10))]
    assert gaps == pytest.approx([0.0] + [0.5] * 8, abs=1e-6)


def test_what_was_not_used_is_given_back():
    clock = Clock()
    bucket = Bucket(60, clock=clock)
    assert bucket.take(1000) == 0.0
    assert bucket.take(1) == pytest.approx(1000.0)
    bucket.give_back(999)
    assert bucket.take(1) == pytest.approx(1.0)


def run(test):
    asyncio.run(test())


def test_an_overrun_server_is_asked_half_as_much():
    async def test():
        concurrency = Concurrency(64)
        concurrency.overrun(concurrency.start())
        assert concurrency.limit == 32

    run(test)


def test_calls_that_started_together_halve_once():
    async def test():
        concurrency = Concurrency(64)
        calls = [concurrency.start() for _ in range(64)]
        for call in calls:
            concurrency.overrun(call)
        assert concurrency.limit == 32
        concurrency.overrun(concurrency.start())
        assert concurrency.limit == 16

    run(test)


def test_it_never_falls_below_one_call():
    async def test():
        concurrency = Concurrency(4)
        for _ in range(10):
            concurrency.overrun(concurrency.start())
        assert concurrency.limit == 1

    run(test)


def test_a_round_of_successes_adds_one_call_up_to_the_most():
    async def test():
        concurrency = Concurrency(16)
        concurrency.overrun(concurrency.start())
        assert concurrency.limit == 8
        for _ in range(9):
            concurrency.succeeded()
        assert concurrency.limit == 9
        for _ in range(1000):
            concurrency.succeeded()
        assert concurrency.limit == 16

    run(test)


def test_no_more_calls_than_places():
    async def test():
        concurrency = Concurrency(3)
        under_way = most = 0

        async def call():
            nonlocal under_way, most
            place = object()
            await concurrency.acquire(place)
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            concurrency.release(place)

        await asyncio.gather(*(call() for _ in range(20)))
        assert most == 3

    run(test)
