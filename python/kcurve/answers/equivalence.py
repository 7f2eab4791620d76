r"""Which answers are the same answer.

`SameText` compares what is left of two spellings after `normalised`; `SameNumber` compares values;
`SameExpression` asks a computer algebra system. A function ``(left, right) -> bool`` of your own does as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from kcurve import _core
from kcurve._validation import choice, instance, number_between
from kcurve.answers import symbolic

Percent: TypeAlias = Literal["hundredths", "ignored"]
"""What a per cent sign does to a number."""

_PERCENT = ("hundredths", "ignored")


def normalised(text: str, *, ignore_case: bool = True) -> str:
    r"""Return what is left of an answer when its formatting is taken away.

    Parameters
    ----------
    text : str
        The answer.
    ignore_case : bool, optional
        Whether capitals become small.

    Notes
    -----
    The steps, in this order:

    1. full-width characters become ASCII, the dashes that stand for a minus become ``-``, every kind of
       space a blank;
    2. around the answer, ``$``, ``$$``, ``\(``, ``\[``, ``**``, backquotes and blanks are taken away, behind it one period;
    3. of LaTeX, ``\left``, ``\right``, spacing and the commands for upright text; ``\dfrac``, ``\tfrac`` and ``\cfrac``
       become ``\frac``, and ``\frac{1}{2}`` becomes ``1/2`` unless something stands before it; pairs of dollar signs;
       ``\%`` and ``\$`` lose the backslash;
    4. blanks, except between two words or numbers;
    5. of a number, with or without a unit, its currency sign and its separators of thousands;
    6. the parentheses around a single letter;
    7. case.

    Examples
    --------
    >>> (
    ...     normalised(r"$\left( 3, \dfrac{\pi}{2} \right)$."),
    ...     normalised("$1,234.50"),
    ...     normalised(r"\text{(B)}"),
    ... )
    ('(3,\\frac{\\pi}{2})', '1234.50', 'b')
    """
    return _core.normalised_answers([text], ignore_case)[0] or ""


def number(text: str, *, percent: Percent = "hundredths") -> Fraction | None:
    r"""Return the exact value of an answer that is a number, else None.

    Parameters
    ----------
    text : str
        The answer.
    percent : {"hundredths", "ignored"}
        Whether 50% is one half or 50.

    Notes
    -----
    Numbers are integers, decimals, fractions and mixed numbers (``1 3/4``, ``1\frac{3}{4}``), with an exponent
    (``1e-5``, ``3 \times 10^5``), a currency sign, a unit or a word that says what is counted (``5 cm^2``,
    ``18 dollars per day``), or a variable before them (``x = 5``). Products such as ``5x`` and ``5\pi`` are no numbers, nor
    are more than 400 digits or powers of ten.

    Examples
    --------
    >>> number("$1,234.50"), number(r"50\%"), number("5 apples"), number("5x")
    (Fraction(2469, 2), Fraction(1, 2), Fraction(5, 1), None)
    """
    choice("percent", percent, _PERCENT)
    value = _core.exact_numbers([text], percent == "hundredths")[0]
    return None if value is None else Fraction(int(value[0]), int(value[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SameText:
    """Answers whose `normalised` texts are equal.

    Parameters
    ----------
    ignore_case : bool, optional
        Whether capitals equal small letters.

    Examples
    --------
    >>> SameText()("(B)", "b."), SameText()("1/2", "0.5")
    (True, False)
    """

    ignore_case: bool = True

    def __post_init__(self) -> None:
        """Check the setting."""
        instance("ignore_case", self.ignore_case, bool)

    def __call__(self, left: str, right: str) -> bool:
        """Return whether two answers are the same."""
        return normalised(left, ignore_case=self.ignore_case) == normalised(
            right, ignore_case=self.ignore_case
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SameNumber:
    r"""Answers that are equal numbers, or close ones; answers that are no numbers, by `SameText`.

    Parameters
    ----------
    relative : float, optional
        Numbers are close if they differ by no more than this share of the larger one.
    absolute : float, optional
        Numbers are close if they differ by no more than this.
    percent : {"hundredths", "ignored"}
        Whether 50% is one half or 50.

    Notes
    -----
    Values are exact fractions, and so are the tolerances as they are written: 0.1 is a tenth.

    To be close is not transitive, so `classes` has a rule: the reference claims every number close to
    it; then the least number that is left founds a class and claims every number left that is close to it,
    and so on. The classes do not depend on the order of the answers, or on how often each was given.

    Examples
    --------
    >>> SameNumber()("0.50", r"\frac{1}{2}"), SameNumber(relative=0.01)("3.14", "22/7")
    (True, True)
    """

    relative: float = 0.0
    absolute: float = 0.0
    percent: Percent = "hundredths"

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("relative", self.relative, 0, 1)
        number_between("absolute", self.absolute, 0, 1e300)
        choice("percent", self.percent, _PERCENT)

    def __call__(self, left: str, right: str) -> bool:
        """Return whether two answers are the same."""
        in_hundredths = self.percent == "hundredths"
        close = _core.close_numbers(
            left, right, str(self.relative), str(self.absolute), in_hundredths
        )
        return SameText()(left, right) if close is None else close


@dataclass(frozen=True, slots=True, kw_only=True)
class SameExpression:
    r"""Answers that are equal as texts, as numbers, or as mathematical expressions.

    Needs math-verify: ``pip install 'kcurve[math]'``.

    Parameters
    ----------
    timeout : float, optional
        Seconds that one comparison may take; then its worker process is killed, and the two answers
        count as different.

    Notes
    -----
    Texts and numbers are compared first, words and numbers never symbolically. What is left goes to
    worker processes, so that no expression can hang or exhaust this one; each pair is compared once, in both
    directions. Verdicts are kept for the life of the process.

    Equality as a computer algebra system sees it is not transitive, so `classes` has a rule: the reference,
    then the answers in their order, join the first class whose first member they equal, or found one.

    Raises
    ------
    ImportError
        When two expressions are to be compared and math-verify is not installed.

    Examples
    --------
    >>> SameExpression(timeout=20)(r"\frac{\sqrt{2}}{2}", r"1/\sqrt{2}")
    True
    """

    timeout: float = 5.0

    def __post_init__(self) -> None:
        """Check the setting."""
        number_between("timeout", self.timeout, 0, 3600, low_excluded=True)

    def __call__(self, left: str, right: str) -> bool:
        """Return whether two answers are the same; a comparison that takes too long says no."""
        first, second = symbolic.expressions((left, right))
        return first.equal(second, self.timeout) is True


Equivalence: TypeAlias = SameText | SameNumber | SameExpression | Callable[[str, str], bool]
"""What says whether two answers are the same."""
