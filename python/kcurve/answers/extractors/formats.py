"""Answers in a format of your own: what an expression matches, and a field of JSON."""

import re
from dataclasses import dataclass

from kcurve._validation import choice, instance
from kcurve.answers.extractors.extractor import WHICH, Which
from kcurve.answers.one_text import answer_in
from kcurve.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Regex:
    r"""What a regular expression of Python's `re` finds.

    Parameters
    ----------
    pattern : str
        The expression; flags are written into it, as in ``(?i)answer: (\w+)``.
    group : int or str, optional
        Which group is the answer. The default is the first group if there is one, else the match.
    which : {"last", "first"}
        Which match counts; those whose group is empty or took no part do not.

    Raises
    ------
    ArgumentError
        If the pattern does not compile, or has no such group.

    Examples
    --------
    >>> Regex(r"answer: (\w+)")("answer: 3, or rather answer: 4")
    '4'
    """

    pattern: str
    group: int | str | None = None
    which: Which = "last"

    def __post_init__(self) -> None:
        """Compile the pattern and look for the group."""
        instance("pattern", self.pattern, str)
        choice("which", self.which, WHICH)
        try:
            compiled = re.compile(self.pattern)
        except re.error as error:
            raise ArgumentError(f"pattern {self.pattern!r} does not compile: {error}") from None
        if self.group is None:
            object.__setattr__(self, "group", min(compiled.groups, 1))
        numbers = range(compiled.groups + 1)
        if self.group not in numbers and self.group not in compiled.groupindex:
            names = ", ".join(map(repr, (*numbers, *compiled.groupindex)))
            raise ArgumentError(
                f"group must be one of {names} for {self.pattern!r}, got {self.group!r}"
            )

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        found = None
        for match in re.finditer(self.pattern, text):
            answer = (match[self.group or 0] or "").strip()
            if answer:
                found = answer
                if self.which == "first":
                    break
        return found


@dataclass(frozen=True, slots=True)
class JSONField:
    """A value in the last JSON object of the text, fenced or not.

    Parameters
    ----------
    path : str or sequence of str and int
        The key of the value; keys and positions from the outside in if it is nested.

    Notes
    -----
    Texts come as they are, numbers as they are spelled, anything else as compact JSON; null and an
    empty text are no answers. Objects nested more than 100 levels deep are not read.

    Examples
    --------
    >>> JSONField("answer")('Here it is: {"why": "...", "answer": 4.0}')
    '4.0'
    >>> JSONField(("answers", 0))('{"answers": ["B", "C"]}')
    'B'
    """

    path: tuple[str | int, ...]

    def __init__(self, path: str | tuple[str | int, ...] | list[str | int]) -> None:
        """Check the path."""
        steps = (path,) if isinstance(path, str) else tuple(path)
        if not steps or any(
            isinstance(step, bool) or not isinstance(step, str | int) for step in steps
        ):
            raise ArgumentError(f"path must be a key, or keys and positions, got {path!r}")
        object.__setattr__(self, "path", steps)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return answer_in(text, self)
