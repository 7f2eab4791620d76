"""Reward models over HTTP: judges, verifiers of steps, endpoints that return numbers; whole responses; missing scores."""

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import closing
from functools import reduce
from math import fsum, inf, isnan, nan
from operator import mul

import pytest
from hypothesis import given, strategies as st

from kcurve.answers import Contains, NumberScore, TokenProbability, VectorScore, Verdict, describe
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters
from kcurve.rewards import (
    AGGREGATIONS,
    JUDGE_RESPONSE,
    JUDGE_STEP,
    FunctionReward,
    ProgramTests,
    PromptedReward,
    ResponseScore,
    Reward,
    Score,
    ServerReward,
    aggregated,
    check_missing,
    completed_scores,
    response_scores,
    split_steps,
)
from kcurve.store import Purpose, Store
from tests.llms import QUICK, balanced, model
from tests.servers.answers import share_right
from tests.servers.fault_server import FaultServer
from tests.servers.plan import RETRIED, Plan, evenly, fraction

QUESTION = Question("What is 2 + 3 + 4?", "9")
GRADE = PromptedReward("{{question}} {{response}} Grade:", read=NumberScore(0, 10))
STEP = PromptedReward("{{question}} [{{previous}}] {{step}} Grade:", read=NumberScore(0, 10))
STEPS = ["2+3=5\n\n", "5+4=9\n\n", "So 9."]


def grade(prompt, seed=0, choice=0):
    """Answer with a grade that depends on what is asked, and on the seed if one is sent."""
    return f"The grade is {int(11 * fraction('grade', prompt, max(seed, 0), choice))}"


def graded(prompt):
    return int(grade(prompt).split()[-1]) / 10


def scored(server, reward, responses, *, aggregation="last", **settings):
    """Return the scores of responses, and the account of the model."""

    async def work():
        async with model(server, **settings) as llm:
            own = reward(llm) if callable(reward) else reward
            scores = await response_scores(
                own,
                llm,
                QUESTION,
                responses,
                run=llm.store.run({"strategy": "test"}),
                question_row=llm.store.question(QUESTION),
                aggregation=aggregation,
            )
            return scores, llm.account

    return asyncio.run(work())


def one(server, reward, steps, **settings):
    """Return the score that a reward gives by itself."""

    async def work():
        async with model(server, **settings) as llm:
            place = Purpose(llm.store.run({}), llm.store.question(QUESTION), "reward", 3)
            own = reward(llm) if callable(reward) else reward
            return await own.score(llm, QUESTION, steps, purpose=place)

    return asyncio.run(work())


def bodies(server):
    return [json.loads(body) for body in server.counts.received]


def rows(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sentence).fetchall()


# --- a model that judges ---


def test_a_judge_gets_the_whole_response_and_its_grade_is_scaled():
    with FaultServer(answer=grade) as server:
        score = one(server, GRADE, STEPS)
        [body] = bodies(server)
    text = f"{QUESTION.text} 2+3=5\n\n5+4=9\n\nSo 9. Grade:"
    assert body == {"model": "m", "messages": [{"role": "user", "content": text}]}
    assert (score.value, score.reason) == (graded(text), None)
    assert [sample.text for sample in score.samples] == [grade(text)]


def test_a_verifier_of_steps_gets_the_last_step_in_the_light_of_those_before():
    system = PromptedReward(STEP.template, read=STEP.read, system="Be strict.")
    with FaultServer(answer=grade) as server:
        first = one(server, system, STEPS[:1], endpoint="completions")
        third = one(server, system, STEPS, endpoint="completions")
        prompts = [body["prompt"] for body in bodies(server)]
    assert prompts == [
        f"Be strict.\n\n{QUESTION.text} [(none: this is the first step)] 2+3=5 Grade:",
        f"Be strict.\n\n{QUESTION.text} [2+3=5\n5+4=9] So 9. Grade:",
    ]
    assert [first.value, third.value] == [graded(prompt) for prompt in prompts]


def test_a_verdict_is_one_or_zero():
    def answer(prompt, *_):
        return "[correct]" if "= 9" in prompt else "[wrong]"

    reward = PromptedReward("{{response}}?")
    with FaultServer(answer=answer) as server:
        assert one(server, reward, ["2 + 3 + 4 = 9"]).value == 1.0
        assert one(server, reward, ["2 + 3 + 4 = 8"]).value == 0.0


def test_the_score_is_the_mean_of_the_votes_and_the_votes_are_the_first_samples(tmp_path):
    path = tmp_path / "store.db"
    reward = PromptedReward(
        GRADE.template, read=NumberScore(0, 10), votes=5, parameters=Parameters(seed=1)
    )
    with FaultServer(answer=grade) as server:
        score = one(server, reward, STEPS, store=path)
        again = one(server, reward, STEPS, store=path)
        seeds = [body["seed"] for body in bodies(server)]
        prompt = bodies(server)[0]["messages"][0]["content"]
    values = [int(grade(prompt, seed).split()[-1]) / 10 for seed in seeds]
    assert len(set(values)) > 1
    assert score.value == pytest.approx(fsum(values) / 5, abs=1e-15)
    assert [sample.index for sample in score.samples] == [0, 1, 2, 3, 4]
    assert again.value == score.value
    assert [sample.paid_now for sample in again.samples] == [False] * 5
    # All votes are on one candidate.
    assert rows(path, "SELECT candidate, stride, start, stop FROM links") == [(3, 0, 0, 5)]


def test_one_unreadable_vote_makes_the_score_missing():
    def answer(prompt, seed, choice):
        return "I would rather not say." if seed % 5 == 0 else grade(prompt, seed, choice)

    reward = PromptedReward(
        GRADE.template, read=NumberScore(0, 10), votes=16, parameters=Parameters(seed=1)
    )
    with FaultServer(answer=answer) as server:
        score = one(server, reward, STEPS)
    assert isnan(score.value)
    assert score.reason == "there is no score in 'I would rather not say.'"
    assert len(score.samples) == 16


@pytest.mark.parametrize("grade_given", ["11", "none", "-1"])
def test_a_grade_off_the_scale_is_missing(grade_given):
    with FaultServer(answer=lambda *_: grade_given) as server:
        score = one(server, GRADE, STEPS)
    assert isnan(score.value)
    assert score.reason == f"there is no score in {grade_given!r}"


def test_a_reader_of_ones_own_that_returns_infinity_has_no_score():
    reward = PromptedReward("{{response}}", read=lambda *_: inf)
    with FaultServer(answer=grade) as server:
        assert isnan(one(server, reward, STEPS).value)


def test_a_reward_with_a_model_of_its_own_asks_that_one():
    with FaultServer(answer=grade) as server, FaultServer(answer=grade) as other:

        async def work():
            with Store(None) as store:
                async with model(server, store=store) as llm, model(other, store=store) as judge:
                    own = PromptedReward(GRADE.template, read=GRADE.read, llm=judge)
                    place = Purpose(store.run({}), store.question(QUESTION), "reward")
                    return await own.score(llm, QUESTION, STEPS, purpose=place)

        asyncio.run(work())
        assert (len(server.counts.received), len(other.counts.received)) == (0, 1)


def test_the_ready_made_prompts_say_what_is_to_be_judged():
    judge = PromptedReward(JUDGE_RESPONSE, read=NumberScore(0, 10))
    verifier = PromptedReward(JUDGE_STEP, read=NumberScore(0, 10))
    assert (judge.kind, verifier.kind) == ("outcome", "process")
    for prompt in (judge.prompt(QUESTION, STEPS), verifier.prompt(QUESTION, STEPS)):
        assert QUESTION.text in prompt[0]["content"]
        assert "So 9." in prompt[0]["content"]
        assert "0 to 10" in prompt[0]["content"]


@pytest.mark.parametrize(
    ("template", "settings", "message"),
    [
        ("{{question}}", {}, "must hold {{response}} or {{step}}"),
        ("{{response}} {{answer}}", {}, "has a field {{answer}} that nothing fills"),
        ("{{response}}", {"read": "last"}, "read must be callable"),
        ("{{response}}", {"kind": "both"}, "kind must be one of 'outcome', 'process'"),
        ("{{response}}", {"votes": 0}, "votes must be an integer of at least 1, got 0"),
        ("{{response}}", {"read": TokenProbability("y", "n")},
         r"logprobs is None; ask for some: parameters=Parameters\(logprobs=20\)"),
        ("{{response}}", {"read": TokenProbability("y", "n"), "parameters": Parameters(logprobs=0)},
         "logprobs is 0; ask for some"),
    ],
)  # fmt: skip
def test_wrong_settings_of_a_prompted_reward_are_refused(template, settings, message):
    with pytest.raises(ArgumentError, match=message):
        PromptedReward(template, **settings)


def test_a_judge_must_write_and_there_must_be_something_to_judge():
    with FaultServer(answer=grade) as server:
        with pytest.raises(ArgumentError, match="endpoint 'classify' writes no text"):
            one(server, GRADE, STEPS, endpoint="classify")
        with pytest.raises(ArgumentError, match="steps must hold at least one text"):
            one(server, GRADE, [])
        assert not server.counts.received


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


# --- servers that return numbers ---


def prm(**settings):
    return lambda llm: ServerReward(llm, **settings)


def test_a_reward_model_gets_a_chat_and_its_last_number_is_the_score():
    with FaultServer() as server:
        score = one(server, prm(kind="outcome", system="Be fair."), STEPS, endpoint="classify")
        [body] = bodies(server)
    assert body["messages"] == [
        {"role": "system", "content": "Be fair."},
        {"role": "user", "content": QUESTION.text},
        {"role": "assistant", "content": "".join(STEPS)},
    ]
    text = "\n".join(message["content"] for message in body["messages"])
    assert score.value == share_right(text)


def test_a_template_makes_one_text_of_it():
    reward = prm(kind="process", template="{{question}} {{previous}} => {{step}}")
    with FaultServer() as server:
        score = one(server, reward, STEPS[:2], endpoint="classify")
        [body] = bodies(server)
    assert body == {"model": "m", "input": f"{QUESTION.text} 2+3=5 => 5+4=9"}
    assert score.value == share_right(body["input"])


def test_the_scoring_endpoint_gets_question_and_response_as_a_pair():
    with FaultServer() as server:
        score = one(server, prm(kind="outcome"), ["It is 9."], endpoint="score")
        [body] = bodies(server)
    assert body == {"model": "m", "text_1": QUESTION.text, "text_2": "It is 9."}
    assert score.value == share_right(f"{QUESTION.text}\nIt is 9.")


@pytest.mark.parametrize("row", ["last", "min", "prod", "mean"])
def test_a_model_that_scores_all_steps_at_once_reads_them_at_its_tag(row):
    reward = prm(
        kind="outcome",
        template="{{response}}",
        step_tag="\n\n",
        read=VectorScore(row),
        parameters=Parameters(extra={"normalize": False}),
    )
    with FaultServer() as server:
        score = one(server, reward, STEPS, endpoint="pooling")
        [body] = bodies(server)
    # The server has a row for what comes after the last tag as well.
    text = "2+3=5\n\n5+4=9\n\nSo 9.\n\n"
    assert body == {"model": "m", "input": text, "normalize": False}
    parts = text.split("\n\n")
    shares = [share_right("\n\n".join(parts[: i + 1])) for i in range(4)]
    expected = {
        "last": shares[-1],
        "min": min(shares),
        "prod": reduce(mul, shares),
        "mean": sum(shares) / 4,
    }
    assert score.value == pytest.approx(expected[row], rel=1e-12)


def test_a_process_reward_with_a_tag_is_asked_about_every_beginning():
    reward = prm(kind="process", step_tag="<extra_0>")
    with FaultServer() as server:
        [score], _ = scored(server, reward, [STEPS], endpoint="pooling")
        contents = [body["messages"][1]["content"] for body in bodies(server)]
    assert sorted(contents, key=len) == [
        "2+3=5<extra_0>",
        "2+3=5<extra_0>5+4=9<extra_0>",
        "2+3=5<extra_0>5+4=9<extra_0>So 9.<extra_0>",
    ]
    assert score.steps == tuple(
        share_right(f"{QUESTION.text}\n{content}") for content in sorted(contents, key=len)
    )


def test_scores_of_a_server_are_stored_and_an_empty_response_has_none(tmp_path):
    responses = [["It is 9."], [" "], ["It is 8."]]
    path = tmp_path / "store.db"
    with FaultServer(Plan(shares=evenly(0.5, ("http_500", "reset_within")))) as server:
        first, _ = scored(server, prm(kind="outcome"), responses, endpoint="score", store=path)
        again, account = scored(
            server, prm(kind="outcome"), responses, endpoint="score", store=path
        )
    assert account.sent == 0
    assert [score.steps for score in first[::2]] == [score.steps for score in again[::2]]
    assert isnan(first[1].value)
    assert first[1].reason == "the response is empty"
    assert first[0].value == share_right(f"{QUESTION.text}\nIt is 9.")


@pytest.mark.parametrize(
    ("endpoint", "settings", "message"),
    [
        ("chat", {}, "returns numbers, and that of 'm' is 'chat'"),
        ("score", {"template": "{{response}}"}, "leave template and system out"),
        ("score", {"system": "Be fair."}, "leave template and system out"),
        ("pooling", {"template": "{{response}}", "system": "Be fair."}, "write it into the template"),
        ("pooling", {"template": "{{question}}"}, "must hold {{response}} or {{step}}"),
        ("pooling", {"step_tag": ""}, "step_tag must not be empty"),
        ("pooling", {"read": 3}, "read must be callable"),
        ("pooling", {"kind": "both"}, "kind must be one of"),
    ],
)  # fmt: skip
def test_wrong_settings_of_a_server_reward_are_refused(endpoint, settings, message):
    llm = LLM("m", base_url="http://127.0.0.1:9/v1", endpoint=endpoint)
    with pytest.raises(ArgumentError, match=message):
        ServerReward(llm, **{"kind": "outcome", **settings})


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


# --- steps, aggregations and missing scores ---


@given(st.text(st.sampled_from("ab \n."), max_size=30), st.sampled_from(["\n\n", "\n", ". ", "a"]))
def test_the_steps_joined_are_the_response_and_none_is_blank(response, step_end):
    steps = split_steps(response, step_end)
    assert "".join(steps) == response
    if response.strip():
        assert all(step.strip() for step in steps)
        for step in steps[:-1]:
            # The end is where a step ends, and nowhere within, but for blank parts at its edges.
            assert step.endswith(step_end)
            parts = [part for part in step.split(step_end) if part.strip()]
            assert len(parts) <= 1
    else:
        assert steps == ([response] if response else [])


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("", []),
        (" \n\n ", [" \n\n "]),
        ("a", ["a"]),
        ("a\n\nb", ["a\n\n", "b"]),
        ("a\n\nb\n\n", ["a\n\n", "b\n\n"]),
        ("\n\na\n\n\n\nb\nc", ["\n\na\n\n\n\n", "b\nc"]),
        ("a\n\n  \n\nb", ["a\n\n  \n\n", "b"]),
    ],
)
def test_blank_parts_belong_to_the_step_before(response, expected):
    assert split_steps(response) == expected


def test_a_step_must_end_somehow():
    with pytest.raises(ArgumentError, match="step_end must not be empty"):
        split_steps("a", "")


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=6))
def test_aggregations_are_what_their_names_say(scores):
    product = 1.0
    for score in scores:
        product *= score
    assert aggregated(scores) == aggregated(scores, "last") == scores[-1]
    assert aggregated(scores, "min") == min(scores)
    assert aggregated(scores, "prod") == product
    assert aggregated(scores, "mean") == pytest.approx(sum(scores) / len(scores), abs=1e-12)
    for how in AGGREGATIONS:
        assert isnan(aggregated([*scores, nan], how))
        assert isnan(aggregated([nan, *scores], how))


def test_nothing_cannot_be_aggregated():
    with pytest.raises(ArgumentError, match="at least one number"):
        aggregated([])
    with pytest.raises(ArgumentError, match="aggregation must be one of"):
        aggregated([1.0], "max")


@pytest.mark.parametrize("missing", ["keep", None, nan, inf, True, "0.5"])
def test_no_other_policy_for_missing_scores(missing):
    with pytest.raises(ArgumentError, match="missing must be 'drop', 'error' or a finite number"):
        check_missing(missing)
    with pytest.raises(ArgumentError):
        completed_scores([Score(0.5)], missing, question=QUESTION)


def test_a_number_stands_in_for_a_missing_score():
    scores = [Score(0.5), Score(nan, (), "timeout")]
    assert completed_scores(scores, 0, question=QUESTION) == [0.5, 0.0]
    dropped = completed_scores(scores, question=QUESTION)
    assert (dropped[0], isnan(dropped[1])) == (0.5, True)
