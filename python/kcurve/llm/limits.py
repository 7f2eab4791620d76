"""How fast a server is asked: calls at once, calls per minute, tokens per minute."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable


class Bucket:
    """A rate: `per_minute` units a minute, refilled evenly, at most one second's worth saved up.

    A call may start when the bucket holds at least one unit, and then takes what it needs, into debt if it
    must. So any stretch of t seconds sees at most ``max(1, per_minute / 60) + per_minute t / 60`` units before
    its last call.

    Parameters
    ----------
    per_minute : float
        Units per minute.
    clock : callable
        Returns seconds that never run backwards.
    """

    __slots__ = ("_burst", "_clock", "_level", "_rate", "_then")

    def __init__(self, per_minute: float, *, clock: Callable[[], float]) -> None:
        self._rate = per_minute / 60
        self._burst = max(1.0, self._rate)
        self._level = self._burst
        self._clock = clock
        self._then = clock()

    def take(self, amount: float) -> float:
        """Take `amount` and return 0, or take nothing and return the seconds until it may be tried again."""
        wait = self.debt()
        if not wait:
            self._level -= amount
        return wait

    def debt(self) -> float:
        """Return the seconds until something may be taken."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._then) * self._rate)
        self._then = now
        return max(0.0, (1.0 - self._level) / self._rate)

    def give_back(self, amount: float) -> None:
        """Return what was taken and not used; a negative amount takes what was used beyond it."""
        self._level = min(self._burst, self._level + amount)


class Rates:
    """Calls and tokens per minute, and pauses that the server asks for.

    Parameters
    ----------
    requests_per_minute, tokens_per_minute : float or None
        The rates; None is no limit.
    """

    __slots__ = ("_changed", "_pause_until", "_requests", "_tokens")

    def __init__(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self._requests = (
            None if requests_per_minute is None else Bucket(requests_per_minute, clock=monotonic)
        )
        self._tokens = (
            None if tokens_per_minute is None else Bucket(tokens_per_minute, clock=monotonic)
        )
        self._pause_until = 0.0
        self._changed = asyncio.Event()

    async def take(self, tokens: int) -> None:
        """Wait until a call that needs so many tokens may be sent."""
        while wait := self._wait(tokens):
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    def _wait(self, tokens: int) -> float:
        """Return how long to wait before trying again, or take what a call needs and return 0."""
        wait = max(0.0, self._pause_until - monotonic())
        if not wait and self._tokens is not None:
            wait = self._tokens.debt()
        if not wait and self._requests is not None:
            wait = self._requests.take(1)
        if not wait and self._tokens is not None:
            self._tokens.take(tokens)
        return wait

    def give_back(self, tokens: int) -> None:
        """Return tokens that were taken and not used; a negative number takes what was used beyond them."""
        if self._tokens is not None:
            self._tokens.give_back(tokens)
            # Whoever waits has reckoned with them as used.
            self._changed.set()
            self._changed = asyncio.Event()

    def pause(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._pause_until = max(self._pause_until, monotonic() + seconds)


class Concurrency:
    """How many calls are under way at once: more while they succeed, half as many when the server is overrun.

    It starts at the most allowed. A 429 or a time-out halves it, once for all the calls that had started
    before the last halving; every success adds ``1 / limit``, so that a full round of successes adds one.
    It stays between 1 and `most`.

    Parameters
    ----------
    most : int
        The most calls at once.
    """

    __slots__ = ("_halved", "_level", "_limiter", "_most", "_started")

    def __init__(self, most: int) -> None:
        self._most = most
        self._level = float(most)
        self._limiter = anyio.CapacityLimiter(most)
        self._started = 0
        self._halved = 0

    @property
    def limit(self) -> int:
        """How many calls may be under way at the moment."""
        return int(self._limiter.total_tokens)

    async def acquire(self, borrower: object) -> None:
        """Wait for a place."""
        try:
            self._limiter.acquire_on_behalf_of_nowait(borrower)
        except anyio.WouldBlock:
            await self._limiter.acquire_on_behalf_of(borrower)

    def release(self, borrower: object) -> None:
        """Give the place back."""
        self._limiter.release_on_behalf_of(borrower)

    def start(self) -> int:
        """Return the number of a call that starts now, to be told with its outcome."""
        self._started += 1
        return self._started

    def succeeded(self) -> None:
        """Take note of a success."""
        if self._level < self._most:
            self._resize(self._level + 1 / self._level)

    def overrun(self, call: int) -> None:
        """Take note that a call met a server that could not keep up."""
        if call > self._halved:
            self._halved = self._started
            self._resize(self._level / 2)

    def _resize(self, level: float) -> None:
        self._level = min(float(self._most), max(1.0, level))
        if int(self._level) != self._limiter.total_tokens:
            self._limiter.total_tokens = int(self._level)
