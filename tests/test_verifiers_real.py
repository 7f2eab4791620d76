"""Two real verifiers: tests that a model wrote, and a model's confidence. One misleads, one does not."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import kcurve as kc
from kcurve.verifiers import best_of_n_ceiling, over_optimisation, roc, shifted, verifier_value
from tests.logs import DATA
from tests.oracles import verifiers as oracle

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "verifier_report.py"


@pytest.fixture(scope="module")
def programs() -> kc.AnswerLog:
    return kc.read_log(DATA / "humaneval_codegen16b.parquet")


@pytest.fixture(scope="module")
def confidence() -> kc.AnswerLog:
    return kc.read_log(DATA / "deepconf_brumo_even.parquet", cluster="question_id")


def test_areas_of_two_questions_are_those_of_all_pairs(programs: kc.AnswerLog) -> None:
    table = pq.read_table(
        DATA / "humaneval_codegen16b.parquet", columns=["question_id", "score", "correct"]
    ).to_pylist()
    found = roc(programs).per_question
    for name in ("HumanEval/22", "HumanEval/11"):
        samples = [(row["score"], row["correct"]) for row in table if row["question_id"] == name]
        exact = oracle.auc(samples)
        place = list(programs.question).index(name)
        if exact is None:
            assert np.isnan(found[place])
        else:
            assert found[place] == pytest.approx(float(exact), rel=1e-12)


def test_tests_written_by_a_model_are_gamed(programs: kc.AnswerLog) -> None:
    found = over_optimisation(programs)
    assert (found.k, found.misled, found.falling) == (5, 74, 78)
    assert found.drop == pytest.approx(0.0911, abs=5e-4)
    assert found.p_value < 0.001
    assert (np.diff(found.chosen_score) > 0).all()
    ceiling = best_of_n_ceiling(programs)
    assert ceiling.limit < ceiling.accuracy.max() < ceiling.solved
    assert ceiling.trend_high < 0


def test_confidence_is_not(confidence: kc.AnswerLog) -> None:
    found = over_optimisation(confidence)
    assert (found.k, found.falling) == (64, 0)
    assert found.p_value > 0.5
    assert roc(confidence).within_auc > 0.9
    assert len(np.unique(confidence.cluster.codes)) == 15


def test_a_good_area_within_questions_promises_too_much(programs: kc.AnswerLog) -> None:
    """Normal scores of that area would rise to .47; these reach .23."""
    value = verifier_value(programs, k=[1, 64])
    assert value.present == pytest.approx(0.7805, abs=5e-4)
    assert value.present_accuracy[1] > 2 * value.logged[1]
    assert value.equivalent[1] < 0.5
    better = kc.curve(shifted(programs, auc=0.9), kc.BestOfN(), k=64, interval=None).mean[0]
    assert value.logged[1] < better < value.accuracy[3, 1]


def test_the_example_draws_what_it_prints(tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLE, DATA / "deepconf_brumo_even.parquet", "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "verifiers.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "verifiers.csv").open(encoding="utf-8") as file:
        rows = {row["quantity"]: row["value"] for row in csv.DictReader(file)}
    assert float(rows["AUC within questions"]) == pytest.approx(0.9522, abs=5e-4)
    assert int(rows["peak k"]) == 64
    assert len(done.stdout.splitlines()) == len(rows)
