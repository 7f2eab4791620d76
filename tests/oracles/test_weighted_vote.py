"""Weighted votes worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from tests.oracles.samples import Sample
from tests.oracles.weighted_vote import Weighing, ballot_weights, voters, weighted_vote

S = Sample
SPLIT = partial(weighted_vote, ties="split", no_answer="ignore")


def test_weighted_votes_by_hand() -> None:
    a, b, c = S(0, correct=True, score=3), S(1, score=2), S(1, score=2)
    assert SPLIT([a, b], weighing=Weighing()) == 1
    assert SPLIT([a, b, c], weighing=Weighing()) == 0  # 3 against 2 + 2
    assert SPLIT([a, b, c], weighing=Weighing("mean")) == 1  # 3 against 2
    assert SPLIT([a, b, c], weighing=Weighing(power=Fraction(2))) == 1  # 9 against 4 + 4
    assert SPLIT([a, b, c], weighing=Weighing(power=Fraction(0))) == 0  # one ballot against two
    # exp(3 / T) against 2 exp(2 / T): e^(1/T) > 2 where T < 1 / log 2 = 1.4427.
    assert SPLIT([a, b, c], weighing=Weighing(temperature=1.44)) == 1
    assert SPLIT([a, b, c], weighing=Weighing(temperature=1.45)) == 0


def test_claims_that_are_equal_as_decimals_tie() -> None:
    """0.1 + 0.2 is 0.3 to whoever wrote the scores, and 0.30000000000000004 to a float."""
    three = [S(0, correct=True, score=0.1), S(0, correct=True, score=0.2), S(1, score=0.3)]
    assert SPLIT(three, weighing=Weighing()) == Fraction(1, 2)
    assert weighted_vote(three, weighing=Weighing(), ties="wrong", no_answer="ignore") == 0
    first = weighted_vote(three, weighing=Weighing(), ties="first", no_answer="ignore")
    assert first == Fraction(2, 3)  # two of the three ballots for tied answers are right
    # Through floats: exp(log 2 / 1) = 2 = 1 + 1, up to rounding.
    logs = [S(0, correct=True, score=math.log(2)), S(1, score=0), S(1, score=0)]
    assert SPLIT(logs, weighing=Weighing(temperature=1.0)) == Fraction(1, 2)
    roots = [S(0, correct=True, score=8), S(1, score=2), S(1, score=2)]
    assert SPLIT(roots, weighing=Weighing(power=Fraction(1, 2))) == Fraction(1, 2)


def test_borda_ranks_by_hand() -> None:
    a, b, c = S(0, correct=True, score=9), S(1, score=5), S(1, score=4)
    borda = Weighing("borda")
    assert ballot_weights([b, a, c], borda) == [2, 3, 1]
    assert SPLIT([a, b, c], weighing=borda) == Fraction(1, 2)  # 3 against 2 + 1
    squares = Weighing("borda", Fraction(2))
    assert ballot_weights([a, b, c], squares) == [9, 4, 1]
    assert SPLIT([a, b, c], weighing=squares) == 1
    # Equal scores share the mean of their places: of (3, 2) it is 2.5, and of (9, 4) it is 6.5.
    level = [S(0, correct=True, score=5), b, S(2, score=1)]
    assert ballot_weights(level, borda) == [Fraction(5, 2), Fraction(5, 2), 1]
    assert ballot_weights(level, squares) == [Fraction(13, 2), Fraction(13, 2), 1]
    assert SPLIT(level, weighing=borda) == Fraction(1, 2)
    # Without a score: last, and level; whoever has no answer takes up a rank too.
    assert ballot_weights([S(0), S(1), S(2, score=-9)], borda) == [
        Fraction(3, 2),
        Fraction(3, 2),
        3,
    ]
    ranked = [S(None, score=6), a, S(None, score=4), c, b]
    assert ballot_weights(ranked, borda) == [4, 5, Fraction(3, 2), Fraction(3, 2), 3]
    assert SPLIT(ranked, weighing=borda) == 1  # 5 against 3 + 1.5


def test_the_best_share_votes() -> None:
    a, b, c = S(0, correct=True, score=3), S(1, score=2), S(1, score=2)
    assert voters([b, a, c], Fraction(1, 3)) == [a]
    assert voters([b, a, c], Fraction(2, 3)) == [b, a, c]  # the third is level with the second
    assert voters([b, a, S(2), S(3)], Fraction(1, 2)) == [b, a]
    assert voters([b, a, S(2), S(3)], Fraction(3, 4)) == [b, a, S(2), S(3)]
    assert voters([S(2), S(3, score=-math.inf)], Fraction(1, 2)) == [S(3, score=-math.inf)]
    assert voters([S(2)], Fraction(1, 100)) == [S(2)]
    assert voters([a] * 20, Fraction(11, 20)) == [a] * 20
    # A sample without an answer takes the place of one with: nobody is left to cast a ballot.
    silent = S(None, score=9)
    half = Weighing(top=Fraction(1, 2))
    assert SPLIT([silent, a], weighing=half) == 0
    assert SPLIT([silent, a, b], weighing=half) == 1


def test_claims_may_be_zero_or_negative() -> None:
    right, wrong = S(0, correct=True, score=-1), S(1, score=-3)
    assert SPLIT([right, wrong], weighing=Weighing()) == 1
    assert SPLIT([right] * 4 + [wrong], weighing=Weighing()) == 0  # -4 against -3
    assert SPLIT([right] * 4 + [wrong], weighing=Weighing("mean")) == 1
    # A sample without a score weighs nothing, which is more than -1, whatever the power.
    assert SPLIT([right, S(1)], weighing=Weighing()) == 0
    assert SPLIT([S(0, correct=True), S(1)], weighing=Weighing()) == Fraction(1, 2)
    assert ballot_weights([S(0)], Weighing(power=Fraction(0))) == [0]
    nothing = [S(0, correct=True, score=0), S(1, score=0), S(2, score=0), S(1, score=0)]
    assert SPLIT(nothing, weighing=Weighing()) == Fraction(1, 3)
    first = weighted_vote(nothing, weighing=Weighing(), ties="first", no_answer="ignore")
    assert first == Fraction(1, 4)


def test_samples_without_an_answer_in_a_weighted_vote() -> None:
    a, silent = S(0, correct=True, score=1), S(None, score=2)
    assert SPLIT([a, silent], weighing=Weighing()) == 1
    assert weighted_vote([a, silent], weighing=Weighing(), ties="split", no_answer="vote") == 0
    assert SPLIT([silent, silent], weighing=Weighing()) == 0
