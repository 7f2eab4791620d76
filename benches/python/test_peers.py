"""The peers compute what we compute: a fast wrong peer would make no comparison."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, factorial

import numpy as np
import pytest

import ours
from contestants import CASES, contestants
from logs import CORRECT, draw_log
from peers import (
    counter_resampling,
    multinomial_bootstrap,
    numba_bootstrap,
    numpy_contour,
    numpy_programme,
    scorio_majority,
)
from rounds import interleaved

SMALL = ([3, 2, 1, 1], [0, 3, 2, 2], [7, 0, 0, 0], [1, 2, 2, 2], [2, 2, 2, 1], [5, 1, 1, 0])


def brute_force(counts: list[int], k: int, *, replacement: bool) -> Fraction:
    """Enumerate every tally of ``k`` draws in rational arithmetic."""
    n = sum(counts)
    score = Fraction(0)
    for tally in product(*(range((k if replacement else min(count, k)) + 1) for count in counts)):
        if sum(tally) != k:
            continue
        if replacement:
            chance = Fraction(factorial(k))
            for count, votes in zip(counts, tally, strict=True):
                chance *= Fraction(count, n) ** votes / factorial(votes)
        else:
            chance = Fraction(1, comb(n, k))
            for count, votes in zip(counts, tally, strict=True):
                chance *= comb(count, votes)
        if tally[CORRECT] == max(tally):
            score += chance / tally.count(max(tally))
    return score


def test_drawn_logs_have_exactly_the_distinct_answers_asked_for():
    log = draw_log(50, 40, 7, seed=3)
    assert log.codes.shape == (50, 40)
    assert (log.counts >= 1).all()
    tallied = np.array([np.bincount(row, minlength=7) for row in log.codes])
    assert (tallied == log.counts).all()


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("counts", SMALL)
def test_programme_agrees_with_brute_force(counts, replacement):
    k = np.arange(1, 10 if replacement else 8)
    expected = [float(brute_force(counts, int(size), replacement=replacement)) for size in k]
    found = numpy_programme.vote_curve(np.array([counts]), k, replacement=replacement)[0]
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("counts", SMALL)
def test_contour_agrees_with_brute_force(counts):
    k = np.arange(1, 10)
    expected = [float(brute_force(counts, int(size), replacement=True)) for size in k]
    found = numpy_contour.vote_curve(np.array([counts]), k)[0]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_programme_does_not_depend_on_the_size_of_its_pieces():
    log = draw_log(30, 40, 6, seed=5)
    k = np.arange(1, 41)
    whole = numpy_programme.vote_curve(log.counts, k, replacement=False)
    pieces = numpy_programme.vote_curve(log.counts, k, replacement=False, piece=100)
    np.testing.assert_allclose(pieces, whole, rtol=1e-13)


@pytest.mark.parametrize("replacement", [False, True])
def test_programme_shares_sum_to_one(replacement):
    counts = np.array([[31, 30, 20, 10, 5, 1, 1, 1, 1]])
    k = np.array([1, 2, 3, 10, 41, 100] + [400] * replacement)
    each_correct = [np.roll(counts, -answer, axis=1) for answer in range(counts.shape[1])]
    shares = [
        numpy_programme.vote_curve(one, k, replacement=replacement)[0] for one in each_correct
    ]
    np.testing.assert_allclose(np.sum(shares, axis=0), 1, atol=1e-12)


@pytest.mark.parametrize("n_answers", [2, 4, 30])
def test_programme_agrees_with_ours_without_replacement(n_answers):
    log = draw_log(60, 100, n_answers, seed=n_answers)
    k = np.arange(1, 101)
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=False).per_question
    found = numpy_programme.vote_curve(log.counts, k, replacement=False)
    np.testing.assert_allclose(found, exact, atol=1e-10)


@pytest.mark.parametrize("n_answers", [2, 4, 12])
def test_programme_and_contour_agree_with_ours_with_replacement(n_answers):
    log = draw_log(8, 100, n_answers, seed=n_answers)
    k = np.array([1, 2, 3, 7, 20, 101, 300])
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=True).per_question
    programme = numpy_programme.vote_curve(log.counts, k, replacement=True)
    contour = numpy_contour.vote_curve(log.counts, k)
    np.testing.assert_allclose(programme, exact, atol=1e-10)
    np.testing.assert_allclose(contour, exact, atol=1e-10)


def test_contour_agrees_with_ours_at_a_thousand():
    log = draw_log(40, 100, 30, seed=7)
    k = np.array([520, 721, 1000])
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=True).per_question
    np.testing.assert_allclose(numpy_contour.vote_curve(log.counts, k), exact, atol=1e-10)


@pytest.mark.parametrize(
    ("n_answers", "k"),
    [
        (4, np.arange(1, 41)),  # dense: the loop that follows the leader
        (4, np.array([1, 2, 5, 20, 90])),  # sparse: the loop that counts at the points
    ],
)
def test_bootstraps_are_unbiased_for_the_curve_with_replacement(n_answers, k):
    log = draw_log(20, 40, n_answers, seed=11)
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=True).mean
    replicates = 4000
    for found in (
        numba_bootstrap.replicate_curves(log.codes, k, replicates=replicates, seed=1),
        multinomial_bootstrap.replicate_curves(log.counts, k, replicates=replicates, seed=1),
    ):
        standard_error = found.std(axis=0) / np.sqrt(replicates)
        assert (np.abs(found.mean(axis=0) - exact) < 5 * standard_error + 1e-12).all()


@pytest.mark.parametrize("replacement", [False, True])
def test_counter_resampling_is_unbiased(replacement):
    log = draw_log(4, 20, 4, seed=13)
    k = np.array([1, 2, 3, 8])
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=replacement).per_question
    trials = 4000
    found = counter_resampling.vote_curve(
        log.codes, k, replacement=replacement, trials=trials, seed=1
    )
    assert (np.abs(found - exact) < 5 * np.sqrt(exact * (1 - exact) / trials) + 1e-12).all()


def test_scorio_is_the_plurality_vote_for_two_answers_and_odd_k():
    log = draw_log(30, 41, 2, seed=17)
    k = np.arange(1, 42, 2)
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=False).mean
    np.testing.assert_allclose(scorio_majority.majority_curve(log.codes, k), exact, atol=1e-10)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everyone_in_a_case_runs_and_is_timed(case):
    cheap = [one for one in contestants(case, case.draw(), quick=True) if "Counter" not in one.name]
    timings = interleaved(cheap, rounds=1)
    assert len({timing.name for timing in timings}) == len(cheap)
    for timing in timings:
        assert timing.curve.shape == case.k.shape
        assert timing.microseconds.shape == (1,)
        assert (timing.microseconds > 0).all()
