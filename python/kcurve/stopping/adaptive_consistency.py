"""Adaptive-Consistency: stop once the leader is clear of the runner-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kcurve._validation import number_between
from kcurve.stopping.rule import stops_after, unanimous_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.stopping.rule import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveConsistency:
    """Adaptive-Consistency: stop once the leader is, by its counts, the more frequent of two answers.

    With v1 and v2 samples of the two most frequent answers, drawing stops when
    ``P(p1 > p2 | v) = 1 - I_{1/2}(v1 + 1, v2 + 1)`` is at least `confidence`: the posterior of the
    share of the leader among these two, under a uniform prior. This is the paper's beta criterion;
    its Dirichlet criterion, over all answers, is not implemented.

    Parameters
    ----------
    confidence : float
        Between 0.5 and 1, excluding 1.

    Notes
    -----
    A tie has no leader, even where one half is confidence enough. Samples without an answer are calls
    that tell nothing. The confidence is not a bound on the
    chance of a wrong stop: it is checked after every call, so it is exceeded by luck more often
    than by 1 - confidence. `AnytimeValid` has such a bound.

    References
    ----------
    Aggarwal et al., "Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning and
    Coding with LLMs", arXiv 2305.11860, section 3.

    Examples
    --------
    >>> from kcurve.stopping import AdaptiveConsistency
    >>> rule = AdaptiveConsistency()
    >>> rule.stops([7, 7, 7]), rule.stops([7, 7, 7, 7]), rule.stops([7, 3, 7, 7, 7])
    (False, True, False)
    """

    confidence: float = 0.95
    label: ClassVar[str] = "Adaptive-Consistency"

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("confidence", self.confidence, 0.5, 1 - 1e-12)

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""
        return ("adaptive_consistency", (self.confidence,))

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""
        return unanimous_calls(self)

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers; -1 stands for no answer."""
        return stops_after(self, codes)
