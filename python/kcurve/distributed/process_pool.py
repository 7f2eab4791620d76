"""Tasks in processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
import threading
import weakref
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from kcurve._validation import positive_integer
from kcurve.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future as PoolFuture

    from kcurve.distributed.executor import Future

_MOST_RESTARTS = 3
_LONGEST_REMOVAL = 10.0


class ProcessPool:
    """Run tasks in processes of this machine; the default.

    Results lie in a temporary directory until they are asked for. When a process dies, the pool
    is started again with the tasks that were not finished, up to three times.

    Parameters
    ----------
    workers : int, optional
        The number of processes; by default one for each processor that may be used.

    Notes
    -----
    Processes are spawned, so a script that uses them needs ``if __name__ == "__main__":``.

    Examples
    --------
    >>> with ProcessPool(2) as pool:
    ...     pool.workers
    2
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None:
            positive_integer("workers", workers)
        self._workers = workers or _processors()
        self._folder = Path(tempfile.mkdtemp(prefix="kcurve-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._pool: ProcessPoolExecutor | None = None
        self._submitted = 0
        self._restarts = 0

    @property
    def workers(self) -> int:
        """The number of processes."""
        return self._workers

    def submit(self, function: Callable[..., Any], *args: object, pieces: int) -> list[Future]:
        """Have a function called whose result is a sequence of so many pieces."""
        self._submitted += 1
        task = _Task(self._folder / f"{self._submitted}", function, args, pieces)
        self._start(task)
        return [_Piece(task, piece) for piece in range(pieces)]

    def completed(self, futures: Mapping[int, Future]) -> Iterator[tuple[int, Any]]:
        """Go through the values of these futures as they arrive, by key."""
        waiting = dict(futures)
        while waiting:
            running = {piece.task.running for piece in waiting.values()}
            wait(running, return_when=FIRST_COMPLETED)
            ready = [name for name, piece in waiting.items() if piece.task.running.done()]
            try:
                for name in ready:
                    waiting[name].task.running.result()
                    yield name, waiting.pop(name).value()
            except BrokenProcessPool:
                self._restart(piece.task for piece in waiting.values())

    def cancel(self, futures: Iterable[Future]) -> None:
        """Give up on these, and on what runs."""
        # All of them end with the pool. Were they cancelled first, its thread would fail to end them.
        del futures
        if self._pool is not None:
            # A task that runs cannot be stopped otherwise; the next one starts new processes.
            for process in list((self._pool._processes or {}).values()):  # noqa: SLF001
                process.terminate()
            self._shut_down()

    def close(self) -> None:
        """End the processes and remove their results."""
        self._shut_down()
        self._remove()

    def __enter__(self) -> Self:
        """Use as a context: it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _start(self, task: _Task) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=follow_parent,
                initargs=(self._folder,),
            )
        try:
            task.running = self._pool.submit(
                run_task, task.paths, task.function, _with_paths(task.args)
            )
        except BrokenProcessPool:
            self._restart([])
            self._start(task)

    def _restart(self, tasks: Iterable[_Task]) -> None:
        """Start again, with those of these tasks that the broken pool did not finish."""
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise WorkerError(
                f"worker processes died {self._restarts} times, perhaps for want of memory; use "
                "fewer workers, or more partitions and buckets"
            )
        self._shut_down()
        for task in {id(task): task for task in tasks}.values():
            if not task.finished():
                self._start(task)

    def _shut_down(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class _Task:
    """A call, and the files that its results come to."""

    running: PoolFuture[None]

    def __init__(
        self, place: Path, function: Callable[..., Any], args: tuple[object, ...], pieces: int
    ) -> None:
        self.paths = [place.with_name(f"{place.name}-{piece}") for piece in range(pieces)]
        self.function = function
        self.args = args
        weakref.finalize(self, _unlink, self.paths)

    def finished(self) -> bool:
        return (
            self.running.done()
            and not self.running.cancelled()
            and not isinstance(self.running.exception(), BrokenProcessPool)
        )


class _Piece:
    """One of the results of a task."""

    def __init__(self, task: _Task, number: int) -> None:
        self.task = task
        self._number = number

    @property
    def path(self) -> Path:
        return self.task.paths[self._number]

    def value(self) -> Any:  # noqa: ANN401 - as the function returned it
        return _load(self.path)


class _Stored:
    """An argument that lies in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path


def _with_paths(args: Iterable[object]) -> list[object]:
    """Put files for pieces; they are there, for a curve asks for results stage by stage."""
    return [
        _with_paths(value)
        if isinstance(value, list)
        else _Stored(value.path)
        if isinstance(value, _Piece)
        else value
        for value in args
    ]


def _with_values(args: Iterable[object]) -> list[object]:
    return [
        _with_values(value)
        if isinstance(value, list)
        else _load(value.path)
        if isinstance(value, _Stored)
        else value
        for value in args
    ]


def run_task(paths: list[Path], function: Callable[..., Any], args: list[object]) -> None:
    """Call the function in a worker, and store what it returns."""
    for path, piece in zip(paths, function(*_with_values(args)), strict=True):
        with path.open("wb") as file:
            pickle.dump(piece, file, protocol=pickle.HIGHEST_PROTOCOL)


def follow_parent(folder: Path) -> None:
    """Let a worker leave Ctrl-C to its parent, and end with it, however that ends.

    A parent that was killed cannot remove the folder, so its workers do.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - this is a worker

    def leave() -> None:
        parent.join()
        # A result that is being written can come between the removal of the files and that of the folder.
        give_up = monotonic() + _LONGEST_REMOVAL
        while folder.exists() and monotonic() < give_up:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def _processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load(path: Path) -> Any:  # noqa: ANN401 - any result
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - our own, in a directory of our own


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
