"""The shape of a curve and its best k."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import kcurve as kc
from tests.logs import counts_log

if TYPE_CHECKING:
    from collections.abc import Sequence

WITH = kc.Exact(replacement=True)

# Majorities of two answers with 20 samples a question: the number right in each kind of question.
SHAPES = {
    "increasing": [13, 16],
    "decreasing": [7, 4],
    "inverse-U": [17, 8],
    "U": [13, 2],
    "flat": [12, 8],
}


def copies(times: int, *counts: list[int]) -> kc.AnswerLog:
    """Return a log with this many questions of each kind, two answers each, the first one correct."""
    rows = [np.repeat([0, 1], each) for each in counts]
    codes = np.tile(np.stack(rows), (times, 1))
    return kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), dtype=np.int64))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "ks",
    [range(1, 100), range(1, 100, 2), [1, 2, 3, 5, 10, 20, 50, 100, 200, 500]],
    ids=["all", "odd", "log"],
)
def test_shapes_of_thousands_of_questions(shape: str, ks: Sequence[int]) -> None:
    log = copies(10_000, *([right, 20 - right] for right in SHAPES[shape]))
    assert kc.curve(log, k=ks, method=WITH, interval=None).shape == shape


def test_a_rise_within_the_noise_is_flat() -> None:
    """Two questions rise and fall by about as much: nothing is known, however clear their mean is."""
    assert kc.curve(copies(1, [17, 3], [8, 12]), method=WITH).shape == "flat"


def test_noise_alone_rarely_has_a_shape() -> None:
    """Questions of one half: the true curve is flat; all pairs of k are tested at once at 95%."""
    rng, runs, found = np.random.default_rng(0), 300, 0
    for _ in range(runs):
        codes = (rng.random((100, 20)) < 0.5).astype(np.int64)
        log = kc.AnswerLog.from_codes(codes, correct=np.zeros(100, dtype=np.int64))
        found += kc.curve(log, interval=None).shape != "flat"
    assert found / runs < 0.09


def test_a_single_point_and_a_constant_are_flat() -> None:
    log = copies(20, [13, 7], [4, 16])
    assert kc.curve(log, k=3).shape == "flat"
    assert kc.curve(log, kc.MeanAtK()).shape == "flat"


def test_a_curve_that_turns_twice_is_other() -> None:
    """Up with the questions at .8, down with those at .43, up again, late, with those at .51."""
    log = copies(300, [800, 200], [430, 570], [510, 490])
    ks = [1, 3, 5, 11, 31, 101, 301, 1_001, 3_001, 10_001]
    curve = kc.curve(log, k=ks, method=WITH)
    np.testing.assert_array_equal(np.sign(np.diff(curve.mean)), [1, 1, 1, -1, -1, -1, 1, 1, 1])
    assert curve.shape == "other"


def test_without_replacement_too() -> None:
    log = copies(1_000, [17, 3], [8, 12])
    assert kc.curve(log, k=range(1, 16, 2)).shape == "inverse-U"
    assert kc.curve(log, kc.PassAtK()).shape == "increasing"
    assert kc.curve(log, kc.PassHatK()).shape == "decreasing"


def test_the_best_k_is_the_smallest_of_equals() -> None:
    log = counts_log([17, 3], [8, 12])
    assert kc.curve(log, k=range(1, 40), method=WITH).optimal_k() == 3
    assert kc.curve(log, k=[2, 4, 6, 8], method=WITH).optimal_k() == 4
    assert kc.curve(log, kc.MeanAtK()).optimal_k() == 1
    assert kc.curve(counts_log([3, 0]), kc.Vote()).optimal_k() == 1


def test_the_best_k_of_a_rising_curve_is_the_last() -> None:
    log = counts_log([13, 7])
    assert kc.curve(log, k=[1, 3, 9, 19]).optimal_k() == 19
