"""The plurality vote over the samples drawn (arXiv 2403.02419, section 2: Vote, "ties broken arbitrarily").

Every answer drawn gets one ballot per sample. The most frequent answer is returned. What a tie for first place
scores is the tie policy:

``split``  a fair choice among the tied answers: the share of the tied answers that are correct
``first``  the tied answer that was drawn first; every order of the draw is equally likely
``wrong``  nothing

What a sample without an answer does is the no-answer policy: under ``ignore`` it casts no ballot (a draw without
any ballot is wrong), under ``vote`` all of them are one more, wrong, answer. ``drop`` takes them out before
anything is drawn, so here it means the same as ``ignore``.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.samples import Sample

Ties = Literal["split", "first", "wrong"]
NoAnswer = Literal["ignore", "vote", "drop"]


def _right(ballot: Sample) -> bool:
    return ballot.correct and ballot.answer is not None


def vote(drawn: Sequence[Sample], *, ties: Ties, no_answer: NoAnswer) -> Fraction:
    """Return the expected score of the vote over these samples, in any order."""
    ballots = [sample for sample in drawn if sample.answer is not None or no_answer == "vote"]
    if not ballots:
        return Fraction(0)
    tally = Counter(sample.answer for sample in ballots)
    top = max(tally.values())
    tied = {answer for answer, votes in tally.items() if votes == top}
    correct = {sample.answer for sample in ballots if _right(sample)}
    if ties == "wrong":
        return Fraction(len(tied) == 1 and tied <= correct)
    if ties == "split":
        return Fraction(len(tied & correct), len(tied))
    # "first": in a random order, each ballot for a tied answer is equally likely to come before the others.
    contenders = [sample for sample in ballots if sample.answer in tied]
    return Fraction(sum(map(_right, contenders)), len(contenders))


def vote_in_order(drawn: Sequence[Sample], *, no_answer: NoAnswer) -> Fraction:
    """Return the score when, of the tied answers, the one drawn first wins: ``first`` for one given order."""
    ballots = [sample for sample in drawn if sample.answer is not None or no_answer == "vote"]
    if not ballots:
        return Fraction(0)
    tally = Counter(sample.answer for sample in ballots)
    top = max(tally.values())
    winner = next(sample for sample in ballots if tally[sample.answer] == top)
    return Fraction(_right(winner))
