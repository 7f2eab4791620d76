"""The tallied log: equal samples counted instead of listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.errors import ArgumentError, LogError
from kcurve.log.packing import offsets_of, read_only, spans
from kcurve.log.sampled_questions import SampledQuestions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log.columns import Categorical
    from kcurve.log.strings import Strings

_PER_ENTRY = {
    "codes": np.int32,
    "correct": np.bool_,
    "count": np.int64,
    "keep": np.bool_,
    "score": np.float64,
}
_PER_QUESTION = ("question", "model", "dataset", "cluster")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TalliedLog(SampledQuestions):
    """How often each answer of each question was sampled, and which are correct.

    Made by `scan_log`; `curve` takes it as it takes an `AnswerLog`. All arrays are read-only.
    Questions are in ascending order of data set, model and question id. The entries of question
    `q` are those at `offsets[q]:offsets[q + 1]`: its distinct combinations of answer, verdict, filter
    decision and score, correct ones first, then by falling count.

    Attributes
    ----------
    offsets : int64 [Q + 1]
        Where each question's entries begin, and the end of the last.
    codes : int32 [E]
        The answer of each entry, numbered within its question; -1 for none. The texts of the
        answers are not kept.
    correct : bool [E]
        Whether the samples of each entry are correct.
    count : int64 [E]
        How many samples each entry stands for.
    question : Strings [Q]
        The id of each question.
    model, dataset : Categorical [Q]
        Who answered, and where the question is from.
    cluster : Categorical [Q] or None
        Questions of one cluster are not independent of each other.
    keep : bool [E] or None
        Whether a filter kept the samples.
    score : float64 [E] or None
        A verifier's score; NaN where there is none.

    Examples
    --------
    >>> import kcurve as kc, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.parquet")
    >>> _ = kc.AnswerLog.from_codes([[3, 1, 3], [-1, 2, 2]], correct=[3, 0]).to_parquet(path)
    >>> log = kc.scan_log(path)
    >>> log
    TalliedLog: 2 questions x 3 samples, 6 samples in 4 entries
    >>> log.count, log.codes, log.correct
    (array([2, 1, 2, 1]), array([ 0,  1,  0, -1], dtype=int32), array([ True, False, False, False]))
    """

    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    correct: NDArray[np.bool_]
    count: NDArray[np.int64]
    question: Strings
    model: Categorical
    dataset: Categorical
    cluster: Categorical | None = None
    keep: NDArray[np.bool_] | None = None
    score: NDArray[np.float64] | None = None
    _made_by = "scanning"

    def __post_init__(self) -> None:
        """Make the arrays read-only and check that their lengths agree."""
        object.__setattr__(self, "offsets", read_only(self.offsets, np.int64))
        for name, dtype in _PER_ENTRY.items():
            if (values := getattr(self, name)) is not None:
                object.__setattr__(self, name, read_only(values, dtype))
                if len(values) != self.offsets[-1]:
                    raise ArgumentError(
                        f"{name} must have {self.offsets[-1]} entries, got {len(values)}"
                    )
        for name in _PER_QUESTION:
            if (values := getattr(self, name)) is not None and len(values) != self.n_questions:
                raise ArgumentError(
                    f"{name} must have {self.n_questions} entries, got {len(values)}"
                )

    @property
    def n_samples(self) -> NDArray[np.int64]:
        """The number of samples of each question, int64 [Q]."""
        return np.add.reduceat(self.count, self.offsets[:-1])

    @property
    def n_rows(self) -> int:
        """The number of samples of all questions together."""
        return int(self.count.sum())

    def __repr__(self) -> str:
        """Show the size and the names."""
        counts = self.n_samples
        least, most = int(counts.min()), int(counts.max())
        samples = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        questions = "question" if self.n_questions == 1 else "questions"
        parts = [
            f"{self.n_questions:,} {questions} x {samples} sample{'s' * (most != 1)}",
            f"{self.n_rows:,} samples in {len(self.codes):,} entries",
            *self._named(),
        ]
        return f"TalliedLog: {', '.join(parts)}"

    def in_order(self, questions: NDArray[np.int64]) -> TalliedLog:
        """Return the log with its questions in this order; categories by first appearance."""
        taken = self._questions_at(questions)
        named: dict[str, Any] = {
            name: values.by_first_appearance()
            for name in ("model", "dataset", "cluster")
            if (values := getattr(taken, name)) is not None
        }
        return replace(taken, **named)

    def _questions_at(self, questions: NDArray[np.int64]) -> TalliedLog:
        if not len(questions):
            raise LogError("no question is left; select fewer conditions or other names")
        counts = np.diff(self.offsets)[questions]
        kept: dict[str, Any] = {
            name: None if (values := getattr(self, name)) is None else values.take(questions)
            for name in _PER_QUESTION
        }
        entries = spans(self.offsets[questions], counts)
        return replace(self, **kept, **self._values_at(entries), offsets=offsets_of(counts))

    def _entries_at(self, entries: NDArray[np.int64], counts: NDArray[np.int64]) -> TalliedLog:
        return replace(self, **self._values_at(entries), offsets=offsets_of(counts))

    def _values_at(self, entries: NDArray[np.int64]) -> dict[str, Any]:
        """Return the values of every per-entry column at these positions."""
        return {
            name: None if (values := getattr(self, name)) is None else values[entries]
            for name in _PER_ENTRY
        }
