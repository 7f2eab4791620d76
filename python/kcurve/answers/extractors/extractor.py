"""What an extractor is, and a setting of several."""

from collections.abc import Callable
from typing import Literal, TypeAlias

Extractor: TypeAlias = Callable[[str], str | None]
"""Anything that takes a text and returns the answer in it, or None."""

Which: TypeAlias = Literal["last", "first"]
"""Which of several answers in a text counts."""

WHICH = ("last", "first")
