"""The sample with the highest score among those drawn (best-of-n; Cobbe et al. 2021, arXiv 2110.14168).

A sample without a score ranks below every scored one. Samples that share the top score tie:

``split`` and ``first``  each tied *sample* is equally likely to be the one returned (drawn twice = two samples)
``wrong``                credit only if every tied sample is correct
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracles.samples import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.samples import Sample
    from tests.oracles.vote import Ties


def best_of_n(drawn: Sequence[Sample], *, ties: Ties) -> Fraction:
    """Return the expected score of choosing the top-scored sample."""
    top = max(map(rank, drawn))
    tied = [sample for sample in drawn if rank(sample) == top]
    right = sum(sample.correct for sample in tied)
    if ties == "wrong":
        return Fraction(right == len(tied))
    return Fraction(right, len(tied))


def best_in_order(drawn: Sequence[Sample]) -> Fraction:
    """Return the score when, of the tied samples, the one drawn first is returned."""
    return Fraction(max(drawn, key=rank).correct)  # max keeps the first of equals
