"""What answers claim when the scores of their candidates count: the arithmetic of weighted votes, as the core does it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import copysign, exp, floor, fsum, inf, isfinite, isnan, nan, pow as power_of
from typing import TYPE_CHECKING

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.rules import WeightedVote

NO_ANSWER = -1
"""The code of a candidate without an answer."""

_FULL_WEIGHT = 2.0**40
_ROUNDING = 3.0
_MOST_UNITS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Claims:
    """What each answer claims.

    Attributes
    ----------
    values : mapping of int to float
        The claim of each answer with a ballot, highest first.
    leaders : tuple of int
        The answers level with the highest claim, by code.
    voters : tuple of int
        Which candidates cast a ballot, in the order drawn.
    """

    values: Mapping[int, float]
    leaders: tuple[int, ...]
    voters: tuple[int, ...]


def levels(scores: Sequence[float]) -> list[list[int]]:
    """Return candidates level by level, highest score first; those without a score are the last level.

    Examples
    --------
    >>> levels([0.5, float("nan"), 0.9, 0.5])
    [[2], [0, 3], [1]]
    """

    def place(candidate: int) -> tuple[bool, float]:
        score = scores[candidate]
        return (True, 0.0) if isnan(score) else (False, -score)

    order = sorted(range(len(scores)), key=place)
    return [list(candidates) for _, candidates in groupby(order, key=place)]


def weighted_claims(rule: WeightedVote, codes: Sequence[int], scores: Sequence[float]) -> Claims:
    """Return what each answer claims in a weighted vote.

    Raises
    ------
    ArgumentError
        If the weight of a score is no finite number.

    Notes
    -----
    Claims are those of the rule; under a temperature they are relative to the weight of the highest score.
    They are compared in units of ``2^-40`` of the largest weight, and level within 3 units for every candidate
    (for means, within 3 units): 0.1 + 0.2 ties with 0.3.

    Examples
    --------
    >>> from kcurve.rules import WeightedVote
    >>> weighted_claims(WeightedVote(), [0, 1, 0], [0.1, 0.3, 0.2]).leaders
    (0, 1)
    """
    voting = _voting(levels(scores), rule.ratio)
    if rule.weight == "borda":
        weights, units = _by_rank(rule.power, voting, len(codes))
    else:
        weights, units = _by_score(rule, scores)
    shares: dict[int, list[float]] = {}
    sums: dict[int, float] = {}
    voters = []
    for candidate in sorted(candidate for level in voting for candidate in level):
        code = codes[candidate]
        if code == NO_ANSWER and rule.no_answer != "vote":
            continue
        voters.append(candidate)
        shares.setdefault(code, []).append(weights[candidate])
        sums[code] = sums.get(code, 0) + units[candidate]
    values = {code: fsum(share) for code, share in shares.items()}
    tolerance = _ROUNDING * len(codes)
    if rule.weight == "mean":
        values = {code: value / len(shares[code]) for code, value in values.items()}
        sums = {code: total / len(shares[code]) for code, total in sums.items()}
        tolerance = _ROUNDING
    level = max(sums.values(), default=0.0) - tolerance
    return Claims(
        {code: values[code] for code in sorted(sums, key=lambda code: (-sums[code], code))},
        tuple(sorted(code for code, total in sums.items() if total >= level)),
        tuple(voters),
    )


def _voting(ranking: list[list[int]], top: tuple[int, int]) -> list[list[int]]:
    """Return the levels of the top share, the last of them whole."""
    numerator, denominator = top
    wanted = max(1, -(-sum(map(len, ranking)) * numerator // denominator))
    voters = 0
    for number, level in enumerate(ranking, start=1):
        voters += len(level)
        if voters >= wanted:
            return ranking[:number]
    return ranking


def _by_score(rule: WeightedVote, scores: Sequence[float]) -> tuple[list[float], list[int]]:
    """Return what each candidate weighs, and the same in units."""
    highest = max((score for score in scores if not isnan(score)), default=nan)

    def weight(score: float) -> float:
        if isnan(score):
            return 0.0
        if rule.temperature is None:
            return _to_the(score, rule.power)
        # Relative to the highest score: a common factor changes nothing.
        return exp((score - highest) / rule.temperature)

    weights = [weight(score) for score in scores]
    for score, value in zip(scores, weights, strict=True):
        if not isfinite(value):
            raise ArgumentError(
                f"a score of {score:g} has no finite weight under {rule!r}; "
                "use another power, a temperature, or weight='borda'"
            )
    largest = max(map(abs, weights), default=0.0)
    if largest == 0:
        return weights, [0] * len(weights)
    # Division first: the scale of tiny weights would overflow.
    return weights, [_rounded(value / largest * _FULL_WEIGHT) for value in weights]


def _by_rank(power: float, voting: list[list[int]], n: int) -> tuple[list[float], list[int]]:
    """Return what each candidate weighs by its rank, and the same in units; candidates of a level share."""
    weights, units = [0.0] * n, [0] * n
    voters = place = sum(map(len, voting))
    for level in voting:
        places = range(place - len(level) + 1, place + 1)
        place -= len(level)
        weight = fsum(_to_the(one, power) for one in places) / len(level)
        shares = (_to_the(one / voters, power) * _FULL_WEIGHT for one in places)
        unit = sum(map(_rounded, shares)) // len(level)
        for candidate in level:
            weights[candidate], units[candidate] = weight, unit
    return weights, units


def _to_the(base: float, power: float) -> float:
    """Return a power, which may be infinite or no number."""
    try:
        return power_of(base, power)
    except OverflowError:
        return inf
    except ValueError:
        return nan


def _rounded(units: float) -> int:
    """Return the nearest whole number, halves away from zero."""
    return int(copysign(floor(abs(units) + 0.5), units)) if isfinite(units) else _MOST_UNITS
