"""Evaluations of functions: bounded, journalled and stored like the calls of a model."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from inspect import isawaitable
from math import isfinite, nan
from time import perf_counter
from typing import TYPE_CHECKING, SupportsFloat, TypeAlias
from weakref import WeakKeyDictionary

import msgspec

from kcurve.rewards.reward import Score
from kcurve.store.journal import scrubbed
from kcurve.store.records import Sample, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from kcurve.store import Claim, Store
    from kcurve.store.records import Purpose, Request

Evaluate: TypeAlias = "Callable[[], object]"
"""Returns the score, or an awaitable of it; it is called in a thread, an awaitable is awaited outside."""

_FIRST_POLL, _LAST_POLL = 0.02, 0.5
_LONGEST_MESSAGE = 500
_NO_TOKENS = Usage(0, 0)


@dataclass(slots=True, eq=False)
class _UnderWay:
    """An evaluation that some coroutines wait for."""

    task: asyncio.Task[Sample]
    waiting: int = 0


class _Turns:
    """What the evaluations of one event loop share: the places, and those under way."""

    __slots__ = ("places", "under_way")

    def __init__(self, concurrency: int) -> None:
        self.places = asyncio.Semaphore(concurrency)
        self.under_way: dict[tuple[int, int], _UnderWay] = {}


class Evaluations:
    """Evaluates a function once for each request, and keeps what it returns in a store.

    Whoever asks for an evaluation that is under way waits for it. A finished one is committed before it is
    returned, and never made again; one that failed is journalled, and made again when it is next asked for.

    Parameters
    ----------
    concurrency : int
        The most evaluations under way at once.
    timeout : float or None
        Seconds that one may take.
    """

    __slots__ = ("_concurrency", "_loops", "_timeout")

    def __init__(self, concurrency: int, timeout: float | None) -> None:
        self._concurrency = concurrency
        self._timeout = timeout
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()

    async def score(
        self, store: Store, request: Request, evaluate: Evaluate, *, purpose: Purpose
    ) -> Score:
        """Return the score, from the store if it is there."""
        found = await store.find(request, range(1))
        await store.link(purpose, found.request, range(1))
        sample = found.samples.get(0)
        if sample is None:
            sample = await self._shared(store, request, found.request, evaluate)
        if sample.text is None:
            return Score(nan, (sample,), sample.error)
        return Score(float(msgspec.json.decode(sample.text)), (sample,))

    async def _shared(self, store: Store, request: Request, row: int, evaluate: Evaluate) -> Sample:
        """Return the sample of an evaluation that is begun now, or that another coroutine began."""
        loop = asyncio.get_running_loop()
        turns = self._loops.get(loop)
        if turns is None:
            turns = self._loops[loop] = _Turns(self._concurrency)
        key = id(store), row
        own = (evaluation := turns.under_way.get(key)) is None
        if evaluation is None:
            task = asyncio.create_task(self._sample(turns, store, request, row, evaluate))
            task.add_done_callback(_retrieved)
            evaluation = turns.under_way[key] = _UnderWay(task)
        evaluation.waiting += 1
        try:
            sample = await asyncio.shield(evaluation.task)
        except asyncio.CancelledError:
            if evaluation.waiting == 1:
                # Nobody else wants it: let its end be journalled, and nobody find it any more.
                turns.under_way.pop(key, None)
                evaluation.task.cancel()
                await asyncio.wait([evaluation.task])
            raise
        finally:
            evaluation.waiting -= 1
            if evaluation.task.done() and turns.under_way.get(key) is evaluation:
                del turns.under_way[key]
        return sample if own else replace(sample, paid_now=False)

    async def _sample(
        self, turns: _Turns, store: Store, request: Request, row: int, evaluate: Evaluate
    ) -> Sample:
        wait = _FIRST_POLL
        while True:
            async with turns.places:
                claim = await store.claim(row, 0, seed=None)
                if claim.granted:
                    return await self._made(store, claim, evaluate)
            # Another process is on it, or was until now.
            found = await store.find(request, range(1))
            if 0 in found.samples:
                return found.samples[0]
            await asyncio.sleep(wait)
            wait = min(_LAST_POLL, 2 * wait)

    async def _made(self, store: Store, claim: Claim, evaluate: Evaluate) -> Sample:
        """Return what came of an attempt, once it is on disk."""
        began = perf_counter()
        try:
            value, kind, message = await self._outcome(evaluate)
        except BaseException:
            # The first end that is journalled counts, so this takes nothing back.
            await store.fail(
                claim, "cancelled", "the evaluation was cut off", status=None, final=False
            )
            raise
        if kind is not None:
            await store.fail(claim, kind, message, status=None, final=True)
            return Sample(
                request=claim.request,
                index=claim.index,
                status="failed",
                attempts=claim.attempt,
                error=f"{kind}: {message}",
            )
        body = msgspec.json.encode(value)
        sample = Sample(
            request=claim.request,
            index=claim.index,
            status="ok",
            text=body.decode(),
            usage=_NO_TOKENS,
            cost=0.0,
            latency=perf_counter() - began,
            attempts=claim.attempt,
        )
        await store.finish(claim, sample, body)
        return sample

    async def _outcome(self, evaluate: Evaluate) -> tuple[float, str | None, str]:
        """Return the value; or NaN, a kind of failure and what there is to say about it."""
        try:
            async with asyncio.timeout(self._timeout) as limit:
                value = await _called(evaluate)
        except _RaisedError as raised:
            return nan, "exception", str(raised)
        except Exception as error:  # noqa: BLE001 - whatever an awaitable raises, its score is missing
            if isinstance(error, TimeoutError) and limit.expired():
                return nan, "timeout", f"no score within {self._timeout:g} seconds"
            return nan, "exception", _told(error)
        number = _number(value)
        if number is None:
            return nan, "not_a_number", f"a score must be a number, got {value!r:.80}"
        if not isfinite(number):
            return nan, "not_finite", f"a score must be finite, got {number}"
        return number, None, ""


def _retrieved(task: asyncio.Task[Sample]) -> None:
    """Look at the exception of a task: those who wait raise it, and asyncio reports one nobody asks for as lost."""
    if not task.cancelled():
        task.exception()


class _RaisedError(Exception):
    """A function raised something; this is what."""


async def _called(evaluate: Evaluate) -> object:
    """Return what a function returns, called in a thread of its own.

    A function that hangs must neither take the place of others nor keep the process from ending, as it would in
    the pool of the event loop.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[tuple[object, str | None]] = loop.create_future()

    def settle(value: object, error: str | None) -> None:
        if not outcome.done():
            outcome.set_result((value, error))

    def work() -> None:
        value, error = None, None
        try:
            value = evaluate()
        except BaseException as raised:  # noqa: BLE001 - SystemExit and StopIteration must not reach the loop
            error = _told(raised)
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, value, error)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), daemon=True, name="reward").start()
    value, error = await outcome
    if error is not None:
        raise _RaisedError(error)
    return await value if isawaitable(value) else value


def _number(value: object) -> float | None:
    """Return a number of any type as a float; a text is none, even if it spells one."""
    if not isinstance(value, SupportsFloat):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _told(error: BaseException) -> str:
    """Return an exception as one line without secrets."""
    line = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return scrubbed(line)[:_LONGEST_MESSAGE]
