"""Selectors that judge candidates in pairs, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.networks import scores
from kcurve.networks.comparisons import indices, verdict_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kcurve.networks.comparisons import Comparison, Verdicts

    Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """Every candidate against every other: the largest sum of wins leads.

    Candidates with the same answer are not compared, and neither is one without an answer, which cannot
    win. An unusable reply is a win for neither.

    Parameters
    ----------
    both_orders : bool
        Whether each pair is shown in both orders, each win counting 0.5, so that a judge who prefers the
        first place does no harm; or once, counting 1.
    shared : float
        What a candidate is given for each other one that has the same answer, 0 to 0.5. The default, 0.01, does
        little but break ties: candidates with a frequent answer have fewer opponents to win against. With
        0.5 every pair shares out one win.

    Notes
    -----
    Up to n (n - 1) calls for n candidates, half of it with one order. With one order, ``shared=0.5`` and two possible answers it is
    the tournament of `kcurve.theory.round_robin`.

    Examples
    --------
    >>> Pairwise().asks([0, 1, 0])
    ((0, 1), (1, 0), (1, 2), (2, 1))
    >>> Pairwise().leaders([0, 1, 0], {(0, 1): 0, (1, 0): 1, (1, 2): 0, (2, 1): None})
    (0,)
    """

    both_orders: bool = True
    shared: float = 0.01

    kind: ClassVar[str] = "pairwise"

    def __post_init__(self) -> None:
        """Check what candidates with the same answer share."""
        number_between("shared", self.shared, 0, 0.5)

    @property
    def formula(self) -> str:
        """The most calls, for n candidates."""
        return "n (n - 1)" if self.both_orders else "n (n - 1) / 2"

    @property
    def win(self) -> float:
        """What a comparison won counts."""
        return 0.5 if self.both_orders else 1.0

    def asks(
        self, codes: Sequence[int], verdicts: Verdicts | None = None
    ) -> tuple[Comparison, ...]:
        """Return the comparisons still to be asked for."""
        return _pairs(self.asked(np.asarray(codes)), verdicts)

    def leaders(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[int, ...]:
        """Return the candidates that share first place."""
        given = np.asarray(codes)
        return indices(self.leading(given, _table(self.asked(given), verdicts)))

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates."""
        ordered = candidates * (candidates - 1)
        return ordered if self.both_orders else ordered // 2

    def asked(self, codes: Integers) -> NDArray[np.bool_]:
        """Return which ordered pairs [..., n, n] are compared."""
        pairs = scores.unlike(codes)
        return pairs if self.both_orders else np.triu(pairs)

    def leading(self, codes: Integers, won: Integers) -> NDArray[np.bool_]:
        """Return who shares first place [..., n], by a table of verdicts."""
        return scores.pairwise_leaders(codes, won, win=self.win, shared=self.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairwiseUnique:
    """Distinct answers against each other: the highest mean win rate leads.

    The candidates of different answers are compared in both orders. The rate of one answer against
    another is the share of these comparisons that it won, unusable replies counting for neither; an
    answer's score is the mean of its rates against all others.

    Parameters
    ----------
    representatives : int, optional
        How many candidates of each answer are compared, the first ones; all by default.

    Notes
    -----
    Unlike sums of wins, rates favour neither frequent nor rare answers.

    Examples
    --------
    >>> selector = PairwiseUnique(representatives=1)
    >>> selector.asks([0, 1, 0])
    ((0, 1), (1, 0))
    >>> selector.leaders([0, 1, 0], {(0, 1): 1, (1, 0): 0})
    (1,)
    """

    representatives: int | None = None

    kind: ClassVar[str] = "pairwise unique"
    formula: ClassVar[str] = "n (n - 1)"

    def __post_init__(self) -> None:
        """Check the number of representatives."""
        if self.representatives is not None:
            positive_integer("representatives", self.representatives)

    def asks(
        self, codes: Sequence[int], verdicts: Verdicts | None = None
    ) -> tuple[Comparison, ...]:
        """Return the comparisons still to be asked for."""
        return _pairs(self.asked(np.asarray(codes)), verdicts)

    def leaders(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[int, ...]:
        """Return the first candidates of the answers that share first place."""
        given = np.asarray(codes)
        return indices(self.leading(given, _table(self.asked(given), verdicts)))

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates: all their answers differ."""
        return candidates * (candidates - 1)

    def asked(self, codes: Integers) -> NDArray[np.bool_]:
        """Return which ordered pairs [..., n, n] are compared."""
        pairs = scores.unlike(codes)
        if self.representatives is None:
            return pairs
        taken = scores.repeats(codes) < self.representatives
        return np.asarray(pairs & taken[..., :, None] & taken[..., None, :])

    def leading(self, codes: Integers, won: Integers) -> NDArray[np.bool_]:
        """Return who shares first place [..., n], by a table of verdicts."""
        return scores.rate_leaders(codes, self.asked(codes), won)


def _pairs(asked: NDArray[np.bool_], verdicts: Verdicts | None) -> tuple[Comparison, ...]:
    known = verdicts or {}
    pairs = ((int(first), int(second)) for first, second in np.argwhere(asked))
    return tuple(pair for pair in pairs if pair not in known)


def _table(asked: NDArray[np.bool_], verdicts: Verdicts | None) -> NDArray[np.int8]:
    won = np.zeros(asked.shape, dtype=np.int8)
    for pair in _pairs(asked, None):
        position = verdict_on(pair, verdicts)
        won[pair] = 0 if position is None else 1 - 2 * position
    return won
