"""What settings of rules may be, and how they are read."""

from typing import Literal, TypeAlias

Ties: TypeAlias = Literal["split", "first", "wrong"]
"""How a tie for first place is scored."""

NoAnswer: TypeAlias = Literal["ignore", "vote", "drop"]
"""What a sample without an answer counts for."""

Weight: TypeAlias = Literal["sum", "mean", "borda"]
"""What an answer's claim is made of in a weighted vote."""

CallAccounting: TypeAlias = Literal["paper", "candidates"]
"""What `k` counts for Filter-Vote."""

TIES = ("split", "first", "wrong")
NO_ANSWERS = ("ignore", "vote", "drop")


def decimal_ratio(share: float) -> tuple[int, int]:
    """Return numerator and denominator of the decimal that a share prints as."""
    from fractions import Fraction  # noqa: PLC0415 - slow to import

    return Fraction(str(float(share))).limit_denominator(10**9).as_integer_ratio()
