"""`kcurve fit` as a user meets it: the installed command, in a subprocess."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kcurve as kc
from kcurve.laws import BetaBinomialLaw, ExponentialLaw, fit

KCURVE = Path(sys.executable).with_name("kcurve")


def kcurve(*arguments):
    return subprocess.run(
        [KCURVE, "fit", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )


def test_a_table_for_people():
    done = kcurve("--example", "--predict", "50,1000")
    assert done.returncode == 0, done.stderr
    found = fit(kc.example_log(), ExponentialLaw())
    lines = done.stdout.splitlines()
    assert lines[0] == "ExponentialLaw of maj@k"
    for k in (50, 1000):
        mean = found.predict(k)[0]
        low, high = found.interval(k)
        row = f"{100 * mean:.1f}%  {100 * low[0]:.1f}% to {100 * high[0]:.1f}%"
        assert f"{k}      {row}" in done.stdout
    assert "Still rising at 1000 calls" in done.stdout
    assert "Residuals at k = 2 to 100" in done.stdout


def test_json_for_programs():
    done = kcurve("--example", "--law", "beta-binomial", "--zero-inflated", "--json", "--seed", "3")
    (shown,) = json.loads(done.stdout)["fits"]
    found = fit(kc.example_log(), BetaBinomialLaw(zero_inflated=True))
    assert {one["name"]: one["value"] for one in shown["parameters"]} == found.parameters
    assert [one["k"] for one in shown["predictions"]] == [10, 100, 1000]
    low, high = found.interval(100, rng=3)
    assert shown["predictions"][1]["low"] == low[0]
    assert shown["predictions"][1]["high"] == high[0]
    assert shown["verdict"] is None
    assert shown["residuals"]["k"][0] == 1


@pytest.mark.parametrize("law", ["bilevel", "binary", "power"])
def test_every_law_has_a_name(law):
    done = kcurve("--example", "--law", law, "--json", "--predict", "5")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["fits"][0]["predictions"]) == 1


def test_several_logs_and_a_caution(tmp_path):
    path = tmp_path / "easy.csv"
    rows = [f"{question},{answer},1" for question in "ab" for answer in (1, 1, 1, 1, 2)]
    path.write_text("\n".join(["question_id,answer,reference", *rows]) + "\n")
    done = kcurve(path, "--example", "--predict", "10")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ExponentialLaw") == 2
    assert "Caution: all questions are easy" in done.stdout


def test_filter_vote(tmp_path):
    path = tmp_path / "filtered.csv"
    rows = [f"a,{answer},1,{keep}" for answer, keep in zip("11222", "11001", strict=True)]
    path.write_text("\n".join(["question_id,answer,reference,keep", *rows]) + "\n")
    done = kcurve(path, "--rule", "filter-vote", "--json", "--predict", "2,20")
    (shown,) = json.loads(done.stdout)["fits"]
    assert np.isclose(shown["parameters"][0]["value"], 1)
    assert kcurve(path, "--rule", "filter-vote", "--predict", "1").returncode == 2


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_figures(tmp_path, suffix):
    path = tmp_path / f"fit.{suffix}"
    done = kcurve("--example", "--law", "power", "--plot", path)
    assert done.returncode == 0, done.stderr
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert path.read_bytes().startswith(starts[suffix])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--example", "--plot", "fit.docx"], "--plot needs a file name that ends in"),
        (["--example", "--law", "power", "--zero-inflated"], "no setting of --law power"),
        (["--example", "--threshold", "0.5"], "--threshold is no setting of --rule vote"),
        (["--example", "--predict", "0"], "--k"),
        (["--example", "--law", "cubic"], "cubic"),
        ([], "no log given"),
    ],
)
def test_wrong_use(arguments, words):
    done = kcurve(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert not done.stdout


def test_help_has_examples():
    done = kcurve("--help")
    assert "kcurve fit answers.parquet --predict 50,100,1000" in done.stdout
