"""The questions of a data set, read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError, DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kcurve.datasets.formats.draft import Format
    from kcurve.datasets.question import Question
    from kcurve.datasets.rows import LocatedRow, Row


@dataclass(frozen=True, slots=True, repr=False)
class Questions:
    """Questions that are read from their source each time they are iterated over.

    Attributes
    ----------
    name : str
        The name of the data set, which every question carries.
    source : str
        The file, or the data set on the hub.
    licence : str
        The licence of the texts; "unknown" for files of your own.
    format : str
        The layout of the rows.
    seed : int or None
        The seed that choices are shuffled by; None if they stand as in the source.
    limit : int or None
        The most questions that are read.

    Examples
    --------
    >>> from kcurve.datasets import load
    >>> questions = load("tests/golden/questions/gsm8k.jsonl", limit=2)
    >>> [question.reference for question in questions]
    ['18', '3']
    """

    name: str
    source: str
    licence: str
    format: str
    seed: int | None
    limit: int | None
    _layout: Format
    _rows: Callable[[], Iterator[LocatedRow]]
    _wanted: Callable[[Row], bool]

    def __repr__(self) -> str:
        """Name, source and licence."""
        parts = [f"{self.name!r} from {self.source}", f"licence {self.licence}"]
        if self.seed is not None:
            parts.append(f"choices shuffled by seed {self.seed}")
        if self.limit is not None:
            parts.append(f"at most {self.limit} questions")
        return f"Questions({', '.join(parts)})"

    def __iter__(self) -> Iterator[Question]:
        """Read the questions, one at a time.

        A question without a name in its source is named after its content; if the same comes again,
        its name ends in -2, -3, ... A name that the source gives twice is an error.

        Raises
        ------
        DatasetError
            If a row is no question of this format, or two questions have one name.
        """
        return islice(self._all(), self.limit)

    def _all(self) -> Iterator[Question]:
        seen: dict[str, int] = {}
        for where, row in self._rows():
            try:
                question = self._question(row, seen) if self._wanted(row) else None
            except (ArgumentError, DatasetError) as error:
                raise DatasetError(f"{where}: {error}") from None
            if question is not None:
                yield question

    def _question(self, row: Row, seen: dict[str, int]) -> Question:
        draft = self._layout.draft(row)
        question = draft.question(dataset=self.name, seed=self.seed)
        again = seen[question.id] = seen.get(question.id, 0) + 1
        if again == 1:
            return question
        if draft.id:
            raise DatasetError(
                f"the id {question.id!r} belongs to an earlier question; give each its own, or "
                "leave ids out to have questions named after their content"
            )
        return draft.named(f"{question.id}-{again}").question(dataset=self.name, seed=self.seed)
