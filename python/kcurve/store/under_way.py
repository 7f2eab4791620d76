"""The attempts that this process has under way, and who waits for their ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Lock
from typing import TypeAlias

SampleName: TypeAlias = tuple[int, int]
"""The row of a request, and which of its samples."""


class UnderWay:
    """Attempts by row and by sample; told by the thread that writes, asked by event loops."""

    __slots__ = ("_attempts", "_lock", "_samples", "_waiting")

    def __init__(self) -> None:
        self._samples: dict[int, SampleName] = {}
        self._attempts: dict[SampleName, int] = {}
        self._waiting: dict[SampleName, list[asyncio.Future[None]]] = {}
        self._lock = Lock()

    def __contains__(self, attempt: int) -> bool:
        """Tell whether an attempt is under way."""
        return attempt in self._samples

    def add(self, attempt: int, sample: SampleName) -> None:
        """Take note that an attempt begins."""
        with self._lock:
            self._samples[attempt] = sample
            self._attempts[sample] = attempt

    def discard(self, attempt: int) -> None:
        """Take note that an attempt has ended, and wake those who wait for it."""
        with self._lock:
            sample = self._samples.pop(attempt, None)
            if sample is None or self._attempts[sample] != attempt:
                return
            del self._attempts[sample]
            waiting = self._waiting.pop(sample, [])
        for future in waiting:
            with suppress(RuntimeError):  # its loop is closed: nobody waits any more
                future.get_loop().call_soon_threadsafe(_wake, future)

    async def ended(self, sample: SampleName) -> bool:
        """Wait for the end of the attempt on a sample; return whether there was one."""
        with self._lock:
            if sample not in self._attempts:
                return False
            future = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(sample, []).append(future)
        try:
            await future
        finally:
            with self._lock:
                # Not there any more if it was woken; others may wait for another attempt by now.
                waiting = self._waiting.get(sample, [])
                if future in waiting:
                    waiting.remove(future)
                if not waiting:
                    self._waiting.pop(sample, None)
        return True


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():  # who waited was cancelled
        future.set_result(None)
