"""The samples of one request: which are missing, who is on them, when to ask again."""

from __future__ import annotations

import asyncio
from collections import deque
from heapq import heappop, heappush
from itertools import count
from math import isnan
from time import monotonic
from typing import TYPE_CHECKING

from kcurve.errors import LLMError
from kcurve.llm.attempt import Group
from kcurve.store.records import sample_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from kcurve.llm.attempt import Sender
    from kcurve.llm.failures import Failure
    from kcurve.llm.prompts import Call
    from kcurve.llm.retry import RetryPolicy
    from kcurve.store.records import Sample

_FIRST_POLL, _LAST_POLL = 0.02, 0.5


class Sampling:
    """Draws the missing samples of one request with a bounded number of tasks.

    A worker takes the next group of samples that is due, and makes one attempt. What failed comes due again
    after its wait, what another process is on after a short one; meanwhile the worker goes on with others. An
    error that no retry can mend stops the rest: attempts under way end and are committed, no other starts.

    Parameters
    ----------
    sender : Sender
        Makes attempts.
    call : Call
        The request.
    row : int
        Its row in the store.
    missing : iterable of int
        The samples wanted.
    policy : RetryPolicy
        When to try again.
    per_call : int
        How many samples a call asks for.
    look : callable
        Returns the sample of an index if the store holds it by now.
    grace : float
        Seconds that attempts under way may take to end when this is cancelled.
    each : callable, optional
        Is told every sample as soon as it is there.
    """

    def __init__(
        self,
        sender: Sender,
        call: Call,
        row: int,
        missing: Iterable[int],
        *,
        policy: RetryPolicy,
        per_call: int,
        look: Callable[[int], Awaitable[Sample | None]],
        grace: float,
        each: Callable[[Sample], object] | None = None,
    ) -> None:
        self._samples: dict[int, Sample] = {}
        self._each = each
        self._sender = sender
        self._call = call
        self._row = row
        self._missing = deque(missing)
        self._policy = policy
        self._per_call = per_call
        self._look = look
        self._grace = grace
        self._later: list[tuple[float, int, Group]] = []
        self._order = count()
        self._idle = 0
        self._error: BaseException | None = None
        self._tasks: dict[asyncio.Task[None], Group | None] = {}

    async def run(self, workers: int) -> dict[int, Sample]:
        """Return the samples by index, once all are there or have failed for good."""
        groups = -(-len(self._missing) // self._per_call)
        self._tasks = {
            asyncio.create_task(self._guard()): None for _ in range(min(workers, groups))
        }
        try:
            await asyncio.wait(self._tasks)
        except asyncio.CancelledError as error:
            await self.end(error)
            raise
        finally:
            # An exception that nobody asks for is reported by asyncio as lost.
            for task in self._tasks:
                if task.done() and not task.cancelled():
                    task.exception()
        if self._error is not None:
            raise self._error
        return self._samples

    async def end(self, reason: BaseException) -> None:
        """Start nothing more, and wait a little for what is paid for; if cancelled meanwhile, not even that.

        `run` raises `reason`, unless another error came first.
        """
        if self._error is None:
            self._error = reason
        self._stop()
        try:
            await asyncio.wait(self._tasks, timeout=self._grace)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    async def _guard(self) -> None:
        try:
            await self._work()
        except Exception as error:
            if self._error is None:
                self._error = error
                self._stop()
            raise

    def _stop(self) -> None:
        """Cancel the workers that wait; those that have sent finish what is paid for."""
        current = asyncio.current_task()
        for task, group in self._tasks.items():
            if task is not current and not (group and group.sending):
                task.cancel()

    async def _work(self) -> None:
        task = asyncio.current_task()
        while self._error is None:
            group = self._due()
            if group is not None:
                if task in self._tasks:
                    self._tasks[task] = group
                await self._try(group)
            elif len(self._later) > self._idle:
                self._idle += 1
                await asyncio.sleep(max(0.0, self._later[0][0] - monotonic()))
                self._idle -= 1
            else:
                # Whoever makes more work stays to do it.
                return

    def _due(self) -> Group | None:
        """Return the next group to ask for, if one is due."""
        if self._later and self._later[0][0] <= monotonic():
            return heappop(self._later)[2]
        if not self._missing:
            return None
        several = min(self._per_call, len(self._missing))
        return Group(self._call, self._row, [self._missing.popleft() for _ in range(several)])

    async def _try(self, group: Group) -> None:
        """Make an attempt, and put what is left for later."""
        if isnan(group.began):
            group.began = monotonic()

        def gives_up(failure: Failure) -> bool:
            if not failure.retried or self._is_too_long(failure):
                return False
            return (
                group.attempts >= self._policy.attempts
                or monotonic() + self._wait(group, failure) > group.began + self._policy.deadline
            )

        group.attempts += 1
        outcome = await self._sender.attempt(group, gives_up)
        for sample in outcome.samples:
            self._have(sample)
        for index in outcome.elsewhere:
            group.indices.remove(index)
            await self._poll(index, group)
        if outcome.failure is not None and not outcome.samples:
            self._retry(group, outcome.failure)

    def _retry(self, group: Group, failure: Failure) -> None:
        if not failure.retried:
            message = f"{failure.message} ({failure.kind}, {self._sender.client.url})"
            raise LLMError(message, kind=failure.kind)
        if self._is_too_long(failure):
            raise LLMError(
                f"the server asks to wait {failure.wait:g} seconds, longer than "
                f"RetryPolicy(longest_wait={self._policy.longest_wait:g}); go on later with the same store"
            )
        self._put(group, self._wait(group, failure))

    async def _poll(self, index: int, group: Group) -> None:
        """Take a sample that is elsewhere from the store, or look for it again a little later.

        The end of an attempt of this process wakes whoever waits for it; only other processes are polled.
        """
        waited = await self._sender.store.ended(self._row, index)
        sample = await self._look(index)
        if sample is not None:
            self._have(sample)
            return
        alone = Group(
            self._call, self._row, [index], attempts=group.attempts - 1, polls=group.polls + 1
        )
        self._put(alone, 0.0 if waited else min(_LAST_POLL, _FIRST_POLL * 2.0**group.polls))

    def _have(self, sample: Sample) -> None:
        self._samples[sample.index] = sample
        if self._each is not None:
            self._each(sample)

    def _put(self, group: Group, wait: float) -> None:
        heappush(self._later, (monotonic() + wait, next(self._order), group))

    def _wait(self, group: Group, failure: Failure) -> float:
        if failure.wait is not None:
            return failure.wait
        key = sample_key(self._call.canonical, group.indices[0])
        return self._policy.wait(group.attempts, key=key)

    def _is_too_long(self, failure: Failure) -> bool:
        return failure.wait is not None and failure.wait > self._policy.longest_wait
