"""One extractor over many texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcurve import _core
from kcurve.answers.extractors import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    FirstOf,
    JSONField,
    LastNumber,
    TheAnswerIs,
    WholeText,
)
from kcurve.answers.form import form
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcurve.answers.extractors import Extractor

_FAST = frozenset(
    (AnswerIs, Boxed, ChoiceLetter, Contains, JSONField, LastNumber, TheAnswerIs, WholeText)
)


def extracted(texts: Iterable[str | None], extractor: Extractor) -> list[str | None]:
    """Return the answer in each text, None where there is none.

    Parameters
    ----------
    texts : iterable of str or None, or Arrow array
        What the models wrote; None for nothing. Anything that speaks Arrow will do, a column of
        polars or pyarrow say.
    extractor : Extractor
        What to look for.

    Notes
    -----
    The extractors of kcurve run outside the interpreter and on all cores, Ctrl-C interrupts them; `Regex` and
    callables of your own are called for one text after another.

    Raises
    ------
    TypeError
        If something is neither a text nor None.

    Examples
    --------
    >>> from kcurve.answers import LastNumber
    >>> extracted(["1 + 1 = 2", "no idea", None], LastNumber())
    ['2', None, None]
    """
    if isinstance(texts, str):
        raise ArgumentError(
            "texts must be several texts, got one; put it in a list, or call the extractor"
        )
    if not isinstance(texts, list) and not hasattr(texts, "__arrow_c_stream__"):
        speaks = hasattr(texts, "__arrow_c_array__")
        texts = texts if speaks else list(texts)
    if _is_fast(extractor):
        return _core.extract_answers(texts, form(extractor))
    if not isinstance(texts, list):
        texts = _core.list_texts(texts)
    if isinstance(extractor, FirstOf):
        return _first_of(texts, extractor)
    return [None if text is None else extractor(text) for text in texts]


def _is_fast(extractor: Extractor) -> bool:
    if type(extractor) is FirstOf:
        return all(map(_is_fast, extractor.extractors))
    return type(extractor) in _FAST


def _first_of(texts: list[str | None], extractor: FirstOf) -> list[str | None]:
    answers: list[str | None] = [None] * len(texts)
    left = [place for place, text in enumerate(texts) if text is not None]
    for one in extractor.extractors:
        found = extracted([texts[place] for place in left], one)
        for place, answer in zip(left, found, strict=True):
            answers[place] = answer
        left = [place for place in left if answers[place] is None]
    return answers
