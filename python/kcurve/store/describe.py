"""What a store holds, and whether all of it is sound."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from kcurve.store.records import sample_key
from kcurve.store.runs import name_of_run
from kcurve.store.schema import VERSION
from kcurve.store.sessions import alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTotal:
    """What the store holds of one model: samples by status, tokens, money."""

    model: str
    samples: int
    ok: int
    truncated: int
    empty: int
    tokens_in: int
    tokens_out: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """What a store holds.

    Attributes
    ----------
    path : str
        The file.
    bytes : int
        Its size, with what is not yet moved into it.
    version : int
        Of its tables.
    requests, samples, questions : int
        How many.
    runs : mapping of int to str
        The runs by row.
    attempts, succeeded, failed, unknown, under_way : int
        Attempts, and how they ended. Of the unknown ones a crash took the outcome, or they were cancelled: they may
        have been paid for.
    failures : mapping of str to int
        Failed and cancelled attempts by kind.
    models : tuple of ModelTotal
        By model.
    """

    path: str
    bytes: int
    version: int
    requests: int
    samples: int
    questions: int
    runs: dict[int, str]
    attempts: int
    succeeded: int
    failed: int
    unknown: int
    under_way: int
    failures: dict[str, int]
    models: tuple[ModelTotal, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether everything in a store is as it was written.

    Attributes
    ----------
    samples, requests : int
        How many were checked.
    problems : tuple of str
        What is wrong, at most 20 of a kind; empty if nothing is.
    """

    samples: int
    requests: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values."""
        return {**asdict(self), "sound": self.sound}


def information(connection: sqlite3.Connection, path: Path) -> Information:
    """Count what the store holds."""

    def count(sentence: str) -> int:
        return int(connection.execute(sentence).fetchone()[0])

    open_attempts = connection.execute(
        "SELECT session, count(*) FROM attempts WHERE id NOT IN (SELECT attempt FROM outcomes) "
        "GROUP BY session"
    ).fetchall()
    under_way = sum(n for session, n in open_attempts if alive(path, session))
    cut_off = sum(n for _, n in open_attempts) - under_way
    kinds = dict(
        connection.execute("SELECT kind, count(*) FROM outcomes GROUP BY kind ORDER BY kind")
    )
    succeeded = kinds.pop("ok", 0)
    cancelled = kinds.get("cancelled", 0)
    return Information(
        path=str(path),
        bytes=sum(
            file.stat().st_size
            for file in (path, path.with_name(path.name + "-wal"))
            if file.exists()
        ),
        version=VERSION,
        requests=count("SELECT count(*) FROM requests"),
        samples=count("SELECT count(*) FROM responses"),
        questions=count("SELECT count(*) FROM questions"),
        runs={
            row: name_of_run(msgspec.json.decode(description))
            for row, description in connection.execute("SELECT id, description FROM runs")
        },
        attempts=count("SELECT count(*) FROM attempts"),
        succeeded=succeeded,
        failed=sum(kinds.values()) - cancelled,
        unknown=cut_off + cancelled,
        under_way=under_way,
        failures=kinds,
        models=tuple(
            ModelTotal(
                model=row[0],
                samples=row[1],
                ok=row[2],
                truncated=row[3],
                empty=row[4],
                tokens_in=row[5],
                tokens_out=row[6],
                cost=row[7],
            )
            for row in connection.execute(
                "SELECT json_extract(CAST(canonical AS TEXT), '$.model') AS model, count(*), "
                "sum(status = 'ok'), sum(status = 'truncated'), sum(status = 'empty'), "
                "coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0), total(cost) "
                "FROM responses JOIN requests ON requests.id = request GROUP BY model ORDER BY model"
            )
        ),
    )


def verification(connection: sqlite3.Connection) -> Verification:
    """Check the file, every key and every reference."""
    try:
        return _verification(connection)
    except sqlite3.DatabaseError as error:
        return Verification(
            samples=0, requests=0, problems=(f"the file cannot be read to its end: {error}",)
        )


def _verification(connection: sqlite3.Connection) -> Verification:
    problems = [
        f"the file: {found}"
        for (found,) in connection.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})")
        if found != "ok"
    ]
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(
        _MOST_PROBLEMS
    ):
        problems.append(f"a row of {table} points to a row of {parent} that is not there")
    requests = samples = 0
    wrong: list[str] = []
    for row, hashed, canonical in connection.execute("SELECT id, hash, canonical FROM requests"):
        requests += 1
        if sha256(canonical).digest() != hashed:
            wrong.append(f"request {row} is not what its hash says")
    problems += wrong[:_MOST_PROBLEMS]
    wrong = []
    for key, request, sample, attempt, canonical, asked, drawn, kind in _responses(connection):
        samples += 1
        if sample_key(canonical, sample) != key:
            wrong.append(f"sample {sample} of request {request} is not what its key says")
        if (asked, drawn) != (request, sample):
            wrong.append(f"sample {sample} of request {request} has attempt {attempt} of another")
        if kind is None:
            wrong.append(f"sample {sample} of request {request} has an attempt without an outcome")
    problems += wrong[:_MOST_PROBLEMS]
    for request, sample in connection.execute(
        "SELECT request, sample FROM attempts JOIN outcomes ON outcomes.attempt = attempts.id "
        "WHERE kind = 'ok' EXCEPT SELECT request, sample FROM responses"
    ).fetchmany(_MOST_PROBLEMS):
        problems.append(f"sample {sample} of request {request} succeeded and has no response")
    return Verification(samples=samples, requests=requests, problems=tuple(problems))


def _responses(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(
        "SELECT key, responses.request, responses.sample, responses.attempt, canonical, "
        "attempts.request, attempts.sample, outcomes.kind FROM responses "
        "JOIN requests ON requests.id = responses.request "
        "LEFT JOIN attempts ON attempts.id = responses.attempt "
        "LEFT JOIN outcomes ON outcomes.attempt = responses.attempt"
    )
