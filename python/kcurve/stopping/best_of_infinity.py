"""Best-of-infinity: stop once a Bayes factor favours the leader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kcurve._validation import number_between
from kcurve.stopping.rule import stops_after, unanimous_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.stopping.rule import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfInfinity:
    """Best-of-infinity: stop once a Bayes factor says that the leader would win an endless vote.

    With m different answers so far, seen N_1, ..., N_m times, their shares, and that of everything
    unseen, have the posterior ``Dirichlet(N_1, ..., N_m, concentration)``. Drawing stops when
    ``m P / (1 - P) >= bayes_factor``, P being the probability that the leader's share is the
    largest.

    Parameters
    ----------
    bayes_factor : float
        At least 1.
    concentration : float
        Weight of unseen answers in samples: the parameter of the Dirichlet process, above 0.

    Notes
    -----
    Samples without an answer are calls that tell nothing. A tie for the lead never stops.

    References
    ----------
    Komiyama, Oba and Oyamada, "Best-of-infinity: Asymptotic Performance of Test-Time LLM
    Ensembling", arXiv 2509.21091, section 2.

    Examples
    --------
    >>> from kcurve.stopping import BestOfInfinity
    >>> rule = BestOfInfinity()
    >>> rule.stops([1] * 6), rule.stops([1] * 5 + [2])
    (True, False)
    """

    bayes_factor: float = 100.0
    concentration: float = 0.3
    label: ClassVar[str] = "best-of-infinity"

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("bayes_factor", self.bayes_factor, 1, 1e12)
        number_between("concentration", self.concentration, 0, 1e3, low_excluded=True)

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""
        return ("best_of_infinity", (self.bayes_factor, self.concentration))

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""
        return unanimous_calls(self)

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers; -1 stands for no answer."""
        return stops_after(self, codes)
