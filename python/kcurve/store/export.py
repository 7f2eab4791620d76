"""From the texts of a run to an answer log."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from kcurve.answers import extracted, question_classes
from kcurve.errors import StoreError
from kcurve.log import AnswerLog
from kcurve.store.candidates import candidates, verdicts_of
from kcurve.store.runs import chosen_run, described

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kcurve.answers import Equivalence, Extractor

_STATUS = {"ok": "ok", "truncated": "truncated", "empty": "no_answer"}


_ROWS_AT_ONCE = 4096


class _Candidate(NamedTuple):
    question: int
    number: int
    status: str
    answer: str | None
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    latency: float | None
    model: str
    keep: bool | None = None


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
    extract = extract or described(told, "extractor")
    equivalence = equivalence or described(told, "equivalence")
    kept = None
    if told.get("verdict") is not None:
        kept = verdicts_of(connection, chosen.row, verdict or described(told, "verdict"))
    drawn = [
        candidate
        for rows in _batches(candidates(connection, chosen.row, role, kept))
        for candidate in _read(rows, extract)
    ]
    if not drawn:
        raise StoreError(
            f'run {chosen.row} has no candidate of role "{role}" yet; sample first, or name another run'
        )
    return _assembled(drawn, _questions(connection), equivalence, told)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows in lists, so that the texts of a large run are never in memory together."""
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch


def _read(rows: list[tuple[Any, ...]], extract: Extractor) -> Iterator[_Candidate]:
    """Yield candidates with their answers in place of their texts."""
    answers = extracted([row[3] for row in rows], extract)
    for row, answer in zip(rows, answers, strict=True):
        status = "no_answer" if row[2] == "ok" and answer is None else _STATUS.get(row[2], "error")
        yield _Candidate(row[0], row[1], status, answer, *row[4:])


def _assembled(
    drawn: list[_Candidate],
    questions: dict[int, dict[str, Any]],
    equivalence: Equivalence,
    told: dict[str, Any],
) -> AnswerLog:
    """Return the log of candidates that are in the order of their questions."""
    offsets = [
        i for i, one in enumerate(drawn) if i == 0 or drawn[i - 1].question != one.question
    ] + [len(drawn)]
    asked = [questions[drawn[start].question] for start in offsets[:-1]]
    same = question_classes(
        [one.answer for one in drawn],
        offsets,
        equivalence=equivalence,
        references=[question["reference"] for question in asked],
    )
    # Codes are numbered within questions; so are the positions of texts once their offset is added.
    sizes = np.diff(offsets)
    texts = np.array([*same.texts, None], dtype=object)
    found = same.codes >= 0
    place = np.where(found, same.codes + np.repeat(same.text_offsets[:-1], sizes), len(texts) - 1)
    each = [questions[one.question] for one in drawn]
    table: dict[str, object] = {
        "question_id": [question["id"] for question in each],
        "sample_index": [one.number for one in drawn],
        "answer": texts[place].tolist(),
        "correct": found & (same.codes == np.repeat(same.correct, sizes)),
        "dataset": [question["dataset"] for question in each],
        "status": [one.status for one in drawn],
        "tokens_in": [one.tokens_in for one in drawn],
        "tokens_out": [one.tokens_out for one in drawn],
        "cost": [one.cost for one in drawn],
        "latency": [one.latency for one in drawn],
        # Candidates of a mixture are one system's, whoever wrote them.
        "model": [_system(told, drawn)] * len(drawn),
    }
    if any(question["reference"] is not None for question in asked):
        table["reference"] = [question["reference"] for question in each]
    if drawn[0].keep is not None:
        table["keep"] = [one.keep for one in drawn]
    if any("cluster" in question["metadata"] for question in asked):
        table["cluster"] = [question["metadata"].get("cluster", "") for question in each]
    return AnswerLog.from_table(table)


def _questions(connection: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    return {
        row: msgspec.json.decode(content)
        for row, content in connection.execute("SELECT id, content FROM questions")
    }


def _system(told: dict[str, Any], drawn: list[_Candidate]) -> str:
    models = dict.fromkeys(one.model for one in drawn)
    return " + ".join(models) or str(told.get("model", ""))
