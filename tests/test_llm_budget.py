"""A budget is never overspent, by any number of calls at once."""

import asyncio
import random

import pytest
from hypothesis import given, settings, strategies as st

from kcurve.errors import ArgumentError, BudgetError
from kcurve.llm import Budget, Price
from kcurve.llm.budget import Ledger, Spending

PRICE = Price(input=1.0, output=10.0)


def worst(ledger, completion=10, samples=1, price=PRICE):
    return ledger.worst(prompt=20, completion=completion, samples=samples, price=price, model="m")


def test_a_budget_needs_a_limit():
    with pytest.raises(ArgumentError, match="calls=, tokens= or money="):
        Budget()


def test_the_worst_case_is_the_prompt_and_every_sample_at_its_longest():
    ledger = Ledger(Budget(tokens=1000, money=1.0))
    assert worst(ledger, samples=4) == Spending(1, 60, pytest.approx((20 + 400) / 1e6))


def test_a_budget_of_calls_needs_neither_length_nor_price():
    assert worst(Ledger(Budget(calls=5)), completion=None, price=None) == Spending(1)


def test_a_budget_of_tokens_needs_to_know_how_long_a_sample_gets():
    with pytest.raises(BudgetError, match="max_tokens"):
        worst(Ledger(Budget(tokens=100)), completion=None)


def test_a_budget_of_money_needs_a_price():
    with pytest.raises(BudgetError, match="the price of 'm'"):
        worst(Ledger(Budget(money=1.0)), price=None)


@settings(deadline=None)
@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), max_size=40),
    st.integers(0, 2**32),
)
def test_calls_at_once_never_spend_more_than_the_budget_together(limit, calls, seed):
    rng = random.Random(seed)  # noqa: S311 - no secret
    ledger = Ledger(Budget(tokens=limit))
    refused = 0

    async def call(most, share):
        nonlocal refused
        reserved = Spending(1, most)
        try:
            await ledger.reserve(reserved)
        except BudgetError:
            refused += 1
            return
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
        ledger.settle(reserved, Spending(1, int(share * most)))

    async def run():
        await asyncio.gather(*(call(*each) for each in calls))

    asyncio.run(run())
    assert ledger.spent.tokens <= limit
    assert ledger.spent.calls == len(calls) - refused
    if sum(most for most, _ in calls) <= limit:
        assert refused == 0


def test_a_call_waits_for_room_that_calls_under_way_may_leave():
    async def run():
        ledger = Ledger(Budget(tokens=100))
        first = Spending(1, 80)
        await ledger.reserve(first)
        second = asyncio.create_task(ledger.reserve(Spending(1, 80)))
        await asyncio.sleep(0)
        assert not second.done()
        ledger.settle(first, Spending(1, 20))
        await second

    asyncio.run(run())


def test_what_cannot_fit_is_refused_at_once_and_changes_nothing():
    async def run():
        ledger = Ledger(Budget(calls=10, tokens=100))
        with pytest.raises(BudgetError, match="101 tokens, and 0 of 100 are spent"):
            await ledger.reserve(Spending(1, 101))
        assert ledger.spent == Spending()
        await ledger.reserve(Spending(1, 100))

    asyncio.run(run())
