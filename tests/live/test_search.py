"""Searches on a real llama.cpp: the tiny model writes steps, and checks them itself.

Every strategy is run once, on easy questions and on traps, with a width of as many responses as the vote has. Shares of
right answers are compared in standard errors of their binomial variance: under independent questions a difference
exceeds `LIMIT` = 3.3 of them once in 1,000 times. The seeds are fixed, so that from one run of the tests to the next
only the server's rounding differs.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.live import killed_search
from tests.live.arithmetic import CHECK, EquationReward, questions, step_generator, whole_generator
from tests.live.conversation import live_run, tiny_llm
from tests.live.death import committed, kill_after

import kcurve as kc
from kcurve.llm import Prefill
from kcurve.search import (
    DVTS,
    MCTS,
    BeamSearch,
    IndependentPaths,
    Limits,
    Rebase,
    SearchTree,
    Status,
)
from kcurve.strategies import Sampling, TreeSearch

if TYPE_CHECKING:
    from pathlib import Path

    from kcurve.llm import Account
    from kcurve.strategies import RunResult

LIMIT = 3.3
WIDTH = 12
EXPANSIONS = 32
LIMITS = Limits(depth=7)
EASY = questions(5, steps=3, seed=6)
TRAPS = questions(12, steps=1, trap=True, seed=5)
QUESTIONS = [*EASY, *TRAPS]
SEARCHES = {
    "rebase": Rebase(WIDTH, limits=LIMITS),
    "beam search": BeamSearch(WIDTH, limits=LIMITS),
    "dvts": DVTS(WIDTH, limits=LIMITS),
    "independent paths": IndependentPaths(WIDTH, limits=LIMITS),
    "mcts": MCTS(EXPANSIONS, limits=LIMITS),
}
SAMPLINGS = {
    "vote": kc.Vote(),
    "weighted vote": kc.WeightedVote(),
    "best-of-n": kc.BestOfN(),
}
STRATEGIES = [*SEARCHES, *SAMPLINGS]


def strategy(name):
    if name in SEARCHES:
        # The check sees the last step alone, so a path is as good as its worst step.
        return TreeSearch(
            SEARCHES[name],
            generator=step_generator(seed=1),
            reward=EquationReward(),
            aggregation="min",
        )
    rule = SAMPLINGS[name]
    judged = {"reward": EquationReward(), "aggregation": "min", "step_end": "\n"}
    return Sampling(
        rule,
        k=WIDTH,
        generator=whole_generator(seed=1),
        **({} if name == "vote" else judged),
    )


@dataclass
class Brought:
    """What a run brought, and what the server counted meanwhile."""

    result: RunResult
    account: Account
    server_tokens: int
    store: Path

    def right(self, chosen):
        ids = {question.id for question in chosen}
        return np.array([bool(one.correct) for one in self.result.questions if one.question in ids])


@pytest.fixture(scope="module")
def runs(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    brought = {}
    for number, name in enumerate(STRATEGIES):
        store, before = folder / f"{number}.db", tiny.tokens
        result, account = live_run(tiny, strategy(name), QUESTIONS, store=store)
        brought[name] = Brought(result, account, tiny.tokens - before, store)
    return brought


def solved(server, name, question, **settings):
    """Return the solution of a question, and the account of the LLM that was asked."""

    async def main():
        async with tiny_llm(server, **settings) as llm:
            return await strategy(name).solve(llm, question), llm.account

    return asyncio.run(main())


def surprise(first, second):
    """Return the difference of two shares in standard errors; no share is taken for 0 or 1."""
    variance = 0.0
    for right in (first, second):
        p = (right.sum() + 1) / (len(right) + 2)
        variance += p * (1 - p) / len(right)
    return (first.mean() - second.mean()) / sqrt(variance)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_call_is_counted_and_so_is_every_token_of_the_server(runs, name):
    run = runs[name]
    spent, reward, account = run.result.spent, run.result.reward_spent, run.account
    assert len(run.result.questions) == len(QUESTIONS)
    assert spent.new == account.sent == account.succeeded == account.samples
    assert account.failed == spent.failures == {}
    # A call that nobody counted would have taken tokens.
    assert account.prompt + account.completion == run.server_tokens
    # Scores of equal steps are asked for once, and found in the store from then on.
    assert spent.calls == account.samples + account.stored
    assert spent.tokens_in + spent.tokens_out >= run.server_tokens
    assert (reward.calls > 0) == (name != "vote")
    assert spent.calls - spent.new <= reward.calls


@pytest.mark.parametrize("name", STRATEGIES)
def test_easy_questions_are_answered_right(runs, name):
    assert runs[name].right(EASY).sum() >= len(EASY) - 1


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name != "vote"])
def test_the_models_own_checks_cure_its_traps(runs, name):
    vote, other = (runs[one].right(TRAPS) for one in ("vote", name))
    assert vote.mean() < 0.3
    assert other.mean() > 0.6
    assert surprise(other, vote) > LIMIT


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_again_sends_nothing_and_gives_the_same_tree(tiny, runs, name):
    run, tokens = runs[name], tiny.tokens
    answers = {one.question: one.answer for one in run.result.questions}
    for question in (EASY[0], TRAPS[0]):
        solution, account = solved(tiny, name, question, store=run.store)
        again, _ = solved(tiny, name, question, store=run.store)
        assert account.sent == solution.spent.new == 0
        assert solution.answer == answers[question.id]
        assert solution.tree == again.tree
        assert solution.to_dict() == again.to_dict()
    assert tiny.tokens == tokens


@pytest.mark.parametrize("name", SEARCHES)
def test_a_tree_has_every_step_and_can_be_taken_away(tiny, runs, name):
    solution, _ = solved(tiny, name, EASY[0], store=runs[name].store)
    tree = solution.tree
    assert int(tree.tokens.sum()) == solution.spent.tokens_out - solution.reward_spent.tokens_out
    assert len(tree) - 1 == solution.spent.calls - solution.reward_spent.calls
    assert tree.path_tokens.tolist() == [
        int(tree.tokens[tree.path(node)].sum()) for node in range(len(tree))
    ]
    for node in tree.solutions.tolist():
        assert tree.text(node).endswith(f"\nA:{tree.answers[node]}\n")
    assert tree.answer == solution.answer == EASY[0].reference
    assert SearchTree.from_json(tree.to_json()) == tree
    table = tree.to_arrow()
    assert table.num_rows == len(tree)
    assert table["text"].to_pylist() == list(tree.texts)
    assert table["chosen"].to_pylist().index(True) == tree.chosen
    drawn = str(tree)
    assert drawn.startswith(tree.summary)
    assert "(chosen)" in drawn


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_makes_more_than_it_was_allowed(tiny, runs, name):
    for question in (EASY[1], TRAPS[1]):
        tree = solved(tiny, name, question, store=runs[name].store)[0].tree
        ended = int(np.isin(tree.status, [Status.COMPLETE, Status.CUT]).sum())
        assert tree.depth.max() <= LIMITS.depth
        if name == "mcts":
            search = SEARCHES[name]
            most = search.root_children + (EXPANSIONS - 1) * search.children
            assert len(tree) - 1 <= most
            # An expansion backs up a reward for every child, or one for a path that has ended.
            assert search.root_children < tree.visits[0] <= most
            continue
        assert 0 < ended <= WIDTH
        at_depth = np.bincount(tree.depth)[1:]
        assert at_depth[0] == WIDTH
        children = np.bincount(tree.parent[1:])[1:].max()
        if name == "independent paths":
            assert (ended, children) == (WIDTH, 1)
        elif question in TRAPS:
            # Wrong first steps leave their share to the right ones.
            assert children > 1


def continues(tree):
    """Return for each equation after another whether it begins with what that one came to."""
    told = []
    for node in range(1, len(tree)):
        step, before = tree.texts[node], tree.texts[tree.parent[node]]
        if "=" in step and "=" in before:
            told.append(step.startswith(before.strip().partition("=")[2]))
    return told


def test_a_chat_is_searched_by_continuing_the_message(tiny):
    """The checks go to the completions endpoint: the chat template ends a message with a line, and checks have none."""
    question = EASY[0]

    async def main():
        async with (
            tiny_llm(tiny, endpoint="chat") as llm,
            tiny_llm(tiny, store=llm.store) as checker,
        ):
            reward = EquationReward(replace(CHECK, llm=checker))
            search = TreeSearch(
                SEARCHES["rebase"],
                generator=step_generator(seed=1),
                reward=reward,
                aggregation="min",
            )
            solution = await search.solve(llm, question)
            return solution, llm.capabilities, llm.account.sent + checker.account.sent

    solution, capabilities, sent = asyncio.run(main())
    assert capabilities.prefill == Prefill(repeats=True)
    assert sent == solution.spent.new + capabilities.calls
    tree = solution.tree
    assert solution.answer == question.reference
    assert tree.depth[tree.solutions].min() >= 2
    told = continues(tree)
    assert len(told) > WIDTH
    assert np.mean(told) > 0.8
    # What the server repeats of the message is no part of a step.
    assert all(text.count("\n") == 1 for text in tree.texts[1:])


def test_killed_searches_go_on_where_they_were(tiny, tmp_path):
    store = tmp_path / "store.db"
    kill_after("tests.live.killed_search", tiny, store, responses=120)
    before = committed(store)
    solutions, sent = asyncio.run(killed_search.finished(tiny.url, store))
    after = committed(store)
    # Nothing is lost, and what was there was not asked for again.
    assert before.items() <= after.items()
    assert sent == len(after) - len(before) > 0
    # Every step is a response that the store has.
    nodes = {text for one in solutions for text in one.tree.texts[1:]}
    written = {f"{text}\n" for text in after.values()}
    assert nodes <= written
    assert sum(one.correct for one in solutions) >= len(solutions) - 2

    tokens = tiny.tokens
    again, sent = asyncio.run(killed_search.finished(tiny.url, store))
    assert sent == 0
    assert tiny.tokens == tokens
    assert [one.tree.to_dict() for one in again] == [one.tree.to_dict() for one in solutions]
