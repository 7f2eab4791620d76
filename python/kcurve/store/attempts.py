"""Attempts, from the claim that journals one to the commit of what came of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from kcurve.errors import StoreError
from kcurve.store import journal
from kcurve.store.sessions import alive
from kcurve.store.under_way import UnderWay

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from kcurve.store.found import Claim
    from kcurve.store.records import Sample
    from kcurve.store.writer import Writer


class Attempts:
    """The attempts of one store.

    Parameters
    ----------
    path : Path
        The store's file.
    session : str or None
        The name of this writer; None if it only reads.
    writing : callable
        Returns the writer, or raises StoreError where nothing may be written.
    """

    __slots__ = ("_open", "_path", "_session", "_writing")

    def __init__(self, path: Path, session: str | None, writing: Callable[[], Writer]) -> None:
        self._path = path
        self._session = session
        self._writing = writing
        self._open = UnderWay()

    def under_way(self, session: str, attempt: int) -> bool:
        """Tell whether anybody still waits for the response to an attempt without an outcome."""
        if session == self._session:
            return attempt in self._open
        return alive(self._path, session)

    async def claim(self, request: int, index: int, *, seed: int | None) -> Claim:
        """Journal an attempt as sent, unless the sample is there or under way."""
        added: list[int] = []

        def journalled(connection: sqlite3.Connection) -> Claim:
            claim = journal.add_attempt(
                connection,
                request,
                index,
                seed=seed,
                session=self._session or "",
                under_way=self.under_way,
            )
            if claim.granted:  # before anybody else can ask
                self._open.add(claim.row, (request, index))
                added.append(claim.row)
            return claim

        pending = self._writing().submit(journalled)
        pending.add_done_callback(lambda done: self._forget_undone(added, done))
        try:
            return await asyncio.shield(pending)
        except asyncio.CancelledError:
            pending.add_done_callback(self._withdraw)
            raise

    async def ended(self, request: int, index: int) -> bool:
        """Wait for the end of the attempt on a sample; return whether there was one in this process."""
        return await self._open.ended((request, index))

    async def finish(self, claim: Claim, sample: Sample, body: bytes) -> None:
        """Commit the response to an attempt."""
        await self._end(
            claim.row, lambda connection: journal.add_response(connection, claim, sample, body)
        )

    async def fail(
        self, claim: Claim, kind: str, message: str, *, status: int | None, final: bool
    ) -> None:
        """Journal that an attempt brought nothing."""
        await self._end(
            claim.row,
            lambda connection: journal.add_outcome(
                connection, claim.row, kind, message, status=status, final=final
            ),
        )

    async def _end(self, attempt: int, action: Callable[[sqlite3.Connection], None]) -> None:
        """Write how an attempt ended; if that fails, it is open, and under way no more."""
        writing = self._writing().submit(action)
        writing.add_done_callback(lambda done: self._close(attempt, done))
        # Whoever waits may be cancelled; the attempt is under way until its end is written.
        await asyncio.shield(writing)

    def _withdraw(self, pending: asyncio.Future[Claim]) -> None:
        if pending.cancelled() or pending.exception() is not None or not pending.result().granted:
            return
        row = pending.result().row
        with suppress(StoreError):  # closed meanwhile: then the attempt is unknown
            writing = self._writing().submit(
                lambda connection: journal.add_outcome(
                    connection, row, "not_sent", "it was cancelled", status=None, final=False
                )
            )
            writing.add_done_callback(lambda done: self._close(row, done))

    def _forget_undone(self, added: list[int], done: asyncio.Future[Claim]) -> None:
        """Forget attempts that a commit took note of and then undid."""
        kept = None if done.cancelled() or done.exception() is not None else done.result().row
        for row in added:
            if row != kept:
                self._open.discard(row)

    def _close(self, attempt: int, done: asyncio.Future[None]) -> None:
        self._open.discard(attempt)
        if not done.cancelled():
            done.exception()  # asyncio reports one that nobody asks for as lost
