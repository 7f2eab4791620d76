"""The best score wins."""

from dataclasses import dataclass
from typing import ClassVar

from kcurve._validation import choice
from kcurve.rules.settings import TIES, Ties


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfN:
    """Best-of-n: the drawn sample with the top score is the system's answer.

    Parameters
    ----------
    ties : {"split", "first", "wrong"}
        How a tie for the top score is scored: by the share of the tied samples that is correct, or
        with ``"wrong"`` as 0 unless all of them are.

    Notes
    -----
    Needs the log's ``score`` column. A missing score ranks below every other, infinities included.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3.

    Examples
    --------
    >>> BestOfN()
    BestOfN(ties='split')
    """

    ties: Ties = "split"
    label: ClassVar[str] = "best-of-k"
    least_calls: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("ties", self.ties, TIES)
