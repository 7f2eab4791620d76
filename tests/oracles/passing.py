"""How many of the drawn samples are correct: pass@k, pass^k, G-Pass@k and mean@k.

pass@k   at least one is            (Chen et al. 2021, arXiv 2107.03374)
pass^k   all are                    (Yao et al. 2024, tau-bench, arXiv 2406.12045)
G-Pass@k at least ceil(tau k) are   (Liu et al. 2024, arXiv 2412.13147)
mean@k   the share that is
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracles.samples import Sample


def n_correct(drawn: Sequence[Sample]) -> int:
    """Return how many of the samples are correct."""
    return sum(sample.correct for sample in drawn)


def pass_at_k(drawn: Sequence[Sample]) -> Fraction:
    """Return 1 if any sample is correct."""
    return Fraction(any(sample.correct for sample in drawn))


def pass_hat_k(drawn: Sequence[Sample]) -> Fraction:
    """Return 1 if every sample is correct."""
    return Fraction(all(sample.correct for sample in drawn))


def g_pass_at_k(drawn: Sequence[Sample], *, tau: Fraction) -> Fraction:
    """Return 1 if at least a share tau of the samples, rounded up, is correct."""
    return Fraction(n_correct(drawn) >= math.ceil(tau * len(drawn)))


def mean_at_k(drawn: Sequence[Sample]) -> Fraction:
    """Return the share of the samples that is correct."""
    return Fraction(n_correct(drawn), len(drawn))
