"""Votes between two answers against their binomial law in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf

import kcurve as kc
from kcurve.theory import binary_vote, binary_vote_increment
from tests.golden import golden, half_unit
from tests.oracles.binary_vote import binary_vote as by_fractions


@pytest.mark.parametrize("ties", ["split", "wrong", "right"])
def test_against_fractions(ties):
    ks = np.arange(1, 61)
    for p in (
        Fraction(1, 1024),
        Fraction(1, 8),
        Fraction(3, 8),
        Fraction(1, 2),
        Fraction(3, 4),
        Fraction(1023, 1024),
    ):
        exact = [float(by_fractions(p, int(k), ties)) for k in ks]
        np.testing.assert_allclose(binary_vote(float(p), ks, ties=ties), exact, rtol=2e-14)
        alone = [binary_vote(float(p), int(k), ties=ties) for k in ks]
        np.testing.assert_allclose(alone, exact, rtol=5e-15)


def test_golden_votes():
    case = golden("landscapes")["vote"]
    got = binary_vote(case["p"], case["k"])
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=half_unit(8))
    even = golden("landscapes")["even"]
    for ties in ("split", "wrong", "right"):
        assert binary_vote(even["p"], even["k"], ties=ties) == pytest.approx(even[ties], abs=1e-15)


def test_rare_wins_keep_their_precision():
    with mp.workdps(40):
        for k in (101, 301, 999):
            p = mpf(0.01)
            m = (k + 1) // 2
            exact = mp.fsum(mp.binomial(k, i) * p**i * (1 - p) ** (k - i) for i in range(m, k + 1))
            if exact > 1e-300:
                assert abs(mpf(float(binary_vote(0.01, k))) / exact - 1) < 1e-14
            else:
                assert binary_vote(0.01, k) == float(exact)


def test_a_long_dense_curve_is_that_of_its_points():
    ks = np.arange(1, 20_001)
    for p in (0.2, 0.49, 0.501, 0.9):
        dense = binary_vote(p, ks)
        some = [1, 2, 777, 1500, 19_999]
        alone = np.array([binary_vote(p, k) for k in some])
        np.testing.assert_allclose(dense[np.array(some) - 1], alone, rtol=2e-14)
        np.testing.assert_allclose(dense + binary_vote(1 - p, ks), 1, rtol=1e-14)


def test_huge_numbers_of_calls():
    assert binary_vote(0.5, 10**15 + 1) == pytest.approx(0.5, rel=1e-14)
    assert binary_vote(0.5 + 1e-8, 10**15 + 1) == pytest.approx(0.7364552, abs=1e-6)
    assert binary_vote(0.6, 10**6) == 1


def test_the_increment_is_what_two_calls_add():
    p, m = np.array([[0.05], [0.4], [0.5], [0.9]]), np.arange(1, 30)
    steps = binary_vote(p, 2 * m + 1) - binary_vote(p, 2 * m - 1)
    np.testing.assert_allclose(binary_vote_increment(p, m), steps, rtol=0, atol=1e-15)
    with mp.workdps(30):
        exact = mp.binomial(2000, 1000) * (mpf(0.4) * (1 - mpf(0.4))) ** 1000 * (mpf(0.4) - 0.5)
    assert binary_vote_increment(0.4, 1000) == pytest.approx(float(exact), rel=1e-14)


def test_it_is_the_vote_of_a_log_with_replacement():
    log = kc.AnswerLog.from_codes(np.array([[0] * 7 + [1] * 3]), correct=np.array([0]))
    ks = np.arange(1, 60)
    exact = kc.curve(log, k=ks, method=kc.Exact(replacement=True), interval=None)
    np.testing.assert_allclose(binary_vote(0.7, ks), exact.mean, rtol=1e-12)


def test_shapes():
    assert isinstance(binary_vote(0.6, 3), np.float64)
    assert binary_vote([[0.1], [0.2]], [1, 2, 3]).shape == (2, 3)
    assert binary_vote([], 3).shape == (0,)


@pytest.mark.parametrize(
    ("p", "k", "ties", "message"),
    [
        (1.5, 3, "split", r"p must be at least 0 and at most 1, got 1\.5"),
        (float("nan"), 3, "split", "got nan"),
        (0.5, 0, "split", "k must be integers of at least 1, got 0"),
        (0.5, 2.5, "split", r"k must be integers of at least 1, got 2\.5"),
        (0.5, 3, "first", "ties must be one of 'split', 'wrong', 'right'"),
    ],
)
def test_wrong_arguments(p, k, ties, message):
    with pytest.raises(kc.errors.ArgumentError, match=message):
        binary_vote(p, k, ties=ties)
