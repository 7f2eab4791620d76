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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST_DIGITS = 20
SPARE_DIGITS = 8


class InDoubt(ArithmeticError):
    """The digits do not suffice."""


def ceil_widths(
    rewards: Sequence[float], budget: int, temperature: float, kept: int | None = None
) -> list[int]:
    """Return the widths by descending reward: each takes its share of what is left, rounded up."""
    digits = FIRST_DIGITS
    while True:
        try:
            return _ceil_widths(rewards, budget, temperature, kept, digits)
        except InDoubt:
            digits *= 2


def round_widths(rewards: Sequence[float], budget: int, temperature: float) -> list[int]:
    """Return the shares of the whole, each rounded to the nearest integer, halves to the even one."""
    if len(set(rewards)) == 1:
        return [round(Fraction(budget, len(rewards)))] * len(rewards)
    digits = FIRST_DIGITS
    while True:
        try:
            return _round_widths(rewards, budget, temperature, digits)
        except InDoubt:
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
        widths[node] = _share_rounded_up(left, weights[node], equal[j], lower[j], following)
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
        doubled = _share_rounded_up(2 * budget, weight, equal, others, len(rewards))
        widths.append(doubled // 2)
    return widths


def _share_rounded_up(budget: int, weight: int, equal: int, others: int, nodes: int) -> int:
    """Return the least n with ``n >= budget * weight / (equal * weight + others)``."""
    if equal == nodes:
        return ceil(Fraction(budget, equal))
    total = equal * weight + others
    if total == 0:
        raise InDoubt
    guess = -(-budget * weight // total)
    for n in (guess - 1, guess, guess + 1):
        if n >= 0 and _enough(n, budget, weight, equal, others, nodes):
            if n == guess - 1 > 0 and _enough(n - 1, budget, weight, equal, others, nodes):
                raise InDoubt
            return n
    raise InDoubt


def _enough(n: int, budget: int, weight: int, equal: int, others: int, nodes: int) -> bool:
    """Return whether ``(budget - n equal) weight <= n others``, if that is certain.

    Each weight is off by one unit at most.
    """
    missing = budget - n * equal
    if missing <= 0:
        return True
    difference = n * others - missing * weight
    error = n * nodes + missing
    if abs(difference) <= error:
        raise InDoubt
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
