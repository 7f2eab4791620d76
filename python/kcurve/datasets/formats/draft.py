"""What a format makes of a row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kcurve.datasets.question import LETTERS, Question
from kcurve.datasets.shuffle import permutation
from kcurve.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kcurve.datasets.rows import Row


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before its choices are put in order.

    Attributes
    ----------
    text : str
        What is asked.
    reference : str or None
        The right answer of a question without choices.
    choices : tuple of str
        The choices in the order of the file.
    right : int or None
        The position of the right choice.
    id : str
        The name that the file gives, if it gives one.
    metadata : dict
        What else is known.
    """

    text: str
    reference: str | None = None
    choices: tuple[str, ...] = ()
    right: int | None = None
    id: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    def named(self, name: str) -> Draft:
        """Return the same question under another name."""
        return replace(self, id=name)

    def question(self, *, dataset: str, seed: int | None) -> Question:
        """Make it a question, whose choices are shuffled if there is a seed.

        The name of the question does not depend on the seed, and what the seed did stands in its
        metadata: "choices_seed", and "choices_order" with the former position of each choice.
        """
        if len(self.choices) > len(LETTERS):
            raise DatasetError(f"{len(self.choices)} choices; the letters allow {len(LETTERS)}")
        plain = Question(
            self.text,
            self.reference if self.right is None else LETTERS[self.right],
            choices=self.choices,
            id=self.id,
            dataset=dataset,
            metadata=self.metadata,
        )
        if seed is None or not self.choices:
            return plain
        order = permutation(seed, plain.id, len(self.choices))
        return replace(
            plain,
            reference=None if self.right is None else LETTERS[order.index(self.right)],
            choices=tuple(self.choices[position] for position in order),
            metadata={
                **self.metadata,
                "choices_seed": str(seed),
                "choices_order": " ".join(map(str, order)),
            },
        )


@dataclass(frozen=True, slots=True)
class Format:
    """How the rows of one layout are read.

    Attributes
    ----------
    fits : callable
        Whether a row looks like this layout.
    draft : callable
        The question in a row; raises DatasetError.
    seed : int or None
        The seed that choices are shuffled by if the caller says nothing; None where the order of
        the file is fair.
    """

    fits: Callable[[Row], bool]
    draft: Callable[[Row], Draft]
    seed: int | None = None
