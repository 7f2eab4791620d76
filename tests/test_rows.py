"""The rows a table shows of a long curve."""

import numpy as np
from hypothesis import given, strategies as st

from kcurve.cli.rows import MOST_ROWS, readable_rows


def shown(k, best=0):
    k = np.asarray(k)
    return [int(k[row]) for row in readable_rows(k, best=best)]


def test_short_curves_are_shown_whole():
    assert shown([3, 7, 100]) == [3, 7, 100]
    assert shown(range(1, MOST_ROWS + 1)) == list(range(1, MOST_ROWS + 1))


def test_dense_curves_are_shown_at_doublings_and_halfway():
    assert shown(range(1, 65)) == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]


def test_long_curves_are_shown_at_doublings():
    assert shown(range(1, 1001)) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]


@given(st.sets(st.integers(1, 20_000), min_size=1, max_size=300), st.data())
def test_ends_and_best_are_always_shown_and_rows_stay_few(numbers, data):
    k = np.array(sorted(numbers))
    best = data.draw(st.integers(0, len(k) - 1))
    rows = readable_rows(k, best=best)
    assert {0, best, len(k) - 1} <= set(rows)
    assert rows == sorted(set(rows))
    assert len(rows) <= max(MOST_ROWS, int(np.log2(k[-1])) + 1) + 3
