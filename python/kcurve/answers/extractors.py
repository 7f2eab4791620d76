r"""Extractors: what in a text is the answer.

An extractor is a callable ``(text) -> str | None``; None says that the text holds no answer. The ones
here are frozen values, which compare, hash and can be described; any other callable does as well.
`extracted` applies one to many texts. Except for `Regex`, they need time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kcurve import _core
from kcurve._validation import choice, instance
from kcurve.answers.form import form
from kcurve.errors import ArgumentError

Extractor: TypeAlias = Callable[[str], str | None]
"""Anything that takes a text and returns the answer in it, or None."""

Which: TypeAlias = Literal["last", "first"]
"""Which of several answers in a text counts."""

_WHICH = ("last", "first")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class WholeText:
    """The whole text without the space around it; None if nothing else is there.

    Examples
    --------
    >>> WholeText()(" Lima ")
    'Lima'
    """

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class Contains:
    """``"yes"`` if the text contains a phrase, else None: the verdict of a filter.

    Parameters
    ----------
    phrase : str
        What is looked for.
    ignore_case : bool, optional
        Whether A to Z count as a to z.

    Raises
    ------
    ArgumentError
        If the phrase is empty.

    Examples
    --------
    >>> verdict = Contains("[correct]")
    >>> verdict("Every step holds. [[correct]]"), verdict("[[wrong]]")
    ('yes', None)
    """

    phrase: str
    ignore_case: bool = False

    def __post_init__(self) -> None:
        """Check the phrase."""
        instance("phrase", self.phrase, str)
        if not self.phrase:
            raise ArgumentError("phrase must not be empty: every text contains nothing")

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class Boxed:
    r"""What the last ``\boxed{...}`` or ``\fbox{...}`` holds.

    Notes
    -----
    Braces nest; a backslash hides the one behind it. Without braces (``\boxed 5``) the box holds what
    follows up to a space, a dollar sign or a closing brace, without a final ``.``, ``,`` or ``;``. An empty
    box, and one that never closes because the text was cut off, does not count: the one before it does.

    Examples
    --------
    >>> Boxed()(r"So $x = \boxed{\frac{1}{2}}$.")
    '\\frac{1}{2}'
    """

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class LastNumber:
    r"""The last number of the text, spelled without currency signs and separators of thousands.

    Notes
    -----
    Known forms: ``1,234.5``, ``1{,}000``, ``1\,000``, ``$5.00``, ``-3/4``, ``\frac{3}{4}``, ``1 3/4``, ``1e-5``,
    ``3 \times 10^5`` (which becomes ``3e5``), ``50%`` (which keeps its sign). A hyphen is a minus only at
    the beginning of a number: ``10-5`` ends in 5. Digits that belong to a word (``H2O``), an index
    or an exponent (``cm^2``) are no numbers.

    Examples
    --------
    >>> LastNumber()("She sells 9 for $2 each, and makes $1,018.50 in a year.")
    '1018.50'
    >>> LastNumber()(r"The area is $\frac{3}{4}$ cm^2.")
    '3/4'
    """

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class AnswerIs:
    """X of the last "answer is (X)", as models are told to end in arXiv 2403.02419.

    Parameters
    ----------
    which : {"last", "first"}
        Which one counts if there are several.

    Notes
    -----
    The words are found in any case, X keeps its own. X is on one line, not empty, and its
    parentheses are balanced.

    Examples
    --------
    >>> AnswerIs()("Therefore, the answer is (B).")
    'B'
    """

    which: Which = "last"

    def __post_init__(self) -> None:
        """Check the setting."""
        choice("which", self.which, _WHICH)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class TheAnswerIs:
    r"""The rest of the line behind the last "The answer is", or behind another marker.

    Parameters
    ----------
    marker : str, optional
        The words before the answer, found in any case. ``TheAnswerIs("####")`` reads the solutions of
        GSM8K.

    Notes
    -----
    Colons, asterisks and line ends between marker and answer are skipped; asterisks and one
    period behind the answer are dropped. A marker with nothing behind it does not count.

    Examples
    --------
    >>> TheAnswerIs()("Half of it. The answer is: 42 apples.")
    '42 apples'
    >>> TheAnswerIs("####")("9 * 2 = 18\n#### 18")
    '18'
    """

    marker: str = "the answer is"

    def __post_init__(self) -> None:
        """Check the marker."""
        instance("marker", self.marker, str)
        if not self.marker.strip(" \t\n:*"):
            msg = f"marker must be more than space, colons and asterisks, got {self.marker!r}"
            raise ArgumentError(msg)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True)
class ChoiceLetter:
    r"""The letter that the text states as its choice, as a capital.

    Parameters
    ----------
    choices : str or int, optional
        The letters there are, or how many.

    Notes
    -----
    The first of these that the text has decides, and of several of a kind the last:

    1. a box that holds a letter, ``\boxed{B}``, ``\boxed{\text{(B)} 4}``; or a letter behind "answer",
       "choice" or "option" and "is", "would be", "should be", "must be", ":" or "=", as in "the answer is (b)"
       or "Answer: **B**"; without brackets it must be a capital;
    2. a marked capital: ``(B)``, ``[B]``, ``**B**``, ``\text{B}``, ``$B$``;
    3. a line that begins with a capital and ``.``, ``)`` or ``:``, or that is one;
    4. a capital as the last word: "So it must be B."

    The article A and the pronoun I never count: where they would be one, a word follows them.

    Raises
    ------
    ArgumentError
        If the choices are no capitals.

    Examples
    --------
    >>> letter = ChoiceLetter("ABCD")
    >>> letter("(A) looks right, yet the answer is **C**."), letter("A dog.")
    ('C', None)
    """

    choices: str = "ABCD"

    def __post_init__(self) -> None:
        """Check the letters."""
        letters: object = self.choices
        if (
            isinstance(letters, int)
            and not isinstance(letters, bool)
            and 1 <= letters <= len(_LETTERS)
        ):
            object.__setattr__(self, "choices", _LETTERS[:letters])
        elif (
            not isinstance(letters, str)
            or not letters
            or any(letter not in _LETTERS for letter in letters)
            or len(set(letters)) < len(letters)
        ):
            msg = f"choices must be distinct capitals, or how many from A on (1 to 26), got {letters!r}"
            raise ArgumentError(msg)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return _core.extract_answer(text, form(self))


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
        choice("which", self.which, _WHICH)
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
        return _core.extract_answer(text, form(self))


@dataclass(frozen=True, slots=True, repr=False)
class FirstOf:
    r"""The answer of the first extractor that finds one.

    Parameters
    ----------
    *extractors : Extractor
        At least one, the most trusted first.

    Examples
    --------
    >>> extractor = FirstOf(Boxed(), LastNumber())
    >>> extractor("It is 7 or 8."), extractor(r"It is $\boxed{7}$, not 8.")
    ('8', '7')
    """

    extractors: tuple[Extractor, ...]

    def __init__(self, *extractors: Extractor) -> None:
        """Check the extractors."""
        if not extractors:
            raise ArgumentError("FirstOf needs at least one extractor, got none")
        for extractor in extractors:
            if not callable(extractor):
                raise ArgumentError(f"an extractor must be callable, got {extractor!r}")
        object.__setattr__(self, "extractors", extractors)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        for extractor in self.extractors:
            answer = extractor(text)
            if answer is not None:
                return answer
        return None

    def __repr__(self) -> str:
        """Return the call that makes this extractor."""
        return f"FirstOf({', '.join(map(repr, self.extractors))})"
