"""What a live search makes of its tree: ends of responses, candidates, decisions, runs; searches in chats."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from aiohttp import web

import kcurve as kc
from kcurve.answers import Contains, LastNumber
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, LLMError, LogError
from kcurve.llm import Prefill
from kcurve.rewards import FunctionReward, PromptedReward
from kcurve.search import BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.strategies import run
from tests.known_models import uniform
from tests.scripted_server import chat, serving
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
from tests.test_llm_prefill import flagged, storyteller


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio

REBASE = Rebase(12, limits=SHORT)


RULES = [kc.WeightedVote(), kc.BestOfN(), kc.Vote(), kc.FilterVote(threshold=0.6)]
AGGREGATIONS = {"last": lambda scores: scores[-1], "min": min, "prod": np.prod, "mean": np.mean}


async def test_candidates_are_the_ends_of_paths_with_the_scores_of_their_steps():
    async with serving(Steps()) as server, model(server) as llm:
        for aggregation, combined in AGGREGATIONS.items():
            asked = searching(REBASE, aggregation=aggregation)
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


async def test_the_rule_decides_among_the_candidates():
    decisions = set()
    async with serving(Steps()) as server, model(server) as llm:
        for number, rule in product(range(5), RULES):
            question = Question(f"which {number}?", "x", id=f"q{number}")
            asked = searching(Rebase(6, limits=SHORT), rule=rule)
            solution = await asked.solve(llm, question)
            claims: dict[str, list[float]] = {}
            for one in solution.candidates:
                passes = rule.label != "Filter-Vote" or one.score >= 0.6 or solution.fell_back
                if one.answer is not None and passes:
                    claims.setdefault(one.answer, []).append(one.score)
            strength = {kc.WeightedVote(): sum, kc.BestOfN(): max}.get(rule, len)
            top = max(map(strength, claims.values()))
            best = {answer for answer, scores in claims.items() if strength(scores) == top}
            assert solution.answer in best
            assert solution.tied == (len(best) > 1)
            assert solution.tree.answer == solution.answer
            assert solution.correct == (solution.answer == "x")
            decisions.add((number, solution.answer))
    # The rules do not all say the same.
    assert len(decisions) > 5


async def test_a_model_that_stops_without_a_word_has_ended_its_response():
    def answer(body):
        if is_score(body):
            return completion("0.5")
        # After two steps it stops; a path of no step at all is none.
        n = path_of(body).count("\n")
        return completion("" if n == 2 or uniform(body["seed"]) < 0.2 else f"step {n}")

    async with serving(answer) as server, model(server) as llm:
        solution = await searching(IndependentPaths(20)).solve(llm, QUESTION)
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


async def test_a_function_scores_steps_and_costs_nothing():
    asked = []

    def length(question, steps):
        asked.append((question.id, steps))
        return -float(len("".join(steps)))

    reward = FunctionReward(length, kind="process", name="length")
    async with serving(Steps()) as server, model(server) as llm:
        search = searching(REBASE, reward=reward, rule=kc.BestOfN())
        solution = await search.solve(llm, QUESTION)
        again = await search.solve(llm, QUESTION)
        assert len(server) == len(solution.tree) - 1
    assert again.tree == solution.tree
    tree = solution.tree
    paths = {tuple(tree.texts[step] for step in tree.path(node)) for node in range(1, len(tree))}
    assert sorted(asked) == sorted(("q", path) for path in paths)
    assert solution.reward_spent.tokens_out == solution.reward_spent.tokens_in == 0
    # The shortest response is the best, and the one that was chosen.
    scores = {one.node: one.score for one in solution.candidates}
    assert scores[tree.chosen] == max(scores.values()) < 0


async def test_a_product_of_rewards_that_is_too_large_is_no_score():
    reward = FunctionReward(lambda _, __: 1e200, kind="process", name="huge")
    async with serving(Steps()) as server, model(server) as llm:
        search = searching(REBASE, reward=reward, aggregation="prod")
        solution = await search.solve(llm, QUESTION)
    assert {one.score for one in solution.candidates} == {None}
    assert set(solution.votes.values()) == {0.0}


async def test_steps_of_a_node_can_share_a_call():
    def answer(body):
        if is_score(body):
            return completion("0.5")
        texts = [f"step {body['seed'] + i}" for i in range(body.get("n", 1))]
        choices = [
            {"index": i, "text": text, "finish_reason": "stop"} for i, text in enumerate(texts)
        ]
        return web.json_response({"choices": choices})

    search = BeamSearch(8, branching=4, limits=Limits(depth=2))
    async with serving(answer) as server, model(server, samples_per_request=4) as llm:
        solution = await searching(search).solve(llm, QUESTION)
    steps = [body for body in server.bodies if not is_score(body)]
    # Eight first steps in two calls, and four of each of the two best in one.
    assert [body["n"] for body in steps] == [4, 4, 4, 4]
    assert len(set(solution.tree.texts[1:])) == 16 == len(solution.tree) - 1
    assert solution.tree.tokens.sum() == 0  # this server does not count


async def test_a_question_that_holds_an_answer_ends_nothing():
    question = Question("is A:x the answer?", "x", id="q")
    async with serving(Steps()) as server, model(server) as llm:
        tree = (await searching(REBASE).solve(llm, question)).tree
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
        solution = await searching(Rebase(3), generator=generator).solve(llm, QUESTION)
        assert len(server) == 4 * 3 + 4
    assert {one.text for one in solution.candidates} == {"step 0\nstep 1\nstep 2\nso 3\n"}
    assert solution.votes == {"3": 1.5}


async def test_who_watches_is_told_of_every_round():
    seen = []
    async with serving(Steps()) as server, model(server) as llm:
        solution = await searching(REBASE, watch=seen.append).solve(llm, QUESTION)
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
    search = searching(BeamSearch(4, branching=2, limits=SHORT))
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
        result = await run(searching(Rebase(4, limits=SHORT)), llm, questions)
    assert [one.error is None for one in result.questions] == [False, True]
    assert result.questions[0].error.startswith("no_candidate: none of the 4 first steps")
    assert result.stopped is None


async def test_a_score_that_must_be_there_fails_its_question_alone():
    def lost(body):
        return is_score(body) and "bad" in body["prompt"]

    questions = [Question("bad", "x", id="bad"), Question("good", "x", id="good")]
    search = searching(Rebase(4, limits=SHORT), missing="error")
    async with serving(Steps(lost=lost)) as server, model(server) as llm:
        result = await run(search, llm, questions)
    bad, good = result.questions
    assert bad.error.startswith("no_score: step 1 of a response to question 'bad' has no score")
    assert (good.error, result.stopped) == (None, None)
    assert 0 < result.reward_spent.calls < result.spent.calls


async def test_a_search_that_is_cancelled_keeps_what_is_paid_for(tmp_path):
    path = tmp_path / "runs.db"
    second = asyncio.Event()

    def latency(body):
        if path_of(body).count("\n") >= 2:
            second.set()
        return 0.05

    async with serving(Steps(latency=latency)) as server:
        async with model(server, store=path) as llm:
            task = asyncio.create_task(searching(REBASE).solve(llm, QUESTION))
            await second.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert llm.account.succeeded == len(server)
        sent = len(server)
        async with model(server, store=path) as llm:
            solution = await searching(REBASE).solve(llm, QUESTION)
            assert solution.spent.calls == len(server) > sent


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
        searching(search, **settings)


async def test_models_of_a_search_share_one_store():
    async with serving(Steps()) as server, model(server) as llm, model(server) as other:
        reward = PromptedReward("V {{response}}", llm=other)
        with pytest.raises(ArgumentError, match="share one store"):
            await searching(Rebase(4), reward=reward).solve(llm, QUESTION)
        assert len(server) == 0


def in_chat(*, goes_on, repeats=False):
    """Return answers of a chat that takes up messages in one way, to the probe and to a search."""

    def answer(body):
        first, *more = body["messages"]
        if first["content"].startswith("Tell a long story"):
            return storyteller(body, goes_on=goes_on, repeats=repeats)
        if first["content"].startswith("V "):
            return chat(f"{score_of(first['content'].partition(chr(10))[2])}")
        assert all(message["role"] == "assistant" for message in more)
        begun = more[0]["content"] if more and goes_on(body) else ""
        text, _ = step_of(first["content"] + begun, body["seed"])
        return chat(begun + text if repeats else text)

    return answer


WAYS = {
    "goes on": (in_chat(goes_on=lambda _: True), 8),
    "repeats": (in_chat(goes_on=lambda _: True, repeats=True), 8),
    "if told": (in_chat(goes_on=flagged), 9),
    "if told, and repeats": (in_chat(goes_on=flagged, repeats=True), 9),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_chat_is_taken_up_where_it_was_left(way):
    answer, probes = WAYS[way]
    questions = [Question(f"number {i}?", "x", id=f"{i}") for i in range(3)]
    async with serving(answer) as server, model(server, endpoint="chat") as llm:
        result = await run(searching(Rebase(4, limits=SHORT)), llm, questions)
        # All questions wait for one probe.
        assert len(server) == result.spent.calls + probes
        solution = await searching(Rebase(4, limits=SHORT)).solve(llm, questions[0])
    bodies = [body for body in server.bodies if body["messages"][0]["content"].startswith("Q ")]
    assert {len(body["messages"]) for body in bodies} == {1, 2}
    told = {(len(body["messages"]), "continue_final_message" in body) for body in bodies}
    assert told == {(1, False), (2, way.startswith("if told"))}
    # Every step is what was written behind its path.
    tree = solution.tree
    for node in range(1, len(tree)):
        prompt = f"Q number 0?\n{tree.text(int(tree.parent[node]))}"
        steps = {
            step_of(prompt, body["seed"])[0] + "\n"
            for body in bodies
            if "".join(message["content"] for message in body["messages"]) == prompt
        }
        assert tree.texts[node] in steps


async def test_a_chat_that_begins_anew_cannot_be_searched_unless_one_says_so():
    generator = replace(GENERATOR, prefill=Prefill())
    anew, on = in_chat(goes_on=lambda _: False), in_chat(goes_on=lambda _: True)
    async with serving(anew) as server, model(server, endpoint="chat") as llm:
        with pytest.raises(LLMError, match=r"does not continue .* LLM\(endpoint='completions'\)"):
            await searching(REBASE).solve(llm, QUESTION)
        assert len(server) == 9
    async with serving(on) as server, model(server, endpoint="chat") as llm:
        solution = await searching(REBASE, generator=generator).solve(llm, QUESTION)
        assert len(server) == solution.spent.calls
