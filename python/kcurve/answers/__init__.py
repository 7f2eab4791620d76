"""Answers and scores out of texts, and which answers are the same.

Extractors
    `ChoiceLetter`, `Boxed`, `LastNumber`, `AnswerIs`, `TheAnswerIs`, `Regex`, `JSONField`,
    `WholeText`, `Contains`, `FirstOf`; `extracted` for many texts
Equivalence
    `SameText`, `SameNumber`, `SameExpression`; `classes` of one question, `question_classes` of many;
    `normalised` and `number` are what they compare
Score readers
    `Verdict`, `NumberScore`, `TokenProbability`, `VectorScore`
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
from kcurve.answers.scores import (
    NumberScore,
    ScoreReader,
    TokenProbability,
    VectorScore,
    Verdict,
)

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
    "NumberScore",
    "QuestionClasses",
    "Regex",
    "SameExpression",
    "SameNumber",
    "SameText",
    "ScoreReader",
    "TheAnswerIs",
    "TokenProbability",
    "VectorScore",
    "Verdict",
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
