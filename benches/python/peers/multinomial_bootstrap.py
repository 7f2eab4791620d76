"""Bootstrap replicates of the vote curve by NumPy's multinomial, one call per grid point.

Between two grid points the tallies grow by a multinomial, so the replicates of one question are coherent
curves and small steps are cheap: NumPy draws a binomial of small mean by inversion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 16


def replicate_curves(
    counts: NDArray[np.int64], k: NDArray[np.int64], *, replicates: int = 300, seed: int = 0
) -> NDArray[np.float64]:
    """Return the data set's score [replicates, K] in each replicate, ties split; ``k`` increasing."""
    rng = np.random.default_rng(seed)
    shares = counts / counts.sum(axis=1, keepdims=True)
    steps = np.diff(k, prepend=0)
    score = np.zeros((replicates, len(k)))
    for start in range(0, len(counts), BLOCK):
        block = shares[start : start + BLOCK]
        tallies = np.zeros((replicates, *block.shape), dtype=np.int64)
        for point, step in enumerate(steps):
            tallies += rng.multinomial(step, block, size=(replicates, len(block)))
            first = tallies == tallies.max(axis=-1, keepdims=True)
            score[:, point] += (first[..., 0] / first.sum(axis=-1)).sum(axis=-1)
    return score / len(counts)
