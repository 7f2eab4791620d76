"""One attempt: its turn, the journal, the call, the check, the commit, in this order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from kcurve.llm.account import Tally
from kcurve.llm.budget import Ledger
from kcurve.llm.failures import Failure
from kcurve.llm.responses import decoded
from kcurve.llm.retry import exhausted_for
from kcurve.llm.scores import SCORING, decoded_scores
from kcurve.llm.turn import Turn
from kcurve.llm.usage import NO_USAGE, shared
from kcurve.store.records import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kcurve.cost import Price
    from kcurve.llm.budget import Budget, Spending
    from kcurve.llm.client import Client
    from kcurve.llm.limits import Concurrency, Rates
    from kcurve.llm.prompts import Call
    from kcurve.llm.responses import Response
    from kcurve.store import Claim, Store
    from kcurve.store.records import Usage

_CUT_OFF = "the call was cut off; it may have been paid for"


@dataclass(slots=True)
class Group:
    """Samples of a request that one call asks for.

    Attributes
    ----------
    call : Call
        The request.
    row : int
        Its row in the store.
    indices : list of int
        The samples still wanted.
    seed : int or None
        The seed to send, if not the one derived from the first index.
    attempts : int
        How often they were asked for by this process.
    began : float
        When they were first asked for, on the monotonic clock; NaN before.
    polls : int
        How often another process was found to be on them.
    sending : bool
        Whether an attempt is under way: journalled, or about to be.
    """

    call: Call
    row: int
    indices: list[int]
    seed: int | None = None
    attempts: int = 0
    began: float = nan
    polls: int = 0
    sending: bool = False


class Outcome(NamedTuple):
    """What became of a group."""

    samples: Sequence[Sample] = ()
    """Brought by the attempt, or failed for good."""
    failure: Failure | None = None
    """Why it brought none."""
    elsewhere: Sequence[int] = ()
    """Indices that are in the store by now, or that another is sampling."""
    usage: Usage = NO_USAGE
    """Tokens as the server counted them, for all samples together."""


class Sender:
    """Sends attempts to one server, within limits, and keeps the account.

    Parameters
    ----------
    client : Client
        The server.
    store : Store
        Where attempts are journalled and responses are committed.
    concurrency : Concurrency
        How many calls may be under way.
    rates : Rates
        How many calls and tokens a minute.
    timeout : float
        Seconds that a call may take.
    budget : Budget or None
        What may be spent.
    price : Price or None
        Of the model.
    longest_wait : float
        The longest pause that the server may ask for, in seconds.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        *,
        concurrency: Concurrency,
        rates: Rates,
        timeout: float,
        budget: Budget | None,
        price: Price | None,
        longest_wait: float,
    ) -> None:
        self.client = client
        self.store = store
        self.tally = Tally()
        self.ledger = None if budget is None else Ledger(budget)
        self.usage_of_all: bool | None = None
        self._concurrency = concurrency
        self._rates = rates
        self._timeout = timeout
        self._longest_wait = longest_wait
        self._refused = 0
        self.price = price

    def worst(self, call: Call, samples: int) -> Spending | None:
        """Return the most that one call can spend, None without a budget.

        Raises
        ------
        BudgetError
            If it has no bound.
        """
        if self.ledger is None:
            return None
        return self.ledger.worst(
            prompt=call.prompt_bytes,
            completion=call.most_tokens,
            samples=samples,
            price=self.price,
            model=call.request.model,
        )

    async def attempt(self, group: Group, gives_up: Callable[[Failure], bool]) -> Outcome:
        """Ask once for the samples of a group; if that fails, `gives_up` says whether for good.

        Raises
        ------
        BudgetError
            If it could exceed the budget; nothing was sent.
        StoreError
            If it cannot be journalled (then nothing was sent), or its outcome cannot.
        """
        n = len(group.indices)
        turn = Turn(
            self._concurrency,
            self._rates,
            self.ledger,
            tokens=group.call.prompt_bytes + n * (group.call.most_tokens or 0),
            worst=self.worst(group.call, n),
        )
        claims: list[Claim] = []
        try:
            self.client.open()  # before anything is journalled or timed
            await turn.begin()
            group.sending = True
            elsewhere = await self._claim(group, claims)
            if not claims:
                return Outcome(elsewhere=elsewhere)
            return await self._send(group, claims, turn, elsewhere, gives_up)
        except asyncio.CancelledError:
            for claim in claims:
                await self.store.fail(claim, "cancelled", _CUT_OFF, status=None, final=False)
            raise
        finally:
            group.sending = False
            turn.end()

    async def _claim(self, group: Group, claims: list[Claim]) -> list[int]:
        """Journal an attempt for every sample of the group that nobody has or is on; return the others."""
        elsewhere = []
        for position, index in enumerate(group.indices):
            seed = self._seed(group, position)
            claim = await self.store.claim(group.row, index, seed=seed)
            if claim.granted:
                claims.append(claim)
            else:
                elsewhere.append(index)
        return elsewhere

    @staticmethod
    def _seed(group: Group, position: int) -> int | None:
        """Return the seed of a choice: servers that derive it add its number to that of the call."""
        first = group.call.seed(group.indices[0]) if group.seed is None else group.seed
        return None if first is None else first + position

    async def _send(
        self,
        group: Group,
        claims: list[Claim],
        turn: Turn,
        elsewhere: list[int],
        gives_up: Callable[[Failure], bool],
    ) -> Outcome:
        number = self._concurrency.start()
        turn.sent()
        self.tally.sent += 1
        self.tally.retried += group.attempts > 1
        began = perf_counter()
        try:
            raw, headers, response = await self._call(group.call, claims)
        except Failure as failure:
            self._refuse(failure, number, turn)
            final = gives_up(failure)
            samples = [_failed(group, claim, failure) for claim in claims] if final else []
            for claim in claims:
                await self.store.fail(
                    claim, failure.kind, failure.message, status=failure.status, final=final
                )
            self.tally.failed[failure.kind] += 1
            return Outcome(samples, failure, elsewhere)
        latency = perf_counter() - began
        self._concurrency.succeeded()
        self._refused = 0
        if pause := exhausted_for(headers):
            self._rates.pause(pause)
        turn.leave()
        samples = self._samples(group, claims, response, latency, turn)
        for claim, sample in zip(claims, samples, strict=True):
            await self.store.finish(claim, sample, raw)
        self.tally.succeeded += 1
        for sample in samples:
            self.tally.bring(sample.usage, sample.cost)
        return Outcome(samples, None, elsewhere, response.usage)

    async def _call(
        self, call: Call, claims: list[Claim]
    ) -> tuple[bytes, Mapping[str, str], Response]:
        """Return what the server answers, checked."""
        endpoint, n = call.request.endpoint, len(claims)
        try:
            async with asyncio.timeout(self._timeout):
                raw, headers = await self.client.send(endpoint, call.body(claims[0].seed, n))
        except TimeoutError:
            message = f"no response within {self._timeout:g} seconds"
            raise Failure("timeout", message) from None
        if endpoint in SCORING:
            return raw, headers, decoded_scores(raw, endpoint)
        return raw, headers, decoded(raw, endpoint, n)

    def _refuse(self, failure: Failure, number: int, turn: Turn) -> None:
        """Take note of a failure where it is paid for, and where it says that the server is overrun."""
        if not failure.paid:
            turn.refused()
        if failure.kind in {"rate_limited", "timeout"}:
            self._concurrency.overrun(number)
            self._refused += 1
        # A single refusal among successes concerns its own sample only.
        if failure.wait is not None and self._refused > 1:
            self._rates.pause(min(failure.wait, self._longest_wait))
        if failure.retried:  # otherwise nobody is to follow
            turn.leave()

    def _samples(
        self, group: Group, claims: list[Claim], response: Response, latency: float, turn: Turn
    ) -> list[Sample]:
        """Return what a call brought, its tokens shared between its samples if they are those of all."""
        n = len(claims)
        usage = response.usage if n == 1 or self.usage_of_all else NO_USAGE
        price = self.price
        if usage.prompt is not None and usage.completion is not None:
            turn.answered(
                usage.prompt + usage.completion, nan if price is None else price.cost(usage)
            )
        return [
            Sample(
                request=group.row,
                index=claim.index,
                status=choice.status,
                text=choice.text,
                finish_reason=choice.finish_reason,
                usage=part,
                cost=nan if price is None else price.cost(part),
                latency=latency,
                seed=claim.seed,
                logprobs=choice.logprobs,
                attempts=claim.attempt,
            )
            for claim, choice, part in zip(claims, response.choices, shared(usage, n), strict=True)
        ]


def _failed(group: Group, claim: Claim, failure: Failure) -> Sample:
    return Sample(
        request=group.row,
        index=claim.index,
        status="failed",
        seed=claim.seed,
        attempts=claim.attempt,
        error=f"{failure.kind}: {failure.message}",
    )
