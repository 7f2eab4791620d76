"""Laws of counts: against precise likelihoods, general optimisers and logs with known truth."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

import kcurve as kc
from kcurve import _core, theory
from kcurve.laws import BetaBinomialLaw, BilevelLaw, BinaryLaw, fit
from tests.counted_logs import counted, drawn
from tests.oracles.laws import (
    best_of_expectation_maximisation,
    beta_binomial_log_likelihood,
    binary_vote,
    is_increasing,
    mixture_log_likelihood,
    pass_at_k,
    relative_likelihoods,
    two_binomials_log_likelihood,
)

# --- beta-binomial ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("zero_inflated", [False, True])
def test_the_beta_binomial_likelihood_is_highest(seed, zero_inflated):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.3, 3, 2)
    p = rng.beta(a, b, 120) * (rng.uniform(size=120) > 0.3 * zero_inflated)
    correct, samples = drawn(p, rng)
    found = fit(counted(correct, samples), BetaBinomialLaw(zero_inflated=zero_inflated))
    exact = beta_binomial_log_likelihood(found.a, found.b, found.zeros, correct, samples)
    np.testing.assert_allclose(found.log_likelihood, exact, rtol=1e-11)

    def negative(theta):
        a, b = np.exp(theta[:2])
        zeros = 1 / (1 + np.exp(-theta[2])) if zero_inflated else 0.0
        by_chance = np.exp(betaln(a + correct, b + samples - correct) - betaln(a, b))
        return -np.log((1 - zeros) * by_chance + zeros * (correct == 0)).sum()

    best = min(
        minimize(negative, rng.normal(0, 1, 3), method="Nelder-Mead", options={"maxiter": 600}).fun
        for _ in range(5)
    )
    assert -found.log_likelihood <= best + 1e-7


def test_beta_binomial_predictions():
    rng = np.random.default_rng(8)
    found = fit(counted(*drawn(rng.beta(0.5, 1.5, 200), rng)), BetaBinomialLaw(zero_inflated=True))
    k = [1, 2, 10, 1000]
    expected = [pass_at_k(found.a, found.b, found.zeros, n) for n in k]
    np.testing.assert_allclose(found.predict(k), expected, rtol=1e-11)
    assert is_increasing(found.predict(range(1, 200)))
    np.testing.assert_allclose(found.pass_hat(1), found.predict(1), rtol=1e-11)
    assert is_increasing(-found.pass_hat(range(1, 200)))
    assert found.cover_at(1e-9) <= 1 - found.zeros
    taus = [found.cover_at(tau) for tau in (0.1, 0.5, 0.9)]
    assert is_increasing(-np.array(taus))
    # pass@k is the mean of Cover@tau over tau ~ Beta(1, k).
    tau = (np.arange(20000) + 0.5) / 20000
    cover = np.array([found.cover_at(t) for t in tau[::20]])
    np.testing.assert_allclose(np.mean(cover * 2 * (1 - tau[::20])), found.predict(2)[0], atol=1e-3)


def test_the_tail_falls_with_the_exponent():
    rng = np.random.default_rng(3)
    found = fit(counted(*drawn(rng.beta(0.4, 1, 300), rng)), BetaBinomialLaw())
    failures = 1 - found.predict([10**5, 10**6])
    assert abs(np.log10(failures[0] / failures[1]) - found.tail_exponent) < 1e-3


@pytest.mark.parametrize(
    ("correct", "samples", "law", "words"),
    [
        ([0, 1, 1], [1, 1, 1], BetaBinomialLaw(), "one sample per question"),
        ([0, 0, 0], [5, 6, 7], BetaBinomialLaw(), "no sample is correct"),
        ([5, 6, 7], [5, 6, 7], BetaBinomialLaw(), "every sample is correct"),
        ([5, 5, 5], [10, 10, 10], BetaBinomialLaw(), "no more than chance"),
        ([0, 9, 0, 9], [9, 9, 9, 9], BetaBinomialLaw(), "all or none"),
        ([3, 9, 5, 2], [9, 9, 9, 9], BetaBinomialLaw(zero_inflated=True), "z is 0"),
    ],
)
def test_verdicts_of_the_beta_binomial(correct, samples, law, words):
    found = fit(counted(correct, samples), law)
    assert words in found.verdict
    if not law.zero_inflated:
        observed = np.sum(correct) / np.sum(samples)
        np.testing.assert_allclose(found.predict(1)[0], observed, atol=1e-3)


# --- two kinds of questions -------------------------------------------------------------------


def test_binary_votes_term_by_term():
    p = np.array([0, 0.013, 0.3, 0.5, 0.77, 1])
    k = np.array([1, 2, 3, 8, 31, 100])
    values = theory.binary_vote(p[:, None], k)
    expected = [[binary_vote(one, int(n)) for n in k] for one in p]
    np.testing.assert_allclose(values, expected, atol=1e-15, rtol=1e-13)


@pytest.mark.parametrize(
    ("alpha", "p1", "p2"), [(0.6, 0.85, 0.4), (0.5, 0.65, 0.1), (0.8, 0.7, 0.4), (0.3, 0.95, 0.45)]
)
def test_bilevel_curves_are_recovered(alpha, p1, p2):
    k = np.array([1, 3, 5, 9, 15, 31, 61, 101])
    high, low = theory.binary_vote([[p1], [p2]], k)
    found = _core.fit_bilevel_curves(k, (alpha * high + (1 - alpha) * low)[None])[0]
    np.testing.assert_allclose(found[:3], [alpha, p1, p2], atol=1e-6)
    assert found[3] < 1e-20


def test_bilevel_least_squares_are_no_worse_than_restarts():
    rng = np.random.default_rng(0)
    k = np.array([1, 3, 5, 9, 15, 31, 61])
    curves = np.clip(rng.uniform(0.2, 0.8, (3, 1)) + rng.normal(0, 0.05, (3, 7)), 0, 1)
    for curve, row in zip(curves, _core.fit_bilevel_curves(k, curves), strict=True):

        def squares(x, curve=curve):
            high, low = theory.binary_vote(x[1:, None], k)
            return np.sum((x[0] * high + (1 - x[0]) * low - curve) ** 2)

        starts = rng.uniform([0, 0.5, 0], [1, 1, 0.5], (20, 3))
        bounds = [(0, 1), (0.5, 1), (0, 0.5)]
        best = min(minimize(squares, start, bounds=bounds).fun for start in starts)
        assert row[3] <= best + 1e-9
        np.testing.assert_allclose(squares(row[:3]), row[3], rtol=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_the_likelihood_of_two_binomials_is_highest(seed):
    rng = np.random.default_rng(seed)
    alpha, p1, p2 = rng.uniform([0.2, 0.55, 0.05], [0.8, 0.95, 0.45])
    correct, samples = drawn(np.where(rng.uniform(size=100) < alpha, p1, p2), rng)
    found = fit(counted(correct, samples), BilevelLaw())
    ours = two_binomials_log_likelihood(found.alpha, found.p1, found.p2, correct, samples)
    starts = rng.uniform([0.1, 0.52, 0.02], [0.9, 0.98, 0.48], (10, 3))
    bounds = [(1e-9, 1 - 1e-9), (0.5, 1 - 1e-9), (1e-9, 0.5)]
    best = min(
        minimize(
            lambda x: -two_binomials_log_likelihood(*x, correct, samples), start, bounds=bounds
        ).fun
        for start in starts
    )
    assert -ours <= best + 1e-6


def test_the_optimum_of_a_bilevel_fit_is_that_of_the_law():
    rows = [[0] * 1700 + [1] * 300] * 6 + [[0] * 900 + [1] * 1100] * 4
    found = fit(kc.AnswerLog.from_codes(np.array(rows), correct=np.zeros(10, int)), BilevelLaw())
    np.testing.assert_allclose([found.alpha, found.p1, found.p2], [0.6, 0.85, 0.45], atol=1e-6)
    assert found.optimal_k() == 7


@pytest.mark.parametrize(
    ("data", "law", "words"),
    [
        (counted([9, 8, 9], [10] * 3), BilevelLaw(), "all questions are easy: p2"),
        (counted([1, 2, 1], [10] * 3), BilevelLaw(), "all questions are hard: p1"),
        (counted([5, 5, 5], [10] * 3), BilevelLaw(), "not identified"),
        (kc.curve(kc.example_log(), k=[1, 2, 3, 4]), BilevelLaw(), "2 odd numbers of calls"),
        (kc.example_log(), BilevelLaw(), "more than two answers"),
        (kc.example_log(), BinaryLaw(reading="rival"), "more than two answers"),
        (counted([1, 2, 0], [2] * 3), BinaryLaw(), "fewer than three samples"),
    ],
)
def test_verdicts_of_votes_between_two_answers(data, law, words):
    assert words in fit(data, law).verdict


def test_bilevel_refuses_curves_of_other_rules():
    with pytest.raises(kc.ArgumentError, match="PassAtK"):
        fit(kc.curve(kc.example_log(), kc.PassAtK(), k=[1, 2]), BilevelLaw())
    with pytest.raises(kc.ArgumentError, match="split ties"):
        fit(kc.curve(kc.example_log(), kc.Vote(ties="wrong"), k=[1, 2]), BilevelLaw())


# --- a mixing distribution --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_no_mixing_distribution_is_likelier(seed):
    rng = np.random.default_rng(seed)
    correct, samples = drawn(rng.beta(0.7, 0.9, 150), rng, least=3)
    found = fit(counted(correct, samples), BinaryLaw())
    np.testing.assert_allclose(found.weights.sum(), 1, rtol=1e-12)
    assert (found.weights >= 0).all()
    ours = mixture_log_likelihood(found.p, found.weights, correct, samples)
    slow = best_of_expectation_maximisation(found.p, correct, samples, 300)
    assert ours >= mixture_log_likelihood(found.p, slow, correct, samples)
    # The directional derivative towards every atom bounds what any distribution can gain.
    likelihoods = relative_likelihoods(found.p, correct, samples)
    gain = (likelihoods / (likelihoods @ found.weights)[:, None]).mean(axis=0) - 1
    assert gain.max() < 1e-8
    assert found.verdict is None


def test_votes_of_a_known_mixture_are_predicted():
    rng = np.random.default_rng(5)
    p = rng.choice([0.2, 0.6, 0.9], 3000, p=[0.3, 0.3, 0.4])
    correct = rng.binomial(40, p)
    found = fit(counted(correct, np.full(3000, 40)), BinaryLaw())
    exact = 0.3 * binary_vote(0.2, 25) + 0.3 * binary_vote(0.6, 25) + 0.4 * binary_vote(0.9, 25)
    low, high = found.interval(25, n_resamples=200)
    assert low[0] <= exact <= high[0]
    assert abs(found.cover_at(0.75) - 0.4) < 0.03
    assert found.residuals.largest < 0.01


def test_the_readings_agree_on_two_answers():
    rng = np.random.default_rng(2)
    log = counted(*drawn(rng.uniform(size=60), rng))
    one, other = (fit(log, BinaryLaw(reading=reading)) for reading in ("correct", "rival"))
    np.testing.assert_allclose(one.predict([1, 9, 99]), other.predict([1, 9, 99]), atol=1e-9)


def test_the_grid_is_symmetric_and_has_its_middle():
    atoms = BinaryLaw().atoms
    assert atoms[0] == 0
    assert atoms[100] == 0.5
    np.testing.assert_allclose(atoms + atoms[::-1], 1, rtol=1e-15)
