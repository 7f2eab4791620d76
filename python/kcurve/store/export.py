"""From the texts of a run to an answer log."""

from __future__ import annotations

from array import array
from math import nan
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kcurve.answers import extracted, question_classes
from kcurve.errors import StoreError
from kcurve.log import AnswerLog
from kcurve.store.candidates import candidates
from kcurve.store.runs import chosen_run, described
from kcurve.store.scores import scoring_of

if TYPE_CHECKING:
    import sqlite3

    from kcurve.answers import Equivalence, Extractor, ScoreReader
    from kcurve.store.candidates import Candidate

_STATUS = {"ok": 0, "empty": 1, "truncated": 2}
_NO_ANSWER, _ERROR = 1, 3


def answer_log(
    connection: sqlite3.Connection,
    run: int | None,
    *,
    role: str,
    extract: Extractor | None,
    equivalence: Equivalence | None,
    verdict: Extractor | None,
    score: ScoreReader | None,
) -> AnswerLog:
    """Return the candidates of a run with their answers, read from the texts."""
    chosen = chosen_run(connection, run)
    told = chosen.description
    extract = extract or described(told, "extractor")
    equivalence = equivalence or described(told, "equivalence")
    filtered = told.get("verdict") is not None
    reads = (verdict or described(told, "verdict")) if filtered else None
    scoring = scoring_of(told, score)
    columns = _Columns()
    for question, drawn in candidates(connection, chosen.row, role, reads, scoring):
        columns.extend(question, drawn, extract)
    if not columns.questions:
        judged = " that was judged and scored" if filtered or scoring is not None else ""
        raise StoreError(
            f'run {chosen.row} has no candidate of role "{role}"{judged} yet; '
            "sample first, or name another run"
        )
    asked = [_question(connection, row) for row in columns.questions]
    return AnswerLog.from_table(
        columns.table(asked, equivalence, filtered=filtered, scored=scoring is not None)
    )


class _Columns:
    """The columns of a log, question after question, without the texts: some 60 bytes a candidate."""

    def __init__(self) -> None:
        self.questions: list[int] = []
        self._sizes: list[int] = []
        self._answers: list[str | None] = []
        self._models: dict[str, None] = {}
        self._number = array("q")
        self._status = array("B")
        self._keep = array("B")
        self._score = array("d")
        self._steps: list[tuple[float, ...]] = []
        self._has_steps = False
        self._known = {name: array("d") for name in ("tokens_in", "tokens_out", "cost", "latency")}

    def extend(self, question: int, drawn: list[Candidate], extract: Extractor) -> None:
        """Add the candidates of a question."""
        self.questions.append(question)
        self._sizes.append(len(drawn))
        answers = extracted([one.text for one in drawn], extract)
        self._answers += answers
        for one, answer in zip(drawn, answers, strict=True):
            status = _STATUS.get(one.status, _ERROR)
            self._number.append(one.number)
            self._status.append(_NO_ANSWER if status == 0 and answer is None else status)
            self._keep.append(one.keep or False)
            if one.scored is not None:
                self._score.append(one.scored.score)
                self._steps.append(one.scored.steps or ())
                self._has_steps = self._has_steps or one.scored.steps is not None
            for name, column in self._known.items():
                value = getattr(one, name)
                column.append(nan if value is None else value)
            self._models[one.model] = None

    def table(
        self, asked: list[dict[str, Any]], equivalence: Equivalence, *, filtered: bool, scored: bool
    ) -> dict[str, object]:
        """Return the columns by name, equal answers under one text."""
        sizes = np.array(self._sizes)
        same = question_classes(
            self._answers,
            np.concatenate([[0], np.cumsum(sizes)]),
            equivalence=equivalence,
            references=[question["reference"] for question in asked],
        )
        # Codes are numbered within questions; so are the positions of texts once their offset is added.
        texts = np.array([*same.texts, None], dtype=object)
        found = same.codes >= 0
        place = np.where(
            found, same.codes + np.repeat(same.text_offsets[:-1], sizes), len(texts) - 1
        )

        def each(values: list[Any]) -> list[Any]:
            return [value for value, n in zip(values, self._sizes, strict=True) for _ in range(n)]

        table: dict[str, object] = {
            "question_id": each([question["id"] for question in asked]),
            "dataset": each([question["dataset"] for question in asked]),
            # Candidates of a mixture are one system's, whoever wrote them.
            "model": [" + ".join(self._models)] * len(self._answers),
            "sample_index": np.array(self._number),
            "answer": texts[place].tolist(),
            "correct": found & (same.codes == np.repeat(same.correct, sizes)),
            "status": np.array(self._status, dtype=np.int64),
        }
        for name, column in self._known.items():
            table[name] = np.array(column)
        if any(question["reference"] is not None for question in asked):
            table["reference"] = each([question["reference"] for question in asked])
        if filtered:
            table["keep"] = np.array(self._keep, dtype=np.bool_)
        if scored:
            table["score"] = np.array(self._score)
        if self._has_steps:
            table["step_scores"] = self._steps
        if any("cluster" in question["metadata"] for question in asked):
            table["cluster"] = each([one["metadata"].get("cluster", "") for one in asked])
        return table


def _question(connection: sqlite3.Connection, row: int) -> dict[str, Any]:
    (content,) = connection.execute("SELECT content FROM questions WHERE id = ?", (row,)).fetchone()
    question: dict[str, Any] = msgspec.json.decode(content)
    return question
