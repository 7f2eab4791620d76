"""Whether bootstrap means agree with exact values, by as much as chance allows and no better.

A cell is the mean credit of one question at one k over R replicates, beside its exact expectation f and the variance v
of the credit of one replicate. Where v is not known exactly it is bounded on both sides; then each side of each
test takes the bound that makes it hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

LEAST_P = 1e-4
CERTAIN = 1e-13
ENOUGH = 25.0  # R v from which the square of a standardised mean is near enough to chi-square


@dataclass
class Cells:
    """Deviations of means over as many replicates each; cells of different questions are independent."""

    replicates: int
    deviation: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)

    def add(
        self,
        got: npt.ArrayLike,
        exact: npt.ArrayLike,
        *,
        low: npt.ArrayLike,
        high: npt.ArrayLike,
        turn: int = 0,
    ) -> None:
        """Take in the [Q, K] means of one log; ``low`` and ``high`` bound the variance of one credit.

        All cells are held against Bernstein's inequality. The points of one curve are not independent, so each
        question enters the chi-square with one k only: question q with the (q + turn)-th, so that all take turns.
        """
        got, exact, low, high = (np.asarray(each, dtype=float) for each in (got, exact, low, high))
        certain = np.minimum(exact, 1 - exact) < CERTAIN
        np.testing.assert_allclose(got[certain], exact[certain], rtol=0, atol=1e-12)
        _assert_within_bernstein(got - exact, high, self.replicates)
        questions, points = got.shape
        rows = np.arange(questions)
        one = rows, (rows + turn) % points
        random = ~certain[one]
        self.deviation.append((got - exact)[one][random] * np.sqrt(self.replicates))
        self.low.append(low[one][random])
        self.high.append(high[one][random])

    def p_value(self) -> float:
        """Return the two-sided p-value of the chi-square over all cells.

        Cells whose outcome is all but certain are far from normal one by one; their sum is one more cell.
        """
        deviation, low, high = map(np.concatenate, (self.deviation, self.low, self.high))
        plenty = low * self.replicates >= ENOUGH
        above = list(deviation[plenty] ** 2 / high[plenty])
        below = list(deviation[plenty] ** 2 / low[plenty])
        if low[~plenty].sum() * self.replicates >= ENOUGH:
            above.append(deviation[~plenty].sum() ** 2 / high[~plenty].sum())
            below.append(deviation[~plenty].sum() ** 2 / low[~plenty].sum())
        assert above, "no cell to judge by"
        too_far, too_near = (
            stats.chi2.sf(sum(above), len(above)),
            stats.chi2.cdf(sum(below), len(below)),
        )
        return float(min(1.0, 2 * min(too_far, too_near)))

    def assert_agreement(self) -> None:
        p = self.p_value()
        assert p >= LEAST_P, f"p = {p:.1e} over {sum(map(len, self.deviation))} cells"


def _assert_within_bernstein(deviation: Floats, variance: Floats, replicates: int) -> None:
    """Bernstein: P(|mean - f| >= e) <= 2 exp(-R e^2 / (2 v + 2 e / 3)) for credits in [0, 1], however rare."""
    e = np.abs(deviation)
    exponent = replicates * e**2 / (2 * variance + 2 * e / 3 + 1e-300)
    allowed = np.log(2 * 1e10)  # one in ten thousand millions for each cell
    real = e > 1e-12  # the exact values are rounded, too
    assert np.all(exponent[real] < allowed), f"a mean is off by {e[exponent >= allowed].max()}"
