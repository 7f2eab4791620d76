"""Endpoints that return numbers: what is sent to them, and what comes back.

They are those of vLLM and servers like it: ``/pooling`` (a vector, or one for each token or step), ``/classify``
(probabilities of classes) and ``/score`` (one number for a pair of texts). The fields ``text_1`` and ``text_2`` of a
pair are the oldest spelling, which newer servers take besides ``queries`` and ``documents``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from kcurve.errors import ArgumentError
from kcurve.llm.failures import Failure, failure_in_body
from kcurve.llm.responses import Choice, Response
from kcurve.llm.usage import ReportedUsage, normalised

if TYPE_CHECKING:
    from kcurve.llm.parameters import Parameters
    from kcurve.store.records import Prompt

SCORING = ("pooling", "classify", "score")
_PAIR = ("text_1", "text_2")
_NUMBERS = {"pooling": "data", "classify": "probs", "score": "score"}
_NOTHING = msgspec.Raw(b"")
_EMPTY = (b"", b"null")


class _Body(msgspec.Struct):
    data: list[dict[str, object]] | None = None
    usage: ReportedUsage | None = None
    error: msgspec.Raw = _NOTHING


_decode = msgspec.json.Decoder(_Body).decode


def checked_pair(prompt: object) -> Mapping[str, object]:
    """Return a pair of texts to be scored, checked.

    Raises
    ------
    ArgumentError
        If it is no mapping of `text_1` and `text_2` to texts that are not empty.
    """
    if (
        not isinstance(prompt, Mapping)
        or set(prompt) != {*_PAIR}
        or not all(isinstance(text, str) and text for text in prompt.values())
    ):
        raise ArgumentError(
            "endpoint 'score' takes a pair of texts, {'text_1': ..., 'text_2': ...}, neither empty, "
            f"got {prompt!r:.80}"
        )
    return {name: prompt[name] for name in _PAIR}


def checked_range(endpoint: str, until: int, parameters: Parameters) -> None:
    """Check that numbers are asked for once, and as they are asked for.

    Raises
    ------
    ArgumentError
        If there is more than one sample, or a parameter of sampling.
    """
    if until > 1:
        raise ArgumentError(
            f"endpoint {endpoint!r} gives the same numbers every time: until must be at most 1, got {until}"
        )
    if given := sorted(parameters.body().keys() - parameters.extra.keys()):
        raise ArgumentError(
            f"endpoint {endpoint!r} samples nothing: leave {', '.join(given)} out of the parameters; "
            "fields of its own go into Parameters(extra=)"
        )


def prompt_fields(prompt: Prompt | Mapping[str, object]) -> dict[str, object]:
    """Return the fields of the body that hold the prompt."""
    if isinstance(prompt, Mapping):
        return dict(prompt)
    return {"input" if isinstance(prompt, str) else "messages": prompt}


def decoded_scores(body: bytes, endpoint: str) -> Response:
    """Return the numbers of a body that came with status 200, as compact JSON.

    Nested lists of a pooling endpoint keep their form; a score is a list of one. The tokens written are none.

    Raises
    ------
    Failure
        If it is not JSON, says that there was an error, does not hold the numbers of one input, or holds
        numbers that are not finite.
    """
    try:
        content = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Failure("invalid_body", f"the body is no valid response: {error}") from None
    if bytes(content.error) not in _EMPTY:
        raise failure_in_body(body)
    if not content.data:
        raise Failure("no_choices", "the body holds no data")
    if len(content.data) != 1:
        raise Failure("wrong_n", f"one input was sent, {len(content.data)} results came")
    name = _NUMBERS[endpoint]
    numbers = content.data[0].get(name)
    if endpoint == "score":
        numbers = [numbers]
    if not _are_numbers(numbers, depth=2 if endpoint == "pooling" else 1):
        raise Failure("invalid_body", f"{name} holds no finite numbers: {numbers!r:.80}")
    usage = normalised(content.usage)
    if usage.prompt is not None and usage.completion is None:
        usage = replace(usage, completion=0)
    text = msgspec.json.encode(numbers).decode()
    return Response([Choice(text, None, "ok", None)], usage)


def _are_numbers(value: object, *, depth: int) -> bool:
    """Tell whether a value is a list of finite numbers, or up to `depth` lists deep."""
    if not isinstance(value, list) or not value:
        return False
    if isinstance(value[0], list):
        return depth > 1 and all(_are_numbers(row, depth=depth - 1) for row in value)
    return all(
        isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one)
        for one in value
    )
