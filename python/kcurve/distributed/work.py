"""The course of the work: count shares of the rows, merge buckets of questions, score them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.estimate import numbers_of_calls, refuse_several_models
from kcurve.curve.replay import Replays
from kcurve.distributed.tasks import (
    Summary,
    merge_bucket,
    refuse_no_rows,
    scan_share,
    score_bucket,
)
from kcurve.log.union import united

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from kcurve.curve.methods import Method
    from kcurve.distributed.checkpoint import Checkpoint
    from kcurve.distributed.executor import Executor, Future
    from kcurve.distributed.plan import Part
    from kcurve.distributed.tasks import Scores
    from kcurve.log import TalliedLog
    from kcurve.log.tabular import Columns
    from kcurve.rules import Rule

Result = tuple["TalliedLog | None", "Scores | None"]
"""What comes of a bucket; None without questions."""


@dataclass(kw_only=True)
class Work:
    """What one curve asks for, and how far it has come."""

    engine: Executor
    divided: Sequence[Sequence[Part]]
    buckets: int
    rule: Rule
    k: int | list[int] | None
    method: Method
    columns: Columns
    memory: str | int
    kept: Checkpoint | None
    progress: Callable[[int, int], object] | None
    done: int = 0
    total: int = 0
    futures: list[Future] = field(default_factory=list)

    def result(self) -> tuple[TalliedLog, Scores, NDArray[np.int64]]:
        """Do the work: the log of all buckets, its scores, and the numbers of calls."""
        try:
            finished = self._finished()
            merged = self._merged([b for b in range(self.buckets) if b not in finished])
            summaries = [summary for summary, _ in merged.values()]
            summaries += [Summary.of(log) for log, _ in finished.values()]
            refuse_no_rows(summaries)
            refuse_several_models(sorted({name for one in summaries for name in one.models}))
            calls = numbers_of_calls(self.k, min(one.samples for one in summaries), self.rule)
            finished |= self._scored(merged, calls, scored=any(one.scored for one in summaries))
        except BaseException:
            self.engine.cancel(self.futures)
            raise
        return *together([finished[bucket] for bucket in range(self.buckets)]), calls

    def _finished(self) -> dict[int, Result]:
        """Return the buckets that an earlier run has finished."""
        if self.kept is None:
            return {}
        loaded = {bucket: self.kept.load(bucket) for bucket in range(self.buckets)}
        return {bucket: result for bucket, result in loaded.items() if result is not None}

    def _merged(self, missing: Sequence[int]) -> dict[int, tuple[Summary, Future]]:
        """Count the rows and merge these buckets: a summary and the log of each."""
        if not missing:
            return {}
        self.total = len(self.divided) + 2 * len(missing)
        scans = [
            self.engine.submit(
                scan_share, parts, self.buckets, self.columns, self.memory, pieces=1 + self.buckets
            )
            for parts in self.divided
        ]
        for _ in self._results({share: pieces[0] for share, pieces in enumerate(scans)}):
            pass
        tasks = {
            bucket: self.engine.submit(
                merge_bucket, [pieces[1 + bucket] for pieces in scans], self.rule, pieces=2
            )
            for bucket in missing
        }
        summaries = self._results({bucket: pieces[0] for bucket, pieces in tasks.items()})
        return {bucket: (summary, tasks[bucket][1]) for bucket, summary in summaries}

    def _scored(
        self,
        merged: Mapping[int, tuple[Summary, Future]],
        calls: NDArray[np.int64],
        *,
        scored: bool,
    ) -> dict[int, Result]:
        """Score the merged buckets."""
        results: dict[int, Result] = {
            bucket: (None, None) for bucket, (summary, _) in merged.items() if not summary.questions
        }
        self.total -= len(results)
        for bucket in results:
            self._keep(bucket, (None, None))
        tasks = {
            bucket: self.engine.submit(
                score_bucket, log, self.rule, calls, self.method, scored, pieces=1
            )[0]
            for bucket, (_, log) in merged.items()
            if bucket not in results
        }
        for bucket, result in self._results(tasks):
            results[bucket] = result
            self._keep(bucket, result)
        return results

    def _keep(self, bucket: int, result: Result) -> None:
        if self.kept is not None:
            self.kept.store(bucket, *result)

    def _results(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        self.futures = list(futures.values())
        for name, value in self.engine.completed(futures):
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
            yield name, value


def together(results: Sequence[Result]) -> tuple[TalliedLog, Scores]:
    """Put buckets together, in the order of a scan of all; sums over questions are integers."""
    log, order = united([log for log, _ in results if log is not None])
    scores = [one for _, one in results if one is not None]
    replays = [one for one in scores if isinstance(one, Replays)]
    if not replays:
        return log, np.concatenate(scores)[order]  # type: ignore[arg-type]

    def rows(name: str) -> NDArray[np.uint64]:
        return np.concatenate([getattr(one, name) for one in replays])[order]

    def total(name: str) -> NDArray[np.uint64]:
        sums = [getattr(one, name) for one in replays]
        return np.asarray(np.sum(sums, axis=0, dtype=np.uint64))

    return log, Replays(
        per_question=rows("per_question"),
        questions=rows("questions"),
        units=rows("units"),
        per_replicate=total("per_replicate"),
        fresh=total("fresh"),
        weights=total("weights"),
        seed=replays[0].seed,
    )
