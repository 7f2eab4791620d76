"""The sentences in which the store is written and looked up, all of them."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from math import isnan, nan
from time import time
from typing import TYPE_CHECKING, Any

import msgspec

from kcurve.store.found import Claim, Found
from kcurve.store.records import Sample, Usage, sample_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from kcurve.datasets import Question
    from kcurve.store.records import Purpose

_SECRET = re.compile(
    r"(?i)(bearer\s+|api[-_ ]?key[\"']?\s*[:=]\s*[\"']?|://[^/\s:@]*:)[^\s\"',;@]+|\b(?:sk|pk|gsk|hf|xai)[-_][\w-]{8,}"
)

_SAMPLES = """
SELECT request, sample, status, text, finish_reason, prompt_tokens, completion_tokens,
       reasoning_tokens, cached_tokens, cost, latency, seed, logprobs, attempts
FROM responses WHERE request = ? AND sample >= ? AND sample < ?
"""
_OPEN = """
SELECT id, sample, number, session, seed, sent FROM attempts
WHERE request = ? AND sample >= ? AND sample < ?
  AND NOT EXISTS (SELECT 1 FROM outcomes WHERE outcomes.attempt = attempts.id) ORDER BY sample, number
"""


def scrubbed(message: str) -> str:
    """Return a message without anything that looks like a key.

    Examples
    --------
    >>> scrubbed("wrong key sk-proj-abcdefgh1234")
    'wrong key [removed]'
    """
    return _SECRET.sub(lambda found: f"{found[1] or ''}[removed]", message)


def content_of(question: Question) -> bytes:
    """Return a question as canonical JSON."""
    return msgspec.json.encode(
        {
            "choices": question.choices,
            "dataset": question.dataset,
            "id": question.id,
            "metadata": dict(question.metadata),
            "reference": question.reference,
            "text": question.text,
        },
        order="sorted",
    )


def add_session(connection: sqlite3.Connection, session: str) -> None:
    """Note that a writer has begun."""
    connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (session, os.getpid(), time()))


def find_run(connection: sqlite3.Connection, content: bytes) -> int | None:
    """Return the row of a run."""
    return _row(connection, "SELECT id FROM runs WHERE description = ?", content)


def add_run(connection: sqlite3.Connection, content: bytes) -> int:
    """Return the row of a run, made if there is none."""
    connection.execute(
        "INSERT OR IGNORE INTO runs (description, began) VALUES (?, ?)", (content, time())
    )
    return find_run(connection, content) or 0


def find_question(connection: sqlite3.Connection, content: bytes) -> int | None:
    """Return the row of a question."""
    return _row(connection, "SELECT id FROM questions WHERE content = ?", content)


def add_question(connection: sqlite3.Connection, content: bytes) -> int:
    """Return the row of a question, made if there is none."""
    connection.execute("INSERT OR IGNORE INTO questions (content) VALUES (?)", (content,))
    return find_question(connection, content) or 0


def find_request(connection: sqlite3.Connection, name: bytes) -> int | None:
    """Return the row of a request by the SHA-256 of its canonical form."""
    return _row(connection, "SELECT id FROM requests WHERE hash = ?", name)


def add_request(connection: sqlite3.Connection, canonical: bytes) -> int:
    """Return the row of a request, made if there is none."""
    name = sha256(canonical).digest()
    connection.execute(
        "INSERT OR IGNORE INTO requests (hash, canonical) VALUES (?, ?)", (name, canonical)
    )
    return find_request(connection, name) or 0


def find_samples(
    connection: sqlite3.Connection,
    request: int,
    indices: range,
    under_way: Callable[[str, int], bool],
) -> Found:
    """Return the samples of a request, and which have an attempt that is open and not under way."""
    if not indices:  # only the row of the request is wanted
        return Found(request, {}, {})
    span = (request, indices.start, indices.stop)
    samples = {row[1]: _sample(row) for row in connection.execute(_SAMPLES, span)}
    unknown: dict[int, Mapping[str, object]] = {}
    if len(samples) < len(indices):
        for row, index, number, owner, seed, sent in connection.execute(_OPEN, span):
            if index not in samples and not under_way(owner, row):
                unknown[index] = {
                    "request": request,
                    "sample": index,
                    "attempt": number,
                    "seed": seed,
                    "sent": sent,
                    "session": owner,
                }
        for (index,) in connection.execute(
            "SELECT sample FROM skips WHERE request = ? AND sample >= ? AND sample < ?", span
        ):
            if index not in samples:
                samples[index] = _skipped(request, index)
                unknown.pop(index, None)
    return Found(request, samples, unknown)


def has_link(
    connection: sqlite3.Connection, purpose: Purpose, request: int, indices: range
) -> bool:
    """Tell whether it is noted what these samples are for."""
    found = connection.execute(
        "SELECT 1 FROM links WHERE run = ? AND question = ? AND role = ? AND candidate = ? "
        "AND stride = ? AND request = ? AND start = ? AND stop = ?",
        _link(purpose, request, indices),
    ).fetchone()
    return found is not None


def add_link(
    connection: sqlite3.Connection, purpose: Purpose, request: int, indices: range
) -> None:
    """Note what these samples are for."""
    connection.execute(
        "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        _link(purpose, request, indices),
    )


def add_attempt(
    connection: sqlite3.Connection,
    request: int,
    index: int,
    *,
    seed: int | None,
    session: str,
    under_way: Callable[[str, int], bool],
) -> Claim:
    """Journal an attempt, unless there is a response or an attempt under way."""
    refused = Claim(granted=False, request=request, index=index, seed=seed, row=0, attempt=0)
    if connection.execute(
        "SELECT 1 FROM responses WHERE request = ? AND sample = ?", (request, index)
    ).fetchone():
        return refused
    number = 0
    for number, row, owner, outcome in connection.execute(  # noqa: B007 - the last number is used
        "SELECT number, id, session, outcomes.attempt FROM attempts "
        "LEFT JOIN outcomes ON outcomes.attempt = attempts.id "
        "WHERE request = ? AND sample = ? ORDER BY number",
        (request, index),
    ).fetchall():
        if outcome is None and under_way(owner, row):
            return refused
    cursor = connection.execute(
        "INSERT INTO attempts (request, sample, number, session, seed, sent) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (request, index, number + 1, session, seed, time()),
    )
    return Claim(
        granted=True,
        request=request,
        index=index,
        seed=seed,
        row=cursor.lastrowid or 0,
        attempt=number + 1,
    )


def add_outcome(
    connection: sqlite3.Connection,
    attempt: int,
    kind: str,
    message: str | None,
    *,
    status: int | None,
    final: bool,
) -> None:
    """Journal how an attempt ended; only the first outcome counts."""
    connection.execute(
        "INSERT OR IGNORE INTO outcomes VALUES (?, ?, ?, ?, ?, ?)",
        (attempt, kind, None if message is None else scrubbed(message), status, final, time()),
    )


def add_response(connection: sqlite3.Connection, claim: Claim, sample: Sample, body: bytes) -> None:
    """Commit a response, and that its attempt has ended well."""
    (canonical,) = connection.execute(
        "SELECT canonical FROM requests WHERE id = ?", (claim.request,)
    ).fetchone()
    usage = sample.usage
    connection.execute(
        "INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sample_key(canonical, claim.index),
            claim.request,
            claim.index,
            claim.row,
            sample.status,
            sample.text,
            sample.finish_reason,
            usage.prompt,
            usage.completion,
            usage.reasoning,
            usage.cached,
            None if isnan(sample.cost) else sample.cost,
            None if isnan(sample.latency) else sample.latency,
            sample.seed,
            sample.attempts,
            None if sample.logprobs is None else msgspec.json.encode(sample.logprobs),
            body,
        ),
    )
    add_outcome(connection, claim.row, "ok", None, status=None, final=True)


def add_skip(connection: sqlite3.Connection, request: int, index: int) -> Sample:
    """Note the decision not to ask again for a sample whose attempt was cut off."""
    connection.execute("INSERT OR IGNORE INTO skips VALUES (?, ?, ?)", (request, index, time()))
    return _skipped(request, index)


def _skipped(request: int, index: int) -> Sample:
    error = "the process was cut off while it waited for the response; it was not asked for again"
    return Sample(request=request, index=index, status="unknown", error=error, paid_now=False)


def _sample(row: tuple[Any, ...]) -> Sample:
    request, index, status, text, reason, prompt, completion, reasoning, cached = row[:9]
    cost, latency, seed, logprobs, attempts = row[9:]
    return Sample(
        request=request,
        index=index,
        status=status,
        text=text,
        finish_reason=reason,
        usage=Usage(prompt, completion, reasoning, cached),
        cost=nan if cost is None else cost,
        latency=nan if latency is None else latency,
        seed=seed,
        logprobs=None if logprobs is None else msgspec.json.decode(logprobs),
        attempts=attempts,
        paid_now=False,
    )


def _link(purpose: Purpose, request: int, indices: range) -> tuple[object, ...]:
    return (
        purpose.run,
        purpose.question,
        purpose.role,
        purpose.candidate,
        purpose.stride,
        request,
        indices.start,
        indices.stop,
    )


def _row(connection: sqlite3.Connection, sentence: str, value: bytes) -> int | None:
    found = connection.execute(sentence, (value,)).fetchone()
    return None if found is None else int(found[0])
