"""One extractor over many texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcurve.answers.extractors import Extractor


def extracted(texts: Iterable[str | None], extractor: Extractor) -> list[str | None]:
    """Return the answer in each text, None where there is none.

    Parameters
    ----------
    texts : iterable of str or None
        What the models wrote; None for nothing.
    extractor : Extractor
        What to look for.

    Examples
    --------
    >>> from kcurve.answers import LastNumber
    >>> extracted(["1 + 1 = 2", "no idea", None], LastNumber())
    ['2', None, None]
    """
    return [None if text is None else extractor(text) for text in texts]
