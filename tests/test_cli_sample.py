"""`kcurve sample` and what reads its stores; in a process of its own where signals and terminals matter."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
import sys
from pathlib import Path

import pytest

from kcurve.cli import main
from kcurve.store import Store
from tests.known_models import respond
from tests.scripted_server import chat, refusal, serving
from tests.test_run import as_rows


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio

TEMPLATE = "Solve: {{question}}"
REVIEW = "Judge: {{question}} || {{response}}"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with questions and prompts, where the command is run."""
    rows = [{"id": f"q{i}", "question": f"easy {i}", "answer": "A"} for i in range(6)]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "solve.txt").write_text(TEMPLATE)
    (tmp_path / "judge.txt").write_text(REVIEW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    return tmp_path


@pytest.fixture
def kcurve(files, capsys):
    """The command, run to its end within this process: exit code, output, errors."""

    async def command(*arguments, server=None):
        assert Path.cwd() == files
        words = [str(argument) for argument in arguments]
        if server is not None:
            words += ["--base-url", server.url]
        # Another thread, for the command has an event loop of its own.
        code = await asyncio.to_thread(main, words)
        return code, *capsys.readouterr()

    return command


async def start(folder, *arguments, server=None, stderr=asyncio.subprocess.PIPE):
    words = [str(argument) for argument in arguments]
    if server is not None:
        words += ["--base-url", server.url]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kcurve",
        *words,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


async def shown_on_a_terminal(folder, *arguments, server):
    """Run the command to its good end with a terminal for errors, and return what the terminal was sent."""
    ours, theirs = pty.openpty()
    process = await start(folder, *arguments, server=server, stderr=theirs)
    os.close(theirs)
    shown = b""
    loop = asyncio.get_running_loop()
    while True:
        try:
            piece = await loop.run_in_executor(None, os.read, ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert await process.wait() == 0
    return shown


def sampling(n, *more):
    return (
        "sample", "questions.jsonl", "--model", "m", "--n", n, "--store", "runs.db",
        "--template", "solve.txt", "--temperature", 1.0, "--seed", 1, *more,
    )  # fmt: skip


@pytest.mark.parametrize(("choices", "letter"), [("vwxy", "D"), ("tuvwxy", "F")])
async def test_questions_with_choices_are_read_by_letter(files, kcurve, choices, letter):
    rows = [
        {"question": "which?", "choices": list("vw"), "answer": "B"},
        {"question": "which of more?", "choices": list(choices), "answer": letter},
    ]
    (files / "choices.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    async def answer(body):
        asked = body["messages"][-1]["content"]
        return chat(f"A guess: the answer is ({letter if 'more' in asked else 'B'}).")

    async with serving(answer) as server:
        code, out, _ = await kcurve(
            "sample", "choices.jsonl", "--model", "m", "--n", 2, "--store", "runs.db", "--json",
            server=server,
        )  # fmt: skip
    assert (code, json.loads(out)["accuracy"]) == (0, 1.0)
    with Store(files / "runs.db", read_only=True) as store:
        assert store.log().answers.tolist() == ["B", letter]


async def test_from_questions_to_a_curve_and_a_second_run_tops_up(files, kcurve):
    async with serving(respond) as server:
        code, out, err = await kcurve(*sampling(4), server=server)
        assert (code, err, len(server)) == (0, "", 24)
        assert re.search(r"^questions +6$", out, re.MULTILINE)
        assert re.search(r"^accuracy of maj@4 +[\d.]+  \([\d.]+ to [\d.]+\)$", out, re.MULTILINE)
        assert re.search(r"^calls +24  \(24 new\)$", out, re.MULTILINE)
        assert re.search(r"^tokens +240 in, 120 out$", out, re.MULTILINE)
        assert "Next: kcurve curve runs.db\n" in out

        code, out, _ = await kcurve(*sampling(7, "--json"), server=server)
        told = json.loads(out)
        assert (code, told["calls"], told["new"], len(server)) == (0, 42, 18, 42)
        assert told["stopped"] is None

    code, out, _ = await kcurve("curve", "runs.db", "--json")
    (curve,) = json.loads(out)["curves"]
    assert (code, curve["k"]) == (0, [1, 2, 3, 4, 5, 6, 7])
    assert curve["mean"][-1] == pytest.approx(told["accuracy"], abs=told["tied"] / 6)
    with Store(files / "runs.db", read_only=True) as store:
        log = store.log()
    assert log.n_samples.tolist() == [7] * 6
    for command in (
        ("summary", "runs.db"),
        ("fit", "runs.db"),
        ("optimal", "runs.db", "--k-max", "20"),
    ):
        code, out, err = await kcurve(*command)
        assert (code, err) == (0, "")
        assert out
    assert b"sk-secret" not in (files / "runs.db").read_bytes()


async def test_a_filter_judges_every_response_and_a_store_of_several_runs_is_asked_which(kcurve):
    filtered = sampling(3, "--filter", "--filter-template", "judge.txt", "--limit", 2)
    async with serving(respond) as server:
        await kcurve(*sampling(3, "--limit", 2), server=server)
        code, out, err = await kcurve(*filtered, server=server)
    assert (code, err) == (0, "")
    assert len(server) == 12  # the candidates of the first run are those of the second
    assert "accuracy of Filter-Vote" in out
    assert "Next: kcurve curve runs.db --run 2 --rule filter-vote\n" in out
    code, out, err = await kcurve("curve", "runs.db", "--rule", "filter-vote", "--run", 2)
    assert (code, err) == (0, "")
    code, _, err = await kcurve("curve", "runs.db")
    assert code == 2
    assert "choose one with --run (1: Vote, m, questions; 2: FilterVote, m, questions)" in err


async def test_answers_can_be_read_anew_without_a_call(kcurve):
    async with serving(respond) as server:
        await kcurve(*sampling(2, "--extract", "boxed"), server=server)
        assert len(server) == 12
    _, out, _ = await kcurve("curve", "runs.db", "--json")
    assert max(json.loads(out)["curves"][0]["mean"]) == 0
    code, out, _ = await kcurve(
        "curve", "runs.db", "--extract", "answer-is", "--equivalence", "text", "--json"
    )
    assert code == 0
    assert max(json.loads(out)["curves"][0]["mean"]) > 0


async def test_ctrl_c_leaves_a_store_to_go_on_with(files, kcurve):
    let_go = asyncio.Event()

    async def answer(body):
        if len(server) > 12:
            await let_go.wait()
        return respond(body)

    arguments = sampling(6, "--filter", "--filter-template", "judge.txt", "--concurrency", 4)
    async with serving(answer) as server:
        process = await start(files, *arguments, server=server)
        while len(server) < 16:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.2)
        let_go.set()
        out, err = await process.communicate()
        assert process.returncode == 130
        assert "kcurve: interrupted; the same command goes on where it was" in err.decode()
        assert out.decode().startswith("model")
        assert len(server) == 16  # nothing was sent after Ctrl-C
        with Store(files / "runs.db", read_only=True) as store:
            assert store.info().unknown == 0
            assert store.info().samples == 16
        code, out, err = await kcurve(*arguments, server=server)
        assert (code, err) == (0, "")
        assert len(server) == 6 * 6 * 2  # no call was made twice
        with Store(files / "runs.db", read_only=True) as store:
            resumed = store.log()
    (files / "runs.db").rename(files / "interrupted.db")
    async with serving(respond) as server:
        await kcurve(*arguments, server=server)
    with Store(files / "runs.db", read_only=True) as store:
        assert as_rows(store.log()) == as_rows(resumed)


async def test_a_second_ctrl_c_cuts_off_what_is_under_way_and_says_so_in_the_journal(files, kcurve):
    never = asyncio.Event()

    async def answer(body):
        if len(server) > 4:
            await never.wait()
        return respond(body)

    arguments = sampling(4, "--concurrency", 3)
    async with serving(answer) as server:
        process = await start(files, *arguments, server=server)
        while len(server) < 7:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        assert process.returncode is None  # it waits for the calls under way
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert process.returncode == 130
        assert err.decode().startswith("kcurve: ")
        assert "same store" in err.decode()
        assert "Traceback" not in err.decode()
        with Store(files / "runs.db", read_only=True) as store:
            info = store.info()
        assert (info.samples, info.unknown, info.under_way) == (4, 3, 0)
        never.set()
        code, _, _ = await kcurve(*arguments, server=server)
        assert (code, len(server)) == (0, 7 + 20)


async def test_after_kill_9_nothing_is_lost(files, kcurve):
    arguments = sampling(10, "--concurrency", 3)
    async with serving(respond) as server:
        process = await start(files, *arguments, server=server)
        while len(server) < 20:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.005)
        process.kill()
        await process.wait()
        sent = len(server)
        with Store(files / "runs.db", read_only=True) as store:
            kept = store.info().samples
        assert sent - 3 <= kept <= sent  # but for the calls under way
        assert kept == sum(store_log(files).n_samples)
        code, _, err = await kcurve(*arguments, server=server)
        assert (code, err) == (0, "")
        assert len(server) == sent + 60 - kept
        resumed = store_log(files)
    (files / "runs.db").rename(files / "killed.db")
    async with serving(respond) as server:
        await kcurve(*arguments, server=server)
    assert as_rows(store_log(files)) == as_rows(resumed)


def store_log(folder):
    with Store(folder / "runs.db", read_only=True) as store:
        return store.log()


async def test_a_budget_is_kept_and_the_rest_can_follow(kcurve):
    async with serving(respond) as server:
        code, out, err = await kcurve(*sampling(4, "--budget-calls", 10), server=server)
        assert (code, len(server)) == (2, 10)
        assert "stopped before the end: the next call could spend 1 calls" in err
        assert re.search(r"^questions +\d$", out, re.MULTILINE)
        code, _, _ = await kcurve(*sampling(4), server=server)
        assert (code, len(server)) == (0, 24)


async def test_prices_give_costs(kcurve):
    prices = ("--price-in", 1.0, "--price-out", 2.0)
    async with serving(respond) as server:
        _, out, _ = await kcurve(*sampling(2, "--json", *prices), server=server)
    # 12 calls of 10 tokens in and 5 out, by the million.
    assert json.loads(out)["cost"] == pytest.approx(12 * (10 * 1 + 5 * 2) / 1e6)


async def test_on_a_terminal_a_bar_shows_calls_and_tokens(files):
    async def slow(body):
        await asyncio.sleep(0.1)
        return respond(body)

    async with serving(slow) as server:
        shown = await shown_on_a_terminal(files, *sampling(4, "--concurrency", 1), server=server)
    assert b"sampling m" in shown
    assert re.search(rb"\d+ calls", shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--n", 0), "--n must be an integer of at least 1"),
        (("--n", 2, "--extract", "guess"), "answers can be found by"),
        (("--n", 2, "--price-in", 1), "--price-in and --price-out go together"),
        (("--n", 2, "--filter-template", "judge.txt"), "goes with --filter"),
        (("--n", 2, "--template", "judge.txt"), "nothing fills"),
        (("--n", 2, "--template", "absent.txt"), "absent.txt: No such file"),
        (("--n", 2, "--temperature", -1), "temperature must be at least 0"),
    ],
)
async def test_wrong_use_is_one_line_and_sends_nothing(files, kcurve, arguments, message):
    async with serving(respond) as server:
        code, out, err = await kcurve(
            "sample", "questions.jsonl", "--model", "m", "--store", "runs.db", *arguments,
            server=server,
        )  # fmt: skip
        assert (code, out, len(server)) == (2, "", 0)
    assert message in err
    assert err.count("\n") == 1
    assert not (files / "runs.db").exists()


async def test_a_refusal_of_the_server_is_told_with_its_remedy(kcurve):
    async with serving(lambda _: refusal(401, "who are you, sk-secret-key?")) as server:
        code, _, err = await kcurve(*sampling(2), server=server)
    assert code == 2
    assert "OPENAI_API_KEY" in err
    assert "sk-secret" not in err


async def test_options_of_stores_are_refused_for_tables_and_the_other_way_round(files, kcurve):
    async with serving(respond) as server:
        await kcurve(*sampling(1, "--limit", 1), server=server)
    (files / "log.csv").write_text("question_id,answer,reference\na,1,1\n")
    for arguments, message in (
        (("curve", "log.csv", "--run", 1), "--run is for stores of samples"),
        (("curve", "runs.db", "--column", "answer=x"), "--column is for tables"),
        (("curve", "runs.db", "--memory", "1GB"), "--memory is for Parquet"),
        (("curve", "runs.db", "--run", 7), "it has no run 7"),
    ):
        code, _, err = await kcurve(*arguments)
        assert code == 2
        assert message in err


async def test_other_commands_load_no_live_room(files):
    program = (
        "import sys; from kcurve.cli import main; main(['curve', '--example', '--k', '1,2', '--json']); "
        "print([m for m in ('openai', 'aiohttp', 'sqlite3', 'kcurve.llm', 'kcurve.store') "
        "if m in sys.modules], file=sys.stderr)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=files,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert err.decode().strip() == "[]"
