"""Classes of equal answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.answers import _slow, symbolic
from kcurve.answers.equivalence import SameExpression, SameNumber, SameText
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.answers.equivalence import Equivalence


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Which answers of a question are the same answer.

    Attributes
    ----------
    codes : int32 [answers]
        The class of each answer, numbered as they come up; -1 where there is no answer.
    texts : tuple of str
        What the first answer of each class looks like.
    correct : int
        The class of the reference; -1 if no answer is in it, or there is no reference.
    timeouts : int
        How many comparisons took too long, or too much memory, and counted as different.
    """

    codes: NDArray[np.int32]
    texts: tuple[str, ...]
    correct: int = -1
    timeouts: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the classes as plain Python values."""
        return {
            "codes": self.codes.tolist(),
            "texts": list(self.texts),
            "correct": self.correct,
            "timeouts": self.timeouts,
        }


@dataclass(frozen=True, slots=True, eq=False)
class QuestionClasses:
    """Classes of equal answers, question by question.

    Attributes
    ----------
    offsets : int64 [questions + 1]
        The answers of question q are ``offsets[q]`` to ``offsets[q + 1]``.
    codes : int32 [answers]
        The class of each answer, numbered within its question; -1 where there is no answer.
    text_offsets : int64 [questions + 1]
        The classes of question q are ``text_offsets[q]`` to ``text_offsets[q + 1]`` of `texts`.
    texts : tuple of str
        What the first answer of each class looks like.
    correct : int32 [questions]
        The class of each reference; -1 if no answer is in it, or there is no reference.
    timeouts : int
        How many comparisons took too long, or too much memory, and counted as different.
    """

    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    text_offsets: NDArray[np.int64]
    texts: tuple[str, ...]
    correct: NDArray[np.int32]
    timeouts: int = 0

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self.correct)

    def __getitem__(self, question: int) -> Classes:
        """Return the classes of one question; comparisons that took too long are not known by question."""
        question = range(len(self))[question]
        first, end = self.offsets[question : question + 2]
        first_text, end_text = self.text_offsets[question : question + 2]
        return Classes(
            self.codes[first:end],
            self.texts[first_text:end_text],
            int(self.correct[question]),
        )


def classes(
    answers: Sequence[str | None],
    *,
    equivalence: Equivalence | None = None,
    reference: str | None = None,
) -> Classes:
    r"""Return which answers of a question are the same.

    Parameters
    ----------
    answers : sequence of str or None
        The answers, None for no answer.
    equivalence : SameText, SameNumber, SameExpression or callable, optional
        What says whether two answers are the same. The default is `SameText()`.
    reference : str, optional
        The right answer.

    Examples
    --------
    >>> found = classes(
    ...     ["0.5", r"\frac{1}{2}", None, "2"], equivalence=SameNumber(), reference="1/2"
    ... )
    >>> found.codes, found.texts, found.correct
    (array([ 0,  0, -1,  1], dtype=int32), ('0.5', '2'), 0)
    """
    many = question_classes(
        answers, [0, len(answers)], equivalence=equivalence, references=[reference]
    )
    return Classes(many.codes, many.texts, int(many.correct[0]), many.timeouts)


def question_classes(
    answers: Sequence[str | None],
    offsets: ArrayLike,
    *,
    equivalence: Equivalence | None = None,
    references: Sequence[str | None] | None = None,
) -> QuestionClasses:
    """Return which answers are the same, for many questions at once.

    Parameters
    ----------
    answers : sequence of str or None
        The answers of all questions, one question after another; None for no answer.
    offsets : int [questions + 1]
        Where the answers of each question begin, and the end of the last.
    equivalence : SameText, SameNumber, SameExpression or callable, optional
        What says whether two answers are the same. The default is `SameText()`.
    references : sequence of str or None, optional
        The right answer of each question.

    Raises
    ------
    ArgumentError
        If the offsets do not fit the answers, or the references do not fit the questions.

    Examples
    --------
    >>> found = question_classes(["B", "(B)", "7", "8"], [0, 2, 4], references=["B", "8"])
    >>> found.codes, found.correct
    (array([0, 0, 0, 1], dtype=int32), array([0, 1], dtype=int32))
    """
    equivalence = SameText() if equivalence is None else equivalence
    starts = np.asarray(offsets, dtype=np.int64)
    if (
        starts.ndim != 1
        or not len(starts)
        or starts[0] != 0
        or starts[-1] != len(answers)
        or (np.diff(starts) < 0).any()
    ):
        msg = f"offsets must rise from 0 to the number of answers ({len(answers)}), got {offsets!r:.80}"
        raise ArgumentError(msg)
    questions = len(starts) - 1
    if references is None:
        references = [None] * questions
    if len(references) != questions:
        msg = f"references must be one for each of the {questions} questions, got {len(references)}"
        raise ArgumentError(msg)
    codes = np.full(len(answers), -1, dtype=np.int32)
    correct = np.full(questions, -1, dtype=np.int32)
    texts: list[str] = []
    text_offsets = np.zeros(questions + 1, dtype=np.int64)
    timeouts = 0
    for question, (first, end) in enumerate(
        zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ):
        group, slow = _grouping(answers[first:end], equivalence, references[question])
        timeouts += slow
        numbers: dict[int, int] = {}
        for place in range(first, end):
            answer = answers[place]
            if answer is not None:
                founder = group[answer]
                if founder not in numbers:
                    numbers[founder] = len(numbers)
                    texts.append(answer)
                codes[place] = numbers[founder]
        reference = references[question]
        if reference is not None:
            correct[question] = numbers.get(group[reference], -1)
        text_offsets[question + 1] = len(texts)
    return QuestionClasses(starts, codes, text_offsets, tuple(texts), correct, timeouts)


def _grouping(
    answers: Sequence[str | None], equivalence: Equivalence, reference: str | None
) -> tuple[dict[str, int], int]:
    """Return the class of each spelling, and how many comparisons took too long."""
    spellings = list(dict.fromkeys(one for one in (reference, *answers) if one is not None))
    if isinstance(equivalence, SameText):
        keys = {
            one: _slow.normalised(one, ignore_case=equivalence.ignore_case) for one in spellings
        }
        order: dict[Any, int] = {}
        return {one: order.setdefault(key, len(order)) for one, key in keys.items()}, 0
    if isinstance(equivalence, SameNumber):
        return _by_number(spellings, equivalence, reference), 0
    if isinstance(equivalence, SameExpression):
        timeout = equivalence.timeout
        return _by_comparison(
            spellings, lambda left, right: symbolic.compared(left, right, timeout)
        )
    return _by_comparison(spellings, equivalence)


def _by_number(
    spellings: list[str], equivalence: SameNumber, reference: str | None
) -> dict[str, int]:
    values = {
        one: _slow.number(one, percent=equivalence.percent == "hundredths") for one in spellings
    }
    relative, absolute = str(equivalence.relative), str(equivalence.absolute)
    left = sorted({value for value in values.values() if value is not None})
    order: dict[Any, int] = {}
    of_value = {}
    anchor = None if reference is None else values[reference]
    while left:
        founder = left[0] if anchor is None else anchor
        anchor = None
        claimed = {value for value in left if _slow.close(founder, value, relative, absolute)}
        of_value.update(dict.fromkeys(claimed, founder))
        left = [value for value in left if value not in claimed]
    keys: dict[str, Any] = {}
    for one, value in values.items():
        keys[one] = _slow.normalised(one) if value is None else of_value[value]
    return {one: order.setdefault(key, len(order)) for one, key in keys.items()}


def _by_comparison(
    spellings: list[str], equal: Callable[[str, str], bool | None]
) -> tuple[dict[str, int], int]:
    founders: list[str] = []
    group = {}
    timeouts = 0
    for one in spellings:
        for place, founder in enumerate(founders):
            verdict = equal(founder, one)
            timeouts += verdict is None
            if verdict:
                group[one] = place
                break
        else:
            group[one] = len(founders)
            founders.append(one)
    return group, timeouts
