"""A precision that is wanted, and how many questions it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kcurve.planning.variance import Components

MOST_QUESTIONS = 10**15
LEAST_AIM = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A precision wanted, and the variance that stands in its way."""

    between: float
    parts: tuple[Components, ...]
    aim: float
    level: float
    power: float | None

    def within(self, samples: int) -> float:
        """Variance that so many samples leave in the score of one question."""
        return float(sum(part.within(samples) for part in self.parts))

    def variance(self, samples: int) -> float:
        """Variance of the estimate of one question."""
        return self.between + self.within(samples)

    def questions(self, samples: int) -> int:
        """Return the fewest questions, at least 2, that reach the aim with so many samples of each."""
        from scipy.special import ndtri  # noqa: PLC0415 - scipy is slow to import

        variance = self.variance(samples)
        # By the normal distribution there are a little too few; step up to what Student's asks for.
        factor = ndtri(0.5 + self.level / 2) + (0 if self.power is None else ndtri(self.power))
        count = max(2, int(min(np.ceil(factor**2 * variance / self.aim**2), MOST_QUESTIONS)))
        while self._factor(count) * np.sqrt(variance / count) > self.aim and count < MOST_QUESTIONS:
            count += 1
        return count

    def half_width(self, samples: int, questions: int) -> float:
        """Half the width of the interval of such a design."""
        return float(
            self._quantile(0.5 + self.level / 2, questions)
            * np.sqrt(self.variance(samples) / questions)
        )

    def _factor(self, questions: int) -> float:
        found = self._quantile(0.5 + self.level / 2, questions)
        return found if self.power is None else found + self._quantile(self.power, questions)

    @staticmethod
    def _quantile(probability: float, questions: int) -> float:
        from scipy.special import stdtrit  # noqa: PLC0415 - scipy is slow to import

        return float(stdtrit(questions - 1, probability))
