"""The text itself as the answer."""

from dataclasses import dataclass

from kcurve.answers.one_text import answer_in


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
        return answer_in(text, self)
