"""The vote over the candidates that a filter keeps (arXiv 2403.02419, section 2: Filter-Vote).

If the filter keeps at least one of the candidates drawn, the kept ones vote; if it keeps none, all candidates do.
Kept candidates without an answer still count as kept: under ``ignore`` a draw whose kept candidates all lack an
answer is wrong.

Call accounting: under ``paper`` the k calls pay for floor(k/2) candidates and as many filter calls (so k >= 2);
under ``candidates`` k counts the candidates alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tests.oracles.vote import NoAnswer, Ties, vote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from tests.oracles.samples import Sample

Calls = Literal["paper", "candidates"]


def filter_vote(drawn: Sequence[Sample], *, ties: Ties, no_answer: NoAnswer) -> Fraction:
    """Return the expected score of the vote over the kept samples, or over all if none is kept."""
    kept = [sample for sample in drawn if sample.keep]
    return vote(kept or drawn, ties=ties, no_answer=no_answer)


def candidates(k: int, calls: Calls) -> int:
    """Return how many candidates k calls pay for."""
    if calls == "paper":
        if k < 2:
            message = f"the paper's accounting needs k >= 2, got {k}"
            raise ValueError(message)
        return k // 2
    return k
