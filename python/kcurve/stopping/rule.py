"""What a stopping rule is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence


@runtime_checkable
class StoppingRule(Protocol):
    """When to stop drawing, judged by the answers drawn so far; pure, and blind to what is correct.

    Codes of equal answers are equal, -1 stands for no answer, and their numbering is arbitrary. The
    most calls one is willing to pay is no part of the rule.
    """

    @property
    def label(self) -> str:
        """Short name for legends."""

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers."""


def answered(codes: Sequence[int]) -> list[int]:
    """Return the codes without those of samples that have no answer."""
    return [code for code in codes if code >= 0]


def leaders(answers: Sequence[int]) -> tuple[int, int]:
    """Return how often the two most frequent answers occur."""
    counts = [count for _, count in Counter(answers).most_common(2)]
    return counts[0], counts[1] if len(counts) > 1 else 0


def unanimous_calls(rule: StoppingRule) -> int:
    """Return after how many equal answers the rule stops."""
    calls = 1
    while not rule.stops([0] * calls):
        calls += 1
    return calls
