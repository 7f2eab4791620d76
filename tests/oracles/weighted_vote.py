"""The vote in which every ballot has a weight (weighted self-consistency; Borda counts of ranked candidates).

The samples drawn become one answer in three steps:

1. *Who votes.* Only the best share ``top`` of them by score: with v = ceil(top k), those that reach the v-th highest
   score among all k. Whoever is level with the last one votes too, so more than v may. A sample without a score
   ranks below every scored one, infinities included, and level with the others that have none.
2. *What a ballot weighs.* ``sum`` and ``mean``: score^power, or exp(score / temperature); without a score nothing,
   whatever the power. ``borda``: the v' samples left are ranked by score, and rank r weighs (v' - r + 1)^power; equal
   scores share the average of what their ranks weigh, and samples without a score are equal and last.
3. *Who wins.* An answer claims the sum (``mean``: the average) of what its ballots weigh; the highest claim of an
   answer with at least one ballot wins, be it zero or negative. Without any ballot the draw is wrong.

What a tie scores, and what a sample without an answer does, are the policies of the plain vote (tests/oracles/vote.py),
save that under ``first`` the tied answers may have different numbers of ballots: the first ballot of the tied decides.
Under ``ignore`` a sample without an answer takes up a place in the first step, and a rank, but casts no ballot.

Weights are exact fractions where scores are (a float counts as the decimal it prints as) and the power is an integer;
then claims tie if they are equal. Otherwise weights are floats, and claims tie within 1e-9 of the largest weight
times k.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tests.oracles.samples import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.samples import Sample, Score
    from tests.oracles.vote import NoAnswer, Ties

Weight = Literal["sum", "mean", "borda"]
Number = Fraction | float

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Weighing:
    """How ballots are weighed: the settings of the rule but for its policies."""

    weight: Weight = "sum"
    power: Fraction = Fraction(1)
    temperature: float | None = None
    top: Fraction = Fraction(1)


def weighted_vote(
    drawn: Sequence[Sample], *, weighing: Weighing, ties: Ties, no_answer: NoAnswer
) -> Fraction:
    """Return the expected score of the weighted vote over these samples, in any order."""
    tied = _tied_ballots(drawn, weighing, no_answer)
    right = {answer for answer, ballots in tied.items() if _right(ballots[0])}
    if not tied:
        return Fraction(0)
    if ties == "wrong":
        return Fraction(len(tied) == 1 and len(right) == 1)
    if ties == "split":
        return Fraction(len(right), len(tied))
    # "first": in a random order, each ballot for a tied answer is equally likely to come before the others.
    return Fraction(sum(len(tied[answer]) for answer in right), sum(map(len, tied.values())))


def weighted_vote_in_order(
    drawn: Sequence[Sample], *, weighing: Weighing, no_answer: NoAnswer
) -> Fraction:
    """Return the score when the first ballot for a tied answer decides: ``first`` for one given order."""
    tied = _tied_ballots(drawn, weighing, no_answer)
    threshold = _least_rank(drawn, weighing.top)
    for sample in drawn:
        if rank(sample) >= threshold and sample.answer in tied:
            return Fraction(_right(sample))
    return Fraction(0)


def voters(drawn: Sequence[Sample], top: Fraction) -> list[Sample]:
    """Return the samples of the best share ``top``, those level with the last of them included."""
    least = _least_rank(drawn, top)
    return [sample for sample in drawn if rank(sample) >= least]


def ballot_weights(voting: Sequence[Sample], weighing: Weighing) -> list[Number]:
    """Return what each voting sample's ballot weighs."""
    if weighing.weight == "borda":
        return _borda(voting, weighing.power)
    return [_from_score(sample.score, weighing) for sample in voting]


def _tied_ballots(
    drawn: Sequence[Sample], weighing: Weighing, no_answer: NoAnswer
) -> dict[int | None, list[Sample]]:
    """Return the answers with the highest claim and the ballots cast for each."""
    voting = voters(drawn, weighing.top)
    weights = ballot_weights(voting, weighing)
    ballots: dict[int | None, list[Sample]] = defaultdict(list)
    sums: dict[int | None, Number] = defaultdict(Fraction)
    for sample, weight in zip(voting, weights, strict=True):
        if sample.answer is not None or no_answer == "vote":
            ballots[sample.answer].append(sample)
            sums[sample.answer] += weight
    if not ballots:
        return {}
    claims = {
        answer: total / len(ballots[answer]) if weighing.weight == "mean" else total
        for answer, total in sums.items()
    }
    exact = all(isinstance(weight, Fraction) for weight in weights)
    slack = 0 if exact else TOLERANCE * len(drawn) * max(abs(float(weight)) for weight in weights)
    highest = max(claims.values())
    return {answer: ballots[answer] for answer, claim in claims.items() if claim + slack >= highest}


def _least_rank(drawn: Sequence[Sample], top: Fraction) -> tuple[bool, Score]:
    from_best = sorted(map(rank, drawn), reverse=True)
    return from_best[math.ceil(top * len(drawn)) - 1]


def _from_score(score: Score | None, weighing: Weighing) -> Number:
    if score is None:
        return Fraction(0)
    if weighing.temperature is not None:
        return math.exp(float(score) / weighing.temperature)
    return _to_the(score, weighing.power)


def _borda(voting: Sequence[Sample], power: Fraction) -> list[Number]:
    from_worst = sorted(map(rank, voting))
    places = defaultdict(list)
    for place, level in enumerate(from_worst, start=1):  # the last of v' weighs 1, the first v'
        places[level].append(_to_the(place, power))
    return [sum(places[rank(sample)], Fraction(0)) / len(places[rank(sample)]) for sample in voting]


def _to_the(base: Score, power: Fraction) -> Number:
    exact = Fraction(str(base))
    if power.denominator == 1:
        return exact**power.numerator
    return float(exact) ** float(power)


def _right(ballot: Sample) -> bool:
    return ballot.correct and ballot.answer is not None
