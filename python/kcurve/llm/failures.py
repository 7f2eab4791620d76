"""What went wrong with one attempt, and whether another one can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRIED = frozenset({408, 409, 425, 429})
"""Statuses below 500 after which the same request may succeed."""

_REMEDIES = {
    400: "the server refuses the request: check the parameters, and the length of the prompt",
    401: "check the key: LLM(api_key=...) or the variable OPENAI_API_KEY",
    402: "the account has to be paid up",
    403: "the key may not use this model or server",
    404: "check the name of the model, base_url (it often ends in /v1) and the endpoint",
    405: "check base_url (it often ends in /v1) and the endpoint",
    413: "the prompt is too long for the server",
    422: "the server refuses the request: check the parameters",
}
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


class Failure(Exception):  # noqa: N818 - not an error of the program: the outcome of an attempt
    """The outcome of an attempt that brought no sample.

    Attributes
    ----------
    kind : str
        ``"rate_limited"``, ``"quota"``, ``"timeout"``, ``"connection"``, ``"http_500"`` and the like,
        ``"invalid_body"``, ``"no_choices"``, ``"wrong_n"``, ``"invalid_logprobs"``, ``"error_body"``.
    message : str
        One line for people; it holds no secret.
    status : int or None
        The HTTP status, if one came.
    retried : bool
        Whether another attempt can succeed.
    paid : bool
        Whether the server may have charged for it: it did not refuse, or never said so.
    wait : float or None
        Seconds the server asks to wait.
    body : bytes
        What came, for the usage it may hold.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        status: int | None = None,
        retried: bool = True,
        paid: bool = True,
        wait: float | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.status = status
        self.retried = retried
        self.paid = paid
        self.wait = wait
        self.body = body


class _Error(msgspec.Struct):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error | str


_decode = msgspec.json.Decoder(_ErrorBody).decode


def failure_of_status(
    status: int, body: bytes, headers: Mapping[str, str] | None = None, *, now: float = 0.0
) -> Failure:
    """Return what a response with an error status means; `now` is the time of day, for a date to wait for."""
    from kcurve.llm.retry import requested_wait  # noqa: PLC0415 - email.utils, only after a failure

    message, code = _error_in(body)
    wait = requested_wait(headers, now=now) if headers else None
    if status == 429:
        if code in _QUOTA:
            remedy = "the quota of the account is used up; raise it, then go on with the same store"
            return Failure(
                "quota", f"{message}; {remedy}", status=status, retried=False, paid=False
            )
        return Failure("rate_limited", message, status=status, paid=False, wait=wait)
    if status in RETRIED or status >= 500:
        kind = "timeout" if status in {408, 504} else f"http_{status}"
        # A gateway's time-out says nothing of the server behind it, which may have worked on.
        paid = status in {408, 504}
        return Failure(kind, message or kind, status=status, paid=paid, wait=wait)
    remedy = _REMEDIES.get(status, "the server refuses the request")
    return Failure(
        f"http_{status}", f"{message}; {remedy}", status=status, retried=False, paid=False
    )


def failure_in_body(body: bytes) -> Failure:
    """Return the error that a body with status 200 reports, judged by its code if that is a status."""
    try:
        error = _decode(body).error
    except msgspec.DecodeError:
        return Failure("error_body", "the body reports an error instead of choices")
    if isinstance(error, str):
        return Failure("error_body", f"the body reports an error: {error:.300}")
    if isinstance(error.code, int) and 400 <= error.code < 600:
        return failure_of_status(error.code, body)
    if error.code in _QUOTA:
        return failure_of_status(429, body)
    return Failure("error_body", f"the body reports an error: {(error.message or '')[:300]}")


def _error_in(body: bytes) -> tuple[str, str]:
    """Return message and code of an error's body; its first line if it is of another form."""
    try:
        error = _decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        lines = body[:300].decode(errors="replace").strip().splitlines()
        return (lines[0] if lines else "no reason given"), ""
    if isinstance(error, str):
        return error[:300], ""
    return (error.message or "no reason given")[:300], str(error.code or error.type or "")
