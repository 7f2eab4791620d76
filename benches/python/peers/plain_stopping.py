"""Stopping rules replayed in plain Python: shuffle, count, ask after every call, vote.

Tails and integrals are kept between calls by the counts that they depend on, as one would write it.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import quad
from scipy.special import betainc, betaln, gammaincc, gammaln

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Stops = Callable[[Counter[int], list[int]], bool]


@cache
def _tail(first: int, second: int) -> float:
    return float(betainc(first + 1, second + 1, 0.5))


def _leaders(counts: Counter[int]) -> tuple[int, int]:
    top = counts.most_common(2)
    return top[0][1], top[1][1] if len(top) > 1 else 0


def adaptive_consistency(confidence: float) -> Stops:
    return lambda counts, _: _tail(*_leaders(counts)) <= 1 - confidence


def early_stopping(window: int) -> Stops:
    return lambda _, drawn: len(drawn) % window == 0 and len(set(drawn[-window:])) == 1


def difficulty_adaptive(confidence: float, window: int, extension: int) -> Stops:
    def stops(counts: Counter[int], drawn: list[int]) -> bool:
        beyond = len(drawn) - window
        if beyond == 0 and len(counts) == 1:
            return True
        checked = beyond >= 0 and beyond % extension == 0
        return checked and _tail(*_leaders(counts)) <= 1 - confidence

    return stops


@cache
def _log_wealth(wins: int, losses: int) -> float:
    tail = 1 - betainc(wins + 1, losses + 1, 0.5)
    return float((wins + losses + 1) * np.log(2) + betaln(wins + 1, losses + 1) + np.log(tail))


def anytime_valid(error: float) -> Stops:
    def stops(counts: Counter[int], _: list[int]) -> bool:
        first, second = _leaders(counts)
        if first == second:
            return False
        place = list(counts).index(counts.most_common(1)[0][0]) + 1
        return _log_wealth(first - 1, second) >= np.log(place * (place + 1) / error)

    return stops


@cache
def _other_mode(counts: tuple[int, ...], concentration: float) -> float:
    first, rivals = counts[0], np.array([*counts[1:], concentration])

    def density(x: float) -> float:
        with np.errstate(divide="ignore"):  # log 0: a rival is certainly above
            some_above = -np.expm1(np.sum(np.log1p(-gammaincc(rivals, x))))
        return float(some_above * np.exp((first - 1) * np.log(x) - x - gammaln(first)))

    reach = first + 40 * first**0.5 + 40
    return float(quad(density, 0, first)[0] + quad(density, first, reach)[0])


def best_of_infinity(factor: float, concentration: float) -> Stops:
    def stops(counts: Counter[int], _: list[int]) -> bool:
        ordered = tuple(sorted(counts.values(), reverse=True))
        if len(ordered) > 1 and ordered[0] == ordered[1]:
            return False
        other = _other_mode(ordered, concentration)
        return len(ordered) * (1 - other) >= factor * other

    return stops


def replayed(
    questions: Sequence[list[int]], correct: int, stops: Stops, *, orders: int, seed: int
) -> tuple[float, float]:
    """Return accuracy and mean calls."""
    generator = random.Random(seed)  # noqa: S311 - a simulation
    credit, calls = 0.0, 0
    for codes in questions:
        for _ in range(orders):
            generator.shuffle(codes)
            counts: Counter[int] = Counter()
            drawn: list[int] = []
            for code in codes:
                drawn.append(code)
                counts[code] += 1
                if stops(counts, drawn):
                    break
            most = max(counts.values())
            leaders = [code for code, count in counts.items() if count == most]
            credit += (correct in leaders) / len(leaders)
            calls += len(drawn)
    draws = orders * len(questions)
    return credit / draws, calls / draws
