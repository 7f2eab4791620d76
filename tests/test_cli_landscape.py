"""`kcurve landscape` as a user meets it."""

import json
import subprocess
import sys

import numpy as np
import pytest

from kcurve.cli import main
from kcurve.cli.figure import FORMATS
from kcurve.theory import k_star, landscape
from tests.test_cli import kcurve, on_terminal, widest


def test_the_table_in_a_pipe():
    done = kcurve("landscape", "0.5", "0.85", "0.40")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "vote between two answers: 50.0% of queries at 0.85, the others at 0.4"
    facts = {line[:14].strip(): line[14:].split()[0] for line in lines[2:8]}
    assert facts == {
        "shape": "up-down",
        "t": "1.537815",
        "alpha_c": "0.349727",
        "turning point": "3",
        "K*": "3.9612",
        "optimum": "3",
    }
    points = dict(line.split() for line in lines[10:] if line)
    assert points["3"] == "64.6%"
    assert points["limit"] == "50.0%"
    assert "┤" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("0.6", "0.65", "0.10"), ("increasing", "none  the more the better, up to 60.0%")),
        (("0.3", "0.85", "0.40"), ("decreasing", "1  calls, accuracy 53.5%")),
        (("0.5", "0.65", "0.10"), ("down-up", "the worst number of calls", "up to 50.0%")),
        (("0.5", "0.6", "0.4"), ("constant", "more calls change nothing")),
    ],
)
def test_every_shape_has_its_words(capsys, arguments, words):
    assert main(["landscape", *arguments]) == 0
    shown = capsys.readouterr().out
    for word in words:
        assert word in shown


def test_json_has_the_numbers_of_the_library():
    done = kcurve("landscape", "0.6", "0.7", "0.4", "--k", "1:101:2", "--json")
    record = json.loads(done.stdout)
    found, best = landscape(0.6, 0.7, 0.4), k_star(0.6, 0.7, 0.4)
    assert record["landscape"] == found.to_dict()
    assert record["best"] == best.to_dict()
    assert record["curve"]["k"] == list(range(1, 102, 2))
    np.testing.assert_array_equal(record["curve"]["accuracy"], found.accuracy(np.arange(1, 102, 2)))


def test_json_has_null_for_what_is_not_finite(capsys):
    assert main(["landscape", "0.6", "0.7", "0.3", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["best"]["k_star"] is None
    assert record["best"]["optimal_k"] is None
    assert record["best"]["attained"] is False
    assert record["landscape"]["turning_point"] is None


def test_a_chart_on_a_terminal():
    shown, code = on_terminal("landscape", "0.6", "0.7", "0.4")
    assert code == 0
    assert "┤" in shown
    assert widest(shown) <= 80


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_figure_is_of_the_kind_its_name_says(tmp_path, suffix):
    path = tmp_path / f"figure.{suffix}"
    assert main(["landscape", "0.5", "0.85", "0.4", "--plot", str(path)]) == 0
    begin = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0.5", "0.4", "0.3"), "p1 must be in [0.5, 1] and above 0.5, got 0.4"),
        (("2", "0.8", "0.3"), "alpha must be in [0, 1], got 2.0"),
        (("0.5", "0.8", "0.3", "--plot", "x.bmp"), "ends in one of .png, .svg, .pdf, got x.bmp"),
        (("0.5", "0.8", "0.3", "--plot", "/nowhere/x.png"), "/nowhere/x.png: No such file"),
        (("0.5", "0.8", "0.3", "--k", "0"), "k"),
    ],
)
def test_mistakes_are_told_in_one_line(capsys, arguments, message):
    assert main(["landscape", *arguments]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.startswith("kcurve: error: ")
    assert told.count("\n") == 1


def test_a_figure_without_matplotlib_names_the_remedy():
    hidden = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from kcurve.cli import main\n"
        "sys.exit(main(['landscape', '0.5', '0.8', '0.3', '--plot', 'x.png']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2
    assert done.stderr == "kcurve: error: --plot needs matplotlib: pip install 'kcurve[plot]'\n"


def test_help_shows_an_example():
    done = kcurve("landscape", "--help")
    assert done.returncode == 0
    assert "kcurve landscape 0.5 0.85 0.40" in done.stdout
