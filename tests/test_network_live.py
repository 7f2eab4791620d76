"""Networks run over real HTTP: as simulated, side by side, and never twice."""

import asyncio
import math

import pytest

from kcurve import FilterVote, Vote, curve
from kcurve.answers import AnswerIs, LastNumber
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters, RetryPolicy
from kcurve.networks import (
    Chained,
    Enhance,
    Filter,
    FullList,
    Generate,
    Majority,
    Network,
    Pairwise,
    PairwiseUnique,
    Select,
)
from kcurve.simulate import Filter as Keeps
from kcurve.store import Store
from kcurve.strategies import Generator, Mixture, Verifier, run
from kcurve.theory import Step, generator_chain
from tests.servers.fault_server import FaultServer
from tests.servers.plan import Plan, evenly
from tests.servers.role_server import Roles, RoleServer, role_of

SEEDED = Parameters(seed=7)
CRITIC = "ROLE critic\n{{question}}\n{{response}}"
REWRITER = "ROLE rewriter\n{{question}}\n{{response}}\n{{critique}}"
PAIR = "ROLE pair\n{{question}}\n0: {{first}}\n1: {{second}}"
LIST = "ROLE list\n{{question}}\n{{candidates}}"


def generator(role="generator", **settings):
    return Generator(f"ROLE {role}\n{{{{question}}}}", parameters=SEEDED, **settings)


def generate(name, n, role="generator"):
    return Generate(name, n, generator(role))


def enhance(name, inputs, **settings):
    prompts = {"critic": CRITIC, "rewriter": REWRITER, "parameters": SEEDED}
    return Enhance(name, inputs, **(prompts | settings))


def check(name, inputs):
    verifier = Verifier("ROLE verifier\n{{question}}\n{{response}}", parameters=SEEDED)
    return Filter(name, inputs, verifier=verifier)


def select(name, inputs, by, **settings):
    judge = LIST if isinstance(by, FullList) else PAIR
    return Select(name, inputs, by=by, judge=judge, parameters=SEEDED, **settings)


def questions(n):
    return [Question(f"Question {number}?", "A", id=f"q{number}") for number in range(n)]


def live(work, *, server=None, **settings):
    """Run a coroutine function with a server, and a model on it."""

    async def main():
        async with (
            (server or RoleServer()).running() as running,
            LLM("tiny", base_url=running.url, api_key="none", **settings) as llm,
        ):
            return await work(llm)

    return asyncio.run(main())


async def solved(network, llm, asked):
    return await asyncio.gather(*(network.solve(llm, question) for question in asked))


def everything():
    """A network of all kinds of node, with a branch that is taken twice."""
    return Network(
        generate("draft", 3, "generator-a"),
        generate("other", 2, "generator-b"),
        enhance("polish", "draft", rounds=2),
        check("check", ["draft", "polish"]),
        select("one", "check", PairwiseUnique()),
        select("two", ["other", "one"], Chained()),
        select("three", ["polish", "other"], FullList()),
        select("answer", ["one", "two", "three"], Pairwise()),
    )


QUALITIES = {
    "draft": 0.45,
    "other": 0.6,
    "polish": Step(0.9, 0.3),
    "check": Keeps(keep_right=0.8, keep_wrong=0.4),
    "one": 0.7,
    "two": 0.7,
    "three": 0.7,
    "answer": 0.7,
}
CHANCES = {"generator-a": 0.45, "generator-b": 0.6}


@pytest.mark.parametrize(
    "by",
    [Majority(), FullList(), Pairwise(), PairwiseUnique(representatives=1), Chained()],
    ids=repr,
)
def test_a_selector_is_as_right_as_simulated(by):
    network = Network(
        generate("draft", 4),
        Select("answer", "draft") if by == Majority() else select("answer", "draft", by),
    )
    n = 80

    async def work(llm):
        return await run(network, llm, questions(n))

    server = RoleServer(Roles(p=0.45, s=0.75))
    result = live(work, server=server)
    given = {"draft": 0.45} if by == Majority() else {"draft": 0.45, "answer": 0.75}
    expected = network.simulate(given, n_runs=50_000)
    assert result.stopped is None
    right = sum(question.correct for question in result.questions)
    # Four standard errors of the live run: replies are drawn by a hash, so that it never varies.
    assert abs(right / n - expected.accuracy) <= 4 * math.sqrt(0.25 / n)
    assert result.spent.calls == server.requests.total() == len(server.requests)
    spread = expected.calls_standard_error * math.sqrt(expected.n_runs)
    assert abs(result.spent.calls / n - expected.calls) <= 4 * spread / math.sqrt(n)


def test_a_network_of_all_kinds_is_as_right_and_as_dear_as_simulated():
    network, n = everything(), 40

    async def work(llm):
        return await solved(network, llm, questions(n)), llm.account

    server = RoleServer(Roles(p=CHANCES))
    solutions, account = live(work, server=server)
    expected = network.simulate(QUALITIES, n_runs=20_000)
    right = sum(solution.correct for solution in solutions) / n
    assert abs(right - expected.accuracy) <= 4 * math.sqrt(0.25 / n)
    for node in expected.nodes:
        results = [solution[node.node] for solution in solutions]
        most = network.calls()[node.node].most
        assert all(result.spent.calls <= most for result in results)
        mean = sum(result.spent.calls for result in results) / n
        assert abs(mean - node.calls) <= 4 * max(most, 1) / math.sqrt(n)
        handed = [one.answer == "A" for result in results for one in result.candidates]
        assert abs(sum(handed) / len(handed) - node.accuracy) <= 4 * math.sqrt(0.25 / n)
    # Every call is of a node, and none was made twice.
    assert sum(solution.calls for solution in solutions) == server.requests.total() == account.sent
    assert server.requests.most_common(1)[0][1] == 1


def test_what_a_node_costs_is_measured():
    network = Network(
        generate("draft", 4), check("check", "draft"), select("answer", "check", Pairwise())
    )

    async def work(llm):
        return await network.solve(llm, questions(1)[0])

    solution = live(work)
    assert [node.node for node in solution.nodes] == ["draft", "check", "answer"]
    assert solution["draft"].spent.calls == solution["check"].spent.calls == 4
    assert solution["draft"].spent.tokens_in == 4 * (len("ROLE generator\nQuestion 0?") // 4)
    assert solution["draft"].spent.tokens_out == sum(
        len(one.text.split()) for one in solution["draft"].candidates
    )
    assert solution.calls == sum(node.spent.calls for node in solution.nodes)
    assert solution.spent.new == solution.calls
    assert solution.to_dict()["nodes"][0]["spent"]["calls"] == 4
    assert solution.answer == solution["answer"].candidates[0].answer
    assert solution.candidates == solution["check"].candidates
    with pytest.raises(ArgumentError, match="'drafts' is none of the nodes"):
        solution["drafts"]


def test_branches_run_at_the_same_time():
    # The server answers neither generator before both have asked.
    network = Network(
        generate("a", 1, "generator-a"),
        generate("b", 1, "generator-b"),
        select("answer", ["a", "b"], Chained()),
    )
    server = RoleServer(Roles(p=CHANCES), together=("generator-a", "generator-b"))

    async def work(llm):
        return await network.solve(llm, questions(1)[0])

    assert live(work, server=server).calls >= 2
    assert server.most_open >= 2


def test_a_branch_does_not_wait_for_another_ones_later_nodes():
    # While one branch is at its critic, the other is still at its generator.
    network = Network(
        generate("a", 1, "generator-a"),
        enhance("polish", "a"),
        generate("b", 1, "generator-b"),
        select("answer", ["polish", "b"], Chained()),
    )
    server = RoleServer(Roles(p=CHANCES), together=("critic", "generator-b"))

    async def work(llm):
        return await network.solve(llm, questions(1)[0])

    assert live(work, server=server).calls >= 4


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


def test_the_store_gives_the_candidates_of_a_node_as_a_log():
    network = Network(
        generate("generator", 6),
        check("filter", "generator"),
        enhance("polish", "generator"),
        select("answer", ["filter", "polish"], Chained()),
    )

    async def work(llm):
        solutions = await solved(network, llm, questions(5))
        return solutions, llm.store.log()

    solutions, log = live(work)
    # At k = n the curve is of all candidates: those that the node handed on.
    for rule, k in ((Vote(), 6), (FilterVote(calls="candidates"), 6)):
        name = "generator" if rule == Vote() else "filter"
        shares = []
        for solution in solutions:
            letters = [one.answer for one in solution[name].candidates]
            right, wrong = letters.count("A"), letters.count("B")
            shares.append(0.5 if right == wrong else float(right > wrong))
        assert curve(log, rule, k=[k]).mean[0] == pytest.approx(sum(shares) / 5)


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


def test_equal_nodes_are_independent():
    # Two generators, two revisions of one draft, two judges: alike, but not the same samples.
    network = Network(
        generate("a", 2),
        generate("b", 2),
        enhance("left", "a"),
        enhance("right", "a"),
        select("one", ["a", "b", "left", "right"], Pairwise()),
        select("two", ["a", "b", "left", "right"], Pairwise()),
        select("answer", ["one", "two"], Chained()),
    )

    async def work(llm):
        return await solved(network, llm, questions(10))

    server = RoleServer()
    solutions = live(work, server=server)
    assert server.requests.most_common(1)[0][1] == 1
    for solution in solutions:
        texts = [one.text for name in "ab" for one in solution[name].candidates]
        assert len(set(texts)) == 4
        left, right = (solution[name].candidates for name in ("left", "right"))
        assert all(one.text != two.text for one, two in zip(left, right, strict=True))
    assert any(
        solution["one"].candidates[0].text != solution["two"].candidates[0].text
        for solution in solutions
    )


def test_the_same_text_twice_is_judged_twice():
    # A model that always writes the same, and a verifier who is of two minds.
    class Parrot(Roles):
        def answer(self, letter, luck):  # noqa: ARG002 - no luck is needed
            return f"The answer is ({letter})."

    network = Network(generate("draft", 8), check("check", "draft"), Select("answer", "check"))

    async def work(llm):
        return await solved(network, llm, questions(8))

    server = RoleServer(Parrot(p=1.0, keeps=(0.5, 0.5)))
    solutions = live(work, server=server)
    assert server.by_role["verifier"] == 64
    assert {len(solution["check"].candidates) for solution in solutions} - {0, 8}


def test_mixtures_and_models_may_differ_by_node():
    store = Store(None)
    mixture = Mixture([generator("generator-a"), generator("generator-b")], weights=[2, 1])

    async def main():
        async with RoleServer(
            Roles(p={"generator-a": 1.0, "generator-b": 0.0})
        ).running() as server:
            settings = {"base_url": server.url, "api_key": "none", "store": store}
            async with LLM("small", **settings) as small, LLM("large", **settings) as large:
                network = Network(
                    Generate("draft", 6, mixture),
                    enhance("polish", "draft", llm=large),
                    select("answer", "polish", Pairwise(), llm=large),
                )
                solution = await network.solve(small, questions(1)[0])
                return solution, small.account, large.account

    solution, small, large = asyncio.run(main())
    assert [one.answer for one in solution["draft"].candidates] == ["A", "B", "A"] * 2 or [
        one.generator for one in solution["draft"].candidates
    ] == mixture.turns(6)
    assert small.sent == 6
    assert large.sent == 12 + solution["answer"].spent.calls
    store.close()


def test_all_models_of_a_network_share_a_store():
    one, other = (LLM(name, base_url="http://x/v1") for name in ("one", "other"))
    network = Network(generate("draft", 1), Enhance("polish", "draft", critic=None, llm=other))
    with pytest.raises(ArgumentError, match="must share one store"):
        asyncio.run(network.solve(one, questions(1)[0]))


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


def test_a_rewriter_alone_makes_one_call_a_round():
    revise = "ROLE rewriter\n{{question}}\n{{response}}"
    network = Network(
        generate("draft", 1),
        Enhance("chain", "draft", rounds=4, critic=None, rewriter=revise, parameters=SEEDED),
    )

    async def work(llm):
        return await run(network, llm, questions(60))

    server = RoleServer(Roles(p=0.5, keep_right=0.9, fix_wrong=0.3))
    result = live(work, server=server)
    assert server.by_role == {"generator": 60, "rewriter": 240}
    right = sum(question.correct for question in result.questions) / 60
    assert abs(right - generator_chain(0.5, 5, keep_right=0.9, fix_wrong=0.3)) <= 4 * 0.5 / 60**0.5


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


def test_generators_of_a_network_read_answers_alike():
    numbers = Generator("{{question}}", extract=LastNumber())
    letters = Generator("{{question}}", extract=AnswerIs())
    with pytest.raises(ArgumentError, match="must read answers alike, 'a' and 'b' do not"):
        Network(Generate("a", 1, numbers), Generate("b", 1, letters), Select("c", ["a", "b"]))


def test_templates_are_checked():
    with pytest.raises(ArgumentError, match=r"a critic must hold \{\{response\}\}"):
        Enhance("polish", "draft", critic="Review: {{question}}")
    with pytest.raises(ArgumentError, match=r"a rewriter has a field \{\{critique\}\}"):
        Enhance("polish", "draft", critic=None, rewriter="{{response}} {{critique}}")
    with pytest.raises(ArgumentError, match=r"a judge must hold \{\{second\}\}"):
        Select("answer", "draft", by=Pairwise(), judge="{{question}} {{first}}")
    with pytest.raises(ArgumentError, match=r"a judge must hold \{\{candidates\}\}"):
        Select("answer", "draft", by=FullList(), judge="{{question}}")
