"""The letter of a multiple choice."""

from __future__ import annotations

import re

from tests.oracles.answers.boxes import boxes
from tests.oracles.answers.characters import SPACES

_FRAME = r"(?:\\(?:text|textbf|textrm|textsf|mathrm|mathbf|mathsf|bf|rm)\{)"


def choice_letter(text: str, choices: str = "ABCD") -> str | None:
    """The last letter that is said to be the answer; failing that bracketed, failing that leading a line, failing that closing the text."""
    either = f"[{choices}{choices.lower()}]"
    upper = f"[{choices}]"
    stated = []
    for start, content in boxes(text):
        framed = re.fullmatch(
            rf"[ *]*{_FRAME}?[ *]*[(\[]?[ *]*({either})[ *]*[)\]]?[ *]*\}}?[ *]*(?:[.:)].*)?",
            content,
            re.DOTALL,
        )
        if framed:
            stated.append((start, framed[1].upper()))
    bracketed = rf"(?:\({either}\)|\[{either}\]|{_FRAME}\(?{either}\)?\}})"
    # A and I are words too; a word of the sentence behind them shows that they are meant so.
    bare = rf"(?:{upper}(?![A-Za-z0-9_'\u2019])(?:(?<![AI])|(?![ \t]+[A-Za-z])|(?=[ \t]+(?:because|since|as|so|which)(?![A-Za-z]))))"
    phrase = (
        r"(?<![A-Za-z])(?i:answer|choice|option)[ *_]*"
        r"(?:(?i:is|would be|should be|must be)(?![A-Za-z])[ *_]*:?|[:=])"
        rf"[{SPACES}*_$\"'`]*(?:(?i:option|choice|letter)[ *_]+)?[$\"'`]*"
        rf"(?P<letter>{bracketed}|{bare})"
    )
    stated += [
        (found.start(), re.search(rf"{either}(?=[^A-Za-z]*\Z)", found["letter"])[0].upper())
        for found in re.finditer(phrase, text)
    ]
    if stated:
        return max(stated)[1]
    marked = (
        rf"\({upper}\)|\[{upper}\]|\*\*\(?{upper}[.):]?\*\*|{_FRAME}\(?{upper}\)?\}}|\${upper}\$"
    )
    found = re.findall(marked, text)
    if found:
        return re.search(rf"{upper}(?=[^A-Za-z]*\Z)", found[-1])[0]
    leading = re.findall(
        rf"(?:\A|(?<=\n))[ \t*#>\-]*({upper})(?:[.):](?=[{SPACES}*]|\Z)|[ \t\r*]*(?=\n|\Z))", text
    )
    if leading:
        return leading[-1]
    closing = re.search(rf"(?<![A-Za-z0-9_'\u2019])({upper})[{SPACES}.!*)\]\"']*\Z", text)
    return closing[1] if closing else None
