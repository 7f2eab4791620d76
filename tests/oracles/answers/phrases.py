"""The whole text, phrases, and what stands behind them."""

from __future__ import annotations

import re

from tests.oracles.answers.characters import SPACES, ascii_lower, stripped


def whole_text(text: str) -> str | None:
    return stripped(text)


def contains(text: str, part: str, *, ignore_case: bool) -> str | None:
    if ignore_case:
        return "yes" if ascii_lower(part) in ascii_lower(text) else None
    return "yes" if part in text else None


def answer_is(text: str, *, which: str = "last") -> str | None:
    answers = []
    for found in re.finditer(r"(?i:answer is )(?=\()", text):
        depth = 0
        for position in range(found.end(), len(text)):
            depth += {"(": 1, ")": -1}.get(text[position], 0)
            if text[position] == "\n":
                break
            if depth == 0:
                answer = stripped(text[found.end() + 1 : position])
                answers += [answer] if answer else []
                break
    if not answers:
        return None
    return answers[-1] if which == "last" else answers[0]


def the_answer_is(text: str, *, marker: str = "the answer is") -> str | None:
    lowered = ascii_lower(text)
    start = len(text)
    while (start := lowered.rfind(ascii_lower(marker), 0, start)) >= 0:
        behind = text[start + len(marker) :].lstrip(SPACES + ":*")
        line = behind.partition("\n")[0].rstrip(SPACES + "*")
        answer = line.removesuffix(".").rstrip(SPACES + "*")
        if answer:
            return answer
        start += len(marker) - 1
    return None
