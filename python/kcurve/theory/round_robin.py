"""A selector that lets every candidate meet every other: a reconstruction, like the networks."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import comb, prod
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between, positive_integer
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_MOST = 10

# How many wrong candidates have lost 0, 1, ... times; the most wins of a right one, and of how many.
_State = tuple[tuple[int, ...], int, int]


def round_robin(k: int, s: float) -> NDArray[np.float64]:
    """Return the quality of a round-robin tournament of k candidates (reconstruction).

    Every pair is judged once. Of a right and a wrong candidate the right one wins with probability
    s, independently; of two alike each gets half a win. The candidate with the most wins is
    selected, by a fair draw if several have.

    Parameters
    ----------
    k : int
        Candidates, 1 to 10.
    s : float
        Quality of the selector in a pair.

    Returns
    -------
    float64 [k + 1]
        Probability that a right candidate is selected if 0, 1, ..., k of them are right: the
        quality that `two_layer` takes.

    Notes
    -----
    Exact, by a programme over right candidates whose state is the multiset of what the wrong ones
    have lost. Half a second for k = 10. A selector that guesses, s = 1/2, does not pick by share: it
    favours the minority, whose wins vary more, for fewer of its pairs are with its like.

    Examples
    --------
    >>> from kcurve.theory import round_robin, two_layer
    >>> round_robin(3, 0.7)
    array([0.  , 0.49, 0.91, 1.  ])
    >>> float(two_layer(0.3, round_robin(3, 0.7), 3))
    0.41508
    """
    positive_integer("k", k)
    number_between("s", s, 0, 1)
    if k > _MOST:
        msg = f"k must be at most {_MOST}, the states of larger tournaments are too many, got {k}"
        raise ArgumentError(msg)
    between = [_right_selected(right, k - right, s) for right in range(1, k)]
    return np.array([0.0, *between, 1.0])


def _right_selected(right: int, wrong: int, s: float) -> float:
    states: dict[_State, float] = {((wrong, *[0] * right), -1, 0): 1.0}
    for _ in range(right):
        following: dict[_State, float] = defaultdict(float)
        for (losses, most, holders), chance in states.items():
            for beaten, ways in _choices(losses):
                wins = sum(beaten)
                probability = chance * ways * s**wins * (1 - s) ** (wrong - wins)
                # Whoever is beaten moves on by one loss.
                moved = tuple(
                    stay - lost + gained
                    for stay, lost, gained in zip(losses, beaten, (0, *beaten[:-1]), strict=True)
                )
                more = holders + 1 if wins == most else 1 if wins > most else holders
                following[moved, max(most, wins), more] += probability
        states = following
    # Two alike share a win: half a win for each other candidate of one's kind.
    return sum(
        chance * _share(2 * most + right - 1, holders, losses, right, wrong)
        for (losses, most, holders), chance in states.items()
    )


def _choices(losses: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield how many of each group are beaten, and in how many ways."""
    for beaten in product(*(range(size + 1) for size in losses)):
        yield beaten, prod(map(comb, losses, beaten))


def _share(score: int, holders: int, losses: tuple[int, ...], right: int, wrong: int) -> float:
    """Return the right candidates' share of first place; scores are in half wins."""
    fewest = next(lost for lost, size in enumerate(losses) if size > 0)
    rival = 2 * (right - fewest) + wrong - 1
    if score != rival:
        return float(score > rival)
    return holders / (holders + losses[fewest])
