"""Tables of samples, and logs as plain Python."""

from __future__ import annotations

import math

import kcurve as kc

ROWS = {
    "question_id": ["q1", "q2", "q1", "q2", "q1", "q3"],
    "sample_index": [1, 0, 0, 1, 2, 0],
    "answer": ["5", "π", "4", None, "5", ""],
    "reference": ["5", "x", "5", "x", "5", ""],
    "score": [0.5, None, 0.25, 1.0, -1.0, 2.0],
    "model": ["m"] * 6,
}


def rows_of(log):
    """The log as plain Python, question by question."""
    return {
        (log.dataset[q], log.model[q], log.question[q]): [
            (int(log.sample[i]), log.answer(q, i - start), bool(log.correct[i]))
            for i in range(start, stop)
        ]
        for q, (start, stop) in enumerate(
            zip(log.offsets[:-1].tolist(), log.offsets[1:].tolist(), strict=True)
        )
    }


def full_log():
    return kc.AnswerLog.from_table(
        {
            "question_id": ["a", "a", "b", "b", "b"],
            "sample_index": [10, 20, 3, 1, 2],
            "answer": ["1", None, "ü", "", "1"],
            "reference": ["1", "1", None, None, None],
            "correct": [None, None, True, False, False],
            "score": [0.5, None, 3.0, 2.0, 1.0],
            "keep": [True, False, True, True, False],
            "step_scores": [[0.1, 0.2], [], None, [0.3], [math.nan, 1.0]],
            "tokens_in": [1, 2, None, 4, 5],
            "tokens_out": [10, 20, 30, 40, 50],
            "cost": [0.1] * 5,
            "latency": [1.5, 2.5, 3.5, 4.5, None],
            "status": ["ok", "truncated", None, "error", "ok"],
            "model": ["m", "m", "n", "n", "n"],
            "dataset": ["d"] * 5,
            "cluster": ["x", "x", None, "y", "y"],
        }
    )
