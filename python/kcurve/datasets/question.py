"""A question: what a model is asked, and the answer that counts as right."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The letters of choices, in order."""


@dataclass(frozen=True, slots=True)
class Question:
    r"""One question of a data set.

    Parameters
    ----------
    text : str
        What is asked, without the choices.
    reference : str, optional
        The right answer as an extractor would return it: the letter if there are choices.
    choices : sequence of str, optional
        The texts of the choices, at most 26; the first is called A.
    id : str, optional
        The name of the question, unique within its data set. The default is the first 16 digits of
        the SHA-256 of text and choices.
    dataset : str, optional
        The name of the data set.
    metadata : mapping of str, optional
        Whatever else is known: subject, level, source.

    Raises
    ------
    ArgumentError
        If the text is empty, or there are more choices than letters.

    Examples
    --------
    >>> Question("2 + 2 = ?", reference="4").id
    'd326b9edba394980'
    >>> Question("The capital of Peru?", "B", choices=("Quito", "Lima")).prompt
    'The capital of Peru?\n(A) Quito\n(B) Lima'
    """

    text: str
    reference: str | None = None
    choices: tuple[str, ...] = field(default=(), kw_only=True)
    id: str = field(default="", kw_only=True)
    dataset: str = field(default="", kw_only=True)
    metadata: Mapping[str, str] = field(default_factory=dict, kw_only=True, hash=False)

    def __post_init__(self) -> None:
        """Check the text and the choices, and give a question without a name one."""
        if not self.text.strip():
            raise ArgumentError("text must not be empty: it is what the model is asked")
        object.__setattr__(self, "choices", tuple(self.choices))
        if len(self.choices) > len(LETTERS):
            raise ArgumentError(
                f"a question has at most {len(LETTERS)} choices, got {len(self.choices)}; "
                "ask for the text of the answer instead"
            )
        if not self.id:
            content = "\0".join((self.text, *self.choices))
            object.__setattr__(self, "id", sha256(content.encode()).hexdigest()[:16])

    @property
    def prompt(self) -> str:
        """The text, and below it one line per choice."""
        lines = (
            f"({letter}) {choice}" for letter, choice in zip(LETTERS, self.choices, strict=False)
        )
        return "\n".join((self.text, *lines))

    def to_dict(self) -> dict[str, object]:
        """Return the fields as plain JSON; ``Question(**fields)`` makes the question again.

        Examples
        --------
        >>> question = Question("The capital of Peru?", "B", choices=("Quito", "Lima"))
        >>> Question(**question.to_dict()) == question
        True
        """
        return {
            "text": self.text,
            "reference": self.reference,
            "choices": list(self.choices),
            "id": self.id,
            "dataset": self.dataset,
            "metadata": dict(self.metadata),
        }
