"""What formatting costs a vote."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.answers.classes import question_classes
from kcurve.answers.extraction import extracted
from kcurve.answers.extractors import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    FirstOf,
    LastNumber,
    Regex,
    TheAnswerIs,
)
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.answers.equivalence import Equivalence
    from kcurve.answers.extractors import Extractor

_COLUMNS = ("samples", "answered", "recognisable", "spellings", "classes", "split_votes", "changed")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FormattingReport:
    """What formatting costs the votes on some questions.

    Attributes
    ----------
    questions, samples, answered : int
        How many questions and samples there are, and in how many samples an answer was found.
    empty, truncated, failed, no_match : int
        Samples without an answer: those without text, of the others those that were cut off, those whose call
        failed, and the rest, where the extractor finds nothing.
    recognisable : int
        Samples without an answer in which the lenient extractor finds one.
    split_votes : int
        Votes that are not for the most frequent spelling of their class: what a vote over spellings takes away
        from classes.
    split_questions : int
        Questions with a class of several spellings.
    changed_majorities : int
        Questions whose leading answers, ties included, differ when classes vote and not spellings.
    timeouts : int
        Comparisons of expressions that took too long and counted as different.
    by_question : mapping of str to int64 [questions]
        The columns of `to_arrow`.
    """

    questions: int
    samples: int
    answered: int
    empty: int
    truncated: int
    failed: int
    no_match: int
    recognisable: int
    split_votes: int
    split_questions: int
    changed_majorities: int
    timeouts: int
    by_question: dict[str, NDArray[np.int64]]

    def to_dict(self) -> dict[str, Any]:
        """Return the totals as plain Python values."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "by_question"}

    def to_arrow(self) -> _core.TableStream:
        """Return one row per question, for any library that reads Arrow streams."""
        numbers = np.arange(self.questions, dtype=np.int64)
        return _core.TableStream([("question", numbers), *self.by_question.items()])

    def __repr__(self) -> str:
        """Return the report as text."""
        missing = self.samples - self.answered
        reasons = ", ".join(
            f"{getattr(self, name)} {words}"
            for name, words in (
                ("empty", "empty"),
                ("truncated", "cut off"),
                ("failed", "failed"),
                ("no_match", "without a match"),
            )
            if getattr(self, name)
        )
        lines = [
            f"FormattingReport: {self.samples:,} samples of {self.questions:,} questions",
            f"  no answer in {missing:,}" + (f" ({reasons})" if reasons else ""),
            f"  recognisable all the same: {self.recognisable:,}",
            f"  votes for a rarer spelling: {self.split_votes:,}, in {self.split_questions:,} questions",
            f"  majorities that change when spellings unite: {self.changed_majorities:,}",
        ]
        if self.timeouts:
            lines.append(f"  comparisons that took too long: {self.timeouts:,}")
        return "\n".join(lines)


def formatting_report(
    texts: Sequence[str | None],
    offsets: ArrayLike | None = None,
    *,
    extractor: Extractor,
    equivalence: Equivalence | None = None,
    lenient: Extractor | None = None,
    statuses: Sequence[str] | None = None,
) -> FormattingReport:
    r"""Return how many votes are lost to formatting: no answer found, or split over spellings.

    Parameters
    ----------
    texts : sequence of str or None
        The texts of all samples, one question after another.
    offsets : int [questions + 1], optional
        Where the samples of each question begin, and the end of the last. The default is one
        question.
    extractor : Extractor
        What finds the answers.
    equivalence : SameText, SameNumber, SameExpression or callable, optional
        What says whether two answers are the same. The default is `SameText()`.
    lenient : Extractor, optional
        What finds an answer where the extractor finds none. The default is a capital among the choices
        for `ChoiceLetter`, nothing for `Contains`, else a box, what is called the answer, or the last number.
    statuses : sequence of str, optional
        How each sample ended: ``"ok"``, ``"truncated"``, ``"empty"``, ``"failed"`` or ``"unknown"``.

    Raises
    ------
    ArgumentError
        If offsets or statuses do not fit the texts.

    Examples
    --------
    >>> from kcurve.answers import AnswerIs
    >>> formatting_report(
    ...     ["the answer is (1/2)", r"the answer is (\frac12)", "the answer is (2)", "It is 2", ""],
    ...     extractor=AnswerIs(),
    ... )
    FormattingReport: 5 samples of 1 questions
      no answer in 2 (1 empty, 1 without a match)
      recognisable all the same: 1
      votes for a rarer spelling: 1, in 1 questions
      majorities that change when spellings unite: 1
    """
    if statuses is not None and len(statuses) != len(texts):
        msg = f"statuses must be one for each of the {len(texts)} texts, got {len(statuses)}"
        raise ArgumentError(msg)
    answers = extracted(texts, extractor)
    united = question_classes(
        answers, [0, len(texts)] if offsets is None else offsets, equivalence=equivalence
    )
    lenient = _lenient(extractor) if lenient is None else lenient
    unanswered = [place for place, answer in enumerate(answers) if answer is None]
    second = extracted([texts[place] for place in unanswered], lenient)
    recognised = np.zeros(len(texts), dtype=np.int64)
    recognised[unanswered] = [answer is not None for answer in second]
    reasons = Counter(
        _reason(texts[place], "ok" if statuses is None else statuses[place]) for place in unanswered
    )
    rows = []
    for question, (first, end) in enumerate(
        zip(united.offsets[:-1].tolist(), united.offsets[1:].tolist(), strict=True)
    ):
        votes = Counter(
            (code, answer)
            for code, answer in zip(
                united[question].codes.tolist(), answers[first:end], strict=True
            )
            if answer is not None
        )
        rows.append((end - first, *_row(votes, int(recognised[first:end].sum()))))
    table = np.array(rows, dtype=np.int64).reshape(len(rows), len(_COLUMNS))
    by_question = dict(zip(_COLUMNS, np.ascontiguousarray(table.T), strict=True))
    return FormattingReport(
        questions=len(rows),
        samples=len(texts),
        answered=len(texts) - len(unanswered),
        **{name: reasons[name] for name in ("empty", "truncated", "failed", "no_match")},
        recognisable=int(recognised.sum()),
        split_votes=int(by_question["split_votes"].sum()),
        split_questions=int((by_question["split_votes"] > 0).sum()),
        changed_majorities=int(by_question["changed"].sum()),
        timeouts=united.timeouts,
        by_question=by_question,
    )


def _lenient(extractor: Extractor) -> Extractor:
    if isinstance(extractor, ChoiceLetter):
        return Regex(rf"(?<![A-Za-z])[{extractor.choices}](?![A-Za-z])")
    if isinstance(extractor, Contains):
        return extractor
    return FirstOf(Boxed(), AnswerIs(), TheAnswerIs(), LastNumber())


def _reason(text: str | None, status: str) -> str:
    if status in ("failed", "unknown"):
        return "failed"
    if not text or not text.strip():
        return "empty"
    return "truncated" if status == "truncated" else "no_match"


def _row(votes: Counter[tuple[int, str]], recognised: int) -> tuple[int, ...]:
    """Return the numbers of one question behind its number of samples."""
    of_class: Counter[int] = Counter()
    best: Counter[int] = Counter()
    for (code, _), count in votes.items():
        of_class[code] += count
        best[code] = max(best[code], count)
    most, most_written = (max(one.values(), default=0) for one in (of_class, votes))
    leaders = {code for code, count in of_class.items() if count == most}
    leaders_written = {code for (code, _), count in votes.items() if count == most_written}
    answered = sum(of_class.values())
    return (
        answered,
        recognised,
        len(votes),
        len(of_class),
        answered - sum(best.values()),
        int(leaders != leaders_written),
    )
