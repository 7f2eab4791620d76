"""Files larger than memory become tallied logs."""

from __future__ import annotations

import re
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from kcurve import _core
from kcurve._validation import positive_integer
from kcurve.errors import ArgumentError, LogError
from kcurve.log.core_form import tallied_from_core
from kcurve.log.tabular import column_names
from kcurve.log.tallied_log import TalliedLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack

    from kcurve.log.tabular import Columns

_UNITS = {
    "": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
_LEAST_MEMORY = 10**6
_IGNORED = ("sample", "step_scores", "tokens_in", "tokens_out", "cost", "latency", "status")


def scan_log(
    source: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    memory: str | int = "2GB",
    threads: int | None = None,
    spill: str | PathLike[str] | None = None,
    progress: Callable[[int, int], object] | None = None,
    **columns: Unpack[Columns],
) -> TalliedLog:
    r"""Count the samples of Parquet files of any size, one row per sample.

    The rows stream past and only counts stay, so that logs far larger than memory have curves:
    the same curves, to the last bit, that `read_log` would give.

    Parameters
    ----------
    source : path, glob or several of them
        Parquet files: `"log.parquet"`, `"big/*.parquet"`, or a list of such. A question may be
        in several files, and a file given twice is read once.
    memory : str or int
        About how much memory to use for tables and buffers: `"500MB"`, `"1GiB"`, or bytes, at
        least 1 MB. Counts that do not fit are written to disk meanwhile. The result comes on top.
    threads : int, optional
        Threads to use; all by default. The result is the same for any number.
    spill : path, optional
        The directory for what does not fit; by default that of the system for temporary files.
    progress : callable, optional
        Called with the number of rows read so far and their total, about twenty times a second.
    **columns : str or None
        Column names by role, see `Columns`. The score is read only if named, as in
        `score="score"`: samples of different score are counted apart. The columns `sample`,
        `step_scores`, `tokens_in`, `tokens_out`, `cost`, `latency` and `status` are not read.

    Returns
    -------
    TalliedLog

    Raises
    ------
    MissingColumnError
        If a column that is named or needed is not there; the message lists those that are.
    LogError
        If no file matches, the rows are no answer log, or a file is damaged.
    ArgumentError
        If `memory` or `threads` makes no sense.
    OSError
        If a file cannot be opened, or the disk is full.

    Notes
    -----
    Values become text, and text decides what is correct, as for `read_log`. Unlike there, every
    row counts: samples that are in the log twice are not found, because sample numbers are not
    read. Answers are told apart by a hash of 128 bits.

    Examples
    --------
    >>> import kcurve as kc, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> log = kc.example_log()
    >>> _ = log.to_parquet(folder / "part-0.parquet")
    >>> tallied = kc.scan_log(folder / "*.parquet")
    >>> tallied.n_questions, tallied.n_rows
    (999, 29970)
    """
    paths = source_files(source)
    request = scan_request(
        columns, memory, threads=threads, spill=spill, progress=_with_total(progress, paths)
    )
    return TalliedLog(**tallied_from_core(_core.scan_files([(p, None) for p in paths], request)))


def scan_request(
    columns: Columns,
    memory: str | int,
    *,
    threads: int | None,
    spill: str | PathLike[str] | None,
    progress: Callable[[int], object] | None,
) -> _core.ScanRequest:
    """Check the settings of a scan and put them into the form of the core."""
    from tempfile import gettempdir  # noqa: PLC0415 - slow to import

    if threads is not None:
        positive_integer("threads", threads)
    names = column_names(columns)
    names.update(dict.fromkeys(_IGNORED))
    if "score" not in columns:
        names["score"] = None
    return _core.ScanRequest(
        names=names,
        memory=_bytes(memory),
        spill=gettempdir() if spill is None else spill,
        threads=threads,
        progress=progress,
    )


def _bytes(memory: str | int) -> int:
    """Number of bytes that a text such as "2GB" stands for."""
    size = -1
    if isinstance(memory, int) and not isinstance(memory, bool):
        size = memory
    elif isinstance(memory, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]I?B)?\s*", memory.upper())
        if match:
            size = int(float(match[1]) * _UNITS[match[2] or ""])
    if not _LEAST_MEMORY <= size < 2**63:
        raise ArgumentError(
            f'memory must be a size of at least 1MB, such as "2GB", "500MB", "1GiB" or a number '
            f"of bytes, got {memory!r}"
        )
    return size


def source_files(source: str | PathLike[str] | Iterable[str | PathLike[str]]) -> list[str]:
    """Return the paths of all files that are meant, each once, those of a glob by name."""
    given = [source] if isinstance(source, str | PathLike) else list(source)
    paths: dict[str, None] = {}
    for one in given:
        path = fspath(one)
        if not has_magic(path) or Path(path).exists():
            paths[path] = None
            continue
        # Path.glob does not take absolute patterns.
        found = sorted(glob(path, recursive=True))  # noqa: PTH207
        if not found:
            raise LogError(f"no file matches {path!r}")
        paths.update(dict.fromkeys(found))
    if not paths:
        raise LogError("no file to scan: the list of sources is empty")
    return list(paths)


def _with_total(
    progress: Callable[[int, int], object] | None, paths: list[str]
) -> Callable[[int], object] | None:
    if progress is None:
        return None
    total = sum(map(sum, _core.parquet_layout(paths)))
    return lambda done: progress(done, total)
