"""Models that judge, by prompts, over HTTP: what they are asked, and how grades and votes are read."""

import asyncio
from math import fsum, inf, isnan

import pytest

from kcurve.answers import NumberScore, TokenProbability
from kcurve.errors import ArgumentError
from kcurve.llm import Parameters
from kcurve.rewards import (
    JUDGE_RESPONSE,
    JUDGE_STEP,
    PromptedReward,
)
from kcurve.store import Purpose, Store
from tests.llms import model
from tests.reward_calls import GRADE, QUESTION, STEP, STEPS, bodies, grade, graded, one, rows
from tests.servers.fault_server import FaultServer


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
