"""Networks that are interrupted, cancelled, refused or answered with faults: what is kept, what is paid again."""

import asyncio

import pytest

from kcurve.errors import BudgetError, LLMError
from kcurve.llm import LLM, Budget, RetryPolicy
from kcurve.networks import (
    Chained,
    FullList,
    Generate,
    Network,
    Pairwise,
)
from kcurve.strategies import Generator
from tests.live_networks import (
    CHANCES,
    SEEDED,
    check,
    enhance,
    everything,
    generate,
    live,
    questions,
    select,
    solved,
)
from tests.servers.fault_server import FaultServer
from tests.servers.plan import Plan, evenly
from tests.servers.role_server import Roles, RoleServer, role_of


def test_a_network_solved_again_pays_nothing(tmp_path):
    network, asked = everything(), questions(6)
    path = tmp_path / "runs.db"

    server = RoleServer(Roles(p=CHANCES))

    async def work(llm):
        return await solved(network, llm, asked), server.requests.total()

    first, calls = live(work, server=server, store=path)
    again, total = live(work, server=server, store=path)
    assert total == calls == sum(solution.spent.new for solution in first)
    assert sum(solution.spent.new for solution in again) == 0
    assert [one.answer for one in again] == [one.answer for one in first]
    assert [one["answer"].spent.calls for one in again] == [
        one["answer"].spent.calls for one in first
    ]


@pytest.mark.parametrize("budget", [1, 20, 45])
def test_after_an_interruption_only_what_is_missing_is_asked_for(tmp_path, budget):
    network, asked = everything(), questions(4)
    path = tmp_path / "runs.db"

    async def work(llm):
        return await solved(network, llm, asked)

    untouched = RoleServer(Roles(p=CHANCES))
    expected = live(work, server=untouched)
    server = RoleServer(Roles(p=CHANCES))
    with pytest.raises(BudgetError):
        live(work, server=server, store=path, budget=Budget(calls=budget))
    assert server.requests.total() == budget
    resumed = live(work, server=server, store=path)
    assert server.requests == untouched.requests
    assert sum(solution.spent.new for solution in resumed) == server.requests.total() - budget
    assert [one.to_dict()["answer"] for one in resumed] == [one.answer for one in expected]


def test_a_cancelled_network_keeps_what_it_paid_for(tmp_path):
    network, path = everything(), tmp_path / "runs.db"
    untouched, server = RoleServer(Roles(p=CHANCES)), RoleServer(Roles(p=CHANCES))

    async def work(llm):
        return await network.solve(llm, questions(1)[0])

    async def cancelled(llm):
        task = asyncio.create_task(network.solve(llm, questions(1)[0]))
        await server.answered(10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return llm.account.succeeded

    expected = live(work, server=untouched)
    kept = live(cancelled, server=server, store=path, concurrency=1)
    solution = live(work, server=server, store=path)
    assert solution.answer == expected.answer
    assert solution.calls - solution.spent.new == kept
    # At most the one call that was under way is asked for twice.
    assert server.requests.total() - untouched.requests.total() <= 1


def test_faults_of_the_server_change_no_answer():
    network, asked = everything(), questions(5)

    async def work(llm):
        return await solved(network, llm, asked)

    plan = Plan(
        shares=evenly(0.2, ("http_500", "rate_limited_ms", "reset_before", "malformed_json"))
    )
    quiet = live(work, server=RoleServer(Roles(p=CHANCES)))
    with FaultServer(plan, answer=Roles(p=CHANCES), retry_after=0.01) as server:

        async def main():
            retry = RetryPolicy(backoff=0.01)
            async with LLM("tiny", base_url=server.url, api_key="none", retry=retry) as llm:
                return await work(llm), llm.account

        solutions, account = asyncio.run(main())
        assert server.counts.faults.total() == sum(account.failed.values()) > 20
        assert set(server.counts.completed.values()) == {1}
    assert [one.answer for one in solutions] == [one.answer for one in quiet]
    spent = [one.spent.to_dict() for one in solutions]
    assert spent == [one.spent.to_dict() for one in quiet]


def test_calls_that_fail_for_good_cost_candidates_not_questions():
    network = Network(
        generate("draft", 4),
        enhance("polish", "draft"),
        check("check", "polish"),
        select("answer", "check", Pairwise()),
    )
    plan = Plan(shares={"http_500": 0.3}, repeats=None)
    with FaultServer(plan, answer=Roles()) as server:

        async def main():
            once = RetryPolicy(attempts=1)
            async with LLM("tiny", base_url=server.url, api_key="none", retry=once) as llm:
                return await solved(network, llm, questions(12)), llm.account

        solutions, account = asyncio.run(main())
    failures = sum(sum(solution.spent.failures.values()) for solution in solutions)
    assert failures == sum(account.failed.values()) > 20
    dead = 0
    for solution in solutions:
        draft, polish = solution["draft"].candidates, solution["polish"].candidates
        for before, after in zip(draft, polish, strict=True):
            dead += before.text is None
            # Nothing to criticise stays nothing; what could not be rewritten stays what it was.
            assert (before.text is None) == (after.text is None)
        lost = sum(solution["polish"].spent.failures.values())
        kept = sum(b.text == a.text for b, a in zip(draft, polish, strict=True) if b.text)
        assert kept == lost
        assert solution.answer is not None
    assert dead > 0


def test_a_refused_call_stops_the_network_with_one_error():
    async def work(llm):
        wrong = Network(
            generate("a", 3),
            Generate("b", 2, Generator("ROLE unheard-of {{question}}", parameters=SEEDED)),
            select("answer", ["a", "b"], Chained()),
        )
        with pytest.raises(LLMError):
            await wrong.solve(llm, questions(1)[0])
        return llm.account

    server = RoleServer()
    account = live(work, server=server)
    assert account.unknown == 0
    assert server.by_role["pair"] == 0


def test_replies_that_name_nobody_are_unusable():
    class Astray(Roles):
        def __call__(self, prompt, seed, choice=0):
            if role_of(prompt) in {"pair", "list"}:
                return "best answer id is 17"
            return super().__call__(prompt, seed, choice)

    network = Network(
        generate("draft", 4),
        select("list", "draft", FullList()),
        select("chain", "draft", Chained()),
        select("answer", ["list", "chain"], Chained()),
    )

    async def work(llm):
        return await solved(network, llm, questions(5))

    for solution in live(work, server=RoleServer(Astray())):
        first = solution["draft"].candidates[0]
        assert solution["list"].candidates[0].text == first.text
        assert solution["chain"].candidates[0].text == first.text
