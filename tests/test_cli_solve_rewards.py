"""Rewards of `kcurve solve` over real HTTP: how scores are asked for and read, models of their own, missing ones."""

from __future__ import annotations

import json
import math

import pytest

from kcurve.search import SearchTree
from kcurve.store import Store
from tests.scripted_server import serving
from tests.scripted_steps import (
    Steps,
    completion,
    is_score,
    path_of,
    score_of,
)
from tests.servers.answers import share_right
from tests.servers.fault_server import FaultServer
from tests.solve_command import KNOWN, SCORED, Responses, command, fill, solve, told_solution


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with questions and prompts, where the command is run."""
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    return tmp_path


@pytest.fixture
def kcurve(files, capsys):  # noqa: ARG001 - the folder it runs in
    """The command, run to its end within this process: exit code, output, errors."""
    return command(capsys)


def grading(words):
    """Answer steps as `Steps` does, and grade by what `words` makes of the prompt of a grade."""
    steps = Steps()

    async def answer(body):
        prompt = body["prompt"]
        return await steps(body) if prompt.startswith("Q ") else words(body)

    return answer


def verdict(body):
    right = "[[correct]]" if score_of(body["prompt"]) < 0.5 else "[[wrong]]"
    return completion(f"Let me see. {right}")


def grade(body):
    assert "grade it with a whole number from 0 to 10" in body["prompt"]
    return completion(f"Sound.\n{round(10 * score_of(body['prompt']))}")


def yes_or_no(body):
    assert body["logprobs"] >= 2
    yes = math.log(0.9 * score_of(body["prompt"]) + 0.05)
    no = math.log(1 - math.exp(yes))
    response = json.loads(completion("yes").body)
    response["choices"][0]["logprobs"] = {
        "tokens": ["yes"],
        "token_logprobs": [yes],
        "top_logprobs": [{"yes": yes, "no": no}],
        "text_offset": [0],
    }
    return completion_of(response)


def completion_of(response):
    from aiohttp import web  # noqa: PLC0415 - for this alone

    return web.json_response(response)


@pytest.mark.parametrize(
    ("words", "respond", "scores"),
    [
        (("--reward", "judge"), grade, {i / 10 for i in range(11)}),
        (("--reward", "verdict"), verdict, {0.0, 1.0}),
        (("--reward", "score.txt"), verdict, {0.0, 1.0}),
        (("--reward", "score.txt", "--reward-read", "verdict:[wrong]"), verdict, {0.0, 1.0}),
        (("--reward", "score.txt", "--reward-read", "number:0:2"), lambda _: completion("1.5"), {0.75}),
        (("--reward", "score.txt", "--reward-read", "token:yes/no"), yes_or_no, None),
    ],
)  # fmt: skip
async def test_scores_are_asked_for_and_read_as_said(files, kcurve, words, respond, scores):
    async with serving(grading(respond)) as server:
        code, _, err = await kcurve(
            *solve("question.jsonl", *KNOWN, *words, "--width", 5, "--save-tree", "tree.json"),
            server=server,
        )
        prompts = {body["prompt"] for body in server.bodies if not body["prompt"].startswith("Q ")}
    assert (code, err) == (0, "")
    tree = SearchTree.from_json((files / "tree.json").read_text(encoding="utf-8"))
    rewards = tree.reward[1:].tolist()
    assert len(rewards) > 5
    if scores is None:
        scores = {0.9 * score_of(prompt) + 0.05 for prompt in prompts}
        assert all(min(abs(reward - score) for score in scores) < 1e-9 for reward in rewards)
        assert len(set(rewards)) > 3
    else:
        assert {round(reward, 9) for reward in rewards} <= scores
        assert len(scores) == 1 or len(set(rewards)) > 1


async def test_a_reward_server_of_its_own_shares_the_store(files, kcurve):
    with FaultServer() as scorer:
        arguments = solve(
            "question.jsonl", *KNOWN, "--width", 5, "--store", "runs.db", "--save-tree", "tree.json",
            "--reward", "score.txt", "--reward-model", "prm", "--reward-url", scorer.url,
            "--reward-endpoint", "classify",
        )  # fmt: skip
        async with serving(Steps()) as server:
            code, _, err = await kcurve(*arguments, server=server)
            assert (code, err) == (0, "")
            assert not any(map(is_score, server.bodies))
            steps = len(server)
            bodies = [json.loads(body) for body in scorer.counts.received]
            tree = SearchTree.from_json((files / "tree.json").read_text(encoding="utf-8"))
            texts = [tree.text(node) for node in range(1, len(tree))]
            assert {body["model"] for body in bodies} == {"prm"}
            assert {body["input"] for body in bodies} == {f"V which?\n{text}" for text in texts}
            assert tree.reward[1:].tolist() == [share_right(f"V which?\n{text}") for text in texts]
            with Store(files / "runs.db", read_only=True) as store:
                assert store.info().samples == steps + len(bodies)
            code, out, _ = await kcurve(*arguments, "--json", server=server)
            assert (code, json.loads(out)["new"], len(server)) == (0, 0, steps)
            assert sum(scorer.counts.received.values()) == len(bodies)
        # Where a row of the numbers is chosen.
        (files / "tree.json").unlink()
        async with serving(Steps()) as server:
            code, _, err = await kcurve(*arguments, "--reward-read", "vector:min", server=server)
        assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("key", "sent"), [("sk-reward-key", "sk-reward-key"), (None, "sk-secret-key")]
)
async def test_a_reward_model_of_its_own_has_a_key_of_its_own(
    files, kcurve, monkeypatch, key, sent
):
    if key is not None:
        monkeypatch.setenv("REWARD_API_KEY", key)
    async with serving(Steps()) as scorer, serving(Steps()) as server:
        code, out, err = await kcurve(
            *solve("question.jsonl", *KNOWN, *SCORED, "--width", 5, "--store", "runs.db"),
            "--reward-url", scorer.url, "--json", server=server,
        )  # fmt: skip
        assert (code, err) == (0, "")
        assert {headers["Authorization"] for headers in scorer.headers} == {f"Bearer {sent}"}
        assert {headers["Authorization"] for headers in server.headers} == {"Bearer sk-secret-key"}
        assert all(map(is_score, scorer.bodies))
    assert b"sk-" not in (files / "runs.db").read_bytes()
    assert "sk-" not in out


async def test_a_budget_holds_for_a_reward_model_of_its_own(files, kcurve):
    (files / "step.txt").write_text("V {{question}}\n{{previous}} {{step}}")
    with FaultServer() as scorer:
        async with serving(Responses()) as server:
            arguments = solve(
                "question.jsonl", *KNOWN, "--strategy", "weighted-vote", "--width", 3, "--store", "runs.db",
                "--reward", "step.txt", "--reward-url", scorer.url, "--reward-endpoint", "classify",
            )  # fmt: skip
            code, out, err = await kcurve(*arguments, "--budget-calls", 4, server=server)
        # Three responses are within it; their scores, three for each and more, are not.
        assert (code, out, len(server)) == (2, "", 3)
        assert sum(scorer.counts.received.values()) == 4
        assert "stopped before the end: the next call could spend 1 calls" in err
        async with serving(Responses()) as server:
            code, _, err = await kcurve(*arguments, server=server)
        assert (code, err, len(server)) == (0, "", 0)
        assert set(scorer.counts.received.values()) == {1}


async def test_a_score_that_is_missing_is_as_said(kcurve):
    def lost(body):
        return is_score(body) and score_of(path_of(body)) < 0.3

    words = (*KNOWN, *SCORED, "--width", 5)

    def answer(body):
        return completion("no idea") if lost(body) else steps(body)

    steps = Steps()
    async with serving(answer) as server:
        code, out, err = await kcurve(*solve("question.jsonl", *words, "--json"), server=server)
        assert (code, err) == (0, "")
        statuses = told_solution(out)["tree"]["status"]
        assert "failed" in statuses
        code, out, _ = await kcurve(
            *solve("question.jsonl", *words, "--missing", "0.25", "--json"), server=server
        )
        assert code == 0
        assert 0.25 in told_solution(out)["tree"]["reward"]
        code, out, err = await kcurve(
            *solve("question.jsonl", *words, "--missing", "error"), server=server
        )
        assert (code, out) == (2, "")
        assert "has no score" in err
        assert err.count("\n") == 1
