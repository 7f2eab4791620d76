"""A hard limit on what is spent: reserved at its worst before a call, settled after it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import fsum, inf
from typing import TYPE_CHECKING, NamedTuple

from kcurve._validation import number_between
from kcurve.errors import ArgumentError, BudgetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcurve.cost import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may be spent; None is no limit.

    Before each attempt its worst case is set aside: one call, the prompt at one token per byte of its JSON as
    sent, `max_tokens` for each sample asked for, and the price of these. If that could exceed a limit together
    with what is spent, BudgetError is raised and nothing is sent; if it could only together with calls still
    under way, the attempt waits for them. After it, what the server counted takes the place of the worst case.
    The worst case stays where the outcome may be charged for and the tokens are not known: time-outs, broken
    connections, cancelled calls, responses without usage. Refusals (429, 500, ...) count as calls, and cost
    nothing else.

    A token is at least one byte in the vocabularies of today's models, and the quotes and keys of the JSON
    outweigh what templates add; images and other prompts by reference have no such bound.

    Parameters
    ----------
    calls : int, optional
        Attempts, whatever their outcome.
    tokens : int, optional
        Tokens of prompts and completions together. Needs ``Parameters(max_tokens=)``.
    money : float, optional
        In the unit of the prices. Needs a price for the model, and ``Parameters(max_tokens=)``.
    stored : bool
        Whether samples that are taken from the store count as well, with the attempts, tokens and cost noted
        there: then the limit is that of the whole study, however often it is resumed. They are never refused,
        being paid for, but leave less for new ones. A stored sample of unknown tokens counts zero.

    Examples
    --------
    >>> Budget(calls=1000, money=2.5)
    Budget(calls=1000, tokens=None, money=2.5, stored=False)
    """

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    stored: bool = False

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("calls", "tokens", "money"):
            if (value := getattr(self, name)) is not None:
                number_between(name, value, 0, inf)
        if self.calls is None and self.tokens is None and self.money is None:
            raise ArgumentError("a budget needs a limit: calls=, tokens= or money=")


class Spending(NamedTuple):
    """Calls, tokens and money."""

    calls: int = 0
    tokens: int = 0
    money: float = 0.0


class Ledger:
    """What is spent and what is set aside under a budget, for calls that run at once in one event loop."""

    __slots__ = ("_changed", "_reserved", "_spent", "budget")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._spent = Spending()
        self._reserved: list[Spending] = []
        self._changed = asyncio.Event()

    @property
    def spent(self) -> Spending:
        """What is spent, without what is set aside."""
        return self._spent

    def worst(
        self, *, prompt: int, completion: int | None, samples: int, price: Price | None, model: str
    ) -> Spending:
        """Return the most that one call can spend.

        Raises
        ------
        BudgetError
            If it has no bound.
        """
        if self.budget.tokens is None and self.budget.money is None:
            return Spending(1)
        if completion is None:
            raise BudgetError(
                "a budget of tokens or money needs to know how long a sample can get; "
                "pass Parameters(max_tokens=...)"
            )
        money = 0.0
        if self.budget.money is not None:
            if price is None:
                raise BudgetError(
                    f"a budget of money needs the price of {model!r}; "
                    "pass LLM(prices={...: Price(input=..., output=...)}), per million tokens"
                )
            money = price.most(prompt, completion * samples)
        return Spending(1, prompt + completion * samples, money)

    async def reserve(self, worst: Spending) -> None:
        """Set `worst` aside, after waiting for calls under way if they could be in the way.

        Raises
        ------
        BudgetError
            If it could exceed the budget even if all calls under way were free.
        """
        while (short := self._short(worst, self._reserved)) is not None:
            if self._short(worst, ()) is not None:
                limit, spent = getattr(self.budget, short), getattr(self._spent, short)
                raise BudgetError(
                    f"the next call could spend {getattr(worst, short):g} {short}, and {spent:g} of "
                    f"{limit:g} are spent; raise Budget({short}=) and go on with the same store"
                )
            await self._changed.wait()
        self._reserved.append(worst)

    def settle(self, worst: Spending, actual: Spending) -> None:
        """Spend `actual` in place of what was set aside."""
        self._reserved.remove(worst)
        self.spend(actual)
        self._changed.set()
        self._changed = asyncio.Event()

    def spend(self, actual: Spending) -> None:
        """Spend without having set aside: what was paid for before."""
        self._spent = _sum((self._spent, actual))

    def _short(self, worst: Spending, reserved: Iterable[Spending]) -> str | None:
        """Return the name of a limit that would be exceeded."""
        total = _sum((self._spent, worst, *reserved))
        for name, amount in zip(Spending._fields, total, strict=True):
            limit = getattr(self.budget, name)
            if limit is not None and amount > limit:
                return name
        return None


def _sum(parts: Iterable[Spending]) -> Spending:
    calls, tokens, money = zip(*parts, strict=True)
    return Spending(sum(calls), sum(tokens), fsum(money))
