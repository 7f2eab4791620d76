"""How a selector decides: which comparisons it asks for, and who leads by their verdicts.

Nothing here calls a model. A comparison is the tuple of the candidates shown, in order; its verdict is the
position of the one preferred, or None if the reply was unusable. Both a live run and a simulation decide by
these rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.networks import scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.integer]

Comparison: TypeAlias = "tuple[int, ...]"
"""Candidates shown together, in the order in which they are shown."""

Verdicts: TypeAlias = "Mapping[Comparison, int | None]"
"""For each comparison the position of the preferred candidate in it, None if the reply was unusable."""


@dataclass(frozen=True, slots=True)
class Majority:
    """The answer that most candidates have; no call is made.

    Candidates without an answer do not vote. The winner is the first candidate with the winning answer.

    Examples
    --------
    >>> Majority().leaders([0, 1, 1, -1])
    (1,)
    >>> Majority().leaders([0, 1, 1, 0])
    (0, 1)
    """

    kind: ClassVar[str] = "majority"
    formula: ClassVar[str] = "0"

    def asks(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[()]:
        """Return the comparisons still to be asked for: none."""
        del codes, verdicts
        return ()

    def leaders(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[int, ...]:
        """Return the candidates that share first place."""
        del verdicts
        return _indices(scores.vote_leaders(np.asarray(codes)))

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates."""
        del candidates
        return 0


@dataclass(frozen=True, slots=True)
class FullList:
    """One call that is shown all candidates and names the best; the first if its reply is unusable.

    Candidates without an answer are not shown. If all have the same answer nothing is asked.

    Examples
    --------
    >>> FullList().asks([0, 1, -1, 0])
    ((0, 1, 3),)
    >>> FullList().leaders([0, 1, -1, 0], {(0, 1, 3): 1})
    (1,)
    >>> FullList().leaders([0, 1, -1, 0], {(0, 1, 3): None})
    (0,)
    """

    kind: ClassVar[str] = "full list"
    formula: ClassVar[str] = "1"

    def asks(
        self, codes: Sequence[int], verdicts: Verdicts | None = None
    ) -> tuple[Comparison, ...]:
        """Return the comparisons still to be asked for."""
        shown = _answered(codes)
        if _agree(codes) or shown in (verdicts or {}):
            return ()
        return (shown,)

    def leaders(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[int, ...]:
        """Return the candidate that was named."""
        shown = _answered(codes)
        if _agree(codes):
            return shown[:1] or (0,)
        position = _verdict(shown, verdicts)
        return (shown[0 if position is None else position],)

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates."""
        return min(candidates - 1, 1)


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
        return _indices(self.leading(given, _table(self.asked(given), verdicts)))

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
        return _indices(self.leading(given, _table(self.asked(given), verdicts)))

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


@dataclass(frozen=True, slots=True)
class Chained:
    """The winner so far against the next candidate, one comparison after another.

    The first candidate with an answer begins. One with the same answer as the winner so far is passed
    over without a call, and an unusable reply leaves the winner in place.

    Examples
    --------
    >>> Chained().asks([0, 1, 2])
    ((0, 1),)
    >>> Chained().asks([0, 1, 2], {(0, 1): 1})
    ((1, 2),)
    >>> Chained().leaders([0, 1, 2], {(0, 1): 1, (1, 2): 0})
    (1,)
    """

    kind: ClassVar[str] = "chained"
    formula: ClassVar[str] = "n - 1"

    def asks(
        self, codes: Sequence[int], verdicts: Verdicts | None = None
    ) -> tuple[Comparison, ...]:
        """Return the comparison to be asked for next, if any."""
        _, following = _champion(codes, verdicts or {})
        return () if following is None else (following,)

    def leaders(self, codes: Sequence[int], verdicts: Verdicts | None = None) -> tuple[int, ...]:
        """Return the candidate that nobody has beaten."""
        champion, following = _champion(codes, verdicts or {})
        if following is not None:
            _verdict(following, verdicts)
        return (champion,)

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates."""
        return candidates - 1


Selector: TypeAlias = Majority | FullList | Pairwise | PairwiseUnique | Chained
"""Any way to select one of several candidates."""


def _champion(codes: Sequence[int], verdicts: Verdicts) -> tuple[int, Comparison | None]:
    """Return the winner so far, and the first comparison without a verdict."""
    champion, *challengers = _answered(codes) or (0,)
    for challenger in challengers:
        if codes[challenger] == codes[champion]:
            continue
        if (champion, challenger) not in verdicts:
            return champion, (champion, challenger)
        if verdicts[champion, challenger] == 1:
            champion = challenger
    return champion, None


def _answered(codes: Sequence[int]) -> Comparison:
    return tuple(index for index, code in enumerate(codes) if code >= 0)


def _agree(codes: Sequence[int]) -> bool:
    return len({code for code in codes if code >= 0}) <= 1


def _verdict(comparison: Comparison, verdicts: Verdicts | None) -> int | None:
    if verdicts is None or comparison not in verdicts:
        msg = f"the comparison {comparison} has no verdict yet; ask for what `asks` returns first"
        raise ArgumentError(msg)
    return verdicts[comparison]


def _pairs(asked: NDArray[np.bool_], verdicts: Verdicts | None) -> tuple[Comparison, ...]:
    known = verdicts or {}
    pairs = ((int(first), int(second)) for first, second in np.argwhere(asked))
    return tuple(pair for pair in pairs if pair not in known)


def _table(asked: NDArray[np.bool_], verdicts: Verdicts | None) -> NDArray[np.int8]:
    won = np.zeros(asked.shape, dtype=np.int8)
    for pair in _pairs(asked, None):
        position = _verdict(pair, verdicts)
        won[pair] = 0 if position is None else 1 - 2 * position
    return won


def _indices(leading: NDArray[np.bool_]) -> tuple[int, ...]:
    # Nobody has an answer: the first stands for all.
    return tuple(np.flatnonzero(leading).tolist()) or (0,)
