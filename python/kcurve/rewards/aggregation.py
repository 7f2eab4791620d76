"""One score of a response out of those of its steps."""

from __future__ import annotations

from math import fsum, isnan, nan, prod
from typing import TYPE_CHECKING

from kcurve._validation import choice
from kcurve.errors import ArgumentError
from kcurve.search.state import AGGREGATIONS, Aggregation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["AGGREGATIONS", "Aggregation", "aggregated"]

_OF: dict[str, Callable[[Sequence[float]], float]] = {
    "last": lambda scores: scores[-1],
    "min": min,
    "prod": prod,
    "mean": lambda scores: fsum(scores) / len(scores),
}


def aggregated(scores: Sequence[float], aggregation: Aggregation = "last") -> float:
    """Return one score for a response out of those of its steps.

    Parameters
    ----------
    scores : sequence of float
        One for each step, at least one; NaN where it is missing.
    aggregation : {"last", "min", "prod", "mean"}, optional
        How.

    Returns
    -------
    float
        The score; NaN if one of them is missing, whether it would count or not: with it, the response was not
        scored as a whole.

    Raises
    ------
    ArgumentError
        If there is no score, or no such aggregation.

    Examples
    --------
    >>> [aggregated([0.5, 0.25, 0.75], how) for how in ("last", "min", "prod", "mean")]
    [0.75, 0.25, 0.09375, 0.5]
    """
    choice("aggregation", aggregation, AGGREGATIONS)
    if not scores:
        raise ArgumentError("scores must hold at least one number, got none")
    return nan if any(map(isnan, scores)) else _OF[aggregation](scores)
