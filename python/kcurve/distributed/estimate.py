"""`curve`, with the work on many workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from os.path import abspath
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import choice, instance, positive_integer
from kcurve.curve.bands import INTERVALS
from kcurve.curve.estimate import (
    chosen_method,
    curve_of,
    numbers_of_calls,
    refuse_several_models,
)
from kcurve.curve.replay import Replays
from kcurve.distributed.checkpoint import Checkpoint
from kcurve.distributed.executor import Executor
from kcurve.distributed.plan import default_buckets, default_partitions, row_groups, shares
from kcurve.distributed.process_pool import ProcessPool
from kcurve.distributed.tasks import Summary, merge_bucket, scan_share, score_bucket
from kcurve.errors import LogError
from kcurve.log.scan import scan_request, source_files
from kcurve.log.union import united
from kcurve.rules import Rule, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from os import PathLike
    from typing import Any, Unpack

    from numpy.typing import NDArray

    from kcurve.curve.bands import Interval
    from kcurve.curve.methods import Method
    from kcurve.curve.result import Curve
    from kcurve.distributed.executor import Future
    from kcurve.distributed.tasks import Scores
    from kcurve.log import TalliedLog
    from kcurve.log.tabular import Columns


def curve(
    source: str | PathLike[str] | Iterable[str | PathLike[str]],
    rule: Rule = Vote(),  # noqa: B008 - frozen
    *,
    k: int | Iterable[int] | None = None,
    method: Method | None = None,
    interval: Interval | None = "combined",
    level: float = 0.95,
    simultaneous: bool = False,
    executor: Executor | None = None,
    partitions: int | None = None,
    buckets: int | None = None,
    memory: str | int = "1GB",
    checkpoint: str | PathLike[str] | None = None,
    progress: Callable[[int, int], object] | None = None,
    **columns: Unpack[Columns],
) -> Curve:
    r"""Estimate a curve as `kcurve.curve` does of `kcurve.scan_log`, on many workers.

    The result has the same bits as on one machine, for any engine and any division of the work.

    Parameters
    ----------
    source : path, glob or several of them
        Parquet files, as for `scan_log`, which all workers find under the same paths.
    rule, k, method, interval, level, simultaneous
        As for `kcurve.curve`.
    executor : ProcessPool, Dask, Ray or another Executor, optional
        Where the work is done; processes of this machine by default. One that is given stays open.
    partitions : int, optional
        Into how many shares the rows are divided to be counted; by default four per worker.
    buckets : int, optional
        Into how many groups the questions are divided to be scored; by default four per worker,
        rounded up to a power of two. A worker holds one of them in memory.
    memory : str or int
        About how much memory a task may use to count, as for `scan_log`.
    checkpoint : path, optional
        A directory for finished buckets. The same call after an interruption repeats none of them;
        it has to be given the same `buckets`, which is the default on as many workers.
    progress : callable, optional
        Called with the number of tasks done and their total.
    **columns : str or None
        Column names by role, as for `scan_log`.

    Returns
    -------
    Curve

    Raises
    ------
    LogError, MissingColumnError, ArgumentError
        As by `scan_log` and `kcurve.curve`.
    WorkerError
        If worker processes died again and again.

    Notes
    -----
    What travels is counts: from each share to each bucket about 20 to 40 bytes for every distinct
    answer of a question, and for every question 8 bytes for each k to this process, which holds
    the counts of all questions in the end.

    Examples
    --------
    >>> import kcurve as kc, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.parquet")
    >>> _ = kc.example_log().to_parquet(path)
    >>> curve(path, k=[1, 9], executor=ProcessPool(1)).mean.round(4)
    array([0.5986, 0.6643])
    """
    method = chosen_method(rule, method, level)
    if interval is not None:
        choice("interval", interval, INTERVALS)
    for name, value in (("partitions", partitions), ("buckets", buckets)):
        if value is not None:
            positive_integer(name, value)
    if executor is not None:
        instance("executor", executor, Executor)
    if not isinstance(k, int | None):
        k = list(k)
    numbers_of_calls(k, 1, rule)
    scan_request(columns, memory, threads=1, spill=None, progress=None)
    paths = list(map(abspath, source_files(source)))
    groups = row_groups(paths)

    engine = ProcessPool() if executor is None else executor
    run = _Run(engine, progress)
    try:
        buckets = buckets or default_buckets(engine.workers)
        divided = shares(groups, partitions or default_partitions(engine.workers))
        kept = None
        if checkpoint is not None:
            settings = (sorted(columns.items()), rule, k, method, buckets)
            kept = Checkpoint(checkpoint, paths, settings)
        finished = _finished(kept, buckets)
        run.total = (len(divided) + 2 * (buckets - len(finished))) if len(finished) < buckets else 0
        merged = _merged(run, divided, buckets, finished, rule, columns, memory)
        summaries = [summary for summary, _ in merged.values()]
        summaries += [Summary.of(log) for log, _ in finished.values()]
        refuse_several_models(sorted({name for one in summaries for name in one.models}))
        if not any(one.questions for one in summaries):
            raise LogError(f"the files hold no rows: {paths[0]!r}" + ", ..." * (len(paths) > 1))
        calls = numbers_of_calls(k, min(one.samples for one in summaries), rule)
        scored = any(one.scored for one in summaries)
        tasks = {
            bucket: engine.submit(score_bucket, log, rule, calls, method, scored, pieces=1)[0]
            for bucket, (summary, log) in merged.items()
            if summary.questions
        }
        run.total -= len(merged) - len(tasks)
        for bucket in merged.keys() - tasks.keys():
            finished[bucket] = None, None
            if kept is not None:
                kept.store(bucket, None, None)
        for bucket, (log, scores) in run.results(tasks):
            finished[bucket] = log, scores
            if kept is not None:
                kept.store(bucket, log, scores)
    except BaseException:
        engine.cancel(run.futures)
        raise
    finally:
        if executor is None:
            engine.close()
    log, all_scores = _together([finished[bucket] for bucket in range(buckets)])
    made = curve_of(
        log,
        rule,
        calls,
        method,
        all_scores,
        level=level,
        simultaneous=simultaneous,
        threads=None,
    )
    return made.band(interval)


@dataclass
class _Run:
    """The tasks of one curve, as far as they have come."""

    engine: Executor
    progress: Callable[[int, int], object] | None
    done: int = 0
    total: int = 0
    futures: list[Future] = field(default_factory=list)

    def results(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        self.futures = list(futures.values())
        for name, value in self.engine.completed(futures):
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
            yield name, value


_Finished = dict[int, "tuple[TalliedLog | None, Scores | None]"]


def _finished(kept: Checkpoint | None, buckets: int) -> _Finished:
    """Return the buckets that an earlier run has finished."""
    if kept is None:
        return {}
    loaded = {bucket: kept.load(bucket) for bucket in range(buckets)}
    return {bucket: result for bucket, result in loaded.items() if result is not None}


def _merged(
    run: _Run,
    divided: Sequence[Sequence[tuple[str, list[int]]]],
    buckets: int,
    finished: _Finished,
    rule: Rule,
    columns: Columns,
    memory: str | int,
) -> dict[int, tuple[Summary, Future]]:
    """Count the rows and merge the buckets that are not finished: a summary and the log of each."""
    missing = [bucket for bucket in range(buckets) if bucket not in finished]
    if not missing:
        return {}
    scans = [
        run.engine.submit(scan_share, parts, buckets, columns, memory, pieces=1 + buckets)
        for parts in divided
    ]
    for _ in run.results({share: pieces[0] for share, pieces in enumerate(scans)}):
        pass
    tasks = {
        bucket: run.engine.submit(
            merge_bucket, [pieces[1 + bucket] for pieces in scans], rule, pieces=2
        )
        for bucket in missing
    }
    summaries = run.results({bucket: pieces[0] for bucket, pieces in tasks.items()})
    return {bucket: (summary, tasks[bucket][1]) for bucket, summary in summaries}


def _together(
    results: Sequence[tuple[TalliedLog | None, Scores | None]],
) -> tuple[TalliedLog, Scores]:
    """Put the buckets together, in the order of a scan of all of them."""
    logs = [log for log, _ in results if log is not None]
    scores = [one for _, one in results if one is not None]
    log, order = united(logs)
    replays = [one for one in scores if isinstance(one, Replays)]
    if not replays:
        tables = [one for one in scores if not isinstance(one, Replays)]
        return log, np.concatenate(tables)[order]

    def rows(name: str) -> NDArray[np.uint64]:
        return np.concatenate([getattr(one, name) for one in replays])[order]

    def total(name: str) -> NDArray[np.uint64]:
        return reduce(np.add, (getattr(one, name) for one in replays))

    return log, Replays(
        per_question=rows("per_question"),
        questions=rows("questions"),
        units=rows("units"),
        per_replicate=total("per_replicate"),
        fresh=total("fresh"),
        weights=total("weights"),
        seed=replays[0].seed,
    )
