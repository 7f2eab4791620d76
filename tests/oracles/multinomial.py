"""The vote of known answer probabilities, by summing the multinomial distribution in rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tests.oracles.draws import compositions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Ties = Literal["split", "wrong"]


def outcomes(p: Sequence[Fraction], k: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Yield the counts of every draw of k, and their probability; what p lacks of 1 is the last count."""
    whole = [*p, 1 - sum(p, Fraction(0))]
    for counts in compositions(k, [k] * len(whole)):
        ways = math.factorial(k) // math.prod(map(math.factorial, counts))
        probability = ways * math.prod(
            (mass**count for mass, count in zip(whole, counts, strict=True)), start=Fraction(1)
        )
        yield counts, probability


def credit(votes: Sequence[int], correct: Collection[int], ties: Ties) -> Fraction:
    """Return the score of a vote with these counts per answer."""
    top = max(votes)
    if top == 0:
        return Fraction(0)
    tied = {answer for answer, count in enumerate(votes) if count == top}
    if ties == "wrong":
        return Fraction(len(tied) == 1 and tied <= set(correct))
    return Fraction(len(tied & set(correct)), len(tied))


def vote(
    p: Sequence[Fraction], k: int, *, correct: Collection[int] = (0,), ties: Ties = "split"
) -> Fraction:
    """Return the expected score of k votes; what p lacks of 1 is the probability of no answer."""
    return sum(
        (weight * credit(counts[:-1], correct, ties) for counts, weight in outcomes(p, k)),
        Fraction(0),
    )


def filter_vote(
    kept: Sequence[Fraction],
    dropped: Sequence[Fraction],
    m: int,
    *,
    correct: Collection[int] = (0,),
    ties: Ties = "split",
) -> Fraction:
    """Return the expected score of m candidates of which the kept ones vote, or all if none is kept."""
    answers, total = len(kept), Fraction(0)
    for counts, weight in outcomes([*kept, *dropped], m):
        keep, drop = counts[:answers], counts[answers:-1]
        total += weight * credit(keep if any(keep) else drop, correct, ties)
    return total
