"""What a stopping rule is, and how the core judges by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

from kcurve import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

Named: TypeAlias = tuple[str, tuple[float, ...]]
"""A rule as the core knows it: its name and settings."""


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


@runtime_checkable
class ReplayableRule(StoppingRule, Protocol):
    """A stopping rule that the core knows, so that it can be replayed on a log."""

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""


def stops_after(rule: ReplayableRule, codes: Sequence[int]) -> bool:
    """Return whether a rule stops after exactly these answers; never before the first."""
    verdicts = _core.stopping_verdicts(rule.named, np.asarray(codes, dtype=np.int64))
    return bool(verdicts[-1]) if len(verdicts) else False


def unanimous_calls(rule: ReplayableRule) -> int:
    """Return after how many equal answers a rule stops."""
    tried = 16
    while True:
        verdicts = _core.stopping_verdicts(rule.named, np.zeros(tried, dtype=np.int64))
        if verdicts.any():
            return int(verdicts.argmax()) + 1
        tried *= 2
