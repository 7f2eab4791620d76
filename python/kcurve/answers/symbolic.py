"""Expressions compared in worker processes that can be killed."""

from __future__ import annotations

import re

from kcurve.answers import _slow
from kcurve.answers.workers import pool

_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")


def settled(left: str, right: str) -> bool | None:
    """Return the verdict where texts and numbers alone decide, else None."""
    texts = [_slow.normalised(text, ignore_case=False) for text in (left, right)]
    if texts[0] == texts[1]:
        return True
    numbers = [_slow.number(text) for text in (left, right)]
    if None not in numbers:
        return numbers[0] == numbers[1]
    words = [_WORDS.search(text) is not None for text in texts]
    if any(words) or not all(texts):
        return texts[0].lower() == texts[1].lower()
    return None


def compared(left: str, right: str, timeout: float) -> bool | None:
    """Return the verdict, or None if the comparison took too long."""
    verdict = settled(left, right)
    if verdict is not None:
        return verdict
    return pool().compared(left, right, timeout)
