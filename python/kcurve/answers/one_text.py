"""One extractor over one text."""

from kcurve import _core
from kcurve.answers.form import form


def answer_in(text: str, extractor: object) -> str | None:
    """Return the answer that an extractor of the core finds in a text, None if there is none."""
    return _core.extract_answer(text, form(extractor))
