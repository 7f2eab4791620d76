"""Networks run over real HTTP: as simulated, side by side, each node with calls of its own."""

import asyncio
import math

import pytest

from kcurve import FilterVote, Vote, curve
from kcurve.answers import AnswerIs, LastNumber
from kcurve.errors import ArgumentError
from kcurve.llm import LLM
from kcurve.networks import (
    Chained,
    Enhance,
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
from kcurve.strategies import Generator, Mixture, run
from kcurve.theory import Step, generator_chain
from tests.live_networks import (
    CHANCES,
    SEEDED,
    check,
    enhance,
    everything,
    generate,
    generator,
    live,
    questions,
    select,
    solved,
)
from tests.servers.role_server import Roles, RoleServer

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
