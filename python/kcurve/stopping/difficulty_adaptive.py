"""DSC: one look at whether a question is easy, then more samples in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kcurve._validation import number_between, positive_integer
from kcurve.stopping.rule import stops_after, unanimous_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.stopping.rule import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class DifficultyAdaptive:
    """Difficulty-adaptive self-consistency (DSC), as far as it concerns one question by itself.

    A first window of answers says whether the question is easy: if all are equal, drawing stops.
    Otherwise samples come in extensions, and after each the leader is judged as by
    `AdaptiveConsistency`.

    Parameters
    ----------
    confidence : float
        Of the judgement after each extension, between 0.5 and 1, excluding 1.
    window : int
        Answers in the first window, at least 1.
    extension : int
        Answers in each extension, at least 1.

    Notes
    -----
    Samples without an answer are calls that fill no place in a window or an extension. What the paper
    does across questions is `RankedDifficulty`.

    References
    ----------
    Wang et al., "Make Every Penny Count: Difficulty-Adaptive Self-Consistency for Cost-Efficient
    Reasoning", arXiv 2408.13457.

    Examples
    --------
    >>> from kcurve.stopping import DifficultyAdaptive
    >>> rule = DifficultyAdaptive()
    >>> rule.stops([1, 1, 1, 1]), rule.stops([1, 1, 2, 1]), rule.stops([1, 1, 2, 1, 1, 1, 1, 1])
    (True, False, True)
    """

    confidence: float = 0.95
    window: int = 4
    extension: int = 4
    label: ClassVar[str] = "difficulty-adaptive"

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("confidence", self.confidence, 0.5, 1 - 1e-12)
        positive_integer("window", self.window)
        positive_integer("extension", self.extension)

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""
        return ("difficulty_adaptive", (self.confidence, self.window, self.extension))

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""
        return unanimous_calls(self)

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers; -1 stands for no answer."""
        return stops_after(self, codes)
