"""A certificate that the leader is the mode, whenever one looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kcurve._validation import number_between
from kcurve.stopping.rule import stops_after, unanimous_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.stopping.rule import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class AnytimeValid:
    """Stop once the leader is certified to be the model's most frequent answer.

    Let v1 and v2 be the samples of the two most frequent answers, and let the leader have been the
    j-th answer to appear. Drawing stops when ``W(v1 - 1, v2) >= j (j + 1) / error``, where W is the
    wealth of a bettor on the leader: ``W(a, b)`` is the mean of ``(2 t)^a (2 (1 - t))^b`` over t
    uniform between 1/2 and 1.

    Parameters
    ----------
    error : float
        Bound on the probability of ever stopping on an answer that is not the unique mode, above 0
        and at most 0.5.

    Notes
    -----
    The bound holds for independent draws from any distribution of answers, however many there are,
    and however long one draws. It says nothing of correctness: the mode may be wrong. Samples
    without an answer are calls that tell nothing. docs/concepts/stopping.md has the proof.

    Examples
    --------
    >>> from kcurve.stopping import AnytimeValid
    >>> AnytimeValid(error=0.05).least_calls
    9
    """

    error: float = 0.05
    label: ClassVar[str] = "anytime-valid"

    def __post_init__(self) -> None:
        """Check the settings."""
        number_between("error", self.error, 0, 0.5, low_excluded=True)

    @property
    def named(self) -> Named:
        """The rule as the core knows it."""
        return ("anytime_valid", (self.error,))

    @property
    def least_calls(self) -> int:
        """The least number of calls after which it can stop."""
        return unanimous_calls(self)

    def stops(self, codes: Sequence[int]) -> bool:
        """Return whether drawing stops after exactly these answers; -1 stands for no answer."""
        return stops_after(self, codes)
