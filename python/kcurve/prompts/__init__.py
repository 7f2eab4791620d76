"""Prompts: texts with fields, and the form in which an endpoint takes them.

`Template`, `as_template`
    A text with fields in double braces
`QUESTION_FIELDS`, `question_fields`
    What the fields stand for
`conversation`
    A prompt as messages or as one text
"""

from kcurve.prompts.conversation import QUESTION_FIELDS, conversation, question_fields
from kcurve.prompts.template import Template, as_template

__all__ = ["QUESTION_FIELDS", "Template", "as_template", "conversation", "question_fields"]
