"""REBASE's two rules in exact arithmetic: whole multiples of a small decimal unit, made smaller until nothing is in doubt.

A node takes its share ``w e / S`` of w, where S is g times its own weight e, for g equal rewards, and the sum L of the others.
So n are enough if ``n (g e + L) >= w e``, that is ``(w - n g) e <= n L``. Where the left side is 0 or less this is plain. And
never are both sides equal unless L is an empty sum: exponentials of different rational numbers are linearly independent over
the rationals (Lindemann and Weierstrass).
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST_DIGITS = 20
SPARE_DIGITS = 8


class DoubtError(ArithmeticError):
    """The digits do not suffice."""


class Weights(NamedTuple):
    """What decides a node's share, in units: its weight, the number of nodes that have it, and the sum of the others."""

    own: int
    equal: int
    others: int
    nodes: int


def ceil_widths(
    rewards: Sequence[float], budget: int, temperature: float, kept: int | None = None
) -> list[int]:
    """Return the widths by descending reward: each takes its share of what is left, rounded up."""
    digits = FIRST_DIGITS
    while True:
        try:
            return _ceil_widths(rewards, budget, temperature, kept, digits)
        except DoubtError:
            digits *= 2


def round_widths(rewards: Sequence[float], budget: int, temperature: float) -> list[int]:
    """Return the shares of the whole, each rounded to the nearest integer, halves to the even one."""
    if len(set(rewards)) == 1:
        return [round(Fraction(budget, len(rewards)))] * len(rewards)
    digits = FIRST_DIGITS
    while True:
        try:
            return _round_widths(rewards, budget, temperature, digits)
        except DoubtError:
            digits *= 2


def by_descending_reward(rewards: Sequence[float]) -> list[int]:
    """Return the nodes, of equal rewards the later one first."""
    return sorted(range(len(rewards)), key=lambda node: (-rewards[node], -node))


def _ceil_widths(
    rewards: Sequence[float], budget: int, temperature: float, kept: int | None, digits: int
) -> list[int]:
    nodes = by_descending_reward(rewards)[:kept]
    weights = weights_in_units(rewards, temperature, digits)
    lower = [0] * len(nodes)  # the sum of the weights of lower rewards
    equal = [1] * len(nodes)  # the number of equal rewards from here on
    for j in reversed(range(len(nodes) - 1)):
        if rewards[nodes[j]] == rewards[nodes[j + 1]]:
            lower[j], equal[j] = lower[j + 1], equal[j + 1] + 1
        else:
            lower[j] = lower[j + 1] + equal[j + 1] * weights[nodes[j + 1]]
    widths = [0] * len(rewards)
    left = budget
    for j, node in enumerate(nodes):
        if left == 0:
            break
        following = len(nodes) - j
        share = Weights(weights[node], equal[j], lower[j], following)
        widths[node] = _share_rounded_up(left, share)
        left -= widths[node]
    return widths


def _round_widths(
    rewards: Sequence[float], budget: int, temperature: float, digits: int
) -> list[int]:
    weights = weights_in_units(rewards, temperature, digits)
    total = sum(weights)
    widths = []
    for reward, weight in zip(rewards, weights, strict=True):
        equal = rewards.count(reward)
        others = total - equal * weight
        # q is rounded to n if n is the least integer with 2 n + 1 >= 2 q.
        doubled = _share_rounded_up(2 * budget, Weights(weight, equal, others, len(rewards)))
        widths.append(doubled // 2)
    return widths


def _share_rounded_up(budget: int, weights: Weights) -> int:
    """Return the least n with ``n >= budget * own / (equal * own + others)``."""
    if weights.equal == weights.nodes:
        return ceil(Fraction(budget, weights.equal))
    total = weights.equal * weights.own + weights.others
    if total == 0:
        raise DoubtError
    guess = -(-budget * weights.own // total)
    if not _enough(guess, budget, weights):
        guess += 1
    elif guess > 0 and _enough(guess - 1, budget, weights):
        guess -= 1
    if _enough(guess, budget, weights) and (guess == 0 or not _enough(guess - 1, budget, weights)):
        return guess
    raise DoubtError


def _enough(n: int, budget: int, weights: Weights) -> bool:
    """Return whether ``(budget - n equal) own <= n others``, if that is certain: each weight is off by one unit at most."""
    missing = budget - n * weights.equal
    if missing <= 0 or n == 0:
        return missing <= 0
    difference = n * weights.others - missing * weights.own
    if abs(difference) <= n * weights.nodes + missing:
        raise DoubtError
    return difference > 0


def weights_in_units(rewards: Iterable[float], temperature: float, digits: int) -> list[int]:
    """Return ``exp((reward - largest) / temperature)`` in units of ``10**-digits``, off by one unit at most.

    The exponent x is known to all working digits but one, so the weight to as many, times ``|x| exp(x) < 1``.
    """
    rewards = list(rewards)
    largest = Decimal(max(rewards))
    known = {}
    with decimal.localcontext(prec=digits + SPARE_DIGITS, Emin=decimal.MIN_EMIN) as context:
        context.clear_traps()
        for reward in set(rewards):
            weight = ((Decimal(reward) - largest) / Decimal(temperature)).exp()
            known[reward] = int(weight.scaleb(digits).to_integral_value())
    return [known[reward] for reward in rewards]
