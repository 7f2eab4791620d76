"""ESC: stop at the end of a unanimous window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kcurve._validation import positive_integer
from kcurve.stopping.rule import stops_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.stopping.rule import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyStopping:
    """Early-stopping self-consistency (ESC): stop at the end of a window of equal answers.

    The answers are cut into windows of `window`; drawing stops at the end of the first window all of
    whose answers are equal.

    Parameters
    ----------
    window : int
        Answers in a window, at least 1.

    Notes
    -----
    Samples without an answer are calls that fill no place in a window. The answer is the vote of all
    samples drawn, not of the last window.

    References
    ----------
    Li et al., "Escape Sky-high Cost: Early-stopping Self-Consistency for Multi-step Reasoning",
    arXiv 2401.10480.

    Examples
    --------
    >>> from kcurve.stopping import EarlyStopping
    >>> rule = EarlyStopping(window=3)
    >>> rule.stops([1, 2, 2]), rule.stops([1, 2, 2, 2]), rule.stops([1, 2, 2, 2, 2, 2])
    (False, False, True)
    """

    window: int = 5
    label: ClassVar[str] = "early stopping"

    def __post_init__(self) -> None:
        """Check the settings."""
        positive_integer("window", self.window)

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""
        return ("early_stopping", (self.window,))

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""
        return self.window

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers; -1 stands for no answer."""
        return stops_after(self, codes)
