"""`kcurve optimal`, as a command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import kcurve as kc


def kcurve(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kcurve", "optimal", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_table_says_which_number_is_best_and_which_is_enough():
    done = kcurve("--example", "--first", "8", "--k", "1,5,20,100")
    assert done.returncode == 0, done.stderr
    assert "predicted from 8 samples a question" in done.stdout
    assert "Best number of calls: " in done.stdout
    assert "Enough to lose at most 0.5 points on average: 20." in done.stdout


def test_json_has_the_numbers_of_the_library():
    done = kcurve("--example", "--first", "6", "--k", "1,7,50", "--seed", "3", "--json")
    (found,) = json.loads(done.stdout)["predictions"]
    log = kc.example_log().first(6)
    expected = kc.Posterior(log, rng=3).predict([1, 7, 50], interval="accuracy")
    assert found["mean"] == expected.mean.tolist()
    assert found["high"] == expected.high.tolist()
    assert found["optimal_k"] == expected.optimal_k


def test_a_figure_is_saved(tmp_path):
    path = tmp_path / "optimum.svg"
    done = kcurve("--example", "--first", "4", "--rule", "pass-at-k", "--plot", str(path))
    assert done.returncode == 0, done.stderr
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--example", "--tolerance", "2"], "--tolerance must be between 0 and 1"),
        (["--example", "--k-max", "0"], "--k-max must be at least 1"),
        (["--example", "--rule", "weighted-vote"], "cannot be predicted yet"),
        (["--example", "--plot", "x.doc"], "--plot needs a file name"),
        ([], "no log given"),
    ],
)
def test_wrong_use(arguments, words):
    done = kcurve(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_help_has_an_example():
    assert "kcurve optimal answers.parquet" in kcurve("--help").stdout
