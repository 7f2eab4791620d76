"""Stopping rules by their definitions: exact fractions where there is a closed form, quadrature where not."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import comb
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import integrate, special, stats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Stops(Protocol):
    """Whether drawing stops after exactly these answers."""

    def __call__(self, codes: Sequence[int]) -> bool:
        """Judge a whole sequence; -1 is no answer."""


def answers_of(codes: Sequence[int]) -> list[int]:
    """Leave out the samples that have no answer."""
    return [code for code in codes if code >= 0]


def two_leaders(codes: Sequence[int]) -> tuple[int, int]:
    """Count the samples of the two most frequent answers."""
    counts = [*sorted(Counter(codes).values(), reverse=True), 0, 0]
    return counts[0], counts[1]


def chance_of_lower_half(first: int, second: int) -> Fraction:
    """I_{1/2}(first + 1, second + 1): the chance that a share with these counts is below one half."""
    tosses = first + second + 1
    return Fraction(sum(comb(tosses, j) for j in range(first + 1, tosses + 1)), 2**tosses)


def adaptive_consistency(confidence: float) -> Stops:
    """Stop once the leader is the more frequent of the two leaders with this probability."""

    def stops(codes: Sequence[int]) -> bool:
        first, second = two_leaders(answers_of(codes))
        # In a tie nobody leads, even where one half is confidence enough.
        if first == second:
            return False
        return 1 - chance_of_lower_half(first, second) >= Fraction(confidence)

    return stops


def early_stopping(window: int) -> Stops:
    """Stop at the end of a window of equal answers."""

    def stops(codes: Sequence[int]) -> bool:
        answers = answers_of(codes)
        whole = len(answers) > 0 and len(answers) % window == 0
        return whole and len(set(answers[-window:])) == 1

    return stops


def difficulty_adaptive(confidence: float, window: int, extension: int) -> Stops:
    """Stop after a first window of equal answers, or at a later check if the leaders are clear."""

    def stops(codes: Sequence[int]) -> bool:
        answers = answers_of(codes)
        if len(answers) == window and len(set(answers)) == 1:
            return True
        checked = len(answers) >= window and (len(answers) - window) % extension == 0
        return checked and adaptive_consistency(confidence)(answers)

    return stops


def wealth(first: int, second: int) -> Fraction:
    """Integral over theta in (1/2, 1), uniform, of (2 theta)^first (2 (1 - theta))^second."""
    tosses = first + second + 1
    below = sum(comb(tosses, j) for j in range(first + 1))
    return Fraction(below, tosses * comb(first + second, first))


def anytime_valid(error: float) -> Stops:
    """Stop once the leader's e-process against its closest rival is large enough."""

    def stops(codes: Sequence[int]) -> bool:
        answers = answers_of(codes)
        if not answers:
            return False
        counts = Counter(answers)
        first, second = two_leaders(answers)
        leader = max(counts, key=lambda answer: counts[answer])
        place = list(dict.fromkeys(answers)).index(leader) + 1
        if first == second:
            return False
        return wealth(first - 1, second) >= place * (place + 1) / Fraction(error)

    return stops


@cache
def chance_of_other_mode(counts: tuple[int, ...], concentration: float) -> float:
    """Chance under Dirichlet(counts, concentration) that the first share is not the largest.

    Shares are gamma variables over their sum: the first is not the largest if another exceeds it.
    """
    first, rivals = counts[0], np.array([*counts[1:], concentration], dtype=float)

    def density(x: float) -> float:
        some_above = -np.expm1(np.sum(np.log1p(-special.gammaincc(rivals, x))))
        return float(some_above * stats.gamma.pdf(x, first))

    breaks = [0.0, *(max(first + steps * first**0.5, 0.0) for steps in (-6, -3, 0, 3, 6, 12, 30))]
    pieces = [
        integrate.quad(density, low, high, epsabs=1e-15, epsrel=1e-11, limit=200)[0]
        for low, high in pairwise(breaks)
        if low < high
    ]
    return float(sum(pieces))


def bayes_factor(counts: tuple[int, ...], concentration: float) -> float:
    """Posterior odds that the leader is the mode over the prior odds, one to the number of answers."""
    other = chance_of_other_mode(counts, concentration)
    return len(counts) * (1 - other) / other


def best_of_infinity(factor: float, concentration: float) -> Stops:
    """Stop once the Bayes factor for the leader is large enough; a tie for the lead never is."""

    def stops(codes: Sequence[int]) -> bool:
        answers = answers_of(codes)
        if not answers:
            return False
        counts = tuple(sorted(Counter(answers).values(), reverse=True))
        if counts[1:] and counts[0] == counts[1]:
            return False
        return bayes_factor(counts, concentration) >= factor

    return stops


def calls_until(stops: Stops, codes: Sequence[int]) -> int | None:
    """Return the least number of calls after which drawing stops, None if never."""
    for calls in range(1, len(codes) + 1):
        if stops(codes[:calls]):
            return calls
    return None


def vote_credit(codes: Sequence[int], correct: Callable[[int], bool], ties: str) -> Fraction:
    """Credit of a vote among these samples."""
    counts = Counter(answers_of(codes))
    if not counts:
        return Fraction(0)
    most = max(counts.values())
    leaders = [answer for answer in dict.fromkeys(codes) if counts[answer] == most]
    if ties == "first":
        return Fraction(correct(leaders[0]))
    if ties == "wrong" and len(leaders) > 1:
        return Fraction(0)
    return Fraction(sum(correct(answer) for answer in leaders), len(leaders))


def first_calls(codes: Sequence[int], answers: int, most: int) -> int:
    """Return how many calls bring so many answers, at most `most`."""
    for calls in range(most + 1):
        if len(answers_of(codes[:calls])) >= answers:
            return calls
    return most


def ranked_difficulty(
    drawn: Sequence[Sequence[int]],
    *,
    confidence: float,
    window: int,
    extension: int,
    judged: int,
    neighbours: int,
    most: int,
) -> list[tuple[int, int, bool]]:
    """Calls, rounds and whether the rule ended them, of DSC on one order of each question's samples.

    The questions come ranked, the hardest first.
    """
    clear = adaptive_consistency(confidence)
    windows = [first_calls(codes, window, most) for codes in drawn]

    def unanimous(question: int) -> bool:
        answers = answers_of(drawn[question][: windows[question]])
        return len(answers) == window and len(set(answers)) == 1

    hard = len(drawn)
    for last in range(judged - 1, len(drawn)):
        if all(unanimous(question) for question in range(last - judged + 1, last + 1)):
            hard = last + 1
            break
    result = [(0, 0, False)] * len(drawn)
    for question in range(hard, len(drawn)):
        calls = first_calls(drawn[question], 1, most)
        result[question] = (calls, 1, len(answers_of(drawn[question][:calls])) == 1)
    totals: list[int] = []
    for question in reversed(range(hard)):
        codes, calls, rounds = drawn[question], windows[question], 1
        whole = len(answers_of(codes[:calls])) == window
        ended = whole and (unanimous(question) or clear(codes[:calls]))
        near = totals[-neighbours:]
        batch = min(-(-sum(near) // len(near)), most) if near else 0
        if not ended and batch > calls:
            calls, rounds = batch, rounds + 1
            ended = clear(codes[:calls])
        while not ended and calls < most:
            answers = len(answers_of(codes[:calls]))
            calls, rounds = first_calls(codes, answers + extension, most), rounds + 1
            ended = clear(codes[:calls])
        totals.append(calls)
        result[question] = (calls, rounds, ended)
    return result
