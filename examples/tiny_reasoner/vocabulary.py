"""The vocabulary: bytes, and marks of the beginning and the end, as llama.cpp numbers them."""
# ruff: noqa: INP001 - a folder of scripts

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN, BEGIN, END = 0, 1, 2
FIRST_BYTE = 3
SIZE = FIRST_BYTE + 256


def tokens(text: str) -> list[int]:
    """Return a token for each byte of a text.

    Examples
    --------
    >>> tokens("A:8")
    [68, 61, 59]
    """
    return [FIRST_BYTE + byte for byte in text.encode()]


def text(written: Iterable[int]) -> str:
    """Return the text of tokens; marks say nothing.

    Examples
    --------
    >>> text([BEGIN, *tokens("A:8"), END])
    'A:8'
    """
    said = bytes(token - FIRST_BYTE for token in written if token >= FIRST_BYTE)
    return said.decode(errors="replace")
