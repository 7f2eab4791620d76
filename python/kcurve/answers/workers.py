"""A few processes that compare expressions, killed when a comparison takes too long.

A comparison is one line of JSON each way. Whatever an expression does to its worker, hang it, exhaust its memory
or crash it, the next comparison gets a new one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from importlib.util import find_spec

WORKERS = max(1, min(4, os.cpu_count() or 1))
"""How many comparisons run at the same time."""

_START_SECONDS = 120.0
_MOST_VERDICTS = 200_000


class _LateError(Exception):
    """The worker gave no verdict in time."""


class _DeadError(Exception):
    """The worker died."""


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kcurve.answers.symbolic_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The same packages as here, whatever was done to the path since the start.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C in the terminal is for the process that asks; it kills its workers itself.
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Pass on what the worker writes; an empty line says that it died."""
        stdout = self._process.stdout
        if stdout is not None:
            for line in stdout:
                self._lines.put(line)
        self._lines.put(b"")

    def wait_until_ready(self) -> None:
        self._line(_START_SECONDS)

    def equal(self, left: str, right: str, seconds: float) -> bool | None:
        """Return the verdict, None if there was too little memory for one."""
        stdin = self._process.stdin
        message = json.dumps([left, right, seconds]) + "\n"
        try:
            if stdin is not None:
                stdin.write(message.encode())
                stdin.flush()
        except OSError as error:
            raise _DeadError from error
        verdict: bool | None = json.loads(self._line(seconds))
        return verdict

    def _line(self, seconds: float) -> bytes:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty as error:
            raise _LateError from error
        if not line:
            raise _DeadError
        return line

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class WorkerPool:
    """Workers that are started when they are needed, and verdicts that are remembered."""

    def __init__(self, size: int) -> None:
        self._free = threading.BoundedSemaphore(size)
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._verdicts: dict[tuple[str, str], tuple[bool | None, float]] = {}
        self._lock = threading.Lock()

    def compared(self, left: str, right: str, seconds: float) -> bool | None:
        """Return whether two expressions are equal, None if that took too long."""
        pair = (left, right) if left <= right else (right, left)
        known = self._verdicts.get(pair)
        if known is not None and (known[0] is not None or known[1] >= seconds):
            return known[0]
        verdict = self._asked(pair, seconds)
        with self._lock:
            if len(self._verdicts) >= _MOST_VERDICTS:
                self._verdicts.clear()
            self._verdicts[pair] = verdict, seconds
        return verdict

    def _asked(self, pair: tuple[str, str], seconds: float) -> bool | None:
        with self._free:
            # A worker may have died while nobody asked it anything; a pair that kills two is to blame itself.
            for _ in range(2):
                try:
                    worker = self._idle.get_nowait()
                except queue.Empty:
                    worker = _started()
                try:
                    verdict = worker.equal(*pair, seconds)
                except _DeadError:
                    worker.kill()
                except _LateError:
                    worker.kill()
                    return None
                except BaseException:
                    worker.kill()
                    raise
                else:
                    self._idle.put(worker)
                    return verdict
            return None

    def close(self) -> None:
        """Kill the workers that nobody is using."""
        while True:
            try:
                self._idle.get_nowait().kill()
            except queue.Empty:
                return


def _started() -> _Worker:
    if find_spec("math_verify") is None:
        msg = "SameExpression needs math-verify: pip install 'kcurve[math]'"
        raise ImportError(msg)
    worker = _Worker()
    try:
        worker.wait_until_ready()
    except (_DeadError, _LateError) as error:
        worker.kill()
        msg = "the process that compares expressions does not start; try: python -m kcurve.answers.symbolic_worker"
        raise RuntimeError(msg) from error
    except BaseException:
        worker.kill()
        raise
    return worker


_pool: WorkerPool | None = None
_pool_lock = threading.Lock()


def pool() -> WorkerPool:
    """Return the workers of this process."""
    global _pool  # noqa: PLW0603 - processes are a resource of the whole program
    with _pool_lock:
        if _pool is None:
            _pool = WorkerPool(WORKERS)
            atexit.register(_pool.close)
        return _pool


def _forget() -> None:
    """Leave the workers to the process that started them."""
    global _pool, _pool_lock  # noqa: PLW0603
    _pool = None
    _pool_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
