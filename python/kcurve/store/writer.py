"""One thread that writes: whoever waits at the same time shares a commit."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from kcurve.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

MOST_PER_COMMIT = 512
"""How many writes share a commit at most, so that the first of them does not wait for long."""


class _Write(NamedTuple, Generic[Result]):
    action: Callable[[sqlite3.Connection], Result]
    loop: asyncio.AbstractEventLoop | None
    future: Any


class Writer:
    """Runs actions on a connection in a thread of its own, many in one transaction.

    Parameters
    ----------
    connect : callable
        Opens the connection; called in the thread.
    explain : callable
        Makes a StoreError of an SQLite error.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        explain: Callable[[sqlite3.Error], StoreError],
    ) -> None:
        self._connect = connect
        self._explain = explain
        self._queue: SimpleQueue[_Write[Any] | None] = SimpleQueue()
        self._closed = False
        self._gate = Lock()
        opened: Future[None] = Future()
        self._thread = Thread(
            target=self._work, args=(opened,), name="kcurve store writer", daemon=True
        )
        self._thread.start()
        opened.result()

    def submit(self, action: Callable[[sqlite3.Connection], Result]) -> asyncio.Future[Result]:
        """Return the future result of the action, there once it is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._put(_Write(action, loop, future))
        return future

    async def write(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run the action and return its result once it is committed."""
        return await self.submit(action)

    def write_now(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do the same where no event loop runs, or where waiting for it is short."""
        future: Future[Result] = Future()
        self._put(_Write(action, None, future))
        return future.result()

    def close(self) -> None:
        """Commit what was asked for until now, and end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _put(self, write: _Write[Any]) -> None:
        with self._gate:  # nothing may be put behind the end, where nobody would look
            if self._closed:
                raise StoreError("the store is closed; open it again to write")
            self._queue.put(write)

    def _work(self, opened: Future[None]) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 - raised where the store is opened
            opened.set_exception(error)
            return
        opened.set_result(None)
        last = False
        while not last:
            batch: list[_Write[Any]] = []
            first = self._queue.get()
            while first is not None:
                batch.append(first)
                if len(batch) == MOST_PER_COMMIT or self._queue.empty():
                    break
                first = self._queue.get()
            last = first is None
            if batch:
                self._commit(connection, batch)
        connection.close()

    def _commit(self, connection: sqlite3.Connection, batch: list[_Write[Any]]) -> None:
        outcomes: list[tuple[_Write[Any], Any, BaseException | None]]
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [(write, write.action(connection), None) for write in batch]
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - given to those who wait
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):  # the first error says more
                    connection.execute("ROLLBACK")
            if len(batch) > 1 and not isinstance(error, sqlite3.OperationalError):
                for write in batch:  # one action is at fault; the others must not suffer
                    self._commit(connection, [write])
                return
            told = self._explain(error) if isinstance(error, sqlite3.Error) else error
            outcomes = [(write, None, told) for write in batch]
        _tell(outcomes)


def _tell(outcomes: list[tuple[_Write[Any], Any, BaseException | None]]) -> None:
    """Wake those who wait, each event loop once."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[tuple[Any, Any, BaseException | None]]]
    by_loop = defaultdict(list)
    for write, result, error in outcomes:
        if write.loop is not None:
            by_loop[write.loop].append((write.future, result, error))
        elif error is None:
            write.future.set_result(result)
        else:
            write.future.set_exception(error)
    for loop, told in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in told:
        if future.done():  # who waited was cancelled; what was written stays written
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
