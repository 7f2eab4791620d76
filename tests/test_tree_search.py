"""Live searches over real HTTP, against a server whose whole tree is known."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan

import numpy as np
import pytest

import kcurve as kc
from kcurve.answers import Contains, LastNumber
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, BudgetError, LLMError, LogError
from kcurve.llm import LLM, Budget, RetryPolicy
from kcurve.llm.seeds import sample_seed, seed_offset
from kcurve.rewards import PromptedReward
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.store.records import Request
from kcurve.strategies import TreeSearch, run
from tests.known_models import uniform
from tests.oracles.tree_search import searched
from tests.scripted_server import serving
from tests.scripted_steps import (
    GENERATOR,
    REWARD,
    Steps,
    completion,
    is_score,
    path_of,
    score_of,
    step_of,
)

QUICK = RetryPolicy(attempts=2, backoff=0.001)
QUESTION = Question("which?", "x", id="q", dataset="known")
SHORT = Limits(depth=6)
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


def model(server, **settings):
    return LLM(
        "m",
        base_url=server.url,
        endpoint="completions",
        **{"api_key": "k", "retry": QUICK, **settings},
    )


def strategy(search, **settings):
    return TreeSearch(search, **{"generator": GENERATOR, "reward": REWARD, **settings})


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
async def test_the_tree_is_the_one_the_server_knows(name):
    search = SEARCHES[name]
    state, nodes = known(search)
    assert len(nodes) > 20
    async with serving(Steps()) as server, model(server) as llm:
        solution = await strategy(search).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)


@pytest.mark.parametrize("name", ["rebase", "mcts", "short paths"])
async def test_the_order_in_which_calls_end_does_not_matter(name):
    trees = []
    for shuffle in range(3):

        def latency(body, shuffle=shuffle):
            return 0.02 * uniform(shuffle, body["prompt"], body["seed"])

        async with serving(Steps(latency=latency)) as server, model(server, concurrency=7) as llm:
            trees.append((await strategy(SEARCHES[name]).solve(llm, QUESTION)).tree)
    assert trees[0] == trees[1] == trees[2]


async def test_nodes_of_equal_text_have_samples_of_their_own_and_share_their_score():
    async with serving(Steps()) as server, model(server) as llm:
        tree = (await strategy(SEARCHES["rebase"]).solve(llm, QUESTION)).tree
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


@pytest.mark.parametrize("name", SEARCHES)
async def test_tokens_are_those_that_the_server_counts_pruned_branches_included(name):
    steps = Steps()
    async with serving(steps) as server, model(server) as llm:
        solution = await strategy(SEARCHES[name]).solve(llm, QUESTION)
        account = llm.account
    policy, reward = solution.spent, solution.reward_spent
    assert int(solution.tree.tokens.sum()) == steps.tokens["step"]
    assert policy.tokens_out - reward.tokens_out == steps.tokens["step"]
    assert reward.tokens_out == steps.tokens["reward"]
    assert policy.tokens_in == 10 * len(server)
    assert policy.calls == policy.new == account.sent == len(server)
    assert reward.calls == sum(map(is_score, server.bodies))


async def test_the_same_search_again_takes_everything_from_the_store(tmp_path):
    search = strategy(SEARCHES["rebase"])
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
            wider = await strategy(Rebase(16, limits=SHORT)).solve(llm, QUESTION)
            assert wider.spent.new < wider.spent.calls


RULES = [kc.WeightedVote(), kc.BestOfN(), kc.Vote(), kc.FilterVote(threshold=0.6)]
AGGREGATIONS = {"last": lambda scores: scores[-1], "min": min, "prod": np.prod, "mean": np.mean}


async def test_candidates_are_the_ends_of_paths_with_the_scores_of_their_steps():
    async with serving(Steps()) as server, model(server) as llm:
        for aggregation, combined in AGGREGATIONS.items():
            asked = strategy(SEARCHES["rebase"], aggregation=aggregation)
            solution = await asked.solve(llm, QUESTION)
            tree = solution.tree
            ends = (tree.status == 1) | (tree.status == 2)
            assert [one.node for one in solution.candidates] == np.flatnonzero(ends).tolist()
            for number, one in enumerate(solution.candidates):
                scores = [score_of(tree.text(node)) for node in tree.path(one.node).tolist()]
                assert (one.number, one.text) == (number, tree.text(one.node))
                assert list(one.step_scores) == scores
                assert one.score == pytest.approx(combined(scores), rel=1e-12)
                assert (one.answer is None) == ("A:" not in one.text)
                assert one.status == ("ok" if tree.status[one.node] == 1 else "truncated")


@pytest.mark.parametrize("rule", RULES)
async def test_the_rule_decides_among_the_candidates(rule):
    decisions = set()
    async with serving(Steps()) as server, model(server) as llm:
        for number in range(6):
            question = Question(f"which {number}?", "x", id=f"q{number}")
            solution = await strategy(Rebase(6, limits=SHORT), rule=rule).solve(llm, question)
            claims: dict[str, list[float]] = {}
            for one in solution.candidates:
                if one.answer is not None and (
                    rule.label != "Filter-Vote" or one.score >= 0.6 or solution.fell_back
                ):
                    claims.setdefault(one.answer, []).append(one.score)
            strength = {kc.WeightedVote(): sum, kc.BestOfN(): max}.get(rule, len)
            top = max(map(strength, claims.values()))
            best = {answer for answer, scores in claims.items() if strength(scores) == top}
            assert solution.answer in best
            assert solution.tied == (len(best) > 1)
            assert solution.tree.answer == solution.answer
            assert solution.correct == (solution.answer == "x")
            decisions.add(solution.answer)
    assert len(decisions) > 1


async def test_a_budget_that_ends_leaves_a_store_to_go_on_with(tmp_path):
    search = strategy(SEARCHES["rebase"])
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
        solution = await strategy(SEARCHES["rebase"]).solve(llm, QUESTION)
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
        solution = await strategy(SEARCHES["beam"], missing=missing).solve(llm, QUESTION)
    assert_is(solution.tree, state, nodes)
    failed = [node for node in nodes if node.status == 3]
    assert bool(failed) == (missing == "drop")
    assert all(isfinite(one.score) for one in solution.candidates)


async def test_a_missing_score_can_be_an_error():
    async with serving(Steps(lost=scores_lost)) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"has no score .*missing='drop'"):
            await strategy(SEARCHES["beam"], missing="error").solve(llm, QUESTION)


async def test_without_a_single_first_step_the_question_fails():
    async with serving(Steps(lost=lambda body: not is_score(body))) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"none of the 12 first steps .*\(12 http_500\)"):
            await strategy(SEARCHES["dvts"]).solve(llm, QUESTION)
    async with serving(Steps(lost=is_score)) as server, model(server) as llm:
        with pytest.raises(LLMError, match="12 without a score"):
            await strategy(SEARCHES["dvts"]).solve(llm, QUESTION)


async def test_a_model_that_stops_without_a_word_has_ended_its_response():
    def answer(body):
        if is_score(body):
            return completion("0.5")
        # After two steps it stops; a path of no step at all is none.
        n = path_of(body).count("\n")
        return completion("" if n == 2 or uniform(body["seed"]) < 0.2 else f"step {n}")

    async with serving(answer) as server, model(server) as llm:
        solution = await strategy(IndependentPaths(20)).solve(llm, QUESTION)
        tree = solution.tree
        scored = [path_of(body) for body in server.bodies if is_score(body)]
    ends = [tree.texts[node] for node in tree.solutions]
    assert ends == [""] * len(ends)
    assert {one.text for one in solution.candidates} == {"step 0\n", "step 0\nstep 1\n"}
    assert (solution.answer, solution.correct, solution.votes) == (None, False, {})
    # What adds nothing has the score of what was there; nothing at all has none, and fails.
    assert sorted(scored) == ["step 0\n", "step 0\nstep 1\n"]
    assert solution.spent.failures == {}
    assert 0 < (tree.status == 3).sum() == 20 - (tree.depth[tree.status == 0] == 1).sum()


async def test_a_question_that_holds_an_answer_ends_nothing():
    question = Question("is A:x the answer?", "x", id="q")
    async with serving(Steps()) as server, model(server) as llm:
        tree = (await strategy(SEARCHES["rebase"]).solve(llm, question)).tree
    assert tree.solutions.size
    assert tree.depth[tree.solutions].min() > 1


async def test_a_response_ends_where_it_is_told_to():
    generator = replace(GENERATOR, extract=LastNumber(), ends=Contains("so"))

    def answer(body):
        if is_score(body):
            return completion("0.5")
        n = path_of(body).count("\n")
        return completion(f"so {n}" if n == 3 else f"step {n}")

    async with serving(answer) as server, model(server) as llm:
        solution = await strategy(Rebase(3), generator=generator).solve(llm, QUESTION)
        assert len(server) == 4 * 3 + 4
    assert {one.text for one in solution.candidates} == {"step 0\nstep 1\nstep 2\nso 3\n"}
    assert solution.votes == {"3": 1.5}


async def test_who_watches_is_told_of_every_round():
    seen = []
    async with serving(Steps()) as server, model(server) as llm:
        solution = await strategy(SEARCHES["rebase"], watch=seen.append).solve(llm, QUESTION)
    tree = solution.tree
    assert [one.depth for one in seen] == list(range(1, int(tree.depth.max()) + 1))
    last = seen[-1]
    assert last.question == "q"
    assert (last.nodes, last.tokens) == (len(tree) - 1, int(tree.tokens.sum()))
    assert (last.complete, last.failed) == (tree.solutions.size, 0)
    assert (last.remaining, last.open) == (0, 0) or seen[-1].depth == SHORT.depth
    assert [one.remaining for one in seen] == sorted((one.remaining for one in seen), reverse=True)


async def test_a_run_over_questions_sums_up_and_makes_no_log():
    questions = [Question(f"number {i}?", "x", id=f"{i}", dataset="known") for i in range(5)]
    search = strategy(BeamSearch(4, branching=2, limits=SHORT))
    async with serving(Steps()) as server, model(server) as llm:
        result = await run(search, llm, questions)
        again = await run(search, llm, questions)
        assert len(server) == result.spent.calls == again.spent.calls
        assert again.spent.new == 0
        assert [one.answer for one in again.questions] == [one.answer for one in result.questions]
        with pytest.raises(LogError, match=r"beam search 4, weighted maj .*no independent samples"):
            result.log()
    assert result.strategy == "beam search 4, weighted maj"
    assert len(result.questions) == 5
    assert not result.failed


async def test_a_question_without_first_steps_fails_and_the_others_go_on():
    def lost(body):
        return "bad" in body["prompt"] and not is_score(body)

    questions = [Question("bad", "x", id="bad"), Question("good", "x", id="good")]
    async with serving(Steps(lost=lost)) as server, model(server) as llm:
        result = await run(strategy(Rebase(4, limits=SHORT)), llm, questions)
    assert [one.error is None for one in result.questions] == [False, True]
    assert result.questions[0].error.startswith("no_candidate: none of the 4 first steps")
    assert result.stopped is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": kc.PassAtK()}, "chooses no answer"),
        ({"rule": kc.FilterVote()}, "FilterVote\\(threshold="),
        ({"reward": None}, "reward must be a reward model"),
        ({"aggregation": "max"}, "aggregation must be one of"),
        ({"missing": "zero"}, "missing must be"),
        ({"search": 16}, r"search must be one of kcurve.search, such as Rebase\(16\), got 16"),
        ({"generator": None}, "generator must be"),
    ],
)
async def test_a_search_that_cannot_run_is_refused(settings, message):
    search = settings.pop("search", Rebase(4))
    with pytest.raises((ArgumentError, TypeError), match=message):
        strategy(search, **settings)


async def test_models_of_a_search_share_one_store():
    async with serving(Steps()) as server, model(server) as llm, model(server) as other:
        reward = PromptedReward("V {{response}}", llm=other)
        with pytest.raises(ArgumentError, match="share one store"):
            await strategy(Rebase(4), reward=reward).solve(llm, QUESTION)
        assert len(server) == 0
