"""`kcurve solve` over real HTTP; in a process of its own where signals and terminals matter."""

from __future__ import annotations

import asyncio
import json
import math
import re
import signal
from dataclasses import replace
from itertools import count

import pytest

from kcurve.cli import main
from kcurve.datasets import Question
from kcurve.rules import BestOfN, Vote, WeightedVote
from kcurve.search import DVTS, MCTS, BeamSearch, Rebase, SearchTree
from kcurve.store import Store
from kcurve.strategies import Generator, Greedy, Sampling
from tests.known_models import text_of
from tests.scripted_server import chat, refusal, serving
from tests.scripted_steps import (
    GENERATOR,
    REWARD,
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
from tests.servers.answers import share_right
from tests.servers.fault_server import FaultServer
from tests.test_cli_sample import shown_on_a_terminal, start


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio

WHOLE = Generator(
    GENERATOR.template, parameters=GENERATOR.parameters, extract=GENERATOR.extract
)  # what `Steps` writes, undivided

OUTCOME = replace(REWARD, kind="outcome")

QUESTION = Question("which?", "x", id="q", dataset="question")
"""As it is read from the file."""

STRATEGIES = {
    "greedy": Greedy(WHOLE),
    "vote": Sampling(Vote(), k=5, generator=WHOLE),
    "best-of-n": Sampling(BestOfN(), k=5, generator=WHOLE, reward=OUTCOME),
    "weighted-vote": Sampling(WeightedVote(), k=5, generator=WHOLE, reward=OUTCOME),
    "rebase": searching(Rebase(5, limits=SHORT)),
    "beam": searching(BeamSearch(5, branching=4, limits=SHORT)),
    "dvts": searching(DVTS(5, branching=4, limits=SHORT)),
    "mcts": searching(MCTS(12, limits=SHORT)),
}

KNOWN = (
    "--model", "m", "--endpoint", "completions", "--template", "steps.txt", "--extract", r"regex:A:(\w+)",
    "--equivalence", "text", "--temperature", 1.0, "--seed", 1, "--step-end", "\\n", "--max-depth", 6,
)  # fmt: skip
"""The words for the generator and the limits above."""

SCORED = ("--reward", "score.txt", "--reward-read", "number")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with questions and prompts, where the command is run."""
    (tmp_path / "question.jsonl").write_text(
        json.dumps({"id": "q", "question": "which?", "answer": "x"}) + "\n"
    )
    rows = [{"id": f"q{i}", "question": f"which {i}?", "answer": "x"} for i in range(3)]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "steps.txt").write_text("Q {{question}}\n")
    (tmp_path / "score.txt").write_text("V {{question}}\n{{response}}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    return tmp_path


@pytest.fixture
def kcurve(files, capsys):  # noqa: ARG001 - the folder it runs in
    """The command, run to its end within this process: exit code, output, errors."""

    async def command(*arguments, server=None):
        words = [str(argument) for argument in arguments]
        if server is not None:
            words += ["--base-url", server.url]
        # Another thread, for the command has an event loop of its own.
        code = await asyncio.to_thread(main, words)
        return code, *capsys.readouterr()

    return command


def solve(question, *more):
    return ("solve", question, *more)


class Responses(Steps):
    """Answers of `Steps`, and whole responses to who does not stop them after a step."""

    async def __call__(self, body):
        if is_score(body) or "stop" in body:
            return await super().__call__(body)
        text = ""
        while "A:" not in text:
            text += step_of(body["prompt"] + text, body.get("seed", 0))[0] + "\n"
        return completion(text)


def plain(solution):
    """Return a solution as JSON gives it back, without what was paid when."""
    told = json.loads(json.dumps(solution.to_dict()))
    return {name: value for name, value in told.items() if "spent" not in name}


def told_solution(out):
    told = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    return {name: value for name, value in told["solution"].items() if "spent" not in name}


@pytest.mark.parametrize("name", STRATEGIES)
async def test_every_strategy_is_the_one_of_the_library(kcurve, name):
    async with serving(Responses()) as server:
        async with model(server) as llm:
            expected = await STRATEGIES[name].solve(llm, QUESTION)
        sent = len(server)
        words = (
            *KNOWN,
            *SCORED,
            "--strategy",
            name,
            *(("--width", 12) if name == "mcts" else ("--width", 5)),
        )
        code, out, err = await kcurve(*solve("question.jsonl", *words, "--json"), server=server)
        assert (code, err, len(server)) == (0, "", 2 * sent)
    assert told_solution(out) == plain(expected)
    assert expected.candidates


async def test_a_question_given_as_text_and_the_table_of_its_answers(kcurve):
    numbers = count()
    said = (
        "It is 7.0; the answer is (7.0).",
        "the answer is (7)",
        "the answer is (8)",
        "Who knows?",
    )
    grades = {"7.0": "Fine.\n9", "(7)": "7", "(8)": "4", "Who": "1"}

    def answer(body):
        text = text_of(body)
        if "grade" in text:
            [grade] = [grade for part, grade in grades.items() if part in text]
            return chat(grade, usage=(30, 1))
        assert "What is 3 + 4?" in text
        return chat(said[next(numbers)], usage=(10, 5))

    async with serving(answer) as server:
        code, out, err = await kcurve(
            *solve("What is 3 + 4?", "--model", "m", "--strategy", "weighted-vote", "--width", 4),
            server=server,
        )
    assert (code, err, len(server)) == (0, "", 8)
    lines = [re.split(" {2,}", line.strip()) for line in out.splitlines()]
    assert lines[0] == ["answer", "claim", "responses", "best score", "mean score"]
    assert sorted(lines[1]) == sorted([lines[1][0], "1.6", "2", "0.900", "0.800"])
    assert lines[1][0] in {"7", "7.0"}
    assert lines[2] == ["8", "0.4", "1", "0.400", "0.400"]
    assert lines[3] == ["no answer", "1", "0.100", "0.100"]
    assert ["answer", lines[1][0]] in lines
    assert ["calls", "8", "(8 new), 160 tokens in, 24 out"] in lines
    assert ["of these for scores", "4", "(4 new), 120 tokens in, 4 out"] in lines


async def test_a_tree_is_shown_and_saved_and_its_answers_have_tokens(files, kcurve):
    arguments = solve(
        "question.jsonl",
        *KNOWN,
        *SCORED,
        "--width",
        5,
        "--store",
        "runs.db",
        "--tree",
        "--save-tree",
        "tree.json",
    )
    async with serving(Responses()) as server, model(server) as llm:
        expected = (await STRATEGIES["rebase"].solve(llm, QUESTION)).tree
        code, out, err = await kcurve(*arguments, server=server)
    assert (code, err) == (0, "")
    tree = SearchTree.from_json((files / "tree.json").read_text(encoding="utf-8"))
    assert tree == expected
    assert tree.render(width=200) in out
    header, *lines = (re.split(" {2,}", line.strip()) for line in out.splitlines())
    assert header == [
        "answer", "claim", "paths", "best score", "mean score", "tokens a path",
    ]  # fmt: skip
    ends: dict = {}
    for node in tree.solutions.tolist():
        ends.setdefault(tree.answers[node], []).append(node)
    shown = {line[0]: line[1:] for line in lines[: len(ends)]}
    assert set(shown) == set(ends)
    for answer, nodes in ends.items():
        scores = [tree.reward[node] for node in nodes]
        tokens = sum(tree.path_tokens[node] for node in nodes) / len(nodes)
        assert shown[answer] == [
            f"{sum(scores):.4g}", f"{len(nodes)}", f"{max(scores):.3f}",
            f"{sum(scores) / len(nodes):.3f}", f"{tokens:,.0f}",
        ]  # fmt: skip


async def test_a_file_of_questions_has_a_row_for_each_and_costs_nothing_again(files, kcurve):
    arguments = solve("questions.jsonl", *KNOWN, *SCORED, "--width", 5, "--store", "runs.db")
    async with serving(Responses()) as server:
        code, out, err = await kcurve(*arguments, server=server)
        sent = len(server)
        assert (code, err) == (0, "")
        again = await kcurve(*arguments, "--json", server=server)
        assert len(server) == sent
        fewer = await kcurve(*arguments, "--limit", 1, "--json", server=server)
        assert len(server) == sent
    lines = [re.split(" {2,}", line.strip()) for line in out.splitlines()]
    assert lines[0] == ["question", "answer", "right", "calls", "tokens"]
    assert [line[0] for line in lines[1:4]] == ["q0", "q1", "q2"]
    calls = [int(line[3]) for line in lines[1:4]]
    assert sum(calls) == sent
    assert re.search(rf"^calls +{sent} +\({sent} new\)", out, re.MULTILINE)
    assert re.search(r"^accuracy +[\d.]+  \([\d.]+ to [\d.]+\)$", out, re.MULTILINE)
    right = [line[2] for line in lines[1:4]].count("yes")
    told = json.loads(again[1])
    assert (again[0], told["calls"], told["new"], told["solution"]) == (0, sent, 0, None)
    assert told["accuracy"] == pytest.approx(right / 3)
    told = json.loads(fewer[1])
    assert (told["calls"], told["solution"]["answer"]) == (calls[0], lines[1][1])
    assert b"sk-secret" not in (files / "runs.db").read_bytes()
    assert "sk-secret" not in out + again[1]


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


@pytest.mark.parametrize(
    ("question", "arguments", "message"),
    [
        ("nothing.jsonl", (), "nothing.jsonl"),
        (" ", (), "the question is empty"),
        ("question.jsonl", ("--missing", "maybe"), "--missing must be drop, error or a number"),
        ("question.jsonl", ("--missing", "nan"), "missing must be"),
        (
            "question.jsonl",
            ("--reward", "nosuchfile"),
            "--reward must be judge, verdict, or a file",
        ),
        ("question.jsonl", ("--reward", "steps.txt"), "response"),
        ("question.jsonl", ("--reward-read", "token:yes"), "token:POSITIVE/NEGATIVE"),
        ("question.jsonl", ("--reward-read", "number:ten"), "number:LOW:HIGH"),
        ("question.jsonl", ("--reward-read", "vector:top", "--reward-endpoint", "classify"), "top"),
        ("question.jsonl", ("--reward-votes", 0), "votes"),
        ("question.jsonl", ("--width", 0), "width"),
        ("question.jsonl", ("--max-depth", 0), "depth"),
        ("question.jsonl", ("--balance", 0), "temperature"),
        ("question.jsonl", ("--step-end", ""), "step_end"),
        ("question.jsonl", ("--strategy", "guess"), "guess"),
        ("question.jsonl", ("--strategy", "vote", "--width", 0), "k must be"),
        ("question.jsonl", ("--strategy", "vote", "--tree"), "--tree"),
        ("question.jsonl", ("--save-tree", "nowhere/tree.json"), "nowhere"),
        ("question.jsonl", ("--template", "absent.txt"), "absent.txt: No such file"),
        ("questions.jsonl", ("--tree",), "a search tree is shown of one question, got 3"),
    ],
)
async def test_wrong_use_is_one_line_and_sends_nothing(files, kcurve, question, arguments, message):
    async with serving(Responses()) as server:
        code, out, err = await kcurve(
            "solve", question, "--model", "m", "--endpoint", "completions", "--store", "runs.db",
            *arguments, server=server,
        )  # fmt: skip
        assert (code, out, len(server)) == (2, "", 0)
    assert message in err
    assert err.count("\n") == 1
    assert not (files / "runs.db").exists()


async def test_a_chat_that_begins_anew_is_told_with_its_remedy(kcurve):
    async with serving(lambda _: chat("the answer is (7)", usage=(10, 5))) as server:
        code, out, err = await kcurve(*solve("What is 3 + 4?", "--model", "m"), server=server)
    assert (code, out) == (2, "")
    assert "--endpoint completions" in err
    assert err.count("\n") == 1


async def test_a_refusal_of_the_server_is_told_without_the_key(kcurve):
    async with serving(lambda _: refusal(401, "who are you, sk-secret-key?")) as server:
        code, _, err = await kcurve(*solve("question.jsonl", *KNOWN, *SCORED), server=server)
    assert code == 2
    assert "OPENAI_API_KEY" in err
    assert "sk-secret" not in err


async def test_ctrl_c_leaves_a_store_to_go_on_with(files, kcurve):
    let_go = asyncio.Event()
    steps = Steps()

    async def answer(body):
        if len(server) > 12:
            await let_go.wait()
        return await steps(body)

    arguments = solve(
        "question.jsonl", *KNOWN, *SCORED, "--width", 5, "--concurrency", 3, "--store", "runs.db",
        "--save-tree", "tree.json",
    )  # fmt: skip
    async with serving(answer) as server:
        process = await start(files, *arguments, server=server)
        while len(server) < 15:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.2)
        let_go.set()
        _, err = await process.communicate()
        assert process.returncode == 130
        assert err.decode().startswith("kcurve: interrupted; the same command goes on where it was")
        assert err.decode().count("\n") == 1
        assert len(server) == 15  # nothing was sent after Ctrl-C
        assert not (files / "tree.json").exists()
        code, _, err = await kcurve(*arguments, server=server)
        assert (code, err) == (0, "")
        sent = [(body["prompt"], body.get("seed")) for body in server.bodies]
    assert len(set(sent)) == len(sent)  # no call was made twice
    async with serving(Steps()) as server, model(server) as llm:
        expected = await STRATEGIES["rebase"].solve(llm, QUESTION)
        assert len(server) == len(sent)
    tree = SearchTree.from_json((files / "tree.json").read_text(encoding="utf-8"))
    assert tree == expected.tree


async def test_on_a_terminal_every_depth_is_told(files):
    async def slow(body):
        await asyncio.sleep(0.05)
        return await steps(body)

    steps = Steps()
    arguments = solve("question.jsonl", *KNOWN, *SCORED, "--width", 5, "--concurrency", 2)
    async with serving(slow) as server:
        shown = await shown_on_a_terminal(files, *arguments, server=server)
        deepest = max(path_of(body).count("\n") for body in server.bodies if is_score(body))
    assert deepest > 2
    for depth in range(1, deepest):
        assert re.search(rb"asking m: depth %d, \d+ open, \d+ complete, \d+ to go" % depth, shown)


async def test_help_shows_every_group_and_an_example(kcurve):
    code, out, _ = await kcurve("solve", "--help")
    assert code == 0
    for words in (
        "The strategy",
        "The reward model",
        "--reward-read",
        "kcurve solve questions.jsonl",
    ):
        assert words in out
