"""How a selector decides: which comparisons it asks for, and who leads by their verdicts.

Nothing here calls a model. A comparison is the tuple of the candidates shown, in order; its verdict is the
position of the one preferred, or None if the reply was unusable. Both a live run and a simulation decide by
these rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from kcurve.networks import scores
from kcurve.networks.comparisons import indices, verdict_on
from kcurve.networks.pairwise import Pairwise, PairwiseUnique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.networks.comparisons import Comparison, Verdicts


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
        return indices(scores.vote_leaders(np.asarray(codes)))

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
        position = verdict_on(shown, verdicts)
        return (shown[0 if position is None else position],)

    def most_calls(self, candidates: int) -> int:
        """Return the most calls for so many candidates."""
        return min(candidates - 1, 1)


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
            verdict_on(following, verdicts)
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
