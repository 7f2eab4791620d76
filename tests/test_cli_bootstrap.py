"""Bootstraps and large logs from the command line."""

import json

import numpy as np
import pytest

import kcurve as kc
from tests.test_cli import kcurve


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Two files of one log, its questions spread over both."""
    folder = tmp_path_factory.mktemp("big")
    log = kc.example_log()
    first = np.arange(log.n_questions) % 3 == 0
    log.select(questions=first).to_parquet(folder / "a.parquet")
    log.select(questions=~first).to_parquet(folder / "b.parquet")
    return sorted(folder.iterdir())


def test_many_files_are_one_log_with_a_seed(parts):
    options = (
        "--method bootstrap --n-resamples 300 --seed 7 --threads 2 --memory 2GB --json --k 1,3,9"
    )
    done = kcurve("curve", *parts, *options.split())
    assert done.stderr == ""
    [curve] = json.loads(done.stdout)["curves"]
    method = kc.Bootstrap(n_resamples=300, rng=7)
    expected = kc.curve(kc.example_log(), k=[1, 3, 9], method=method)
    assert curve["mean"] == expected.mean.tolist()
    assert curve["low"] == expected.low.tolist()
    assert curve["method"] == repr(method)
    assert curve["log"] == "2 files"


def test_the_method_is_said(parts):
    done = kcurve("curve", parts[0], "--method", "bootstrap", "--without-replacement", "--k", "2")
    assert "2,048 bootstrap replicates, without replacement" in done.stdout
    done = kcurve("curve", parts[0], "--interval", "fresh-run", "--k", "2")
    assert "for one run of the system on fresh questions" in done.stdout


@pytest.mark.parametrize(
    ("options", "rule", "words"),
    [
        ("", kc.WeightedVote(), "sum of scores"),
        (
            "--weight mean --temperature 0.5 --top 0.5",
            kc.WeightedVote(weight="mean", temperature=0.5, top=0.5),
            "mean of exp(score / 0.5), the top 50% vote",
        ),
        (
            "--weight borda --power 2 --ties first",
            kc.WeightedVote(weight="borda", power=2, ties="first"),
            "borda of ranks to the power 2, ties to the first drawn",
        ),
    ],
)
def test_weighted_votes_are_bootstrapped(tmp_path, options, rule, words):
    rng = np.random.default_rng(0)
    codes, score = rng.integers(0, 3, (20, 8)), rng.random((20, 8))
    log = kc.AnswerLog.from_codes(codes, correct=np.zeros(20, dtype=int), score=score)
    path = log.to_parquet(tmp_path / "scored.parquet")
    arguments = ["curve", path, "--rule", "weighted-vote", *options.split(), "--k", "1,4"]
    [curve] = json.loads(kcurve(*arguments, "--json").stdout)["curves"]
    assert curve["mean"] == kc.curve(log, rule, k=[1, 4]).mean.tolist()
    assert words in kcurve(*arguments).stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--n-resamples 10", "--n-resamples is for --method bootstrap"),
        ("--seed 1 --method exact", "--seed is for --method bootstrap"),
        ("--method bootstrap --seed -1", "rng must be an integer from 0"),
        ("--method bootstrap --interval estimation", 'a bootstrap has no interval "estimation"'),
        ("--memory lots", "memory must be a size"),
        ("--memory 1GB --duplicates first", "--memory does not look for duplicates"),
        ("--rule weighted-vote --method exact", "has no closed form"),
        ("--rule weighted-vote", "needs a score column"),
        ("--power 2", "--power is no setting of --rule vote"),
    ],
)
def test_errors_are_one_line(parts, options, message):
    done = kcurve("curve", parts[0], *options.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kcurve: error: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


def test_a_summary_needs_the_samples(parts):
    done = kcurve("summary", *parts, "--memory", "1GB")
    assert done.returncode == 2
    assert "a summary needs the samples one by one; leave out --memory" in done.stderr
