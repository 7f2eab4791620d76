"""Networks of generators and selectors, played out over every outcome in rational arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def candidates(p: Fraction, k: int) -> Iterator[tuple[tuple[bool, ...], Fraction]]:
    """Yield which of k candidates are right, and the probability."""
    for right in itertools.product((True, False), repeat=k):
        yield right, p ** sum(right) * (1 - p) ** (k - sum(right))


def of_two(first: bool, second: bool, s: Fraction) -> Fraction:
    """Return the probability that a selector between two candidates returns a right one."""
    return Fraction(first) if first == second else s


def selector_chain(p: Fraction, s: Fraction, k: int) -> Fraction:
    """Return the accuracy of a champion that k - 1 candidates challenge one after another."""
    total = Fraction(0)
    for right, chance in candidates(p, k):
        champion = Fraction(right[0])
        for challenger in right[1:]:
            champion = champion * of_two(True, challenger, s) + (1 - champion) * of_two(
                False, challenger, s
            )
        total += chance * champion
    return total


def generator_chain(p: Fraction, keep: Fraction, fix: Fraction, k: int) -> Fraction:
    """Return the accuracy of k generators by enumeration of every path of right and wrong."""
    total = Fraction(0)
    for path in itertools.product((True, False), repeat=k):
        chance = p if path[0] else 1 - p
        for before, after in itertools.pairwise(path):
            to_right = keep if before else fix
            chance *= to_right if after else 1 - to_right
        total += chance * path[-1]
    return total


def two_layer(p: Fraction, k: int, quality: Callable[[Fraction], Fraction]) -> Fraction:
    """Return the accuracy of a selector whose quality depends on the share that is right."""
    return sum(
        (chance * quality(Fraction(sum(right), k)) for right, chance in candidates(p, k)),
        Fraction(0),
    )


def knockout(p: Fraction, s: Fraction, rounds: int) -> Fraction:
    """Return the accuracy of a knock-out tournament of 2^rounds candidates."""

    def champion(right: Sequence[bool]) -> Fraction:
        if len(right) == 1:
            return Fraction(right[0])
        half = len(right) // 2
        a, b = champion(right[:half]), champion(right[half:])
        return a * b + s * (a * (1 - b) + b * (1 - a))

    return sum(
        (chance * champion(right) for right, chance in candidates(p, 2**rounds)), Fraction(0)
    )


def round_robin(right: int, wrong: int, s: Fraction) -> Fraction:
    """Return the probability that a right candidate wins most pairs; two alike halve theirs."""
    pairs = list(itertools.product(range(right), range(wrong)))
    total = Fraction(0)
    for results in itertools.product((True, False), repeat=len(pairs)):
        wins = [Fraction(right - 1, 2)] * right + [Fraction(wrong - 1, 2)] * wrong
        for (i, j), won in zip(pairs, results, strict=True):
            wins[i if won else right + j] += 1
        first = [who for who, score in enumerate(wins) if score == max(wins)]
        chance = s ** sum(results) * (1 - s) ** (len(pairs) - sum(results))
        total += chance * Fraction(sum(who < right for who in first), len(first))
    return total
