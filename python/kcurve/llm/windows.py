"""Ranges of samples: what the store holds is taken, what it lacks is sampled."""

from __future__ import annotations

import asyncio
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Literal, TypeAlias

from kcurve.errors import ArgumentError, LLMError
from kcurve.llm.budget import Spending
from kcurve.llm.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kcurve.llm.attempt import Sender
    from kcurve.llm.prompts import Call
    from kcurve.llm.retry import RetryPolicy
    from kcurve.store.records import Sample

Decision: TypeAlias = Literal["resend", "skip"]
"""What becomes of a sample whose outcome a crash has left unknown."""


class Windows:
    """Brings ranges of samples for one LLM, and keeps track of those under way.

    Parameters
    ----------
    sender : Sender
        Makes attempts; its store is looked into first.
    policy : RetryPolicy
        When to try again.
    unknown : {"resend", "skip"} or callable
        What becomes of samples whose attempt a crash has cut off.
    per_call : int
        How many samples a call asks for.
    workers : int
        The most attempts prepared at once.
    grace : float
        Seconds that attempts under way may take to end when all is cancelled.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        policy: RetryPolicy,
        unknown: Decision | Callable[[Mapping[str, object]], Decision],
        per_call: int,
        workers: int,
        grace: float,
    ) -> None:
        self._sender = sender
        self._store = sender.store
        self._policy = policy
        self._unknown = unknown
        self._per_call = per_call
        self._workers = workers
        self._grace = grace
        self._running: set[Sampling] = set()
        self._ended: LLMError | None = None

    async def samples(
        self, call: Call, window: range, each: Callable[[Sample], object] | None = None
    ) -> list[Sample]:
        """Return these samples of a request, in order; `each` is told of every one as soon as it is there."""
        found = await self._store.find(call.request, window)
        samples = dict(found.samples)
        for sample in found.samples.values():
            self._take(sample)
        for index, facts in found.unknown.items():
            self._abandoned(call)
            if self._decision(facts) == "skip":
                samples[index] = await self._store.skip(found.request, index)
        if each is not None:
            for sample in samples.values():
                each(sample)
        missing = [index for index in window if index not in samples]
        if missing:
            if self._ended is not None:
                raise LLMError(str(self._ended))
            sampling = Sampling(
                self._sender,
                call,
                found.request,
                missing,
                policy=self._policy,
                per_call=self._per_call,
                look=partial(self._look, call),
                grace=self._grace,
                each=each,
            )
            self._running.add(sampling)
            try:
                samples |= await sampling.run(self._workers)
            finally:
                self._running.discard(sampling)
        return [samples[index] for index in window]

    def begin(self) -> None:
        """Sample again after `end`."""
        self._ended = None

    async def end(self, reason: LLMError) -> None:
        """End all sampling with this error, after the grace for what is paid for; none begins until `begin`."""
        self._ended = reason
        await asyncio.gather(*(sampling.end(reason) for sampling in self._running))

    async def _look(self, call: Call, index: int) -> Sample | None:
        """Return the sample if it is in the store by now; decide what to do if its process has died."""
        found = await self._store.find(call.request, range(index, index + 1))
        sample = found.samples.get(index)
        if sample is not None:
            self._take(sample)
        elif index in found.unknown:
            self._abandoned(call)
            if self._decision(found.unknown[index]) == "skip":
                return await self._store.skip(found.request, index)
        return sample

    def _take(self, sample: Sample) -> None:
        """Count a sample that is in the store already."""
        self._sender.tally.stored += 1
        ledger = self._sender.ledger
        if ledger is not None and ledger.budget.stored:
            usage = sample.usage
            tokens = (usage.prompt or 0) + (usage.completion or 0)
            ledger.spend(
                Spending(sample.attempts, tokens, 0.0 if isnan(sample.cost) else sample.cost)
            )

    def _abandoned(self, call: Call) -> None:
        """Count an attempt without an outcome that a dead process has left."""
        self._sender.tally.abandoned += 1
        ledger = self._sender.ledger
        if ledger is not None and ledger.budget.stored:
            worst = self._sender.worst(call, 1)
            if worst is not None:
                ledger.spend(worst)

    def _decision(self, facts: Mapping[str, object]) -> Decision:
        decision = self._unknown(facts) if callable(self._unknown) else self._unknown
        if decision not in {"resend", "skip"}:
            raise ArgumentError(f"unknown must return 'resend' or 'skip', got {decision!r}")
        return decision
