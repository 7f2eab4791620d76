"""The allocation of REBASE: cases worked by hand, extremes, and arguments that are refused."""

import numpy as np
import pytest

from kcurve.search import rebase_widths

FOUR = [0.9, 0.8, 0.5, 0.3]


@pytest.mark.parametrize(
    ("rewards", "budget", "temperature", "rounded", "ceiled"),
    [
        (FOUR, 16, 0.1, [12, 4, 0, 0], [12, 4, 0, 0]),
        (FOUR, 16, 0.2, [9, 5, 1, 0], [9, 6, 1, 0]),
        (FOUR, 16, 1.0, [5, 5, 3, 3], [6, 5, 3, 2]),
        ([0.5] * 3, 4, 0.1, [1, 1, 1], [1, 1, 2]),
        (
            [0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.63],
            8,
            0.1,
            [1] * 8,
            [2, 2, 1, 1, 1, 1, 0, 0],
        ),
        ([0.51, 0.5, 0.5, 0.5], 2, 0.1, [1, 0, 0, 0], [1, 0, 0, 1]),
        # Where single precision, a running difference or a missing maximum goes wrong:
        ([1.0, 0.0], 16, 0.05, [16, 0], [16, 0]),
        ([0.5] * 16, 16, 0.2, [1] * 16, [1] * 16),
        ([0.5] * 5, 16, 0.2, [3] * 5, [3, 3, 3, 3, 4]),
        ([1.0, 0.9, 0.1], 16, 0.0113, [16, 0, 0], [16, 0, 0]),
        # Halves go to the even number.
        ([0.5] * 2, 1, 1.0, [0, 0], [0, 1]),
        ([0.5] * 2, 3, 1.0, [2, 2], [1, 2]),
        ([0.5] * 2, 5, 1.0, [2, 2], [2, 3]),
        ([0.0, -0.0], 3, 1.0, [2, 2], [1, 2]),
        ([-0.0, 0.0], 3, 1.0, [2, 2], [1, 2]),
    ],
)
def test_cases_by_hand(rewards, budget, temperature, rounded, ceiled) -> None:
    got = rebase_widths(rewards, budget, temperature=temperature, rounding="round")
    assert got.tolist() == rounded
    got = rebase_widths(rewards, budget, temperature=temperature)
    assert got.tolist() == ceiled
    assert got.dtype == np.int64
