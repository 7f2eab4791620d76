r"""Extractors: what in a text is the answer.

An extractor is a callable ``(text) -> str | None``; None says that the text holds no answer. The ones
here are frozen values, which compare, hash and can be described; any other callable does as well.
`extracted` applies one to many texts. Except for `Regex`, they need time in proportion to the text.
"""

from kcurve.answers.extractors.choice_letter import ChoiceLetter
from kcurve.answers.extractors.extractor import Extractor, Which
from kcurve.answers.extractors.first_of import FirstOf
from kcurve.answers.extractors.formats import JSONField, Regex
from kcurve.answers.extractors.mathematics import Boxed, LastNumber
from kcurve.answers.extractors.phrases import AnswerIs, Contains, TheAnswerIs
from kcurve.answers.extractors.whole_text import WholeText

__all__ = [
    "AnswerIs",
    "Boxed",
    "ChoiceLetter",
    "Contains",
    "Extractor",
    "FirstOf",
    "JSONField",
    "LastNumber",
    "Regex",
    "TheAnswerIs",
    "Which",
    "WholeText",
]
