"""Selections written out: dictionaries of scores and loops, one candidate at a time."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # Of a comparison: the position preferred, or None.
    Judge = Callable[[tuple[int, ...]], int | None]


def answered(codes: Sequence[int]) -> list[int]:
    return [place for place, code in enumerate(codes) if code >= 0]


def leaders(scores: dict[int, Fraction]) -> set[int]:
    return {place for place, score in scores.items() if score == max(scores.values())} or {0}


def majority(codes: Sequence[int], _: Judge) -> set[int]:
    votes = Counter(code for code in codes if code >= 0)
    return leaders({codes.index(code): Fraction(n) for code, n in votes.items()})


def full_list(codes: Sequence[int], judge: Judge) -> set[int]:
    shown = answered(codes)
    if len({codes[place] for place in shown}) < 2:
        return {shown[0] if shown else 0}
    reply = judge(tuple(shown))
    return {shown[0] if reply is None else shown[reply]}


def pairwise(codes: Sequence[int], judge: Judge) -> set[int]:
    """Both orders, half a point for each win, a hundredth for each like candidate."""
    scores = dict.fromkeys(answered(codes), Fraction(0))
    for first, second in permutations(scores, 2):
        if codes[first] == codes[second]:
            scores[first] += Fraction(1, 100)
        else:
            reply = judge((first, second))
            if reply is not None:
                scores[(first, second)[reply]] += Fraction(1, 2)
    return leaders(scores)


def pairwise_once(codes: Sequence[int], judge: Judge) -> set[int]:
    """Each pair once, one point for each win, shared by those that are alike."""
    scores = dict.fromkeys(answered(codes), Fraction(0))
    for first, second in permutations(scores, 2):
        if codes[first] == codes[second]:
            scores[first] += Fraction(1, 2)
        elif first < second:
            reply = judge((first, second))
            if reply is not None:
                scores[(first, second)[reply]] += 1
    return leaders(scores)


def pairwise_unique(
    codes: Sequence[int], judge: Judge, representatives: int | None = None
) -> set[int]:
    """The mean over other answers of the share of comparisons won."""
    answers = sorted({code for code in codes if code >= 0}, key=list(codes).index)
    members = {
        answer: [place for place, code in enumerate(codes) if code == answer][:representatives]
        for answer in answers
    }
    scores = {}
    for answer in answers:
        total = Fraction(0)
        for other in answers:
            if other == answer:
                continue
            won = asked = 0
            for one in members[answer]:
                for two in members[other]:
                    won += (judge((one, two)) == 0) + (judge((two, one)) == 1)
                    asked += 2
            total += Fraction(won, asked)
        scores[members[answer][0]] = total
    return leaders(scores)


def chained(codes: Sequence[int], judge: Judge) -> set[int]:
    places = answered(codes) or [0]
    champion = places[0]
    for challenger in places[1:]:
        if codes[challenger] != codes[champion] and judge((champion, challenger)) == 1:
            champion = challenger
    return {champion}
