"""How far a run is, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run as it stands.

    Attributes
    ----------
    done : int
        Questions that are solved or have failed.
    total : int or None
        Questions in all; None if it is not known before the last is read.
    failed : int
        Questions that have failed.
    correct, graded : int
        Questions answered rightly, and those whose right answer is known.
    calls : int
        Calls sent by this run: each attempt counts.
    stored : int
        Samples that were in the store already.
    tokens : int
        Tokens of the calls that succeeded, in and out.
    money : float
        Their cost, as far as it is known.
    failures : mapping of str to int
        Attempts that failed, by kind; most are tried again.
    seconds : float
        Since the run began.
    stopping : str or None
        Why no new questions are begun, if so.
    """

    done: int = 0
    total: int | None = None
    failed: int = 0
    correct: int = 0
    graded: int = 0
    calls: int = 0
    stored: int = 0
    tokens: int = 0
    money: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    stopping: str | None = None

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds that the rest takes at the pace until now; None if that is not known."""
        if self.total is None or not self.done:
            return None
        return self.seconds / self.done * (self.total - self.done)


Progress: TypeAlias = Callable[[RunState], None]
"""Is told how far a run is, several times a second and at its end."""
