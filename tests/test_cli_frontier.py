"""`kcurve frontier`, and the options of costs."""

import json
import subprocess
import sys

import pytest

from kcurve.cli.costing import CostOptions
from kcurve.cost import Calls, Dollars, Flops, Latency, Price, Tokens
from kcurve.errors import ArgumentError

ROWS = [
    {"question_id": q, "answer": (q * s + s) % 3 if model == "small" else (q + s) % 5 // 4, "reference": 0,
     "model": model, "tokens_out": tokens + s, "latency": tokens / 10 + s}
    for model, tokens in (("small", 10), ("large=big", 40))
    for q in range(30)
    for s in range(6)
]  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "two.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def kcurve(*arguments):
    command = [sys.executable, "-m", "kcurve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_table_for_people(log):
    done = kcurve("frontier", log, "--cost", "tokens")
    assert done.returncode == 0, done.stderr
    assert "Frontier of accuracy against tokens per question" in done.stdout
    assert "large=big, maj@k" in done.stdout
    assert "large=big overtakes small" in done.stdout


def test_an_object_for_programs_and_a_figure(log, tmp_path):
    figure = tmp_path / "frontier.svg"
    done = kcurve(
        "frontier", log, "--cost", "flops", "--parameters", "1e6", "--parameters", "large=big=5e6",
        "--rule", "vote", "--rule", "pass-at-k", "--k", "1,3", "--json", "--plot", figure,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["cost_unit"] == "FLOPs"
    assert len(data["points"]) == 8
    dear = next(row for row in data["points"] if row["system"] == "large=big" and row["k"] == 1)
    assert dear["cost"] == pytest.approx(2 * 5e6 * 42.5)
    assert "<svg" in figure.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cost", "flops"], "needs --parameters"),
        (["--cost", "flops", "--parameters", "small=7"], "no value for 'large=big'"),
        (["--cost", "flops", "--parameters", "tiny=7"], "no system"),
        (["--cost", "flops", "--parameters", "seven"], "must be a number"),
        (["--cost", "dollars", "--price", "2"], "INPUT,OUTPUT"),
        (["--cost", "dollars"], "cost column"),
        (["--parameters", "7e9"], "--parameters is for --cost flops"),
        (["--judging", "1"], "--judging is for --cost seconds"),
        (["--cost", "seconds", "--parallelism", "0"], "parallelism must be"),
        (["--k", "9"], "no k fits"),
    ],
)
def test_mistakes_are_one_line(log, options, message):
    done = kcurve("frontier", log, *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_time_is_a_cost_too(log):
    done = kcurve(
        "frontier", log, "--cost", "seconds", "--parallelism", "2", "--k", "1,2,4", "--json"
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["points"]
    found = {(row["system"], row["k"]): row["cost"] for row in rows}
    # Latencies are 1 and 0 to 5 seconds: 2.5 on average, and 3 2/3 for the slower of two.
    assert found["small", 1] == pytest.approx(1 + 2.5)
    assert found["small", 2] == pytest.approx(1 + 11 / 3)
    assert found["small", 4] == pytest.approx(2 * found["small", 2])


def test_help_shows_an_example():
    assert "kcurve frontier small.parquet large.parquet" in kcurve("frontier", "--help").stdout


def test_costs_are_those_of_the_options():
    systems = ["a", "b"]
    assert CostOptions().build(systems) == {"a": Calls(), "b": Calls()}
    assert CostOptions(cost="tokens", count="both").build(["a"]) == {"a": Tokens(count="both")}
    flops = CostOptions(cost="flops", parameters=("7e9", "b=3e9"), reward_parameters=1e9)
    assert flops.build(systems) == {
        "a": Flops(7e9, reward_parameters=1e9),
        "b": Flops(3e9, reward_parameters=1e9),
    }
    money = CostOptions(cost="dollars", price=("0,2", "b=1,4"), reward_price=3)
    scoring = Price(input=3, output=0)
    assert money.build(systems) == {
        "a": Dollars(Price(input=0, output=2), scoring),
        "b": Dollars(Price(input=1, output=4), scoring),
    }
    seconds = CostOptions(cost="seconds", parallelism=2, judging=0.5)
    assert seconds.build(["a"]) == {"a": Latency(parallelism=2, judging=0.5)}
    assert CostOptions(cost="seconds").build(["a"]) == {"a": Latency()}
    with pytest.raises(ArgumentError, match="--count is for --cost tokens"):
        CostOptions(count="in").build(systems)
