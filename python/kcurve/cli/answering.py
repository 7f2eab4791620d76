"""How answers are found in texts and compared, as words on the command line."""

from collections.abc import Callable

from kcurve.answers import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    Equivalence,
    Extractor,
    FirstOf,
    JSONField,
    LastNumber,
    Regex,
    SameExpression,
    SameNumber,
    SameText,
    TheAnswerIs,
    WholeText,
)
from kcurve.errors import ArgumentError

_EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "answer-is": AnswerIs,
    "boxed": Boxed,
    "choice-letter": ChoiceLetter,
    "last-number": LastNumber,
    "the-answer-is": TheAnswerIs,
    "whole-text": WholeText,
}
_WITH_ARGUMENT: dict[str, Callable[[str], Extractor]] = {
    "choice-letter": ChoiceLetter,
    "contains": Contains,
    "json": lambda path: JSONField(tuple(path.split("."))),
    "regex": Regex,
    "the-answer-is": TheAnswerIs,
}
_EQUIVALENCES: dict[str, Callable[[], Equivalence]] = {
    "text": SameText,
    "number": SameNumber,
    "expression": SameExpression,
}


def parse_extractor(words: str) -> Extractor:
    r"""Return the extractor of `words`: its name, and behind a colon what it needs.

    Several extractors, with "+" between them, are tried one after another. What follows "regex:" is the pattern,
    to the end.

    Examples
    --------
    >>> parse_extractor("boxed+last-number")
    FirstOf(Boxed(), LastNumber())
    >>> parse_extractor(r"json:result.answer+regex:a+: (\d+)")
    FirstOf(JSONField(path=('result', 'answer')), Regex(pattern='a+: (\\d+)', group=1, which='last'))
    """
    found: list[Extractor] = []
    rest: str | None = words
    while rest is not None:
        one, more = rest, None
        if not rest.startswith("regex:"):
            one, plus, behind = rest.partition("+")
            more = behind if plus else None
        found.append(_extractor(one))
        rest = more
    return found[0] if len(found) == 1 else FirstOf(*found)


def _extractor(word: str) -> Extractor:
    name, colon, argument = word.partition(":")
    if colon and argument and name in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[name](argument)
    if not colon and name in _EXTRACTORS:
        return _EXTRACTORS[name]()
    known = (
        *_EXTRACTORS,
        "choice-letter:ABCD",
        "contains:PHRASE",
        "the-answer-is:MARKER",
        "json:KEY",
        "regex:PATTERN",
    )
    raise ArgumentError(f"answers can be found by {', '.join(known)}, got {word!r}")


def parse_equivalence(word: str) -> Equivalence:
    """Return the equivalence that a word names.

    Examples
    --------
    >>> parse_equivalence("text")
    SameText(ignore_case=True)
    """
    if word not in _EQUIVALENCES:
        known = ", ".join(_EQUIVALENCES)
        raise ArgumentError(f"answers can be compared as {known}, got {word!r}")
    return _EQUIVALENCES[word]()
