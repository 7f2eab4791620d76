"""Answers that words announce, and verdicts that are words."""

from dataclasses import dataclass

from kcurve._validation import choice, instance
from kcurve.answers.extractors.extractor import WHICH, Which
from kcurve.answers.one_text import answer_in
from kcurve.errors import ArgumentError


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
        return answer_in(text, self)


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
        choice("which", self.which, WHICH)

    def __call__(self, text: str) -> str | None:
        """Return the answer in the text, or None."""
        return answer_in(text, self)


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
        return answer_in(text, self)
