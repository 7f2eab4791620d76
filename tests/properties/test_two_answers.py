"""Two answers: the regularised incomplete beta function and the hypergeometric tail, up to 100,000 votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special, stats

import kcurve as kc
from tests.closeness import TOLERANCE, assert_close
from tests.oracles.binomial_tail import majority_of_two

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-290  # below this a double has few digits left


def two_answers(right: int, wrong: int) -> kc.AnswerLog:
    """Return a log of one question with these counts."""
    codes = np.repeat(np.array([0, 1], dtype=np.int64), [right, wrong])[None, :]
    return kc.AnswerLog.from_codes(codes, correct=np.array([0]))


def values(right: int, wrong: int, ks: list[int], *, replacement: bool) -> Floats:
    """Return the vote's accuracy at each k."""
    method = kc.Exact(replacement=replacement)
    log = two_answers(right, wrong)
    curve = kc.curve(log, kc.Vote(), k=ks, method=method, interval=None)
    return np.asarray(curve.per_question[0])


def assert_close_above_underflow(
    got: Floats, exact: Sequence[Fraction], *, tolerance: float
) -> None:
    """Assert relative closeness; what is below 1e-290, a double may lose but not inflate."""
    large = np.array([e > SMALLEST for e in exact])
    assert_close(got[large], [e for e in exact if e > SMALLEST], tolerance=tolerance)
    assert np.all(got[~large] <= 2 * SMALLEST)
    assert np.all(got[[e == 0 for e in exact]] == 0)


@pytest.mark.parametrize("right", [1, 5, 30, 45, 49, 50, 51, 55, 70, 99])
def test_with_replacement_is_the_incomplete_beta_function(right: int) -> None:
    ks = [1, 3, 5, 11, 25, 101, 301, 999]
    got = values(right, 100 - right, ks, replacement=True)
    exact = [majority_of_two(right, 100 - right, k, replacement=True) for k in ks]
    assert_close_above_underflow(got, exact, tolerance=TOLERANCE)
    halves = (np.array(ks) + 1) / 2
    beta = special.betainc(halves, halves, right / 100)
    large = beta > SMALLEST
    np.testing.assert_allclose(got[large], beta[large], rtol=1e-10)


@pytest.mark.parametrize("right", [350, 470, 495, 500, 501, 600])
def test_with_replacement_up_to_a_hundred_thousand_votes(right: int) -> None:
    ks = [2_001, 10_001, 33_333, 99_999]
    got = values(right, 1000 - right, ks, replacement=True)
    exact = [majority_of_two(right, 1000 - right, k, replacement=True) for k in ks]
    assert_close_above_underflow(got, exact, tolerance=1e-10)
    halves = (np.array(ks) + 1) / 2
    beta = special.betainc(halves, halves, right / 1000)
    large = beta > SMALLEST
    np.testing.assert_allclose(got[large], beta[large], rtol=1e-10)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (4, 5),
        (60, 40),
        (499, 501),
        (3_000, 7_000),
        (49_900, 50_100),
        (50_300, 49_700),
        (20, 99_980),
    ],
)
def test_without_replacement_is_the_hypergeometric_tail(right: int, wrong: int) -> None:
    n = right + wrong
    ks = sorted(
        {
            k
            for k in (1, 3, 7, 99, 501, 4_999, n // 2 | 1, n - 2 + n % 2 - 1)
            if 1 <= k <= n and k % 2
        }
    )
    got = values(right, wrong, ks, replacement=False)
    exact = [majority_of_two(right, wrong, k, replacement=False) for k in ks]
    assert_close_above_underflow(got, exact, tolerance=1e-10)
    tail = np.asarray(stats.hypergeom.sf((np.array(ks) - 1) / 2, n, right, np.array(ks)))
    usual = tail > 1e-3  # further out the survival function of scipy loses digits
    np.testing.assert_allclose(got[usual], tail[usual], rtol=1e-8)


@pytest.mark.parametrize("replacement", [False, True])
def test_an_even_number_of_votes_is_worth_one_less(*, replacement: bool) -> None:
    for right, wrong in ((30, 70), (501, 499), (700, 301)):
        ks = [1, 2, 3, 4, 9, 10, 49, 50, 99, 100]
        got = values(right, wrong, ks, replacement=replacement)
        np.testing.assert_allclose(got[1::2], got[::2], rtol=1e-12)


def test_swapping_the_answers_gives_the_complement() -> None:
    ks = [1, 2, 5, 10, 101, 1_000, 10_001]
    for replacement in (False, True):
        right = values(5_200, 4_900, ks, replacement=replacement)
        wrong = values(4_900, 5_200, ks, replacement=replacement)
        np.testing.assert_allclose(right + wrong, 1, rtol=1e-12)
