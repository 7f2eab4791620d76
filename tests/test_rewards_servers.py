"""Reward models behind endpoints that return numbers."""

from functools import reduce
from math import isnan
from operator import mul

import pytest

from kcurve.answers import VectorScore
from kcurve.errors import ArgumentError
from kcurve.llm import LLM, Parameters
from kcurve.rewards import (
    ServerReward,
)
from tests.reward_calls import QUESTION, STEPS, bodies, one, scored
from tests.servers.answers import share_right
from tests.servers.fault_server import FaultServer
from tests.servers.plan import Plan, evenly


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
