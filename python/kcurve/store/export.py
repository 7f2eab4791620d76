"""From the texts of a run to an answer log."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kcurve.answers import extracted, from_description, question_classes
from kcurve.errors import StoreError
from kcurve.log import AnswerLog

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from kcurve.answers import Equivalence, Extractor

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
_STATUS = {"ok": "ok", "truncated": "truncated", "empty": "no_answer"}


class _Run(NamedTuple):
    row: int
    description: dict[str, Any]


def answer_log(
    connection: sqlite3.Connection,
    run: int | None,
    *,
    role: str,
    extract: Extractor | None,
    equivalence: Equivalence | None,
    verdict: Extractor | None,
) -> AnswerLog:
    """Return the candidates of a run with their answers, read from the texts."""
    chosen = chosen_run(connection, run)
    told = chosen.description
    extract = extract or _described(told, "extractor")
    equivalence = equivalence or _described(told, "equivalence")
    kept = None
    if told.get("verdict") is not None:
        kept = _kept(connection, chosen.row, verdict or _described(told, "verdict"))
    rows = list(_candidates(connection, chosen.row, role, kept))
    if not rows:
        raise StoreError(
            f'run {chosen.row} has no candidate of role "{role}" yet; sample first, or name another run'
        )
    questions = _questions(connection)
    ids = [row[0] for row in rows]
    offsets = [i for i, row in enumerate(ids) if i == 0 or ids[i - 1] != row] + [len(ids)]
    asked = [questions[ids[start]] for start in offsets[:-1]]
    same = question_classes(
        extracted([row[3] for row in rows], extract),
        offsets,
        equivalence=equivalence,
        references=[question["reference"] for question in asked],
    )
    answers: list[str | None] = []
    right: list[bool] = []
    for q, (start, end) in enumerate(itertools.pairwise(offsets)):
        first = int(same.text_offsets[q])
        for code in same.codes[start:end].tolist():
            answers.append(None if code < 0 else same.texts[first + code])
            right.append(code >= 0 and code == same.correct[q])
    table: dict[str, object] = {
        "question_id": [questions[row]["id"] for row in ids],
        "sample_index": [row[1] for row in rows],
        "answer": answers,
        "correct": right,
        "reference": [questions[row]["reference"] for row in ids],
        "dataset": [questions[row]["dataset"] for row in ids],
        "status": [
            _STATUS.get(row[2], "error") if answer is not None or row[2] != "ok" else "no_answer"
            for row, answer in zip(rows, answers, strict=True)
        ],
        "tokens_in": [row[4] for row in rows],
        "tokens_out": [row[5] for row in rows],
        "cost": [row[6] for row in rows],
        "latency": [row[7] for row in rows],
        # Candidates of a mixture are one system's, whoever wrote them.
        "model": [_system(told, rows)] * len(rows),
    }
    if kept is not None:
        table["keep"] = [row[9] for row in rows]
    if any("cluster" in questions[row]["metadata"] for row in ids):
        table["cluster"] = [questions[row]["metadata"].get("cluster", "") for row in ids]
    if not any(question["reference"] is not None for question in asked):
        del table["reference"]
    return AnswerLog.from_table(table)


def chosen_run(connection: sqlite3.Connection, run: int | None) -> _Run:
    """Return the run, or the only one there is.

    Raises
    ------
    StoreError
        If there is no such run, or none is named and there is not just one.
    """
    runs = {
        row: msgspec.json.decode(description)
        for row, description in connection.execute("SELECT id, description FROM runs ORDER BY id")
    }
    listed = "; ".join(f"{row}: {_named(told)}" for row, told in runs.items()) or "none"
    if run is None:
        if len(runs) != 1:
            raise StoreError(f"name one of its runs ({listed})")
        run = next(iter(runs))
    if run not in runs:
        raise StoreError(f"it has no run {run}; its runs are {listed}")
    return _Run(run, runs[run])


def _candidates(
    connection: sqlite3.Connection,
    run: int,
    role: str,
    kept: Callable[[int, int], bool | None] | None,
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of candidates, with the filter's decision behind; those not judged yet are left out."""
    for row in connection.execute(_CANDIDATES, (run, role)):
        if kept is None:
            yield row
        elif row[3] is None:
            yield (*row, False)  # nothing to judge
        elif (decision := kept(row[0], row[1])) is not None:
            yield (*row, decision)


def _kept(
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


def _questions(connection: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    return {
        row: msgspec.json.decode(content)
        for row, content in connection.execute("SELECT id, content FROM questions")
    }


def _described(told: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - an extractor or an equivalence
    if told.get(name) is None:
        raise StoreError(f"the run does not say its {name}; pass it")
    return from_description(told[name])


def _system(told: dict[str, Any], rows: list[tuple[Any, ...]]) -> str:
    models = dict.fromkeys(row[8] for row in rows)
    return " + ".join(models) or str(told.get("model", ""))


def _named(told: dict[str, Any]) -> str:
    rule = told.get("rule")
    name = rule.get("name") if isinstance(rule, dict) else None
    parts = (name or told.get("strategy"), told.get("model"), told.get("dataset"))
    return ", ".join(str(part) for part in parts if part)
