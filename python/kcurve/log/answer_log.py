"""The answer log: a ragged table of questions x samples."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve.errors import ArgumentError, LogError
from kcurve.log.codes import encode_codes
from kcurve.log.columns import OPTIONAL, PER_QUESTION, PER_SAMPLE, Categorical, StepScores
from kcurve.log.core_form import from_core, to_core
from kcurve.log.packing import read_only, spans
from kcurve.log.sampled_questions import SampledQuestions
from kcurve.log.selection import take_questions, take_samples
from kcurve.log.summary import LogSummary, summarise
from kcurve.log.tabular import encode_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Sized
    from os import PathLike
    from typing import Unpack

    from numpy.typing import NDArray

    from kcurve.log.codes import Samples
    from kcurve.log.strings import OptionalStrings, Strings
    from kcurve.log.tabular import ArrowStream, Columns, Duplicates, Progress


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AnswerLog(SampledQuestions):
    """Sampled answers, question by question, and which of them are correct.

    Made by `read_log`, `AnswerLog.from_table` or `AnswerLog.from_codes`. All arrays are
    read-only. A *question* is one (data set, model, question id); the samples of question `q` are
    those at `offsets[q]:offsets[q + 1]`. Questions may have different numbers of samples.

    Attributes
    ----------
    offsets : int64 [Q + 1]
        Where each question's samples begin, and the end of the last.
    codes : int32 [N]
        The answer of each sample, numbered within its question by first appearance; -1 for none.
    correct : bool [N]
        Whether each sample is correct.
    sample : int64 [N]
        The number of each sample within its question; samples are in this order.
    question : Strings [Q]
        The id of each question.
    answers : Strings
        The distinct answers of each question: code `c` of question `q` stands for
        `answers[answer_offsets[q] + c]`.
    answer_offsets : int64 [Q + 1]
        Where each question's distinct answers begin, and the end of the last.
    model, dataset : Categorical [Q]
        Who answered, and where the question is from.
    reference : OptionalStrings [Q] or None
        The correct answer of each question.
    cluster : Categorical [Q] or None
        Questions of one cluster are not independent of each other.
    score : float64 [N] or None
        A verifier's score; NaN where there is none.
    keep : bool [N] or None
        Whether a filter kept the sample.
    step_scores : StepScores or None
        The scores of the steps of each sample.
    tokens_in, tokens_out, cost, latency : float64 [N] or None
        What each sample took: tokens, money, seconds; NaN where unknown.
    status : uint8 [N] or None
        0 ok, 1 no answer, 2 truncated, 3 error.

    Examples
    --------
    >>> log = AnswerLog.from_table(
    ...     {
    ...         "question_id": ["a", "a", "a", "b", "b"],
    ...         "answer": [4, 5, 4, None, 7],
    ...         "reference": [4, 4, 4, 7, 7],
    ...     }
    ... )
    >>> log
    AnswerLog: 2 questions x 2 to 3 samples
    >>> log.codes
    array([ 0,  1,  0, -1,  0], dtype=int32)
    >>> log.correct
    array([ True, False,  True, False,  True])
    """

    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    correct: NDArray[np.bool_]
    sample: NDArray[np.int64]
    question: Strings
    answers: Strings
    answer_offsets: NDArray[np.int64]
    model: Categorical
    dataset: Categorical
    reference: OptionalStrings | None = None
    cluster: Categorical | None = None
    score: NDArray[np.float64] | None = None
    keep: NDArray[np.bool_] | None = None
    step_scores: StepScores | None = None
    tokens_in: NDArray[np.float64] | None = None
    tokens_out: NDArray[np.float64] | None = None
    cost: NDArray[np.float64] | None = None
    latency: NDArray[np.float64] | None = None
    status: NDArray[np.uint8] | None = None
    _made_by = "reading"

    def __post_init__(self) -> None:
        """Make the arrays read-only and check that their lengths agree."""
        for name in ("offsets", "answer_offsets"):
            object.__setattr__(self, name, read_only(getattr(self, name), np.int64))
            _check_length(name, getattr(self, name), self.n_questions + 1)
        for name, dtype in PER_SAMPLE.items():
            if (values := getattr(self, name)) is not None:
                object.__setattr__(self, name, read_only(values, dtype))
                _check_length(name, getattr(self, name), int(self.offsets[-1]))
        for name in PER_QUESTION:
            if (values := getattr(self, name)) is not None:
                _check_length(name, values, self.n_questions)
        if self.step_scores is not None:
            offsets, scores = self.step_scores
            steps = StepScores(read_only(offsets, np.int64), read_only(scores, np.float64))
            object.__setattr__(self, "step_scores", steps)
            _check_length("step_scores", steps.offsets, len(self.codes) + 1)

    @classmethod
    def from_table(
        cls,
        table: ArrowStream | Mapping[str, object],
        *,
        duplicates: Duplicates = "error",
        progress: Progress | None = None,
        **columns: Unpack[Columns],
    ) -> AnswerLog:
        """Make a log of a table with one row per sample.

        Parameters
        ----------
        table : table
            Of polars, pandas, pyarrow, duckdb, or anything else with `__arrow_c_stream__`; or
            a mapping of column names to lists or arrays of equal length.
        duplicates : {"error", "first", "last"}, default "error"
            What to do with rows that are the same sample of a question.
        progress : callable, optional
            Called with the number of rows read so far, about twenty times a second.
        **columns : str or None
            Column names by role, see `Columns`: `question="id"`, `answer="prediction"`, ...

        Returns
        -------
        AnswerLog

        Raises
        ------
        MissingColumnError
            If a column that is named or needed is not there.
        LogError
            If the rows are no answer log.

        Notes
        -----
        `read_log` says how values become text and what makes a sample correct.

        Examples
        --------
        >>> table = {"id": [1, 1], "answer": ["no", "yes"], "correct": [False, True]}
        >>> AnswerLog.from_table(table, question="id").answers.tolist()
        ['no', 'yes']
        """
        return cls(**from_core(encode_table(table, duplicates, progress, columns)))

    @classmethod
    def from_codes(
        cls,
        codes: Samples,
        *,
        correct: Samples | Sequence[int],
        question: Sequence[str] | None = None,
        score: Samples | None = None,
        keep: Samples | None = None,
        model: str = "",
        dataset: str = "",
    ) -> AnswerLog:
        """Make a log of integer answers.

        Parameters
        ----------
        codes : integers, matrix [Q, n] or one array per question
            The answer of every sample; negative for none.
        correct : integers [Q], or booleans in the shape of `codes`
            The correct answer of each question, negative if no answer is; or whether each
            sample is correct.
        question : sequence of str, optional
            The ids of the questions, "0", "1", ... by default.
        score, keep : in the shape of `codes`, optional
            A verifier's scores; a filter's decisions.
        model, dataset : str, optional
            Names.

        Returns
        -------
        AnswerLog

        Raises
        ------
        ArgumentError
            If the shapes do not agree, or an array is not of its kind of number.

        Examples
        --------
        >>> log = AnswerLog.from_codes([[3, 1, 3], [-1, 2]], correct=[3, 0])
        >>> log.codes, log.correct
        (array([ 0,  1,  0, -1,  0], dtype=int32), array([ True, False,  True, False, False]))
        """
        encoded = encode_codes(codes, correct, question, score, keep)
        unnamed = np.zeros(len(encoded["question"]), dtype=np.int32)
        return cls(
            **encoded,
            model=Categorical(unnamed, (model,)),
            dataset=Categorical(unnamed, (dataset,)),
        )

    @property
    def n_samples(self) -> NDArray[np.int64]:
        """The number of samples of each question, int64 [Q]."""
        return np.diff(self.offsets)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the optional columns the log has."""
        named = ("model", "dataset")
        return tuple(
            field.name
            for field in fields(self)
            if (field.name in OPTIONAL and getattr(self, field.name) is not None)
            or (field.name in named and any(getattr(self, field.name).names))
        )

    def answer(self, question: int, sample: int) -> str | None:
        """Return the text of one answer, by the positions of its question and of its sample.

        Examples
        --------
        >>> AnswerLog.from_codes([[3, -1]], correct=[3]).answer(0, 0)
        '3'
        """
        if not 0 <= sample < self.offsets[question + 1] - self.offsets[question]:
            raise ArgumentError(
                f"sample must be between 0 and {self.n_samples[question] - 1} "
                f'(the samples of question "{self.question[question]}"), got {sample}'
            )
        code = int(self.codes[self.offsets[question] + sample])
        return self.answers[int(self.answer_offsets[question]) + code] if code >= 0 else None

    def first(self, n: int) -> AnswerLog:
        """Return the log with only the first `n` samples of each question.

        Questions with fewer keep all they have.

        Examples
        --------
        >>> log = AnswerLog.from_codes([[3, 1, 3], [-1, 2]], correct=[3, 0])
        >>> log.first(1).codes
        array([ 0, -1], dtype=int32)
        """
        if n < 1:
            raise ArgumentError(f"n must be at least 1, got {n}")
        counts = np.minimum(self.n_samples, n)
        return take_samples(self, spans(self.offsets[:-1], counts), counts)

    def summary(self) -> LogSummary:
        """Count what the log holds.

        Examples
        --------
        >>> import kcurve as kc
        >>> kc.example_log().summary()
        questions               999
        samples                 29,970
        samples per question    30
        data sets               svamp
        models                  code-davinci-002 PoT (temp not logged)
        distinct answers        2 (median), 13 (largest)
        without an answer       0.6% of samples
        accuracy of one sample  79.8%
        never solved            2.1% of questions
        optional columns        model, dataset, reference
        """
        return summarise(self)

    def to_arrow(self) -> ArrowStream:
        """Return the rows for any library that reads Arrow, such as `polars.DataFrame(...)`.

        Columns have their default names, so that `from_table` needs no arguments.

        Examples
        --------
        >>> log = AnswerLog.from_codes([[3, 1]], correct=[3])
        >>> AnswerLog.from_table(log.to_arrow()) == log
        True
        """
        return _core.LogStream(to_core(self))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows as an Arrow stream."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_parquet(self, path: str | PathLike[str], *, progress: Progress | None = None) -> Path:
        """Write the rows to a Parquet file and return its path.

        The file appears under its name when it is complete.

        Examples
        --------
        >>> import tempfile
        >>> log = AnswerLog.from_codes([[3, 1]], correct=[3])
        >>> path = log.to_parquet(Path(tempfile.mkdtemp(), "log.parquet"))
        >>> import kcurve as kc
        >>> kc.read_log(path) == log
        True
        """
        _core.write_parquet(path, to_core(self), progress)
        return Path(path)

    def __repr__(self) -> str:
        """Show the size and the names."""
        counts = self.n_samples
        least, most = int(counts.min()), int(counts.max())
        questions = "question" if self.n_questions == 1 else "questions"
        samples = f"{least}" if least == most else f"{least} to {most}"
        size = f"{self.n_questions:,} {questions} x {samples} sample{'s' * (most != 1)}"
        return f"AnswerLog: {', '.join([size, *self._named()])}"

    def _questions_at(self, questions: NDArray[np.int64]) -> AnswerLog:
        return take_questions(self, questions)

    def _entries_at(self, entries: NDArray[np.int64], counts: NDArray[np.int64]) -> AnswerLog:
        return take_samples(self, entries, counts)


def _check_length(name: str, values: Sized, length: int) -> None:
    if len(values) != length:
        raise LogError(f"{name} must have {length} entries to fit the offsets, got {len(values)}")
