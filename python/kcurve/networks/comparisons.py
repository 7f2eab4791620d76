"""Comparisons of candidates, and the verdicts on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Comparison: TypeAlias = "tuple[int, ...]"
"""Candidates shown together, in the order in which they are shown."""

Verdicts: TypeAlias = "Mapping[Comparison, int | None]"
"""For each comparison the position of the preferred candidate in it, None if the reply was unusable."""


def verdict_on(comparison: Comparison, verdicts: Verdicts | None) -> int | None:
    """Return the verdict on a comparison; ArgumentError if there is none yet."""
    if verdicts is None or comparison not in verdicts:
        msg = f"the comparison {comparison} has no verdict yet; ask for what `asks` returns first"
        raise ArgumentError(msg)
    return verdicts[comparison]


def indices(leading: NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the candidates that lead, the first if nobody does."""
    # Nobody has an answer: the first stands for all.
    return tuple(np.flatnonzero(leading).tolist()) or (0,)
