"""Rewards of whole responses over HTTP: who is asked how often, faults, and what determines the scores."""

import json
from collections import Counter
from math import isnan

import pytest

from kcurve.answers import Contains, NumberScore, VectorScore, Verdict, describe
from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters
from kcurve.rewards import (
    AGGREGATIONS,
    FunctionReward,
    ProgramTests,
    PromptedReward,
    ResponseScore,
    Reward,
    ServerReward,
    completed_scores,
)
from kcurve.store import Store
from tests.llms import QUICK, balanced
from tests.reward_calls import GRADE, QUESTION, STEP, STEPS, bodies, grade, graded, rows, scored
from tests.servers.fault_server import FaultServer
from tests.servers.plan import RETRIED, Plan, evenly

# --- whole responses ---


def test_an_outcome_reward_is_asked_once_for_equal_responses(tmp_path):
    path = tmp_path / "store.db"
    responses = [["It is 9."], ["It is 8."], ["It is 9."], []]
    with FaultServer(answer=grade) as server:
        scores, account = scored(server, GRADE, responses, store=path)
        assert sorted(server.counts.received.values()) == [1, 1]
    nine, eight = (graded(f"{QUESTION.text} It is {x}. Grade:") for x in (9, 8))
    assert [score.value for score in scores[:3]] == [nine, eight, nine]
    assert [score.steps for score in scores] == [(nine,), (eight,), (nine,), ()]
    assert isnan(scores[3].value)
    assert scores[3].reason == "there is no response to score"
    assert [len(score.samples) for score in scores] == [1, 1, 0, 0]
    assert account.sent == 2
    # Each candidate has its own link, also where the score is that of another.
    links = rows(path, "SELECT role, candidate, request FROM links ORDER BY candidate")
    assert [link[:2] for link in links] == [("reward", 0), ("reward", 1), ("reward", 2)]
    assert links[0][2] == links[2][2] != links[1][2]


def test_a_process_reward_is_asked_for_each_step_once_where_responses_begin_alike(tmp_path):
    path = tmp_path / "store.db"
    responses = [STEPS, [*STEPS[:2], "So 10."], ["2+3=6\n\n"], STEPS]

    def prompt(steps):
        return STEP.prompt(QUESTION, steps, endpoint="completions")

    with FaultServer(answer=grade) as server:
        scores, account = scored(server, STEP, responses, store=path, endpoint="completions")
        asked = Counter(body["prompt"] for body in bodies(server))
    begun = {prompt(steps[: i + 1]) for steps in responses for i in range(len(steps))}
    assert asked == dict.fromkeys(begun, 1)
    assert len(begun) == account.sent == 5
    for steps, score in zip(responses, scores, strict=True):
        expected = tuple(graded(prompt(steps[: i + 1])) for i in range(len(steps)))
        assert (score.steps, score.value) == (expected, expected[-1])
    assert [len(score.samples) for score in scores] == [3, 1, 1, 0]
    assert rows(path, "SELECT role, candidate FROM links ORDER BY role, candidate") == [
        (f"reward.{i}", candidate)
        for i in range(3)
        for candidate, steps in enumerate(responses)
        if i < len(steps)
    ]


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_scores_of_steps_are_aggregated(aggregation):
    values = {1: 0.5, 2: 0.25, 3: 0.75}
    reward = FunctionReward(lambda _, steps: values[len(steps)], kind="process", name="f")
    with FaultServer() as server:
        [score], _ = scored(server, reward, [STEPS], aggregation=aggregation)
    expected = {"last": 0.75, "min": 0.25, "prod": 0.5 * 0.25 * 0.75, "mean": 0.5}
    assert score.value == expected[aggregation]
    assert score.steps == (0.5, 0.25, 0.75)


def test_a_step_without_a_score_makes_that_of_the_response_missing():
    def function(_question, steps):
        if len(steps) == 2:
            raise ValueError("no score")
        return 0.5

    reward = FunctionReward(function, kind="process", name="f")
    with FaultServer() as server:
        [score, short], _ = scored(server, reward, [STEPS, STEPS[:1]])
    assert isnan(score.value)
    assert score.reason == "exception: ValueError: no score"
    assert (score.steps[0], isnan(score.steps[1]), score.steps[2]) == (0.5, True, 0.5)
    assert short == ResponseScore(0.5, (0.5,), (), None)


def test_a_product_that_overflows_is_missing():
    reward = FunctionReward(lambda *_: 1e200, kind="process", name="f")
    with FaultServer() as server:
        [score], _ = scored(server, reward, [STEPS], aggregation="prod")
    assert isnan(score.value)
    assert score.reason.startswith("the prod of the scores")


def test_an_unknown_aggregation_is_refused_before_anything_is_asked():
    with FaultServer(answer=grade) as server:
        with pytest.raises(ArgumentError, match="aggregation must be one of"):
            scored(server, STEP, [STEPS], aggregation="max")
        assert not server.counts.received


# --- faults ---


MANY = [[f"2+3={i}\n\n", f"{i}+4={i + 4}\n\n", f"So {i + 4}."] for i in range(20)]


def test_faults_of_reward_calls_are_retried_counted_and_change_no_score(tmp_path):
    with FaultServer(answer=grade) as server:
        undisturbed, _ = scored(server, STEP, MANY)
    plan = Plan(shares=evenly(0.4, RETRIED), seed=2)
    path = tmp_path / "store.db"
    with FaultServer(plan, answer=grade, retry_after=0.01) as server:
        scores, account = scored(server, STEP, MANY, store=path)
        rejected = sum(server.counts.faults.values())
        again, second = scored(server, STEP, MANY, store=path)
    values = [score.steps for score in undisturbed]
    assert [score.steps for score in scores] == [score.steps for score in again] == values
    assert rejected == sum(account.failed.values()) == account.retried >= 10
    assert balanced(account)
    assert second.sent == 0
    with Store(path, read_only=True) as store:
        assert sum(store.info().failures.values()) == rejected


@pytest.mark.parametrize("missing", ["drop", 0.25])
def test_after_the_last_attempt_the_score_is_missing_and_asked_for_again_next_time(
    tmp_path, missing
):
    path = tmp_path / "store.db"
    failing = GRADE.prompt(QUESTION, ["It is 8."])[0]["content"]
    plan = Plan(scripts={failing: ["http_500"] * QUICK.attempts})
    with FaultServer(plan, answer=grade) as server:
        scores, account = scored(server, GRADE, [["It is 9."], ["It is 8."]], store=path)
        assert account.failed == {"http_500": QUICK.attempts}
        again, _ = scored(server, GRADE, [["It is 9."], ["It is 8."]], store=path)
    assert isnan(scores[1].value)
    assert scores[1].reason.startswith("http_500: ")
    assert [sample.status for sample in scores[1].samples] == ["failed"]
    values = completed_scores(scores, missing, question=QUESTION)
    assert values[0] == scores[0].value
    assert isnan(values[1]) if missing == "drop" else values[1] == 0.25
    message = (
        f"candidate 1 of question '{QUESTION.id}' has no score: http_500: .*; run again to ask"
    )
    with pytest.raises(LLMError, match=message):
        completed_scores(scores, "error", question=QUESTION)
    assert again[1].value == graded(failing)
    assert completed_scores(again, "error", question=QUESTION) == [one.value for one in again]


def test_a_refusal_stops_and_what_was_paid_for_is_stored(tmp_path):
    path = tmp_path / "store.db"
    refused = GRADE.prompt(QUESTION, ["It is 8."])[0]["content"]
    with FaultServer(Plan(scripts={refused: ["unauthorized"]}), answer=grade) as server:
        with pytest.raises(LLMError, match="the key is wrong"):
            scored(server, GRADE, [["It is 9."], ["It is 8."]], store=path)
        _, account = scored(server, GRADE, [["It is 9."], ["It is 8."]], store=path)
    assert account.sent == 1


def test_scores_are_paid_for_out_of_the_budget(tmp_path):
    path = tmp_path / "store.db"
    with FaultServer(answer=grade) as server:
        with pytest.raises(BudgetError):
            scored(server, STEP, MANY, store=path, budget=Budget(calls=7))
        assert len(server.counts.completed) == 7
        _, account = scored(server, STEP, MANY, store=path)
    assert account.sent == len({step for steps in MANY for step in steps}) - 7


# --- what determines the scores ---


def test_descriptions_are_plain_json_and_differ_where_scores_do():
    llm = LLM("prm", base_url="http://127.0.0.1:9/v1", endpoint="pooling")
    rewards: list[Reward] = [
        GRADE,
        STEP,
        PromptedReward("{{response}}"),
        PromptedReward("{{response}}", votes=2),
        PromptedReward("{{response}}", kind="process"),
        PromptedReward("{{response}}", system="Be strict."),
        PromptedReward("{{response}}", parameters=Parameters(temperature=0.0)),
        PromptedReward("{{response}}", read=Verdict(Contains("yes"))),
        PromptedReward("{{response}}", llm=llm),
        ServerReward(llm, kind="outcome"),
        ServerReward(llm, kind="process"),
        ServerReward(llm, kind="process", step_tag="<extra_0>"),
        ServerReward(llm, kind="process", read=VectorScore(column=0)),
        ServerReward(llm, kind="process", template="{{step}}"),
        ServerReward(llm, kind="process", parameters=Parameters(extra={"a": 1})),
        FunctionReward(len, kind="outcome", name="f"),
        FunctionReward(len, kind="outcome", name="f", revision="2"),
        ProgramTests(),
        ProgramTests(timeout=1.0),
    ]
    described = [json.dumps(reward.description("m"), sort_keys=True) for reward in rewards]
    assert len(set(described)) == len(rewards)
    assert json.loads(described[0]) == {
        "reward": "PromptedReward",
        "kind": "outcome",
        "template": "{{question}} {{response}} Grade:",
        "system": None,
        "parameters": {},
        "model": "m",
        "read": describe(NumberScore(0, 10)),
        "votes": 1,
    }
