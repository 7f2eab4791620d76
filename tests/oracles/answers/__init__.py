r"""What each extractor takes out of a text, and when two answers are the same: as short as regular expressions can say it.

Slow, and written without a look at the fast code. Whitespace is what Unicode calls so; letters and digits are
those of ASCII unless said otherwise.
"""

from tests.oracles.answers.boxes import boxed
from tests.oracles.answers.choice_letter import choice_letter
from tests.oracles.answers.classes import by_number, numbered
from tests.oracles.answers.json_field import json_field
from tests.oracles.answers.last_number import last_number
from tests.oracles.answers.normalisation import normalised
from tests.oracles.answers.numbers import number
from tests.oracles.answers.phrases import answer_is, contains, the_answer_is, whole_text

__all__ = [
    "answer_is",
    "boxed",
    "by_number",
    "choice_letter",
    "contains",
    "json_field",
    "last_number",
    "normalised",
    "number",
    "numbered",
    "the_answer_is",
    "whole_text",
]
