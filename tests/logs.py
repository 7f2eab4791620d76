"""Build answer logs for tests: from the oracles' samples, from counts, from matrices of simulated codes."""

from __future__ import annotations

import math
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
    """Return the log of these questions, named q0000, q0001, ... in order, with scores and keep flags.

    Models and clusters, one per question, make it pass through a table.
    """
    names = [f"q{i:04}" for i in range(len(questions))]
    if models is not None or clusters is not None:
        return kc.AnswerLog.from_table(_table(questions, names, models, clusters))
    return kc.AnswerLog.from_codes(
        [[-1 if s.answer is None else s.answer for s in samples] for samples in questions],
        correct=[[s.correct for s in samples] for samples in questions],
        question=names,
        score=[
            [math.nan if s.score is None else s.score for s in samples] for samples in questions
        ],
        keep=[[s.keep for s in samples] for samples in questions],
    )


def _table(
    questions: Sequence[Sequence[Sample]],
    names: Sequence[str],
    models: Sequence[str] | None,
    clusters: Sequence[str] | None,
) -> pa.Table:
    rows = [
        (i, j, sample) for i, samples in enumerate(questions) for j, sample in enumerate(samples)
    ]
    columns = {
        "question_id": [names[i] for i, _, _ in rows],
        "sample_index": [j for _, j, _ in rows],
        "answer": [None if s.answer is None else str(s.answer) for _, _, s in rows],
        "correct": [s.correct for _, _, s in rows],
    }
    for role, values in (("model", models), ("cluster", clusters)):
        if values is not None:
            columns[role] = [values[i] for i, _, _ in rows]
    return pa.table(columns)


def counts_log(*counts: Sequence[int]) -> kc.AnswerLog:
    """Return a log with one question per list of counts; the first answer of each is correct."""
    return log_of([question(each) for each in counts])
