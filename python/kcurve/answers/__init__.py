"""Answers out of texts, and which of them are the same answer.

Extractors
    `ChoiceLetter`, `Boxed`, `LastNumber`, `AnswerIs`, `TheAnswerIs`, `Regex`, `JSONField`,
    `WholeText`, `Contains`, `FirstOf`; `extracted` for many texts
Equivalence
    `SameText`, `SameNumber`, `SameExpression`; `classes` of one question, `question_classes` of many;
    `normalised` and `number` are what they compare
What formatting costs
    `formatting_report`
As plain JSON
    `describe`, `from_description`
"""

from kcurve.answers.classes import Classes, QuestionClasses, classes, question_classes
from kcurve.answers.description import describe, from_description
from kcurve.answers.equivalence import (
    Equivalence,
    SameExpression,
    SameNumber,
    SameText,
    normalised,
    number,
)
from kcurve.answers.extraction import extracted
from kcurve.answers.extractors import (
    AnswerIs,
    Boxed,
    ChoiceLetter,
    Contains,
    Extractor,
    FirstOf,
    JSONField,
    LastNumber,
    Regex,
    TheAnswerIs,
    WholeText,
)
from kcurve.answers.formatting import FormattingReport, formatting_report

__all__ = [
    "AnswerIs",
    "Boxed",
    "ChoiceLetter",
    "Classes",
    "Contains",
    "Equivalence",
    "Extractor",
    "FirstOf",
    "FormattingReport",
    "JSONField",
    "LastNumber",
    "QuestionClasses",
    "Regex",
    "SameExpression",
    "SameNumber",
    "SameText",
    "TheAnswerIs",
    "WholeText",
    "classes",
    "describe",
    "extracted",
    "formatting_report",
    "from_description",
    "normalised",
    "number",
    "question_classes",
]
