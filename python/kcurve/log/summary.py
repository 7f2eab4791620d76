"""What a log holds, at a glance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log.answer_log import AnswerLog

STATUSES = ("ok", "no_answer", "truncated", "error")
_SHOWN = 3


@dataclass(frozen=True, kw_only=True, repr=False)
class LogSummary:
    """What a log holds; prints as a table.

    Attributes
    ----------
    n_questions, n_samples : int
        Questions, and samples of all questions together.
    samples_min, samples_median, samples_max : number
        Samples of a question.
    models, datasets : tuple of str
        Names; empty where the log does not say.
    n_clusters : int or None
        Clusters of questions, where the log has them.
    distinct_median, distinct_max : number
        Distinct answers of a question.
    no_answer_share : float
        Share of the samples that have no answer, in [0, 1].
    accuracy : float
        Share of a question's samples that are correct, mean over questions, in [0, 1].
    never_solved_share : float
        Share of the questions without any correct sample, in [0, 1].
    columns : tuple of str
        The optional columns the log has.
    statuses : dict of str to int, or None
        Samples by status, where the log has it.
    """

    n_questions: int
    n_samples: int
    samples_min: int
    samples_median: float
    samples_max: int
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    n_clusters: int | None
    distinct_median: float
    distinct_max: int
    no_answer_share: float
    accuracy: float
    never_solved_share: float
    columns: tuple[str, ...]
    statuses: dict[str, int] | None

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as plain Python values, ready for JSON.

        Examples
        --------
        >>> import kcurve as kc
        >>> round(kc.example_log().summary().to_dict()["accuracy"], 3)
        0.798
        """
        values = asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }

    def __repr__(self) -> str:
        """Show the table."""
        rows = self._rows()
        width = max(len(label) for label, _ in rows)
        return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - slow to import

        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th>"
            f"<td style='text-align:left'>{escape(value)}</td></tr>"
            for label, value in self._rows()
        )
        return f"<table>{rows}</table>"

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("questions", f"{self.n_questions:,}"),
            ("samples", f"{self.n_samples:,}"),
            (
                "samples per question",
                _range(self.samples_min, self.samples_median, self.samples_max),
            ),
        ]
        if self.datasets:
            rows.append(("data sets", _names(self.datasets)))
        if self.models:
            rows.append(("models", _names(self.models)))
        if self.n_clusters is not None:
            rows.append(("clusters", f"{self.n_clusters:,}"))
        rows += [
            (
                "distinct answers",
                f"{self.distinct_median:g} (median), {self.distinct_max} (largest)",
            ),
            ("without an answer", f"{self.no_answer_share:.1%} of samples"),
            ("accuracy of one sample", f"{self.accuracy:.1%}"),
            ("never solved", f"{self.never_solved_share:.1%} of questions"),
        ]
        if self.statuses is not None:
            counts = (f"{count:,} {status}" for status, count in self.statuses.items() if count)
            rows.append(("statuses", ", ".join(counts)))
        rows.append(("optional columns", ", ".join(self.columns) or "none"))
        return rows


def summarise(log: AnswerLog) -> LogSummary:
    """Count what a log holds, in one pass over its samples."""
    counts = log.n_samples
    solved = _sums(log.correct, log.offsets)
    distinct = np.diff(log.answer_offsets)
    statuses = None
    if log.status is not None:
        by_code = np.bincount(log.status, minlength=len(STATUSES))
        statuses = dict(zip(STATUSES, by_code.tolist(), strict=True))
    return LogSummary(
        n_questions=log.n_questions,
        n_samples=len(log.codes),
        samples_min=int(counts.min()),
        samples_median=float(np.median(counts)),
        samples_max=int(counts.max()),
        models=tuple(name for name in log.model.names if name),
        datasets=tuple(name for name in log.dataset.names if name),
        n_clusters=None if log.cluster is None else len(log.cluster.names),
        distinct_median=float(np.median(distinct)),
        distinct_max=int(distinct.max()),
        no_answer_share=float(np.mean(log.codes < 0)),
        accuracy=float(np.mean(solved / counts)),
        never_solved_share=float(np.mean(solved == 0)),
        columns=log.columns,
        statuses=statuses,
    )


def _sums(flags: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of true flags of each question."""
    return np.add.reduceat(flags, offsets[:-1], dtype=np.int64)


def _range(least: int, median: float, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}, median {median:g}"


def _names(names: tuple[str, ...]) -> str:
    rest = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{len(names)}: {shown}, and {rest} more" if rest > 0 else shown
