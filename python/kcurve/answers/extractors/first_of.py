"""Several extractors, tried one after another."""

from dataclasses import dataclass

from kcurve.answers.extractors.extractor import Extractor
from kcurve.errors import ArgumentError


@dataclass(frozen=True, slots=True, repr=False)
class FirstOf:
    r"""The answer of the first extractor that finds one.

    Parameters
    ----------
    *extractors : Extractor
        At least one, the most trusted first.

    Examples
    --------
    >>> from kcurve.answers import Boxed, LastNumber
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
