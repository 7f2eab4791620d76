"""The value of a rule at k: the average of its score over every draw; and the jackknife variance of that value.

Without replacement the average runs over all C(n, k) subsets of the log (the U-statistic, Hoeffding 1948); with
replacement over all n^k draws from it (the plug-in value at the empirical distribution).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracles.draws import multisets, sequences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.rules import OracleRule
    from tests.oracles.samples import Sample


def value(rule: OracleRule, samples: Sequence[Sample], k: int, *, replacement: bool) -> Fraction:
    """Return the expected score of the rule with k calls."""
    draws = multisets(rule.pool(samples), rule.draws(k), replacement=replacement)
    return sum((probability * rule.score(drawn) for drawn, probability in draws), Fraction(0))


def curve(
    rule: OracleRule, samples: Sequence[Sample], ks: Sequence[int], *, replacement: bool
) -> list[Fraction]:
    """Return the value at each k."""
    return [value(rule, samples, k, replacement=replacement) for k in ks]


def moments(
    rule: OracleRule, samples: Sequence[Sample], k: int, *, replacement: bool
) -> tuple[Fraction, Fraction]:
    """Return the expected score with k calls, and the expected square of the score."""
    mean = square = Fraction(0)
    for drawn, probability in multisets(rule.pool(samples), rule.draws(k), replacement=replacement):
        score = rule.score(drawn)
        mean += probability * score
        square += probability * score**2
    return mean, square


def covariance(
    rule: OracleRule, samples: Sequence[Sample], ks: tuple[int, int], *, replacement: bool
) -> Fraction:
    """Return the covariance of the scores with the first ks[0] and the first ks[1] of the same ordered draws."""
    pool, (a, b) = rule.pool(samples), map(rule.draws, ks)
    draws = list(sequences(pool, max(a, b), replacement=replacement))
    scores = [(rule.score(drawn[:a]), rule.score(drawn[:b])) for drawn in draws]
    first, second = (sum(each, Fraction(0)) / len(draws) for each in zip(*scores, strict=True))
    return sum((x * y for x, y in scores), Fraction(0)) / len(draws) - first * second


def jackknife_variance(
    rule: OracleRule, samples: Sequence[Sample], k: int, *, replacement: bool
) -> Fraction | None:
    """Return (n-1)/n sum_i (F_(-i) - mean)^2 over the n values with sample i deleted (Efron and Stein 1981).

    The mean is that of the deleted values, not the value of the whole log. None where a deleted log is too small
    to be drawn from: k draws of n - 1 samples without replacement, or of none at all.
    """
    pool = rule.pool(samples)
    n = len(pool)
    if n < 2 or (not replacement and rule.draws(k) > n - 1):
        return None
    # Equal samples give equal logs when deleted, so each distinct one is evaluated once.
    values = {
        sample: value(rule, _without(pool, sample), k, replacement=replacement)
        for sample in set(pool)
    }
    deleted = [values[sample] for sample in pool]
    mean = sum(deleted, Fraction(0)) / n
    return Fraction(n - 1, n) * sum(((each - mean) ** 2 for each in deleted), Fraction(0))


def _without(samples: Sequence[Sample], one: Sample) -> list[Sample]:
    rest = list(samples)
    rest.remove(one)
    return rest
