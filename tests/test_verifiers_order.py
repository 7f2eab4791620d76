"""What holds of every analysis of a verifier: the order of the questions, several models, what is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.errors import LogError, MissingColumnError
from kcurve.simulate import DirichletQuestions, RewardModel
from kcurve.verifiers import (
    OverOptimisation,
    best_of_n_ceiling,
    calibration,
    filter_ceiling,
    over_optimisation,
    recalibrated,
    roc,
    shifted,
    verifier_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def turn(found: OverOptimisation) -> dict[str, object]:
    """Return the numbers; of the curve, which is not of this room, its means only."""
    numbers = found.to_dict()
    return {**numbers, "curve": {name: numbers["curve"][name] for name in ("mean", "chosen_score")}}


ANALYSES: dict[str, Callable[[kc.AnswerLog], object]] = {
    "roc": lambda log: roc(log).to_dict(),
    "roc within": lambda log: roc(log, within="question").tpr.tolist(),
    "calibration": lambda log: calibration(log, resamples=100).to_dict(),
    "recalibrated": lambda log: calibration(recalibrated(log), resamples=100).to_dict(),
    "ceiling": lambda log: best_of_n_ceiling(log).to_dict(),
    "filter": lambda log: filter_ceiling(log, [0.5]).to_dict(),
    "over-optimisation": lambda log: turn(over_optimisation(log, resamples=200)),
    "value": lambda log: verifier_value(log, auc=[0.8], k=[4], spread=0).to_dict(),
    "shifted": lambda log: roc(shifted(log, auc=0.9)).to_dict(),
}


UNCLUSTERED = {"roc within", "recalibrated", "shifted"}
"""Those that have no interval, or that move questions by cluster."""


def tables(clusters: int) -> list[pa.Table]:
    """Return a log and the same log with its questions in another order."""
    log = DirichletQuestions(answers=3, correct=0.4, concentration=3.0).log(
        40, 9, score=RewardModel(auc=0.7)
    )
    score = np.round(log.score, 1)  # with ties
    found = []
    for order in (np.arange(40), np.random.default_rng(3).permutation(40)):
        rows = (order[:, None] * 9 + np.arange(9)).ravel()
        found.append(
            pa.table(
                {
                    "question_id": [f"q{row // 9}" for row in rows],
                    "sample_index": [int(row % 9) for row in rows],
                    "answer": [str(log.codes[row]) for row in rows],
                    "correct": [bool(log.correct[row]) for row in rows],
                    "score": score[rows],
                    "cluster": [f"c{row // 9 % clusters}" for row in rows],
                }
            )
        )
    return found


@pytest.mark.parametrize("clusters", [12, 40])
@pytest.mark.parametrize("name", ANALYSES)
def test_no_bit_depends_on_the_order_of_the_questions(name: str, clusters: int) -> None:
    a, b = (ANALYSES[name](kc.AnswerLog.from_table(table)) for table in tables(clusters))
    assert json.dumps(a) == json.dumps(b)


@pytest.mark.parametrize("name", [n for n in ANALYSES if n not in UNCLUSTERED])
def test_clusters_change_only_what_is_unsure(name: str) -> None:
    """Forty questions in twelve clusters are another number of units: estimates stay."""
    a, b = (ANALYSES[name](kc.AnswerLog.from_table(tables(n)[0])) for n in (12, 40))
    assert isinstance(a, dict)
    assert isinstance(b, dict)
    certain = {"auc", "brier", "drop", "accuracy", "plug_in", "n_questions"} & set(a)
    assert certain
    for key in certain:
        np.testing.assert_allclose(a[key], b[key], rtol=1e-12)
    assert a != b


@pytest.mark.parametrize("name", ANALYSES)
def test_several_models_and_logs_without_scores_are_refused(name: str) -> None:
    table = tables(40)[0]
    models = pa.array(["a", "b"] * (table.num_rows // 2))
    with pytest.raises(LogError, match="holds 2"):
        ANALYSES[name](kc.AnswerLog.from_table(table.append_column("model", models)))
    with pytest.raises(MissingColumnError, match="score"):
        ANALYSES[name](kc.AnswerLog.from_table(table.drop_columns("score")))


def test_nothing_slow_is_imported_before_it_is_used() -> None:
    code = "import sys, kcurve.verifiers; print({'scipy', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
