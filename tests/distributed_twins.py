"""A log in several files, and the comparison of a curve of workers with that of one machine."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import kcurve as kc

FILES = 4
RULES = [
    (kc.Vote(), kc.Exact(), {}),
    (kc.Vote(no_answer="drop"), kc.Exact(replacement=True), {}),
    (kc.PassAtK(), kc.Exact(), {}),
    (kc.BestOfN(), kc.Exact(), {"score": "score"}),
    (kc.Vote(), kc.Bootstrap(n_resamples=300, rng=3), {}),
    (kc.Vote(ties="first"), kc.Bootstrap(n_resamples=300, replacement=False), {}),
    (kc.FilterVote(), kc.Bootstrap(n_resamples=256), {"keep": "keep"}),
    (kc.WeightedVote(), kc.Bootstrap(n_resamples=300), {"score": "score"}),
    (kc.Vote(), kc.Bootstrap(n_resamples=300), {"cluster": "family"}),
    (kc.Vote(), kc.Exact(), {"cluster": "family"}),
]


def write_log(folder, *, questions=60, samples=14, seed=0):
    """Shuffled rows, so that every question is in several files and row groups."""
    rng = np.random.default_rng(seed)
    question = np.repeat(np.arange(questions), samples)
    difficulty = rng.random(questions)[question]
    answer = np.where(rng.random(len(question)) < difficulty, 0, rng.integers(1, 5, len(question)))
    missing = (rng.random(len(question)) < 0.1) & (np.arange(len(question)) % samples > 2)
    rows = rng.permutation(len(question))
    names = np.array([f"{'long ' * (q % 4)}question {q}" for q in range(questions)])
    table = pa.table(
        {
            "question_id": names[question],
            "dataset": np.array(["zebra", "apple", "mango"])[question % 3],
            "answer": pa.array([f"answer {a}" for a in answer], mask=missing),
            "correct": (answer == 0) & ~missing,
            "keep": rng.random(len(question)) < 0.7,
            "score": rng.integers(0, 9, len(question)) / 8,
            "family": np.array([f"family {f}" for f in range(7)])[question // 9],
        }
    ).take(rows)
    bounds = np.linspace(0, len(rows), FILES + 1).astype(int)
    paths = [folder / f"part-{number}.parquet" for number in range(FILES)]
    for path, start, end in zip(paths, bounds[:-1], bounds[1:], strict=True):
        pq.write_table(table.slice(start, end - start), path, row_group_size=70)
    return paths


def expected(paths, rule, method, columns, **settings):
    """What one machine says."""
    return kc.curve(kc.scan_log(paths, **columns), rule, method=method, **settings)


def assert_same_bits(one, other):
    assert one.log == other.log
    for name in ("k", "mean", "low", "high", "per_question"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.interval == other.interval
    if isinstance(one.method, kc.Bootstrap):
        for kind in ("combined", "run_to_run", "fresh_run"):
            np.testing.assert_array_equal(one.replicates(kind), other.replicates(kind), kind)
        one, other = (curve.extend(n_resamples=50).band("fresh_run") for curve in (one, other))
    else:
        one, other = (curve.band("generalisation") for curve in (one, other))
    for name in ("mean", "low", "high", "per_question"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
