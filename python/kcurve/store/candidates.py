"""The candidates of a run, and what a filter decided about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from kcurve.answers import Extractor

# One row per candidate; what is still to be sampled has none. Ranges that overlap, as after asking for
# more, name a candidate twice: it is taken once.
_CANDIDATES = """
SELECT links.question AS question, candidate + (sample - start) * stride AS number, status, text,
       prompt_tokens, completion_tokens, cost, latency, model
FROM links
JOIN (SELECT id, json_extract(CAST(canonical AS TEXT), '$.model') AS model FROM requests) AS asked
  ON asked.id = links.request
JOIN (
    SELECT request, sample, status, text, prompt_tokens, completion_tokens, cost, latency FROM responses
    UNION ALL
    SELECT DISTINCT request, sample, 'failed', NULL, NULL, NULL, NULL, NULL
    FROM attempts JOIN outcomes ON outcomes.attempt = attempts.id
    WHERE final AND kind <> 'ok'
      AND NOT EXISTS (SELECT 1 FROM responses WHERE responses.request = attempts.request
                      AND responses.sample = attempts.sample)
    UNION ALL
    SELECT request, sample, 'unknown', NULL, NULL, NULL, NULL, NULL FROM skips
    WHERE NOT EXISTS (SELECT 1 FROM responses WHERE responses.request = skips.request
                      AND responses.sample = skips.sample)
) AS drawn ON drawn.request = links.request AND sample >= start AND sample < stop
WHERE run = ? AND role = ?
GROUP BY links.question, number
ORDER BY links.question, number
"""
_ASKED = "SELECT question, candidate, stop - start FROM links WHERE run = ? AND role = ?"
_VERDICTS = """
SELECT question, candidate, text FROM links
JOIN responses ON responses.request = links.request AND sample >= start AND sample < stop
WHERE run = ? AND role = ?
"""
_LOST = """
SELECT question, candidate, count(*) FROM links
JOIN (SELECT DISTINCT request, sample FROM attempts JOIN outcomes ON outcomes.attempt = attempts.id
      WHERE final AND kind <> 'ok' UNION SELECT request, sample FROM skips) AS gone
  ON gone.request = links.request AND sample >= start AND sample < stop
WHERE run = ? AND role = ? AND NOT EXISTS (
    SELECT 1 FROM responses WHERE responses.request = gone.request AND responses.sample = gone.sample)
GROUP BY question, candidate
"""


def candidates(
    connection: sqlite3.Connection,
    run: int,
    role: str,
    kept: Callable[[int, int], bool | None] | None,
) -> Iterator[tuple[Any, ...]]:
    """Yield candidates: question, number, status, text, tokens in and out, cost, latency, model.

    If there is a filter, what it decided comes behind, and candidates that it has not judged yet are left out.
    """
    for row in connection.execute(_CANDIDATES, (run, role)):
        if kept is None:
            yield row
        elif row[3] is None:
            yield (*row, False)  # nothing to judge
        elif (decision := kept(row[0], row[1])) is not None:
            yield (*row, decision)


def verdicts_of(
    connection: sqlite3.Connection, run: int, verdict: Extractor
) -> Callable[[int, int], bool | None]:
    """Return what tells whether a candidate was kept; None while verdicts on it are missing."""
    missing: dict[tuple[int, int], int] = {}
    for question, candidate, calls in connection.execute(_ASKED, (run, "filter")):
        missing[question, candidate] = missing.get((question, candidate), 0) + calls
    refused = set()
    for question, candidate, text in connection.execute(_VERDICTS, (run, "filter")):
        missing[question, candidate] -= 1
        if text is None or verdict(text) is None:
            refused.add((question, candidate))
    for question, candidate, calls in connection.execute(_LOST, (run, "filter")):
        missing[question, candidate] -= calls
        refused.add((question, candidate))

    def decision(question: int, candidate: int) -> bool | None:
        if (question, candidate) in refused:
            return False
        return True if missing.get((question, candidate), 1) == 0 else None

    return decision
