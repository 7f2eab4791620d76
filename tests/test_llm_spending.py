"""Budgets and costs over real HTTP."""

import asyncio
from math import isnan

import pytest

from kcurve.errors import BudgetError
from kcurve.llm import Budget, Parameters, Price, RetryPolicy
from tests.llms import SEEDED, balanced, model
from tests.scripted_server import chat, one_after_another, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_a_budget_of_calls_is_kept_to_the_call():
    async with serving() as server, model(server, budget=Budget(calls=7)) as llm:
        with pytest.raises(BudgetError, match="7 of 7 are spent"):
            await llm.sample("hi", until=20)
        assert (len(server), llm.account.samples) == (7, 7)


async def test_failed_calls_are_calls():
    answer = one_after_another(refusal(500), refusal(500))
    async with serving(answer) as server, model(server, budget=Budget(calls=3)) as llm:
        await llm.sample("hi", until=1)
        with pytest.raises(BudgetError):
            await llm.sample("hi", until=2)
        assert len(server) == 3


async def test_a_budget_of_tokens_is_never_overspent():
    def answer(body):
        return chat("x", usage=(10, body["max_tokens"]))

    async with serving(answer) as server, model(server, budget=Budget(tokens=1000)) as llm:
        with pytest.raises(BudgetError, match="tokens"):
            await llm.sample("hi", until=100, parameters=SEEDED)
        account = llm.account
        assert 900 < account.prompt + account.completion <= 1000
        assert balanced(account)


async def test_a_budget_of_money_is_never_overspent():
    prices = {"m": Price(input=1.0, output=100.0)}
    budget = Budget(money=0.01)
    async with serving() as server, model(server, prices=prices, budget=budget) as llm:
        with pytest.raises(BudgetError, match="money"):
            await llm.sample("hi", until=100, parameters=SEEDED)
        assert 0.009 < llm.account.money <= 0.01


async def test_a_time_out_may_have_been_paid_for():
    async def answer(_body):
        await asyncio.sleep(10)

    budget = Budget(tokens=200)
    once = RetryPolicy(attempts=1)
    async with (
        serving(answer) as server,
        model(server, budget=budget, timeout=0.5, retry=once) as llm,
    ):
        parameters = Parameters(max_tokens=100)
        await llm.sample("hi", until=1, parameters=parameters)
        with pytest.raises(BudgetError):
            await llm.sample("hi", until=2, parameters=parameters)
        assert len(server) == 1


async def test_stored_samples_count_if_the_budget_says_so():
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=5)
        study = Budget(calls=7, stored=True)
        async with model(server, store=llm.store, budget=study) as again:
            with pytest.raises(BudgetError):
                await again.sample("hi", until=10)
        async with model(server, store=llm.store, budget=Budget(calls=7)) as session:
            assert len(await session.sample("hi", until=10)) == 10
        assert len(server) == 10


async def test_the_cost_of_a_sample_is_that_of_its_tokens():
    prices = {"m": Price(input=2.0, output=4.0)}
    async with serving() as server, model(server, prices=prices) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.cost == pytest.approx((10 * 2 + 5 * 4) / 1e6)
        assert llm.account.money == sample.cost


async def test_a_model_without_a_price_costs_nan():
    async with serving() as server, model(server) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert isnan(sample.cost)
        assert llm.account.unpriced == 1
