"""When an attempt that failed is followed by another, and after how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING

from kcurve._validation import number_between, positive_integer

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    r"""How often a sample is asked for again, and how long to wait in between.

    Retried are the statuses 408, 409, 425, 429 and 500 to 599, connections that break, calls that exceed their
    deadline, and responses with status 200 that are not what was asked for. Never retried are other statuses
    of 400 to 499 and an exhausted quota: they raise at once.

    The wait before attempt :math:`a + 1` is :math:`\min(w, b\,2^{a-1})\,(1 - j u)` seconds, with b `backoff`,
    w `longest_wait`, j `jitter` and u in [0, 1) a hash of the sample's key and a: the same on every run, and
    different for neighbouring samples. If the server says how long to wait (``Retry-After``,
    ``retry-after-ms``), that is waited instead.

    Parameters
    ----------
    attempts : int
        How often a sample is asked for at most, the first time included.
    backoff : float
        Seconds before the second attempt.
    longest_wait : float
        The longest wait, in seconds. A server that asks for a longer one ends the call with LLMError: what is
        stored stays, and the same call goes on later.
    jitter : float
        The part of a wait that varies between samples, from 0 to 1.
    deadline : float
        Seconds for all attempts of a sample together, from its first; no attempt starts after it, none waits
        beyond it.

    Examples
    --------
    >>> RetryPolicy(attempts=3, backoff=1.0, jitter=0.0).wait(2)
    2.0
    """

    attempts: int = 8
    backoff: float = 0.5
    longest_wait: float = 60.0
    jitter: float = 0.5
    deadline: float = 3600.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        positive_integer("attempts", self.attempts)
        number_between("backoff", self.backoff, 0, float("inf"))
        number_between("longest_wait", self.longest_wait, 0, float("inf"))
        number_between("jitter", self.jitter, 0, 1)
        number_between("deadline", self.deadline, 0, float("inf"), low_excluded=True)

    def wait(self, attempt: int, *, key: bytes = b"") -> float:
        """Return the seconds to wait after this many attempts have failed."""
        digest = sha256(b"kcurve.wait.v1\0%d\0" % attempt + key).digest()
        u = int.from_bytes(digest[:7]) / 2**56
        # 2.0**attempt overflows beyond 1,023; no wait is doubled that often.
        doubled = self.backoff * 2.0 ** min(attempt - 1, 1000)
        return min(self.longest_wait, doubled) * (1 - self.jitter * u)


def requested_wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds that a server asks to wait, None if it does not say.

    ``retry-after-ms`` (milliseconds) goes before ``Retry-After`` (seconds, or a date compared with `now`, in
    seconds since 1970). Values that are neither count as not said, and dates in the past as zero.
    """
    if (milliseconds := headers.get("retry-after-ms")) is not None:
        try:
            return _not_negative(float(milliseconds) / 1000)
        except ValueError:
            pass
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return _not_negative(float(value))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - now)


_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?")


def exhausted_for(headers: Mapping[str, str]) -> float:
    """Return the seconds until the server takes calls again, by its ``x-ratelimit`` headers; 0 if it does now.

    The pause is at most a minute, the period of such limits.
    """
    if headers.get("x-ratelimit-remaining-requests") != "0":
        return 0.0
    match = _DURATION.fullmatch(headers.get("x-ratelimit-reset-requests") or "")
    if match is None:
        return 0.0
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in match.groups())
    return min(60.0, 3600 * hours + 60 * minutes + seconds + milliseconds / 1000)


def _not_negative(seconds: float) -> float | None:
    return max(0.0, seconds) if isfinite(seconds) else None
