"""`kcurve plan` and `kcurve samples-needed`."""

import json
import subprocess
import sys

import numpy as np
import pytest

import kcurve as kc
from kcurve.planning import plan, samples_needed


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Two models on the same questions: the small one is unsure where it is wrong."""
    random = np.random.default_rng(1)
    rows = []
    for q in range(90):
        hard = q % 3 == 0
        for s in range(8):
            small = int(random.integers(1, 5)) if hard and random.random() < 0.8 else 0
            large = int(random.random() < 0.1)
            for model, answer, tokens in (("small", small, 10), ("large", large, 100)):
                rows.append(
                    {"question_id": q, "sample": s, "model": model, "answer": answer}
                    | {"reference": 0, "tokens_out": tokens + s}
                )
    path = tmp_path_factory.mktemp("logs") / "two.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def kcurve(*arguments):
    command = [sys.executable, "-m", "kcurve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_advice_in_plain_words(log):
    done = kcurve("plan", log, "--cost", "tokens", "--budget", "150")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Best for 150 tokens per question: large, maj@k, k=1"
    assert lines[1].startswith("Expect ")
    assert "keeps the budget with probability 100%" in done.stdout
    assert "A tenth more budget buys nothing better." in done.stdout
    assert "small, maj@k, k=8" in done.stdout


def test_a_cascade_is_a_choice_and_the_object_is_that_of_the_library(log, tmp_path):
    figure = tmp_path / "plan.svg"
    options = ["--cost", "tokens", "--budget", "150", "--cascades", "--seed", "3", "--json"]
    done = kcurve("plan", log, *options, "--plot", figure)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["choice"]["system"] == "small > large"
    systems = kc.read_log(log).by("model")
    made = plan(systems, cost=kc.cost.Tokens(), budget=150, cascades=True, rng=3)
    assert told["accuracy"] == pytest.approx(made.accuracy)
    assert "<svg" in figure.read_text()


def test_samples_needed_in_plain_words(log):
    done = kcurve("samples-needed", log, "--model", "small", "--half-width", "0.02")
    assert done.returncode == 0, done.stderr
    pilot = kc.read_log(log).select(model="small")
    made = samples_needed(pilot, half_width=0.02)
    lines = done.stdout.splitlines()
    assert lines[0] == "Maj@k, k=1, to within 2 points"
    assert lines[1] == f"{made.questions} questions with 1 sample each: {made.cost:g} calls"
    assert "cheapest" in done.stdout


def test_two_pilots_are_compared(log):
    done = kcurve(
        "samples-needed", log, "--difference", "0.05", "--test-power", "0.9", "--cost", "tokens",
        "--samples", "1,2,4", "--question-cost", "100", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["designs"]["samples"] == [1, 2, 4]
    assert told["cost_unit"] == "tokens"
    assert (told["difference"], told["power"]) == (0.05, 0.9)
    per_question = told["cost"] / told["questions"]
    assert per_question == pytest.approx(100 + told["samples"] * (13.5 + 103.5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "--budget"),
        (["plan", "--budget", "0.5"], "must pay for at least one choice"),
        (["plan", "--budget", "5", "--keep", "2"], "keep must be at least 0.5"),
        (["plan", "--budget", "5", "--model", "small", "--cascades"], "at least two systems"),
        (["samples-needed"], "either half_width or difference"),
        (["samples-needed", "--half-width", "0.1"], "other is for a difference"),
        (["samples-needed", "--difference", "0.1", "--samples", "x"], "does not understand"),
    ],
)
def test_mistakes_are_one_line(log, arguments, message):
    done = kcurve(arguments[0], log, *arguments[1:])
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_shows_examples():
    assert "kcurve plan small.parquet large.parquet" in kcurve("plan", "--help").stdout
    assert "kcurve samples-needed pilot.parquet" in kcurve("samples-needed", "--help").stdout
