"""What logs that list samples and logs that count them have in common: their questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np

from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.log.columns import same
from kcurve.log.selection import chosen_questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from kcurve.log.columns import Categorical
    from kcurve.log.strings import Strings


class SampledQuestions(ABC):
    """Questions, and what was sampled for each: the entries at ``offsets[q]:offsets[q + 1]``.

    An entry is one sample of an `AnswerLog`, and several equal ones of a `TalliedLog`.
    """

    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    question: Strings
    model: Categorical
    dataset: Categorical
    cluster: Categorical | None
    _made_by: ClassVar[str]

    @property
    def n_questions(self) -> int:
        """The number of questions, Q."""
        return len(self.offsets) - 1

    @property
    @abstractmethod
    def n_samples(self) -> NDArray[np.int64]:
        """The number of samples of each question, int64 [Q]."""

    @abstractmethod
    def _questions_at(self, questions: NDArray[np.int64]) -> Self:
        """Return the log with only the questions at these positions; LogError if there are none."""

    @abstractmethod
    def _entries_at(self, entries: NDArray[np.int64], counts: NDArray[np.int64]) -> Self:
        """Return the log with only the entries at these positions, `counts` of each question."""

    def drop_no_answers(self, *, empty: Literal["error", "drop"] = "error") -> Self:
        """Return the log without the samples that have no answer.

        Parameters
        ----------
        empty : {"error", "drop"}, default "error"
            What to do with questions that then have no sample left. Leaving them out makes the
            log look better than the model is.

        Examples
        --------
        >>> import kcurve as kc
        >>> kc.AnswerLog.from_codes([[3, -1, 1]], correct=[3]).drop_no_answers().sample
        array([0, 2])
        """
        answered = self.codes >= 0
        counts = np.add.reduceat(answered, self.offsets[:-1], dtype=np.int64)
        if not counts.all():
            if empty != "drop":
                question = self.question[int(counts.argmin())]
                raise LogError(
                    f'question "{question}" has no answer in any sample; '
                    'pass empty="drop" to leave such questions out'
                )
            return self.select(questions=counts > 0).drop_no_answers()
        return self._entries_at(np.flatnonzero(answered), counts)

    def select(
        self,
        *,
        questions: ArrayLike | None = None,
        model: str | Sequence[str] | None = None,
        dataset: str | Sequence[str] | None = None,
        min_samples: int | None = None,
    ) -> Self:
        """Return the log with only the questions that meet every condition given.

        Parameters
        ----------
        questions : bool [Q], or one or several question ids, optional
            A mask, or which questions by name.
        model, dataset : str or sequence of str, optional
            Only these.
        min_samples : int, optional
            Only questions with at least this many samples.

        Raises
        ------
        ArgumentError
            If an id or name is not in the log.
        LogError
            If no question is left.

        Examples
        --------
        >>> import kcurve as kc
        >>> log = kc.AnswerLog.from_codes([[3, 1, 3], [-1, 2]], correct=[3, 0])
        >>> log.select(min_samples=3)
        AnswerLog: 1 question x 3 samples
        >>> log.select(questions="1").n_samples
        array([2])
        """
        return self._questions_at(chosen_questions(self, questions, model, dataset, min_samples))

    def by(self, column: Literal["model", "dataset", "cluster"]) -> dict[str, Self]:
        """Split the log by model, data set or cluster, in order of first appearance.

        Raises
        ------
        MissingColumnError
            If the log has no such column.

        Examples
        --------
        >>> import kcurve as kc
        >>> log = kc.AnswerLog.from_codes([[3, 1]], correct=[3], model="small")
        >>> log.by("model")
        {'small': AnswerLog: 1 question x 2 samples, small}
        """
        if column not in {"model", "dataset", "cluster"}:
            raise ArgumentError(f'by must be "model", "dataset" or "cluster", got {column!r}')
        categories: Categorical | None = getattr(self, column)
        if categories is None or not any(categories.names):
            raise MissingColumnError(
                f"the log has no {column} column; name it when {self._made_by}: {column}=..."
            )
        return {
            name: self._questions_at(np.flatnonzero(categories.codes == code))
            for code, name in enumerate(categories.names)
        }

    def equals(self, other: Self) -> bool:
        """Tell whether both logs hold the same, in the same order; NaN equals NaN.

        Examples
        --------
        >>> import kcurve as kc
        >>> a, b = (kc.AnswerLog.from_codes([[3, 1]], correct=[code]) for code in (3, 1))
        >>> a.equals(a), a.equals(b)
        (True, False)
        """
        names = (field.name for field in fields(self))  # type: ignore[arg-type]
        return all(same(getattr(self, name), getattr(other, name)) for name in names)

    def __eq__(self, other: object) -> bool:
        """Tell whether both logs hold the same."""
        return self.equals(other) if isinstance(other, type(self)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        """Count the questions."""
        return self.n_questions

    def _named(self) -> list[str]:
        """Return the data set and the model, or how many there are, for people."""
        parts = []
        for role, names in (("data sets", self.dataset.names), ("models", self.model.names)):
            if len(names) > 1:
                parts.append(f"{len(names)} {role}")
            elif names[0]:
                parts.append(names[0])
        return parts
