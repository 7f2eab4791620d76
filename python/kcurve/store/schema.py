"""The tables of a store, and how older ones become current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve.errors import StoreError

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x6B637276
"""What marks an SQLite file as a store: the letters kcrv."""

_FIRST = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    process INTEGER NOT NULL,
    began REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    canonical BLOB NOT NULL
) STRICT;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES requests (id),
    sample INTEGER NOT NULL,
    number INTEGER NOT NULL,
    session TEXT NOT NULL REFERENCES sessions (id),
    seed INTEGER,
    sent REAL NOT NULL,
    UNIQUE (request, sample, number)
) STRICT;
CREATE TABLE outcomes (
    attempt INTEGER PRIMARY KEY REFERENCES attempts (id),
    kind TEXT NOT NULL,
    message TEXT,
    http_status INTEGER,
    final INTEGER NOT NULL,
    ended REAL NOT NULL
) STRICT;
CREATE TABLE responses (
    key BLOB NOT NULL UNIQUE,
    request INTEGER NOT NULL REFERENCES requests (id),
    sample INTEGER NOT NULL,
    attempt INTEGER NOT NULL UNIQUE REFERENCES attempts (id),
    status TEXT NOT NULL,
    text TEXT,
    finish_reason TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    cached_tokens INTEGER,
    cost REAL,
    latency REAL,
    seed INTEGER,
    attempts INTEGER NOT NULL,
    logprobs BLOB,
    body BLOB,
    UNIQUE (request, sample)
) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    description BLOB NOT NULL UNIQUE,
    began REAL NOT NULL
) STRICT;
CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    content BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE links (
    run INTEGER NOT NULL REFERENCES runs (id),
    question INTEGER NOT NULL REFERENCES questions (id),
    role TEXT NOT NULL,
    candidate INTEGER NOT NULL,
    stride INTEGER NOT NULL,
    request INTEGER NOT NULL REFERENCES requests (id),
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    PRIMARY KEY (run, question, role, candidate, stride, request, start, stop)
) STRICT, WITHOUT ROWID;
"""

# Decisions not to send an attempt again whose outcome a crash left open.
_SECOND = """
CREATE TABLE skips (
    request INTEGER NOT NULL REFERENCES requests (id),
    sample INTEGER NOT NULL,
    decided REAL NOT NULL,
    PRIMARY KEY (request, sample)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_of_requests ON links (request);
"""

MIGRATIONS = (_FIRST, _SECOND)
"""What leads from each version to the next; the first from an empty file."""

VERSION = len(MIGRATIONS)
"""The version this package writes."""

_TABLES = {
    1: (
        "sessions", "requests", "attempts", "outcomes", "responses", "runs", "questions", "links",
    ),
    2: ("skips",),
}  # fmt: skip


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the store, 0 for an empty file.

    Raises
    ------
    StoreError
        If the file is another program's, or a newer package's.
    """
    # One view of the file: another process may be making it.
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        if alone:
            connection.execute("ROLLBACK")
    if not objects:
        return 0
    if application != APPLICATION_ID:
        raise StoreError("it is an SQLite database of another program; give another path")
    if version > VERSION:
        raise StoreError(
            f"it was written by a newer kcurve: its version is {version}, this one reads up to "
            f"{VERSION}; install a newer kcurve"
        )
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the store to the current version, all of it or nothing."""
    if version_of(connection) == VERSION:
        return
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for version in range(version_of(connection), VERSION):
            for statement in MIGRATIONS[version].split(";\n"):
                connection.execute(statement)
            for table in _TABLES[version + 1]:
                _make_append_only(connection, table)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _make_append_only(connection: sqlite3.Connection, table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        connection.execute(
            f"CREATE TRIGGER {table}_keep_on_{change.lower()} BEFORE {change} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'a store is append-only'); END"
        )
