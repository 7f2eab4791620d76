"""`kcurve solve --stopping` over real HTTP: the rules of the library, the summary, and what is refused."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from kcurve.cli import main
from kcurve.datasets import Question
from kcurve.rules import Vote
from kcurve.stopping import (
    AdaptiveConsistency,
    AnytimeValid,
    BestOfInfinity,
    DifficultyAdaptive,
    EarlyStopping,
)
from kcurve.strategies import Sampling, run
from tests.known_models import GENERATOR, respond
from tests.llms import model
from tests.scripted_server import serving

QUESTIONS = [
    Question(f"{kind} {i}", "A", id=f"{kind}-{i}", dataset="questions")
    for kind in ("easy", "hard")
    for i in range(5)
]

VOTE = (
    "--model",
    "m",
    "--template",
    "solve.txt",
    "--temperature",
    1.0,
    "--seed",
    1,
    "--equivalence",
    "text",
    "--strategy",
    "vote",
)
"""The words for the generator that the known models answer."""


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with questions and a prompt, where the command is run."""
    rows = [{"id": one.id, "question": one.text, "answer": "A"} for one in QUESTIONS]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "solve.txt").write_text("Solve: {{question}}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    return tmp_path


@pytest.fixture
def kcurve(files, capsys):  # noqa: ARG001 - the folder it runs in
    """The command, run to its end within this process: exit code, output, errors."""

    async def command(*arguments, server=None):
        words = ["solve", *map(str, arguments)]
        if server is not None:
            words += ["--base-url", server.url]
        # Another thread, for the command has an event loop of its own.
        code = await asyncio.to_thread(main, words)
        return code, *capsys.readouterr()

    return command


RULES = {
    "adaptive-consistency": (AdaptiveConsistency(confidence=0.8), ("--confidence", 0.8)),
    "anytime-valid": (AnytimeValid(error=0.4), ("--error", 0.4)),
    "best-of-infinity": (
        BestOfInfinity(bayes_factor=9.0, concentration=0.5),
        ("--bayes-factor", 9, "--concentration", 0.5),
    ),
    "difficulty-adaptive": (
        DifficultyAdaptive(confidence=0.9, window=3, extension=2),
        ("--confidence", 0.9, "--window", 3, "--extension", 2),
    ),
    "early-stopping": (EarlyStopping(window=3), ("--window", 3)),
}


@pytest.mark.parametrize("name", RULES)
async def test_every_rule_is_the_one_of_the_library(kcurve, name):
    rule, words = RULES[name]
    strategy = Sampling(Vote(), k=12, generator=GENERATOR, stopping=rule, batch=2)
    arguments = (*VOTE, "--width", 12, "--stopping", name, *words, "--batch", 2)
    async with serving(respond) as server:
        async with model(server) as llm:
            expected = (await run(strategy, llm, QUESTIONS)).to_dict()
        sent = len(server)
        code, out, err = await kcurve(
            "questions.jsonl", *arguments, "--store", "runs.db", "--json", server=server
        )
        assert (code, err, len(server)) == (0, "", 2 * sent)
        # The run of the command is the one that the library goes on with.
        async with model(server, store="runs.db") as llm:
            again = await run(strategy, llm, QUESTIONS)
            named = f"Vote with {type(rule).__name__}, m, questions"
            assert (again.run, llm.store.info().runs) == (1, {1: named})
        assert (again.spent.new, len(server)) == (0, 2 * sent)
    told = json.loads(out)
    timed = {"seconds", "run", "solution"}
    assert {key: told[key] for key in told.keys() - timed} == {
        key: expected[key] for key in expected.keys() - timed
    }
    assert 0 < told["stopped_early"] <= 10
    assert told["mean_calls"] < 12


async def test_the_summary_tells_mean_calls_and_the_share_that_was_stopped(kcurve):
    arguments = (*VOTE, "--width", 8, "--stopping", "adaptive-consistency", "--store", "runs.db")
    async with serving(respond) as server:
        code, out, err = await kcurve("questions.jsonl", *arguments, server=server)
        sent = len(server)
        assert (code, err) == (0, "")
        told = json.loads((await kcurve("questions.jsonl", *arguments, "--json", server=server))[1])
        assert (told["new"], len(server)) == (0, sent)
        single = await kcurve("questions.jsonl", *arguments, "--limit", 1, server=server)
        plain = await kcurve("questions.jsonl", *VOTE, "--width", 2, server=server)
    rows = dict(re.split(" {2,}", line, maxsplit=1) for line in out.splitlines() if "  " in line)
    early = told["stopped_early"]
    assert 0 < early < 10
    assert rows["strategy"] == "maj@8, Adaptive-Consistency"
    assert rows["calls a question"] == f"{sent / 10:.2f}"
    assert rows["stopped early"] == f"{early} of 10  ({early * 10}.0%)"
    assert rows["calls"].startswith(f"{sent}  ({sent} new)")
    assert re.search(r"^stopped early +(yes|no)$", single[1], re.MULTILINE)
    assert "stopped early" not in plain[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--strategy", "rebase", "--stopping", "early-stopping"), "says nothing about --strategy rebase; use --strategy vote"),
        (("--strategy", "greedy", "--stopping", "early-stopping"), "use --strategy vote"),
        (("--strategy", "best-of-n", "--stopping", "early-stopping"), "use --strategy vote"),
        (("--strategy", "weighted-vote", "--stopping", "early-stopping"), "use --strategy vote"),
        (("--stopping", "early-stopping", "--confidence", 0.9), "--confidence is no setting of --stopping early-stopping"),
        (("--stopping", "anytime-valid", "--bayes-factor", 9), "--bayes-factor is no setting"),
        (("--confidence", 0.9), "--confidence goes with --stopping; name a rule: adaptive-consistency,"),
        (("--batch", 4), "--batch goes with --stopping"),
        (("--stopping", "early-stopping", "--batch", 0), "batch must be an integer of at least 1, got 0"),
        (("--stopping", "early-stopping", "--width", 5), "with k=5 it never stops early"),
        (("--stopping", "adaptive-consistency", "--confidence", 1.5), "confidence must be"),
        (("--stopping", "soon"), "adaptive-consistency"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_one_line_and_leaves_no_file(files, kcurve, words, message):
    given = VOTE if "--strategy" not in words else VOTE[:-2]
    async with serving(respond) as server:
        code, out, err = await kcurve(
            "questions.jsonl", *given, *words, "--store", "runs.db", server=server
        )
        assert len(server) == 0
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not (files / "runs.db").exists()
