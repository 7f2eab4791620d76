"""What boxes of LaTeX hold."""

from __future__ import annotations

import re

from tests.oracles.answers.characters import SPACES, group_end, stripped


def _box(text: str, start: int) -> str | None:
    """What the box holds whose command ends at `start`."""
    while start < len(text) and text[start] in SPACES:
        start += 1
    if text[start : start + 1] == "{":
        end = group_end(text, start)
        return None if end is None else stripped(text[start + 1 : end - 1])
    end = start
    while end < len(text) and text[end] not in SPACES + "$}":
        if text[end] == "{":
            after = group_end(text, end)
            if after is None:
                return None
            end = after
        else:
            end += 1
        if len(text[start:end].encode()) > 1000:
            return None
    return text[start:end].rstrip(".,;") or None


def boxes(text: str) -> list[tuple[int, str]]:
    """Where every readable box begins, and what it holds."""
    commands = re.finditer(r"\\(?:boxed|fbox)(?![A-Za-z])", text)
    found = [(command.start(), _box(text, command.end())) for command in commands]
    return [(start, content) for start, content in found if content is not None]


def boxed(text: str) -> str | None:
    found = boxes(text)
    return found[-1][1] if found else None
