"""Expressions: what is decided without algebra, and who is asked for the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcurve import _core
from kcurve.answers.workers import pool

if TYPE_CHECKING:
    from collections.abc import Iterable

# Letters that are no LaTeX command and more than a product of two variables.
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")


@dataclass(frozen=True, slots=True)
class Expression:
    """An answer without its formatting, and what of it can be compared without algebra."""

    plain: str
    number: tuple[str, str] | None
    wordy: bool

    def settled(self, other: Expression) -> bool | None:
        """Return the verdict where texts and numbers alone decide, else None."""
        if self.plain == other.plain:
            return True
        if self.number is not None and other.number is not None:
            return self.number == other.number
        if self.wordy or other.wordy or not self.plain or not other.plain:
            return self.wordy and other.wordy and self.plain.lower() == other.plain.lower()
        return None

    def equal(self, other: Expression, timeout: float) -> bool | None:
        """Return the verdict, None if the comparison took too long."""
        verdict = self.settled(other)
        return pool().compared(self.plain, other.plain, timeout) if verdict is None else verdict


def expressions(texts: Iterable[str]) -> list[Expression]:
    """Return the answers with what can be compared of them."""
    listed = list(texts)
    plain = _core.normalised_answers(listed, ignore_case=False)
    numbers = _core.exact_numbers(listed, percent=True)
    return [
        Expression(one or "", number, number is None and _WORDS.search(one or "") is not None)
        for one, number in zip(plain, numbers, strict=True)
    ]
