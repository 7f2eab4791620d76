"""Build answer logs for tests: from the oracles' samples, from counts, from matrices of simulated codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

import kcurve as kc
from tests.oracles.samples import Sample, question

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).parent / "data"


def log_of(
    questions: Sequence[Sequence[Sample]],
    *,
    models: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
) -> kc.AnswerLog:
    """Return the log of these questions, named q0000, q0001, ... in order.

    The score column exists if any sample has a score, the keep column if any sample is dropped by the filter or
    all are kept on purpose: it is always there.
    """
    rows = [
        (i, j, sample) for i, samples in enumerate(questions) for j, sample in enumerate(samples)
    ]
    columns: dict[str, pa.Array] = {
        "question_id": pa.array([f"q{i:04}" for i, _, _ in rows], pa.string()),
        "sample_index": pa.array([j for _, j, _ in rows], pa.int64()),
        "answer": pa.array(
            [None if s.answer is None else f"answer {s.answer}" for _, _, s in rows], pa.string()
        ),
        "correct": pa.array([s.correct for _, _, s in rows], pa.bool_()),
        "keep": pa.array([s.keep for _, _, s in rows], pa.bool_()),
        "score": pa.array([s.score for _, _, s in rows], pa.float64()),
    }
    names = {"score": "score", "keep": "keep"}
    if models is not None:
        columns["model"] = pa.array([models[i] for i, _, _ in rows], pa.string())
        names["model"] = "model"
    if clusters is not None:
        columns["cluster"] = pa.array([clusters[i] for i, _, _ in rows], pa.string())
        names["cluster"] = "cluster"
    return kc.AnswerLog.from_table(pa.table(columns), **names)


def counts_log(*counts: Sequence[int]) -> kc.AnswerLog:
    """Return a log with one question per list of counts; the first answer of each is correct."""
    return log_of([question(each) for each in counts])
