"""The letter of a multiple choice."""

from dataclasses import dataclass

from kcurve.answers.one_text import answer_in
from kcurve.errors import ArgumentError

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
        return answer_in(text, self)
