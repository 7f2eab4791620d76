"""The nearest estimator of scorio (PyPI): ``scorio.eval.maj_at_k``.

It is exact and without replacement, but it sees right and wrong only: the chance that *more than half* of
the k samples are correct, wrong answers counted as one and ties lost. With two answers and odd k that is
the plurality vote; with more answers it is a lower number, so its cost compares and its value does not.
One call gives one k averaged over the questions; it has nothing with replacement or beyond the samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scorio.eval import maj_at_k

from logs import CORRECT

if TYPE_CHECKING:
    from numpy.typing import NDArray


def majority_curve(codes: NDArray[np.int32], k: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the data set's strict-majority score [K]."""
    outcomes = (codes == CORRECT).astype(np.int64)
    return np.array([maj_at_k(outcomes, int(size)) for size in k])
