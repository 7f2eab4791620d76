"""What workers are asked to do: functions of plain values, which any engine can send."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from kcurve import _core
from kcurve.curve.estimate import fewest_samples
from kcurve.curve.evaluation import drawn_log, exact_tables
from kcurve.curve.methods import Bootstrap
from kcurve.curve.replay import Replays, replay
from kcurve.errors import LogError
from kcurve.log import TalliedLog
from kcurve.log.core_form import tallied_from_core
from kcurve.log.scan import scan_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kcurve.curve.methods import Method
    from kcurve.distributed.plan import Part
    from kcurve.log.tabular import Columns
    from kcurve.rules import Rule

Scores: TypeAlias = "NDArray[np.float64] | Replays"
"""Per-question scores [Q, K], or the sums over replicates."""


class Summary(NamedTuple):
    """What has to be known of every bucket before any is scored."""

    questions: int
    samples: int
    """Of the question with the fewest."""
    models: tuple[str, ...]
    scored: bool

    @classmethod
    def of(cls, log: TalliedLog | None) -> Summary:
        """Summarise a bucket; None is one without questions."""
        if log is None:
            return cls(0, np.iinfo(np.int64).max, (), scored=False)
        return cls(log.n_questions, fewest_samples(log), log.model.names, log.score is not None)


def scan_share(
    parts: Sequence[Part], buckets: int, columns: Columns, memory: str | int
) -> tuple[int | bytes, ...]:
    """Count the rows of these row groups.

    Returns the bytes of all blocks, and one block for each bucket of questions.
    """
    request = scan_request(columns, memory, threads=1, spill=None, progress=None)
    blocks = _core.scan_part(parts, buckets, request)
    return sum(map(len, blocks)), *blocks


def merge_bucket(blocks: Sequence[bytes], rule: Rule) -> tuple[Summary, TalliedLog | None]:
    """Put the blocks of a bucket together: what is in it, and the log that the rule draws from."""
    try:
        values = _core.merge_parts(blocks)
    except LogError as error:
        if str(error) != _no_rows():
            raise
        return Summary.of(None), None
    log = drawn_log(TalliedLog(**tallied_from_core(values)), rule)
    assert isinstance(log, TalliedLog)  # noqa: S101 - as it was before
    return Summary.of(log), log


def score_bucket(
    log: TalliedLog,
    rule: Rule,
    calls: NDArray[np.int64],
    method: Method,
    scored: bool,  # noqa: FBT001 - tasks are called by position
) -> tuple[tuple[TalliedLog, Scores]]:
    """Return the log of a bucket and its scores.

    If the log is `scored` elsewhere, a bucket without any score is one where all are missing.
    """
    # Engines may hand over arrays that are not aligned: views into what came by the network.
    log, calls = deepcopy((log, calls))
    if scored and log.score is None:
        log = replace(log, score=np.full(len(log.codes), np.nan))
    scores: Scores
    if isinstance(method, Bootstrap):
        scores = replay(log, rule, calls, method, threads=1)
    else:
        scores, _ = exact_tables(log, rule, calls, replacement=method.replacement, threads=1)
    return ((log, scores),)


def refuse_no_rows(summaries: Sequence[Summary]) -> None:
    """Fail if no bucket has a question, in the words of the core."""
    if not any(one.questions for one in summaries):
        raise LogError(_no_rows())


def _no_rows() -> str:
    """Return what the core says of blocks without rows: an empty bucket is no error here."""
    try:
        _core.merge_parts([])
    except LogError as error:
        return str(error)
    return ""
