"""Sampled answers by the hundred million, written row group by row group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROW_GROUP = 1 << 20
SAMPLES = 1_000
"""Samples of a question."""
ANSWERS = 10
"""Distinct answers of a question; the first is correct."""


class Layout(NamedTuple):
    """How the rows are laid out: what ids and answers are, and in which order they come."""

    texts: bool
    shuffled: bool

    @property
    def name(self) -> str:
        """The name of the layout in tables and files."""
        return f"{'text' if self.texts else 'integers'}-{'shuffled' if self.shuffled else 'sorted'}"


LAYOUTS = tuple(Layout(texts, shuffled) for texts in (False, True) for shuffled in (False, True))


def write(path: Path, layout: Layout, rows: int) -> None:
    """Write a file of this many rows, a thousand to a question.

    Answers are small integers of their question, so that different questions share some of them.
    Shuffled rows are draws of the question at random: no row says anything of the next.
    """
    rng = np.random.default_rng(rows)
    questions = max(rows // SAMPLES, 1)
    text = pa.string() if layout.texts else pa.int64()
    schema = pa.schema([("question_id", text), ("answer", text), ("correct", pa.bool_())])
    weights = 0.6 ** np.arange(ANSWERS)
    weights /= weights.sum()
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, rows, ROW_GROUP):
            count = min(ROW_GROUP, rows - start)
            if layout.shuffled:
                question = rng.integers(0, questions, count)
            else:
                question = np.arange(start, start + count) // SAMPLES
            rank = rng.choice(ANSWERS, count, p=weights)
            answer = (question * 7 + rank * rank * 13) % 997
            columns = [
                _ids(question, layout.texts, "question-"),
                _ids(answer, layout.texts, ""),
                pa.array(rank == 0),
            ]
            file.write_table(pa.table(columns, schema=schema), row_group_size=ROW_GROUP)


def _ids(numbers: NDArray[np.int64], texts: bool, prefix: str) -> pa.Array:  # noqa: FBT001
    if not texts:
        return pa.array(numbers)
    distinct, positions = np.unique(numbers, return_inverse=True)
    names = pa.array([f"{prefix}{number}" for number in distinct.tolist()])
    return names.take(pa.array(positions))
