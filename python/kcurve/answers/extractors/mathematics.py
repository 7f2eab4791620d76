"""Answers that mathematics makes known: what is boxed, and the last number."""

from dataclasses import dataclass

from kcurve.answers.one_text import answer_in


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
        return answer_in(text, self)


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
        return answer_in(text, self)
