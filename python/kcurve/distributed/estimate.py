"""`curve`, with the work on many workers."""

from __future__ import annotations

from os.path import abspath
from typing import TYPE_CHECKING

from kcurve._validation import choice, instance, positive_integer
from kcurve.curve.bands import INTERVALS
from kcurve.curve.estimate import chosen_method, curve_of, numbers_of_calls
from kcurve.distributed.checkpoint import Checkpoint
from kcurve.distributed.executor import Executor
from kcurve.distributed.plan import default_buckets, default_partitions, row_groups, shares
from kcurve.distributed.process_pool import ProcessPool
from kcurve.distributed.work import Work
from kcurve.log.scan import scan_request, source_files
from kcurve.rules import Rule, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike
    from typing import Unpack

    from kcurve.curve.bands import Interval
    from kcurve.curve.methods import Method
    from kcurve.curve.result import Curve
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
    What travels is counts: from each share to each bucket about 20 bytes for every distinct answer
    of a question, and for every question 8 bytes for each k to this process, which holds
    the counts of all questions in the end.

    Examples
    --------
    >>> import kcurve as kc, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.parquet")
    >>> _ = kc.example_log().to_parquet(path)
    >>> with ProcessPool(1) as pool:
    ...     made = curve(path, k=[1, 9], executor=pool)
    >>> made.mean.round(4)
    array([0.7977, 0.8695])
    """
    method = chosen_method(rule, method, level)
    if interval is not None:
        choice("interval", interval, INTERVALS)
    for name, value in (("partitions", partitions), ("buckets", buckets)):
        if value is not None:
            positive_integer(name, value)
    if executor is not None:
        instance("executor", executor, Executor)
    calls = k if isinstance(k, int | None) else list(k)
    numbers_of_calls(calls, 1, rule)
    scan_request(columns, memory, threads=1, spill=None, progress=None)
    paths = list(map(abspath, source_files(source)))
    groups = row_groups(paths)

    engine = ProcessPool() if executor is None else executor
    try:
        buckets = buckets or default_buckets(engine.workers)
        kept = None
        if checkpoint is not None:
            settings = (sorted(columns.items()), rule, calls, method, buckets)
            kept = Checkpoint(checkpoint, paths, settings)
        work = Work(
            engine=engine,
            divided=shares(groups, partitions or default_partitions(engine.workers)),
            buckets=buckets,
            rule=rule,
            k=calls,
            method=method,
            columns=columns,
            memory=memory,
            kept=kept,
            progress=progress,
        )
        log, scores, drawn = work.result()
    finally:
        if executor is None:
            engine.close()
    made = curve_of(
        log, rule, drawn, method, scores, level=level, simultaneous=simultaneous, threads=None
    )
    return made.band(interval)
