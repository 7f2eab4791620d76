"""The body of a response: decoded and checked before anyone believes it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kcurve.llm.failures import Failure, failure_in_body
from kcurve.llm.usage import ReportedUsage, normalised

if TYPE_CHECKING:
    from kcurve.store.records import Asked, Status, Usage


_NOTHING = msgspec.Raw(b"")
_EMPTY = (b"", b"null")


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    finish_reason: str | None = None
    message: _Message | None = None
    text: str | None = None
    logprobs: msgspec.Raw = _NOTHING


class _Body(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: ReportedUsage | None = None
    error: msgspec.Raw = _NOTHING


class Choice(NamedTuple):
    """One sample as the server sent it."""

    text: str | None
    finish_reason: str | None
    status: Status
    logprobs: object


class Response(NamedTuple):
    """What one call returned: its choices in the order of their numbers, and their tokens together."""

    choices: list[Choice]
    usage: Usage


_decode = msgspec.json.Decoder(_Body).decode


def decoded(body: bytes, endpoint: Asked, n: int) -> Response:
    """Return the content of a body that came with status 200.

    Raises
    ------
    Failure
        If it is not JSON, says that there was an error, does not hold exactly `n` choices with distinct
        numbers, or holds log-probabilities that are no numbers.
    """
    try:
        content = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Failure("invalid_body", f"the body is no valid response: {error}") from None
    if bytes(content.error) not in _EMPTY:
        raise failure_in_body(body)
    choices = content.choices
    if not choices:
        raise Failure("no_choices", "the body holds no choices")
    if len(choices) != n:
        remedy = "; sample with samples_per_request=1" if n > 1 else ""
        raise Failure("wrong_n", f"{n} choices were asked for, {len(choices)} came{remedy}")
    if n > 1:
        choices.sort(key=lambda choice: choice.index)
        if [choice.index for choice in choices] != list(range(n)):
            numbers = [choice.index for choice in choices]
            raise Failure(
                "wrong_n", f"{n} choices must be numbered from 0, got the numbers {numbers}"
            )
    chat = endpoint == "chat"
    return Response([_choice(choice, chat=chat) for choice in choices], normalised(content.usage))


def _choice(choice: _Choice, *, chat: bool) -> Choice:
    if chat:
        if choice.message is None:
            raise Failure("invalid_body", "a choice has no message")
        text = choice.message.content
    else:
        if choice.text is None:
            raise Failure("invalid_body", "a choice has no text")
        text = choice.text
    if choice.finish_reason == "length":
        status: Status = "truncated"
    else:
        status = "ok" if text else "empty"
    logprobs = None
    if bytes(choice.logprobs) not in _EMPTY:
        logprobs = msgspec.json.decode(choice.logprobs)
        _check(logprobs, chat=chat)
    return Choice(text, choice.finish_reason, status, logprobs)


def _check(logprobs: object, *, chat: bool) -> None:
    """Fail if a log-probability is no number; the first of a text may be missing, nothing precedes it."""
    if not isinstance(logprobs, dict):
        return
    if chat or "content" in logprobs:
        tokens = logprobs.get("content") or []
        values = [token.get("logprob") if isinstance(token, dict) else None for token in tokens]
    else:
        values = list(logprobs.get("token_logprobs") or [])
        if values and values[0] is None:
            del values[0]
    for value in values:
        if not isinstance(value, int | float) or not isfinite(value):
            raise Failure("invalid_logprobs", f"a log-probability is {value!r}, which is no number")
