"""Checks of arguments: one sentence that names the value, the limit and the remedy."""

from collections.abc import Sequence
from math import nan
from numbers import Real

from kcurve.errors import ArgumentError


def choice(name: str, value: object, allowed: Sequence[str]) -> None:
    """Fail unless `value` is one of `allowed`."""
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        msg = f"{name} must be one of {options}, got {value!r}"
        raise ArgumentError(msg)


def number_between(
    name: str, value: object, low: float, high: float, *, low_excluded: bool = False
) -> None:
    """Fail unless `value` is a number in [low, high], or (low, high] if `low_excluded`."""
    number = nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    above = low < number if low_excluded else low <= number
    if not (above and number <= high):
        opening = "greater than" if low_excluded else "at least"
        msg = f"{name} must be {opening} {low} and at most {high}, got {value!r}"
        raise ArgumentError(msg)


def positive_integer(name: str, value: object) -> None:
    """Fail unless `value` is an integer of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        msg = f"{name} must be an integer of at least 1, got {value!r}"
        raise ArgumentError(msg)


def instance(name: str, value: object, *kinds: type) -> None:
    """Fail unless `value` is of one of the types; a TypeError, as for any wrong type."""
    if not isinstance(value, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        msg = f"{name} must be {wanted}, got {value!r:.80}"
        raise TypeError(msg)
