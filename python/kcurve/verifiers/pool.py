"""The questions of a log by how many of their samples are right, and best-of-n on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.methods import Exact
from kcurve.verifiers.binormal import drawn_from_pool, drawn_with_replacement, limit, shifts
from kcurve.verifiers.scored import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

PLUG_IN = Exact(replacement=True)
"""Each question's share of right samples taken for the truth."""

_MOST_SAMPLES = 2**20
_PER_OCTAVE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """How many samples the questions have, and how many of them are right: distinct cases."""

    right: Integers
    size: Integers
    case: Integers
    """The case of each question, [Q]."""

    @classmethod
    def of(cls, samples: ScoredSamples) -> Pool:
        """Count the samples of each question."""
        size = np.bincount(samples.question, minlength=samples.n_questions)
        right = samples.sums(samples.right).astype(np.int64)
        cases, case = np.unique(np.stack([right, size], axis=1), axis=0, return_inverse=True)
        return cls(cases[:, 0], cases[:, 1], case.reshape(-1))

    @property
    def _weight(self) -> Floats:
        return np.asarray(np.bincount(self.case) / len(self.case))

    def accuracy(self, k: Integers, shift: tuple[Floats, Floats], method: Exact) -> Floats:
        """Return the accuracy of every case, [C, K]."""
        if method.replacement:
            return drawn_with_replacement(self.right / self.size, k, shift)
        return drawn_from_pool(self.right, self.size, k, shift)

    def mean(self, values: Floats) -> Floats:
        """Return the mean over questions of values of the cases, [K]."""
        return np.asarray(self._weight @ values)

    def band(self, samples: ScoredSamples, values: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the band of that mean."""
        mean = self.mean(values)
        influence = (values - mean)[self.case] / len(self.case)
        return interval(samples.spread(mean, influence), level)

    def limit(self, auc: float, spread: float) -> float:
        """Return what the mean tends to."""
        return float(self._weight @ limit(self.right / self.size, auc, spread))

    def samples_for(self, accuracy: Floats, auc: float, spread: float) -> Floats:
        """Return the least k whose accuracy with replacement is reached; infinite if none is."""
        octaves = np.log2(_MOST_SAMPLES)
        points = np.geomspace(64, _MOST_SAMPLES, int((octaves - 6) * _PER_OCTAVE) + 1)
        k = np.concatenate([np.arange(1, 64), points.round().astype(np.int64)])
        values = self.mean(self.accuracy(k, shifts(auc, spread), PLUG_IN))
        # The first k at which the target is reached, by the highest value so far.
        reached = np.maximum.accumulate(values)
        place = np.searchsorted(reached, accuracy - 1e-12)
        inside = (place > 0) & (place < len(k))
        after = np.where(inside, place, 1)
        before = after - 1
        rise = reached[after] - reached[before]
        part = np.clip((accuracy - reached[before]) / np.where(rise > 0, rise, 1), 0, 1)
        between = np.exp(np.log(k[before]) + part * (np.log(k[after]) - np.log(k[before])))
        needed = np.where(k[after] <= 64, k[after], np.ceil(between - 1e-9))
        return np.where(inside, needed, np.where(place == 0, 1.0, np.inf))

    def equivalent(self, logged: Floats, k: Integers, spread: float, method: Exact) -> Floats:
        """Return the areas at which the model has the logged accuracies, by bisection."""
        from scipy.optimize import brentq  # noqa: PLC0415 - scipy is slow to import

        found = np.full(len(k), np.nan)
        for place, calls in enumerate(k):

            def excess(area: float, place: int = place, calls: int = calls) -> float:
                one = self.accuracy(np.array([calls]), shifts(area, spread), method)
                return float(self.mean(one)[0] - logged[place])

            low, high = 1e-6, 1 - 1e-6
            if calls > 1 and excess(low) < 0 < excess(high):
                found[place] = brentq(excess, low, high, xtol=1e-6)
        return found
