"""`kcurve solve` over real HTTP; in a process of its own where signals and terminals matter."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from itertools import count

import pytest

from kcurve.search import SearchTree
from tests.known_models import text_of
from tests.scripted_server import chat, refusal, serving
from tests.scripted_steps import (
    Steps,
    is_score,
    model,
    path_of,
)
from tests.solve_command import (
    KNOWN,
    QUESTION,
    SCORED,
    STRATEGIES,
    Responses,
    command,
    fill,
    solve,
    told_solution,
)
from tests.test_cli_sample import shown_on_a_terminal, start


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


def plain(solution):
    """Return a solution as JSON gives it back, without what was paid when."""
    told = json.loads(json.dumps(solution.to_dict()))
    return {name: value for name, value in told.items() if "spent" not in name}


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
