"""Live searches over real HTTP, against a server whose whole tree is known."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan

import numpy as np
import pytest

from kcurve.errors import BudgetError, LLMError
from kcurve.llm import Budget
from kcurve.llm.seeds import sample_seed, seed_offset
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.store.records import Request
from tests.known_models import uniform
from tests.oracles.tree_search import searched
from tests.scripted_server import refusal, serving
from tests.scripted_steps import (
    GENERATOR,
    QUESTION,
    SHORT,
    Steps,
    completion,
    is_score,
    model,
    path_of,
    score_of,
    searching,
    step_of,
)

SEARCHES = {
    "rebase": Rebase(12, limits=SHORT),
    "rebase of half": Rebase(12, temperature=0.05, keep=0.5, rounding="round", limits=SHORT),
    "beam": BeamSearch(12, branching=3, limits=SHORT),
    "dvts": DVTS(12, branching=3, limits=SHORT),
    "independent paths": IndependentPaths(12, limits=SHORT),
    "mcts": MCTS(16, root_children=4, limits=SHORT),
    "short steps": Rebase(12, limits=Limits(depth=9, step_tokens=2)),
    "short paths": Rebase(12, limits=Limits(depth=9, path_tokens=14)),
}


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def drawn(text, limit, index):
    """Return what the server writes as a sample of the step after `text`."""
    prompt = f"Q which?\n{text}"
    parameters = GENERATOR.step_parameters(limit)
    request = Request("m", "completions", prompt, parameters.body())
    seed = sample_seed(seed_offset(request.canonical()), index)
    step, is_cut = step_of(prompt, seed, limit)
    return step, len(step) if is_cut else len(step) + 1, is_cut


def known(search, **changes):
    """Return the search that the server's world leaves, and its nodes."""
    settings = {
        "sample": drawn,
        "score": score_of,
        "ends": lambda text: GENERATOR.extract(text) is not None,
        "step_end": "\n",
    }
    return searched(search, **{**settings, **changes})


def assert_is(tree, state, nodes):
    expected = state.tree
    for name in ("parent", "depth", "reward", "tokens", "path_tokens", "status", "visits", "value"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(expected, name), err_msg=name)
    assert list(tree.texts) == [node.step for node in nodes]


@pytest.mark.parametrize("name", SEARCHES)
async def test_the_tree_and_its_tokens_are_those_that_the_server_knows(name):
    search, steps = SEARCHES[name], Steps()
    state, nodes = known(search)
    assert len(nodes) > 20
    async with serving(steps) as server, model(server) as llm:
        solution = await searching(search).solve(llm, QUESTION)
        account = llm.account
    assert_is(solution.tree, state, nodes)
    # Every step is counted, pruned branches too, and so is every score.
    spent, reward = solution.spent, solution.reward_spent
    assert int(solution.tree.tokens.sum()) == steps.tokens["step"]
    assert spent.tokens_out - reward.tokens_out == steps.tokens["step"]
    assert reward.tokens_out == steps.tokens["reward"]
    assert spent.tokens_in == 10 * len(server)
    assert spent.calls == spent.new == account.sent == len(server)
    assert reward.calls == sum(map(is_score, server.bodies))


@pytest.mark.parametrize("name", ["rebase", "mcts", "short paths"])
async def test_the_order_in_which_calls_end_does_not_matter(name):
    trees = []
    for shuffle in range(3):

        def latency(body, shuffle=shuffle):
            return 0.02 * uniform(shuffle, body["prompt"], body["seed"])

        async with serving(Steps(latency=latency)) as server, model(server, concurrency=7) as llm:
            trees.append((await searching(SEARCHES[name]).solve(llm, QUESTION)).tree)
    assert trees[0] == trees[1] == trees[2]


async def test_nodes_of_equal_text_have_samples_of_their_own_and_share_their_score():
    async with serving(Steps()) as server, model(server) as llm:
        tree = (await searching(SEARCHES["rebase"]).solve(llm, QUESTION)).tree
    paths = [tree.text(node) for node in range(len(tree))]
    assert len(set(paths)) < len(paths)
    steps = [(body["prompt"], body["seed"]) for body in server.bodies if not is_score(body)]
    assert len(set(steps)) == len(steps) == len(tree) - 1
    scored = [path_of(body) for body in server.bodies if is_score(body)]
    assert sorted(scored) == sorted(set(paths[1:]))
    # Twins that are continued find different texts.
    for text in {path for path in paths[1:] if paths.count(path) > 1}:
        twins = [node for node, path in enumerate(paths) if path == text]
        prompts = [prompt for prompt, _ in steps if prompt == f"Q which?\n{text}"]
        assert len(prompts) == sum(int((tree.parent == node).sum()) for node in twins)


async def test_twins_with_other_tokens_left_have_samples_of_their_own_too():
    def answer(body):
        if is_score(body):
            return completion("0.5")
        depth = path_of(body).count("\n")
        # The same words, in another number of tokens.
        return completion("A:x" if depth == 3 else "word", tokens=1 + body["seed"] % 7)

    limits = Limits(path_tokens=1000)
    generator = replace(GENERATOR, parameters=replace(GENERATOR.parameters, max_tokens=16))
    async with serving(answer) as server, model(server) as llm:
        strategy = searching(Rebase(6, limits=limits), generator=generator)
        tree = (await strategy.solve(llm, QUESTION)).tree
    assert len(set(tree.path_tokens[tree.depth == 2].tolist())) > 1
    steps = [(body["prompt"], body["seed"]) for body in server.bodies if not is_score(body)]
    assert len(set(steps)) == len(steps) == len(tree) - 1 == 24


async def test_the_same_search_again_takes_everything_from_the_store(tmp_path):
    search = searching(SEARCHES["rebase"])
    path = tmp_path / "runs.db"
    async with serving(Steps()) as server:
        async with model(server, store=path) as llm:
            first = await search.solve(llm, QUESTION)
        sent = len(server)
        async with model(server, store=path) as llm:
            again = await search.solve(llm, QUESTION)
            assert llm.account.sent == 0
        assert len(server) == sent
        assert again.tree == first.tree
        assert again.candidates == first.candidates
        assert (again.answer, again.spent.calls, again.spent.new) == (first.answer, sent, 0)
        # A wider search begins with what is there.
        async with model(server, store=path) as llm:
            wider = await searching(Rebase(16, limits=SHORT)).solve(llm, QUESTION)
            assert wider.spent.new < wider.spent.calls


async def test_a_budget_that_ends_leaves_a_store_to_go_on_with(tmp_path):
    search = searching(SEARCHES["rebase"])
    path = tmp_path / "runs.db"
    state, nodes = known(SEARCHES["rebase"])
    async with serving(Steps()) as server:
        async with model(server, store=path, budget=Budget(calls=40)) as llm:
            with pytest.raises(BudgetError):
                await search.solve(llm, QUESTION)
        assert 20 < len(server) <= 40
        async with model(server, store=path) as llm:
            solution = await search.solve(llm, QUESTION)
        assert_is(solution.tree, state, nodes)
        assert len(server) == solution.spent.calls
        assert 0 < solution.spent.new < solution.spent.calls


async def test_steps_that_fail_take_no_part():
    def lost(body):
        return not is_score(body) and uniform("lost", body["seed"]) < 0.3

    def sample(text, limit, index):
        prompt = f"Q which?\n{text}"
        request = Request("m", "completions", prompt, GENERATOR.step_parameters(limit).body())
        seed = sample_seed(seed_offset(request.canonical()), index)
        return (None, 0, False) if lost({"prompt": "", "seed": seed}) else drawn(text, limit, index)

    state, nodes = known(SEARCHES["rebase"], sample=sample)
    async with serving(Steps(lost=lost)) as server, model(server) as llm:
        solution = await searching(SEARCHES["rebase"]).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)
    n_lost = sum(node.status == 3 for node in nodes)
    assert n_lost > 5
    assert solution.spent.failures == {"http_500": n_lost}
    assert not {one.node for one in solution.candidates} & set(
        np.flatnonzero(solution.tree.status == 3).tolist()
    )


def scores_lost(body):
    return is_score(body) and uniform("score lost", path_of(body)) < 0.3


def score_or_none(stand_in):
    return lambda text: stand_in if uniform("score lost", text) < 0.3 else score_of(text)


@pytest.mark.parametrize(("missing", "value"), [("drop", nan), (0.25, 0.25)])
async def test_a_step_without_a_score_is_dropped_or_has_the_one_that_stands_in(missing, value):
    state, nodes = known(SEARCHES["beam"], score=score_or_none(value))
    async with serving(Steps(lost=scores_lost)) as server, model(server) as llm:
        solution = await searching(SEARCHES["beam"], missing=missing).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)
    failed = [node for node in nodes if node.status == 3]
    assert bool(failed) == (missing == "drop")
    assert all(isfinite(one.score) for one in solution.candidates)


async def test_a_missing_score_can_be_an_error():
    async with serving(Steps(lost=scores_lost)) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"has no score .*missing='drop'"):
            await searching(SEARCHES["beam"], missing="error").solve(llm, QUESTION)


async def test_without_a_single_first_step_the_question_fails():
    async with serving(Steps(lost=lambda body: not is_score(body))) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"none of the 12 first steps .*\(12 http_500\)"):
            await searching(SEARCHES["dvts"]).solve(llm, QUESTION)
    async with serving(Steps(lost=is_score)) as server, model(server) as llm:
        with pytest.raises(LLMError, match="12 without a score"):
            await searching(SEARCHES["dvts"]).solve(llm, QUESTION)


async def test_a_response_that_the_server_refuses_to_continue_ends_alone():
    def too_long(text):
        return text.startswith("a") and len(text) == 8

    def answer(body):
        is_too_long = not is_score(body) and too_long(path_of(body))
        return refusal(400, "context length exceeded") if is_too_long else steps(body)

    def sample(text, limit, index):
        return (None, 0, False) if too_long(text) else drawn(text, limit, index)

    steps = Steps()
    state, nodes = known(SEARCHES["dvts"], sample=sample)
    async with serving(answer) as server, model(server) as llm:
        solution = await searching(SEARCHES["dvts"]).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)
    refused = {node.parent for node in nodes if node.status == 3}
    assert len(refused) > 1
    assert solution.spent.failures == {"http_400": len(refused)}
    assert solution.candidates
    async with serving(lambda _: refusal(400, "no such field")) as server, model(server) as llm:
        with pytest.raises(LLMError, match="no such field"):
            await searching(SEARCHES["dvts"]).solve(llm, QUESTION)


async def test_what_is_refused_for_good_ends_the_search():
    def answer(body):
        return refusal(401, "wrong key") if is_score(body) else steps(body)

    steps = Steps()
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(LLMError, match="wrong key"):
            await searching(SEARCHES["dvts"]).solve(llm, QUESTION)
        # Every first step that was paid for is in the store.
        assert llm.account.succeeded == sum(not is_score(body) for body in server.bodies)
