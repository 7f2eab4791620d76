"""Spaces, letters and braces: what the other files have in common."""

from __future__ import annotations

import re

SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def stripped(text: str) -> str | None:
    return text.strip(SPACES) or None


def ascii_lower(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found[0].lower(), text)


def group_end(text: str, start: int) -> int | None:
    r"""Where the group that opens with the brace at `start` ends: just behind its brace. A backslash hides what follows it."""
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None
