"""The command line as a user meets it: the installed command, in a subprocess."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import kcurve as kc

KCURVE = Path(sys.executable).with_name("kcurve")
EXAMPLE = Path(kc.__file__).parent / "data" / "pot_svamp.parquet"


def kcurve(*arguments, **environment):
    """Run the command with pipes for its streams."""
    return subprocess.run(
        [KCURVE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"} | environment,
        check=False,
    )


def on_terminal(*arguments, **environment):
    """What the command shows on a terminal of 80 columns, and its exit code."""
    ours, theirs = pty.openpty()
    settings = {"COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [KCURVE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=inherited | settings | environment,
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that the last writer is gone
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    return b"".join(pieces).decode().replace("\r\n", "\n"), process.wait()


def widest(shown):
    """Characters of the longest line, codes for colours and weights aside."""
    return max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()))


@pytest.fixture(scope="session")
def two_models(tmp_path_factory):
    """Two models on three questions, four samples each; the second model is always right."""
    path = tmp_path_factory.mktemp("logs") / "models.csv"
    lines = ["question_id,sample_index,answer,reference,model"]
    for question, answers in (("a", "1122"), ("b", "1112"), ("c", "2223")):
        for index, answer in enumerate(answers):
            lines += [f"{question},{index},{answer},1,weak", f"{question},{index},1,1,strong"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def uneven(tmp_path_factory):
    """Two questions, of two and four samples, under other column names."""
    path = tmp_path_factory.mktemp("logs") / "uneven.csv"
    rows = [("short", 2), ("long", 4)]
    lines = [
        "qid,i,prediction,gold",
        *(f"{name},{i},{i % 2},1" for name, count in rows for i in range(count)),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- what is printed ---------------------------------------------------------------------------


def test_curve_in_a_pipe_is_plain_text():
    done = kcurve("curve", "--example")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.isascii(), "no colours, no chart"
    assert "\x1b" not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())
    assert "plurality vote" in done.stdout
    assert "999 questions x 30 samples" in done.stdout
    assert "From 15 to 30 calls" in done.stdout


def test_table_shows_the_numbers_of_the_library():
    curve = kc.curve(kc.example_log(), kc.Vote(), k=[1, 10, 30])
    printed = kcurve("curve", EXAMPLE, "--k", "1,10,30").stdout
    shown = re.findall(r"^ *(\d+) +([\d.]+)% +([\d.]+)% to +([\d.]+)%", printed, re.MULTILINE)
    wanted = zip(curve.k, curve.mean, curve.low, curve.high, strict=True)
    assert shown == [(str(k), *(f"{100 * value:.1f}" for value in values)) for k, *values in wanted]


def test_curve_on_a_terminal_has_a_chart_and_fits():
    shown, code = on_terminal("curve", "--example", NO_COLOR="1")
    assert code == 0
    assert "\x1b[3" not in shown, "no colours; bold and dim are none"
    assert any("\u2800" < character <= "\u28ff" for character in shown)
    assert "calls per question, log scale" in shown
    assert widest(shown) <= 80


def test_colours_come_on_a_terminal_only():
    assert "\x1b[36m" in on_terminal("curve", "--example")[0]


def test_terminal_without_braille_gets_ascii():
    shown, code = on_terminal(
        "curve", "--example", NO_COLOR="1", PYTHONUTF8="0", PYTHONIOENCODING="ascii"
    )
    assert code == 0
    assert shown.isascii()
    assert "****" in shown


@pytest.mark.parametrize("columns", [30, 50, 200])
def test_width_of_the_terminal_is_respected(columns):
    shown, code = on_terminal("curve", "--example", NO_COLOR="1", COLUMNS=str(columns))
    assert code == 0
    assert widest(shown) <= columns


def test_json_is_one_object_with_stable_keys():
    found = json.loads(kcurve("curve", "--example", "--k", "1,2,30", "--json").stdout)
    assert list(found) == ["curves"]
    (curve,) = found["curves"]
    expected = kc.curve(kc.example_log(), kc.Vote(), k=[1, 2, 30])
    assert list(curve) == ["log", "group", *expected.to_dict(), "last_doubling"]
    assert {name: curve[name] for name in expected.to_dict()} == expected.to_dict()
    gain = curve["last_doubling"]
    assert (gain["from_k"], gain["to_k"]) == (2, 30)
    assert gain["gain"] == pytest.approx(expected.mean[2] - expected.mean[1], abs=1e-12)
    assert gain["low"] < gain["gain"] < gain["high"]


def test_csv_has_a_row_per_point():
    rows = list(csv.DictReader(io.StringIO(kcurve("curve", "--example", "--csv").stdout)))
    expected = kc.curve(kc.example_log())
    assert list(rows[0]) == ["log", "group", "k", "mean", "low", "high"]
    np.testing.assert_array_equal([int(row["k"]) for row in rows], expected.k)
    np.testing.assert_array_equal([float(row["mean"]) for row in rows], expected.mean)


def test_undefined_bands_are_null_and_empty():
    common = ("curve", "--example", "--k", "15,30", "--interval", "estimation")
    (curve,) = json.loads(kcurve(*common, "--json").stdout)["curves"]
    assert curve["low"][0] < curve["mean"][0]
    assert curve["low"][1] is None
    assert kcurve(*common, "--csv").stdout.splitlines()[-1].endswith(",,")
    assert "nan" not in kcurve(*common).stdout


def test_models_are_compared_row_by_row(two_models):
    done = kcurve("curve", two_models, "--by", "model")
    assert done.returncode == 0
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if "%" in line}
    assert rows["strong"][:4] == ["strong", "3", "100.0%", "100.0%"]
    assert rows["weak"][2] == "41.7%"


def test_comparison_fits_a_terminal(tmp_path, two_models):
    text = two_models.read_text(encoding="utf-8")
    path = tmp_path / "models.csv"
    path.write_text(
        text.replace("weak", "maker/w" + "e" * 60 + "ak").replace("strong", "maker/strong")
    )
    shown, code = on_terminal("curve", path, "--by", "model", COLUMNS="70")
    assert code == 0
    assert widest(shown) <= 70
    assert "maker/we" in shown
    assert "eak" in shown
    assert "maker/strong" in shown


def test_several_logs_are_compared(two_models, uneven):
    done = kcurve(
        "curve", EXAMPLE, two_models, "--model", "strong", "--json",
    )  # fmt: skip
    assert done.returncode == 2, "the example has no such model"
    done = kcurve("curve", EXAMPLE, "--example", "--k", "1,2", "--csv")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "log", "pot_svamp", "pot_svamp", "example", "example",
    ]  # fmt: skip
    assert kcurve("curve", uneven, *COLUMNS, "--json").returncode == 0


COLUMNS = (
    "--column",
    "question=qid",
    "--column",
    "sample=i",
    "--column",
    "answer=prediction",
    "--column",
    "reference=gold",
)


def test_columns_can_be_named(uneven):
    found = json.loads(kcurve("summary", uneven, *COLUMNS, "--json").stdout)
    assert found["logs"][0]["log"] == "uneven"


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--rule", "pass-at-k"], kc.PassAtK()),
        (["--rule", "pass-hat-k"], kc.PassHatK()),
        (["--rule", "g-pass-at-k", "--tau", "0.5"], kc.GPassAtK(0.5)),
        (["--rule", "mean-at-k"], kc.MeanAtK()),
        (
            ["--rule", "vote", "--ties", "wrong", "--no-answer", "drop"],
            kc.Vote(ties="wrong", no_answer="drop"),
        ),
    ],
)
def test_rules_and_their_settings(options, rule):
    done = kcurve("curve", "--example", *options, "--k", "1,3", "--min-samples", "5", "--json")
    expected = kc.curve(kc.example_log(), rule, k=[1, 3])
    assert json.loads(done.stdout)["curves"][0]["mean"] == expected.mean.tolist()


def test_k_beyond_the_log_with_replacement():
    done = kcurve("curve", "--example", "--with-replacement", "--k", "1:1000:log4", "--csv")
    assert [line.split(",")[2] for line in done.stdout.splitlines()[1:]] == [
        "1",
        "10",
        "100",
        "1000",
    ]


def test_summary_speaks_of_questions():
    done = kcurve("summary", "--example")
    assert done.returncode == 0
    assert "999" in done.stdout
    assert (
        json.loads(kcurve("summary", "--example", "--json").stdout)["logs"][0]["log"] == "example"
    )


@pytest.mark.parametrize("command", [[], ["curve"], ["summary"]])
def test_help_shows_an_example(command):
    done = kcurve(*command, "--help")
    assert done.returncode == 0
    assert "kcurve curve --example" in done.stdout or "kcurve summary --example" in done.stdout


def test_version():
    assert kcurve("--version").stdout == f"kcurve {kc.__version__}\n"


def test_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "kcurve", "curve", "--example", "--csv"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == kcurve("curve", "--example", "--csv").stdout


# --- what goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["curve"], "no log given; name a Parquet, CSV or JSONL file or a store, or use --example"),
        (["curve", "absent.parquet"], "absent.parquet"),
        (["curve", "--example", "--nope"], "Unknown option: --nope"),
        (["curve", "--example", "--rule", "bogus"], 'Invalid value "bogus" for --rule'),
        (["curve", "--example", "--k"], "--k requires an argument"),
        (["curve", "--example", "--k", "many"], '--k does not understand "many"'),
        (
            ["curve", "--example", "--k", "31"],
            "--k 31 needs 31 samples and example has 30 of question",
        ),
        (["curve", "--example", "--k", "1:31"], "use --min-samples 31 or --with-replacement"),
        (["curve", "--example", "--level", "2"], "level"),
        (["curve", "--example", "--threads", "0"], "threads"),
        (["curve", "--example", "--json", "--csv"], "--json and --csv exclude each other"),
        (["curve", "--example", "--tau", "0.5"], "--tau is no setting of --rule vote"),
        (["curve", "--example", "--rule", "g-pass-at-k"], "--rule g-pass-at-k needs --tau"),
        (["curve", "--example", "--rule", "best-of-n"], "score"),
        (["curve", "--example", "--rule", "filter-vote"], "keep"),
        (["curve", "--example", "--column", "answer"], '--column takes ROLE=NAME, got "answer"'),
        (["curve", "--example", "--column", "x=y"], '--column has no role "x"'),
        (["curve", EXAMPLE, "--column", "answer=prediction"], "prediction"),
        (["curve", "--example", "--model", "absent"], "absent"),
        (["curve", "--example", "--min-samples", "31"], "no question is left"),
        (["bogus"], 'Unknown command "bogus"'),
        (["summary", __file__], "test_cli.py"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(arguments, message):
    done = kcurve(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("kcurve: error: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    assert message in done.stderr


def test_mixed_models_are_refused_with_the_option_to_use(two_models):
    done = kcurve("curve", two_models)
    assert done.returncode == 2
    assert done.stderr.endswith(
        "models holds 2 models (weak, strong); choose one with --model or use --by model\n"
    )


def test_questions_too_short_are_named(uneven):
    done = kcurve("curve", uneven, *COLUMNS, "--k", "3")
    assert '--k 3 needs 3 samples and uneven has 2 of question "short"' in done.stderr
    assert kcurve("curve", uneven, *COLUMNS, "--k", "3", "--min-samples", "3").returncode == 0


def test_reader_that_leaves_is_no_error():
    with subprocess.Popen(
        [
            KCURVE,
            "curve",
            "--example",
            "--with-replacement",
            "--k",
            "1:1000",
            "--rule",
            "pass-at-k",
            "--csv",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.fixture(scope="session")
def long_work(tmp_path_factory):
    """Arguments whose work takes minutes: many answers per question, left out one by one."""
    path = tmp_path_factory.mktemp("logs") / "long.csv"
    random = np.random.default_rng(1)
    answers = random.zipf(1.4, size=(300, 400)) % 300
    lines = [f"{question},{answer},1" for question, row in enumerate(answers) for answer in row]
    path.write_text("\n".join(["question_id,answer,reference", *lines]) + "\n", encoding="utf-8")
    return [
        "curve",
        path,
        "--with-replacement",
        "--k",
        "1:50000:log5000",
        "--interval",
        "estimation",
    ]


def test_progress_is_shown_and_interrupt_ends_the_work_at_once(long_work):
    ours, theirs = pty.openpty()
    with subprocess.Popen([KCURVE, *long_work], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = os.read(ours, 65536)  # the bar appears when the work has begun
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        assert process.stdout.read() == b""
        assert process.wait() == 130
        assert time.monotonic() - begin < 10
    while b"interrupted" not in shown:
        shown += os.read(ours, 65536)
    os.close(ours)
    assert b"Traceback" not in shown
    assert b"kcurve: interrupted" in shown


def test_interrupt_in_a_pipe_says_one_line(long_work):
    with subprocess.Popen(
        [KCURVE, *long_work], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(8)  # the imports take about one second
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert output == b""
    assert errors == b"kcurve: interrupted\n"
