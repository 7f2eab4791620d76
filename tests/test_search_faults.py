"""Searches over servers of which a fifth of the requests fail: complete, with books that are equal on both sides."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import NamedTuple

import numpy as np
import pytest

from kcurve.answers import NumberScore
from kcurve.datasets import Question
from kcurve.errors import LLMError
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.rewards import PromptedReward, ServerReward
from kcurve.search import MCTS, Rebase, Status
from tests.llms import balanced
from tests.scripted_steps import SHORT, score_of, searching, step_of
from tests.servers.answers import prompt_text
from tests.servers.fault_server import FaultServer
from tests.servers.plan import NUMBERS, RETRIED, Plan, evenly
from tests.test_llm_faults import KINDS as OF_TEXTS
from tests.test_llm_scores import KINDS as OF_NUMBERS

WIDTH = 12
SEARCHES = {"rebase": Rebase(WIDTH, limits=SHORT), "mcts": MCTS(12, limits=SHORT)}
QUESTIONS = [Question(f"number {i}?", "x", id=f"{i}", dataset="known") for i in range(3)]
# Dates to wait for have a resolution of a second: they have a test of their own.
TEXT_FAULTS = [kind for kind in RETRIED if kind != "rate_limited_date"]
KINDS = {**OF_TEXTS, **OF_NUMBERS}
"""What an account calls each fault of a server."""
PATIENT = RetryPolicy(attempts=12, backoff=0.002, longest_wait=2.0)
IMPATIENT = RetryPolicy(attempts=2, backoff=0.001)
NEVER = 10**6
"""More failures of a request than anybody waits for."""


def step(prompt, seed, _choice):
    return step_of(prompt, seed)[0]


def written_score(prompt, _seed, _choice):
    return f"{score(prompt)}"


def score(prompt):
    """Return the score of a response below the line of its question."""
    return score_of(prompt.partition("\n")[2])


def policy_server(plan=None):
    return FaultServer(plan, answer=step, retry_after=0.01)


def reward_server(plan=None):
    return FaultServer(plan, answer=written_score, score=score, retry_after=0.01)


def reward_of(judge):
    template = "V {{question}}\n{{response}}"
    if judge.endpoint == "completions":
        parameters = Parameters(seed=2, logprobs=0)
        return PromptedReward(
            template, kind="process", read=NumberScore(), parameters=parameters, llm=judge
        )
    return ServerReward(judge, kind="process", template=template)


class Brought(NamedTuple):
    """Solutions, and the accounts of the model of the steps and of that of the rewards."""

    solutions: list
    steps: object
    rewards: object

    @property
    def trees(self):
        return [solution.tree for solution in self.solutions]


def searched(steps, rewards, *, endpoint, path, search="rebase", retry=PATIENT, **settings):
    """Search for the answers to all questions at the same time."""

    async def work():
        shared = {"retry": retry, "timeout": 5.0, "concurrency": 16}
        async with LLM(
            "m", base_url=steps.url, endpoint="completions", store=path, **shared
        ) as policy:
            judge = LLM("r", base_url=rewards.url, endpoint=endpoint, store=policy.store, **shared)
            async with judge:
                strategy = searching(SEARCHES[search], reward=reward_of(judge), **settings)
                solutions = await asyncio.gather(
                    *(strategy.solve(policy, question) for question in QUESTIONS),
                    return_exceptions=True,
                )
                # All have ended: no call is cut off.
                for error in solutions:
                    if isinstance(error, BaseException):
                        raise error
                return Brought(solutions, policy.account, judge.account)

    return asyncio.run(work())


@pytest.fixture(scope="module")
def smooth(tmp_path_factory):
    """The trees of each search where nothing fails."""
    trees = {}
    for search in SEARCHES:
        path = tmp_path_factory.mktemp("smooth") / "runs.db"
        with policy_server() as steps, reward_server() as rewards:
            brought = searched(steps, rewards, endpoint="classify", search=search, path=path)
        trees[search] = brought.trees
    return trees


def assert_equal_books(account, counts):
    assert balanced(account)
    assert account.unknown == 0
    assert account.sent == counts.received.total()
    assert account.succeeded == account.samples == counts.completed.total()
    assert account.failed == Counter(KINDS[fault] for fault in counts.faults.elements())
    # Nothing is asked for again once it has come.
    assert set(counts.completed.values()) == {1}


def lost_prompts(counts):
    """Return the prompts of requests that were never answered."""
    missing = counts.received.keys() - counts.completed.keys()
    return [prompt_text(json.loads(body)) for body in missing]


@pytest.mark.parametrize(
    ("endpoint", "search"),
    [("completions", "rebase"), ("classify", "rebase"), ("pooling", "mcts")],
)
def test_a_fault_in_five_changes_nothing_and_is_in_the_books(endpoint, search, smooth, tmp_path):
    path = tmp_path / "faulty.db"
    texts = Plan(shares=evenly(0.2, TEXT_FAULTS), repeats=None)
    faults = TEXT_FAULTS if endpoint == "completions" else [*TEXT_FAULTS, *NUMBERS]
    scores = Plan(shares=evenly(0.2, faults), repeats=None, seed=1)
    with policy_server(texts) as steps, reward_server(scores) as rewards:
        brought = searched(steps, rewards, endpoint=endpoint, search=search, path=path)
        assert_equal_books(brought.steps, steps.counts)
        assert_equal_books(brought.rewards, rewards.counts)
        # Binomial: 3.3 standard deviations around a fifth.
        for server in (steps, rewards):
            sent = server.counts.received.total()
            assert sent > 60
            assert abs(server.counts.faults.total() / sent - 0.2) < 3.3 * (0.16 / sent) ** 0.5
        again = searched(steps, rewards, endpoint=endpoint, search=search, path=path)
        assert again.steps.sent == again.rewards.sent == 0
    assert brought.trees == again.trees == smooth[search]
    spent = [solution.spent for solution in brought.solutions]
    assert sum(one.new for one in spent) == brought.steps.samples + brought.rewards.samples
    assert all(one.failures == {} for one in spent)
    with closing(sqlite3.connect(path)) as connection:
        journal = dict(connection.execute("SELECT kind, count(*) FROM outcomes GROUP BY kind"))
    failed = Counter(brought.steps.failed) + Counter(brought.rewards.failed)
    assert journal == {"ok": brought.steps.samples + brought.rewards.samples, **failed}


SCORES_FAIL = Plan(shares={"http_500": 0.2}, repeats=NEVER, seed=3)


@pytest.mark.parametrize("endpoint", ["completions", "classify"])
def test_scores_that_never_come_are_dropped_with_their_steps(endpoint, smooth, tmp_path):
    path = tmp_path / "runs.db"
    with policy_server() as steps, reward_server(SCORES_FAIL) as rewards:
        brought = searched(steps, rewards, endpoint=endpoint, path=path, retry=IMPATIENT)
        lost = lost_prompts(rewards.counts)
        assert len(lost) > 5
        for question, tree in zip(QUESTIONS, brought.trees, strict=True):
            for node in range(1, len(tree)):
                prompt = f"V {question.text}\n{tree.text(node)}"
                assert (tree.status[node] == Status.FAILED) == (prompt in lost)
            # A step that failed is not continued, and no candidate.
            assert not np.isin(tree.parent[1:], np.flatnonzero(tree.status == Status.FAILED)).any()
        assert brought.rewards.failed == {"http_500": 2 * len(lost)}
        failures = sum((Counter(one.spent.failures) for one in brought.solutions), Counter())
        assert failures == {"http_500": len(lost)}
        # Once the server has recovered, the same searches ask for what is missing, and for no more.
        rewards.service.plan = Plan()
        searched(steps, rewards, endpoint=endpoint, path=path, retry=IMPATIENT)
        assert set(rewards.counts.completed.values()) == {1}
        assert set(steps.counts.completed.values()) == {1}
        recovered = searched(steps, rewards, endpoint=endpoint, path=path)
        assert recovered.steps.sent == recovered.rewards.sent == 0
    assert recovered.trees == smooth["rebase"]


@pytest.mark.parametrize("endpoint", ["completions", "classify"])
def test_a_number_stands_in_for_scores_that_never_come(endpoint, tmp_path):
    with policy_server() as steps, reward_server(SCORES_FAIL) as rewards:
        brought = searched(
            steps,
            rewards,
            endpoint=endpoint,
            path=tmp_path / "runs.db",
            retry=IMPATIENT,
            missing=0.0,
        )
        lost = lost_prompts(rewards.counts)
    assert len(lost) > 5
    for question, tree in zip(QUESTIONS, brought.trees, strict=True):
        for node in range(1, len(tree)):
            prompt = f"V {question.text}\n{tree.text(node)}"
            assert tree.reward[node] == (0.0 if prompt in lost else score(prompt))
        assert not (tree.status == Status.FAILED).any()


@pytest.mark.parametrize("endpoint", ["completions", "classify"])
def test_a_score_that_never_comes_can_be_an_error_after_which_the_search_goes_on(
    endpoint, smooth, tmp_path
):
    path = tmp_path / "runs.db"
    settings = {"endpoint": endpoint, "path": path, "retry": IMPATIENT, "missing": "error"}
    with policy_server() as steps, reward_server(SCORES_FAIL) as rewards:
        with pytest.raises(
            LLMError, match=r"step \d of a response .* has no score \(http_500.*'drop'"
        ):
            searched(steps, rewards, **settings)
        before = steps.counts.completed.total() + rewards.counts.completed.total()
        assert before > WIDTH
        rewards.service.plan = Plan()
        brought = searched(steps, rewards, **settings)
        for server in (steps, rewards):
            assert set(server.counts.completed.values()) == {1}
        sent = brought.steps.sent + brought.rewards.sent
        assert sent + before == steps.counts.completed.total() + rewards.counts.completed.total()
    assert brought.trees == smooth["rebase"]


def test_steps_that_never_come_leave_their_share_to_the_others(tmp_path):
    plan = Plan(shares={"http_500": 0.2}, repeats=NEVER)
    with policy_server(plan) as steps, reward_server() as rewards:
        brought = searched(
            steps, rewards, endpoint="classify", path=tmp_path / "runs.db", retry=IMPATIENT
        )
        failed = [(tree.status == Status.FAILED).sum() for tree in brought.trees]
        assert sum(failed) == len(lost_prompts(steps.counts)) > 10
        assert brought.steps.failed == {"http_500": 2 * sum(failed)}
        assert [solution.spent.failures for solution in brought.solutions] == [
            {"http_500": count} for count in failed
        ]
    went_on = 0
    for tree in brought.trees:
        ended = np.isin(tree.status, [Status.COMPLETE, Status.CUT])
        for depth in range(1, int(tree.depth.max()) + 1):
            at_depth = tree.depth == depth
            # The whole budget but for what has ended: what failed is made up for.
            assert at_depth.sum() == WIDTH - ended[tree.depth < depth].sum()
            went_on += depth > 1 and (tree.status[tree.depth == depth - 1] == Status.FAILED).any()
        assert not (tree.tokens[tree.status == Status.FAILED]).any()
    assert went_on > 4
