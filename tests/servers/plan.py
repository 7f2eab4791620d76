"""Which requests fail, how, and how often: decided by the request alone, so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REJECTED = (
    "rate_limited",  # 429, Retry-After in seconds
    "rate_limited_date",  # 429, Retry-After as a date
    "rate_limited_ms",  # 429, retry-after-ms
    "quota",  # 429, insufficient_quota: no retry helps
    "http_500",
    "http_503",
    "unauthorized",  # 401
    "bad_request",  # 400
    "reset_before",  # the connection is reset before anything is sent
    "reset_within",  # ... in the middle of the body
    "hang",  # nothing comes
    "truncated_body",  # the connection ends before Content-Length is reached
    "malformed_json",
    "html",  # status 200, and a page
    "error_body",  # status 200, and an error
    "no_choices",  # status 200, and no field choices
    "empty_choices",
    "wrong_n",  # one choice too many
    "nan_logprobs",
)
"""Faults that bring no sample."""

ACCEPTED = (
    "slow_body",  # the body comes in pieces
    "null_content",
    "no_usage",
    "duplicates",  # every such response has the same text, whatever its seed
)
"""Oddities of responses that are samples all the same."""

KINDS = (*REJECTED, *ACCEPTED)

NUMBERS = (
    "nan_numbers",  # NaN, which is no JSON
    "null_numbers",
)
"""Faults of the endpoints that return numbers alone: they bring no sample."""

RETRIED = tuple(
    kind for kind in REJECTED if kind not in {"quota", "unauthorized", "bad_request", "hang"}
)
"""Faults after which the same request may succeed, and that show at once."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The faults of a server.

    Attributes
    ----------
    shares
        The share of distinct requests that get a fault of a kind, by kind; in sum at most 1.
    repeats
        How many times a request that was chosen fails before it succeeds. None: every time a request is
        seen, its fault is drawn anew.
    scripts
        By prompt: what happens the first time a request is seen, the second time, ..., None for a good
        answer; then good answers. Goes before `shares`.
    seed
        Another seed chooses other requests.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    repeats: int | None = 1
    scripts: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self):
        named = {*self.shares, *(kind for script in self.scripts.values() for kind in script)}
        if unknown := named - {*KINDS, *NUMBERS, None}:
            raise ValueError(f"no faults are called {sorted(unknown)}; there are {KINDS + NUMBERS}")
        if min(self.shares.values(), default=0) < 0 or sum(self.shares.values()) > 1 + 1e-9:
            raise ValueError(f"shares must be at least 0 and at most 1 in sum, got {self.shares}")

    def fault(self, body: bytes, prompt: str, seen: int) -> str | None:
        """Return what happens to a request that was seen so many times before; None for a good answer."""
        if (script := self.scripts.get(prompt)) is not None:
            return script[seen] if seen < len(script) else None
        if self.repeats is not None and seen >= self.repeats:
            return None
        u = fraction("fault", self.seed, body, 0 if self.repeats is not None else seen)
        for kind, edge in zip(self.shares, accumulate(self.shares.values()), strict=True):
            if u < edge:
                return kind
        return None


def evenly(share: float, kinds: Sequence[str] = RETRIED) -> dict[str, float]:
    """Return shares of these kinds that add up to `share`."""
    return {kind: share / len(kinds) for kind in kinds}


def fraction(*parts: object) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    digest = sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
