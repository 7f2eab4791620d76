"""Classes of equal answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.answers.equivalence import SameExpression, SameNumber, SameText
from kcurve.answers.form import form
from kcurve.answers.symbolic import expressions
from kcurve.answers.workers import WORKERS
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.answers.equivalence import Equivalence
    from kcurve.answers.symbolic import Expression


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
    if isinstance(equivalence, SameText | SameNumber):
        listed = answers if isinstance(answers, list) else list(answers)
        codes, first, counts, correct = _core.answer_classes(
            listed, starts, list(references), form(equivalence)
        )
        text_offsets = np.zeros(questions + 1, dtype=np.int64)
        np.cumsum(counts, out=text_offsets[1:])
        texts = tuple(str(listed[place]) for place in first.tolist())
        return QuestionClasses(starts, codes, text_offsets, texts, correct)
    rows = [
        (answers[first:end], reference)
        for first, end, reference in zip(
            starts[:-1].tolist(), starts[1:].tolist(), references, strict=True
        )
    ]
    with ThreadPoolExecutor(WORKERS) as threads:
        # Threads only wait for worker processes; a function of one's own is called in this one.
        many = isinstance(equivalence, SameExpression) and questions > 1
        found = list((threads.map if many else map)(partial(_compared, equivalence), rows))
    return _joined(starts, found)


def _compared(equivalence: Equivalence, row: tuple[Sequence[str | None], str | None]) -> Classes:
    """Return the classes of a question whose answers are compared pair by pair."""
    answers, reference = row
    spellings = list(dict.fromkeys(one for one in (reference, *answers) if one is not None))
    compared: list[Any] = spellings
    equal: Callable[[Any, Any], bool | None] = equivalence
    if isinstance(equivalence, SameExpression):
        compared = expressions(spellings)
        timeout = equivalence.timeout

        def equal(left: Expression, right: Expression) -> bool | None:
            return left.equal(right, timeout)

    founders: list[int] = []
    group: dict[str, int] = {}
    timeouts = 0
    for place, spelling in enumerate(spellings):
        for founder in founders:
            verdict = equal(compared[founder], compared[place])
            timeouts += verdict is None
            if verdict:
                group[spelling] = founder
                break
        else:
            group[spelling] = place
            founders.append(place)
    numbers: dict[int, int] = {}
    texts: list[str] = []
    codes = np.full(len(answers), -1, dtype=np.int32)
    for place, answer in enumerate(answers):
        if answer is not None:
            if group[answer] not in numbers:
                numbers[group[answer]] = len(numbers)
                texts.append(answer)
            codes[place] = numbers[group[answer]]
    correct = -1 if reference is None else numbers.get(group[reference], -1)
    return Classes(codes, tuple(texts), correct, timeouts)


def _joined(offsets: NDArray[np.int64], questions: list[Classes]) -> QuestionClasses:
    text_offsets = np.zeros(len(questions) + 1, dtype=np.int64)
    np.cumsum([len(one.texts) for one in questions], out=text_offsets[1:])
    codes = [one.codes for one in questions]
    return QuestionClasses(
        offsets,
        np.concatenate(codes) if codes else np.zeros(0, dtype=np.int32),
        text_offsets,
        tuple(text for one in questions for text in one.texts),
        np.array([one.correct for one in questions], dtype=np.int32),
        sum(one.timeouts for one in questions),
    )
