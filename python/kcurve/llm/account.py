"""What was sent, what came back, and what it cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.store.records import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The calls of an LLM up to now; ``sent == succeeded + sum(failed.values()) + unknown`` at any time.

    A call is one HTTP request: each attempt counts.

    Attributes
    ----------
    sent : int
        Calls sent.
    succeeded : int
        Calls that brought what was asked for.
    failed : mapping of str to int
        Calls that did not, by kind of failure.
    unknown : int
        Calls without an outcome: still under way, or cut off.
    retried : int
        Calls that repeat a failed one.
    abandoned : int
        Attempts that other, dead processes left open, as met in the store; they may have been paid for.
    samples : int
        Samples that calls brought.
    stored : int
        Samples taken from the store.
    prompt, completion, reasoning, cached : int
        Tokens of the calls that succeeded, as far as the server counted them; reasoning is part of the
        completion, cached of the prompt.
    money : float
        Their cost, as far as it is known.
    unpriced : int
        Samples brought by calls whose cost is not known.

    Examples
    --------
    >>> account = Account(sent=5, succeeded=3, failed={"rate_limited": 1}, unknown=1)
    >>> account.sent == account.succeeded + sum(account.failed.values()) + account.unknown
    True
    """

    sent: int = 0
    succeeded: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    retried: int = 0
    abandoned: int = 0
    samples: int = 0
    stored: int = 0
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    cached: int = 0
    money: float = 0.0
    unpriced: int = 0

    def to_dict(self) -> dict[str, object]:
        """Return the numbers by name."""
        return {**asdict(self), "failed": dict(self.failed)}


class Tally:
    """The account while it is kept."""

    __slots__ = (
        "abandoned",
        "cached",
        "completion",
        "failed",
        "money",
        "prompt",
        "reasoning",
        "retried",
        "samples",
        "sent",
        "stored",
        "succeeded",
        "unpriced",
    )

    def __init__(self) -> None:
        self.failed: Counter[str] = Counter()
        self.sent = self.succeeded = self.retried = self.abandoned = 0
        self.samples = self.stored = self.unpriced = 0
        self.prompt = self.completion = self.reasoning = self.cached = 0
        self.money = 0.0

    def bring(self, usage: Usage, cost: float) -> None:
        """Count a sample that a call brought."""
        self.samples += 1
        self.prompt += usage.prompt or 0
        self.completion += usage.completion or 0
        self.reasoning += usage.reasoning or 0
        self.cached += usage.cached or 0
        if isnan(cost):
            self.unpriced += 1
        else:
            self.money += cost

    def snapshot(self) -> Account:
        """Return the account as it stands."""
        counts = {name: getattr(self, name) for name in self.__slots__ if name != "failed"}
        return Account(
            **counts,
            failed=MappingProxyType(dict(self.failed)),
            unknown=self.sent - self.succeeded - self.failed.total(),
        )
