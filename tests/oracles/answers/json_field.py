"""Values in JSON objects of a text."""

from __future__ import annotations

import json
import re

from tests.oracles.answers.characters import stripped


def json_field(text: str, path: tuple[str | int, ...]) -> str | None:
    """The value at the path in the last object of the text, written as JSON unless it is a text."""
    decoder = json.JSONDecoder(parse_float=_Verbatim, parse_int=_Verbatim, parse_constant=_refuse)
    value = None
    start = text.find("{")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            if _depth(found) > 100:
                end = start + 1
            else:
                value = found
        start = text.find("{", end)
    for step in path:
        if (isinstance(value, dict) and isinstance(step, str) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        ):
            value = value[step]
        else:
            return None
    if value is None:
        return None
    return stripped(re.sub("[\ud800-\udfff]", "\ufffd", _json(value)))


def _depth(value: object) -> int:
    inner = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


class _Verbatim(str):
    """A number as it is spelled."""

    __slots__ = ()


def _refuse(name: str) -> None:
    raise ValueError(name)


def _json(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{_inner(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_inner, value)) + "]"
    return {True: "true", False: "false"}[value]


def _inner(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str) and not isinstance(value, _Verbatim):
        return _quoted(value)
    return _json(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
