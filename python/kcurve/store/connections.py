"""Connections to the file, and what to say when it cannot be used."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import TYPE_CHECKING

from kcurve.errors import StoreError
from kcurve.store.schema import VERSION, migrate, version_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_PATIENCE = 60
"""Seconds to wait while another process writes."""

_REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and run it again: what was committed is kept",
    sqlite3.SQLITE_READONLY: "it may not be written to; open it with read_only=True, or copy it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists and may be written to",
    sqlite3.SQLITE_BUSY: f"another process kept it locked for {_PATIENCE} seconds; try again",
    sqlite3.SQLITE_CORRUPT: "it is damaged; copy it, and save what is left with `sqlite3 FILE .recover`",
    sqlite3.SQLITE_NOTADB: "it is no store, nor any SQLite database; give another path",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write it; check the disk and its free space",
}


class explained:  # noqa: N801 - reads like the function it stands for
    """Turns errors of SQLite and of the system into a StoreError that names the file and the remedy."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def error(self, error: sqlite3.Error | OSError | StoreError) -> StoreError:
        """Return the StoreError for an error."""
        if isinstance(error, StoreError):
            told = str(error)
        elif isinstance(error, OSError):
            told = f"{error.strerror or error}; check the folder and the free space"
        else:
            # The primary code is the lowest byte of an extended one.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            told = f"{error}: {_REMEDIES.get(code, 'this is not expected')}"
        if str(self._path) in told:
            return StoreError(told)
        return StoreError(f"{self._path}: {told}")

    def __enter__(self) -> None:
        """Watch."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise the StoreError instead."""
        if isinstance(error, sqlite3.Error | OSError | StoreError):
            raise self.error(error) from error


def open_writer(path: Path, durability: str) -> sqlite3.Connection:
    """Open the file for writing, made or brought to the current version if need be."""
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        version_of(connection)  # before anything is changed
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durability == 'power' else 'NORMAL'}")
        migrate(connection)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have changes logged ahead; wait for another process that is just making the file, as SQLite does not."""
    give_up = monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > give_up:
                raise
            sleep(0.01)
        else:
            return


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the file for reading; it must be there and current.

    Raises
    ------
    StoreError
        If it is not.
    """
    with explained(path):
        if not path.exists():
            raise StoreError("there is no such file; check the path")
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _check_version(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_version(connection: sqlite3.Connection) -> None:
    version = version_of(connection)
    if version != VERSION:
        raise StoreError(
            f"its version is {version}, the current one is {VERSION}; "
            "open it once for writing to bring it there"
        )
