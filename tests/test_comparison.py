"""kcurve.compare: two systems on the questions both answered."""

from __future__ import annotations

import numpy as np
import pytest

import kcurve as kc
from tests.logs import counts_log, log_of
from tests.oracles.samples import question
from tests.populations import beta, sample, vote_accuracy

WITH = kc.Exact(replacement=True)


def codes_log(codes: np.ndarray) -> kc.AnswerLog:
    return kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), dtype=np.int64))


def test_the_difference_is_that_of_the_means() -> None:
    a = kc.curve(counts_log([5, 3], [2, 6], [7, 1]), k=[1, 3, 5])
    b = kc.curve(counts_log([4, 4], [6, 2], [1, 7]), k=[1, 3, 5])
    got = kc.compare(a, b)
    np.testing.assert_array_equal(got.k, [1, 3, 5])
    np.testing.assert_allclose(got.difference, a.mean - b.mean, atol=1e-15)
    back = kc.compare(b, a)
    np.testing.assert_allclose(back.difference, -got.difference, atol=1e-15)
    np.testing.assert_allclose(back.low, -got.high, atol=1e-15)
    np.testing.assert_allclose(back.high, -got.low, atol=1e-15)


def test_only_questions_and_k_of_both_count() -> None:
    log = counts_log([5, 3], [2, 6], [7, 1])
    other = counts_log([4, 4], [6, 2], [1, 7])
    a = kc.curve(log.select(questions=["q0000", "q0001"]), k=[1, 2, 3])
    b = kc.curve(other.select(questions=["q0001", "q0002"]), k=[2, 3, 5])
    got = kc.compare(a, b)
    np.testing.assert_array_equal(got.k, [2, 3])
    np.testing.assert_allclose(
        got.difference, a.per_question[1, 1:] - b.per_question[0, :2], rtol=1e-14
    )


def test_questions_are_matched_by_name_not_by_place() -> None:
    log = counts_log([5, 3], [2, 6], [7, 1])
    codes = [question([1, 7]), question([4, 4]), question([6, 2])]
    b = kc.curve(log_of(codes), k=3)
    turned = kc.curve(log.select(questions=np.array([True, True, True])), k=3)
    np.testing.assert_allclose(
        kc.compare(turned, b).difference, np.mean(turned.per_question - b.per_question), rtol=1e-12
    )


def test_a_curve_does_not_differ_from_itself() -> None:
    a = kc.curve(counts_log([5, 3], [2, 6], [7, 1]), k=[1, 3, 5])
    got = kc.compare(a, a)
    np.testing.assert_array_equal(got.difference, 0)
    assert got.overtakes == ()


def test_overtakes_names_the_k_where_the_sign_turns() -> None:
    """The first system starts lower (.55 against .65) and keeps rising; the second falls below it."""
    a = kc.curve(counts_log([11, 9], [11, 9]), k=range(1, 60, 2), method=WITH)
    b = kc.curve(counts_log([17, 3], [9, 11]), k=range(1, 60, 2), method=WITH)
    got = kc.compare(a, b)
    sign = np.sign(got.difference)
    turns = tuple(int(k) for k in got.k[1:][sign[1:] != sign[:-1]])
    assert len(turns) == 1
    assert got.overtakes == turns
    assert kc.compare(b, a).overtakes == turns


def test_a_paired_band_is_narrower_than_two_bands_of_alike_systems() -> None:
    rng = np.random.default_rng(1)
    p = beta(2.0, 1.5).draw(rng, 200)
    a, b = (kc.curve(codes_log(sample(rng, p, 32)), k=3) for _ in range(2))
    paired = kc.compare(a, b)
    apart = np.hypot(a.high - a.low, b.high - b.low)
    assert np.all(paired.high - paired.low < 0.8 * apart)


def test_the_paired_band_covers_the_true_difference() -> None:
    """Question by question the second system is a little better; 95% of the bands hold the true gain."""
    rng, runs, hits = np.random.default_rng(2), 600, 0
    grid = rng.beta(2.0, 1.5, 400_000)
    truth = float(np.mean(vote_accuracy(grid**0.8, 3) - vote_accuracy(grid, 3)))
    for _ in range(runs):
        p = rng.beta(2.0, 1.5, 100)
        weak, strong = (
            kc.curve(codes_log(sample(rng, np.stack([q, 1 - q], axis=1), 16)), k=3)
            for q in (p, p**0.8)
        )
        got = kc.compare(strong, weak)
        hits += int(got.low[0] <= truth <= got.high[0])
    assert 0.92 <= hits / runs <= 0.98


def test_nothing_in_common_is_an_error() -> None:
    log = counts_log([5, 3], [2, 6], [7, 1])
    with pytest.raises(kc.KcurveError, match="question"):
        kc.compare(
            kc.curve(log.select(questions=["q0000"]), k=1),
            kc.curve(log.select(questions=["q0001"]), k=1),
        )
    with pytest.raises(kc.KcurveError, match="k"):
        kc.compare(kc.curve(log, k=1), kc.curve(log, k=2))
