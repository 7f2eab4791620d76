"""A turn to send: a place among the calls under way, a share of the rates, and of the budget."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from kcurve.llm.budget import Spending

if TYPE_CHECKING:
    from kcurve.llm.budget import Ledger
    from kcurve.llm.limits import Concurrency, Rates


class Turn:
    """What one attempt holds while it is under way, given back by `end` whatever happens.

    Parameters
    ----------
    concurrency : Concurrency
        The calls under way.
    rates : Rates
        Calls and tokens per minute.
    ledger : Ledger or None
        The budget.
    tokens : int
        The tokens expected, for the rates.
    worst : Spending or None
        The most it can spend, for the budget.
    """

    __slots__ = (
        "_concurrency",
        "_ledger",
        "_placed",
        "_rates",
        "_reserved",
        "_tokens",
        "_worst",
        "spent",
        "used",
    )

    def __init__(
        self,
        concurrency: Concurrency,
        rates: Rates,
        ledger: Ledger | None,
        *,
        tokens: int,
        worst: Spending | None,
    ) -> None:
        self._concurrency = concurrency
        self._rates = rates
        self._ledger = ledger
        self._tokens = tokens
        self._worst = worst
        self._placed = False
        self._reserved = False
        self.spent: Spending = Spending()
        self.used: int | None = 0

    async def begin(self) -> None:
        """Wait until an attempt may be sent.

        Raises
        ------
        BudgetError
            If it could exceed the budget.
        """
        await self._concurrency.acquire(self)
        self._placed = True
        await self._rates.take(self._tokens)
        if self._ledger is not None and self._worst is not None:
            await self._ledger.reserve(self._worst)
            self._reserved = True

    def sent(self) -> None:
        """Take note that from now on the worst case may have been spent."""
        if self._worst is not None:
            self.spent = self._worst
        self.used = None

    def refused(self) -> None:
        """Take note that the server charges nothing for the call."""
        self.spent, self.used = Spending(1), 0

    def answered(self, tokens: int, cost: float) -> None:
        """Take note of what the server counted, and of its cost, NaN without a price."""
        self.spent, self.used = Spending(1, tokens, 0.0 if isnan(cost) else cost), tokens

    def leave(self) -> None:
        """Give the place to another call, while the outcome is being noted."""
        if self._placed:
            self._placed = False
            self._concurrency.release(self)

    def end(self) -> None:
        """Give everything back that is held."""
        self.leave()
        if self.used is not None:
            self._rates.give_back(self._tokens - self.used)
        if self._reserved and self._ledger is not None and self._worst is not None:
            self._ledger.settle(self._worst, self.spent)
