"""What a better verifier is worth: closed forms against draws, curves and corners."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

import kcurve as kc
from kcurve.errors import ArgumentError, LogError
from kcurve.simulate import BetaQuestions, DirichletQuestions, RewardModel
from kcurve.verifiers import binormal_best_of_n, roc, shifted, verifier_value
from kcurve.verifiers.binormal import (
    drawn_from_pool,
    drawn_with_replacement,
    limit,
    right_wins,
    shifts,
)
from kcurve.verifiers.quality import binormal_quality
from kcurve.verifiers.scored import scored_samples
from tests.oracles import verifiers as oracle
from tests.scored_logs import log_of_scores

# The formulas


@pytest.mark.parametrize(("auc", "spread"), [(0.7, 0.0), (0.3, 0.0), (0.8, 1.2)])
@pytest.mark.parametrize("k", [2, 5, 40])
def test_best_of_n_is_that_of_drawn_scores(auc: float, spread: float, k: int) -> None:
    runs = 40_000
    drawn = oracle.drawn_best_of_n(0.3, k, auc=auc, spread=spread, runs=runs, seed=k)
    error = np.sqrt(drawn * (1 - drawn) / runs)
    exact = binormal_best_of_n(0.3, k, auc=auc, spread=spread)
    assert abs(exact - drawn) < 4.5 * error


@pytest.mark.parametrize("k", [1, 2, 7, 100, 100_000])
def test_the_corners(k: int) -> None:
    p = np.array([0, 0.2, 1])
    np.testing.assert_allclose(binormal_best_of_n(p, k, auc=0.5), p, atol=1e-10)
    np.testing.assert_allclose(binormal_best_of_n(p, k, auc=1.0), 1 - (1 - p) ** k, atol=1e-12)
    np.testing.assert_allclose(binormal_best_of_n(p, k, auc=0.0), p**k, atol=1e-12)
    other = 1 - binormal_best_of_n(1 - p, k, auc=0.3, spread=0.7)
    np.testing.assert_allclose(binormal_best_of_n(p, k, auc=0.7, spread=0.7), other, atol=1e-9)


def test_two_samples_are_one_comparison() -> None:
    """p^2 + 2 p (1 - p) auc, whatever the spread."""
    for spread in (0.0, 0.5, 2.0):
        assert binormal_best_of_n(0.3, 2, auc=0.8, spread=spread) == pytest.approx(
            0.09 + 2 * 0.3 * 0.7 * 0.8, abs=1e-6
        )


def test_draws_with_replacement_mix_over_the_number_of_right_ones() -> None:
    shift = shifts(0.75, 0.6)
    for k in (1, 6, 50):
        mixed = binom.pmf(np.arange(k + 1), k, 0.35) @ right_wins(k, shift)
        exact = drawn_with_replacement(np.array([0.35]), np.array([k]), shift)
        assert mixed == pytest.approx(exact[0, 0], rel=1e-10)


@pytest.mark.parametrize("seed", range(8))
def test_draws_from_a_pool_are_the_mean_over_all_draws(seed: int) -> None:
    """Given the ranks of the scores it is best-of-n of the pool; averaged over scores, the closed form."""
    rng = np.random.default_rng(seed)
    right, size, k = int(rng.integers(0, 7)), 6, int(rng.integers(1, 7))
    shift, runs, total = float(ndtri(0.8)) * 2**0.5, 3000, []
    for _ in range(runs):
        scores = rng.standard_normal(size) + shift * (np.arange(size) < right)
        samples = [(float(s), i < right) for i, s in enumerate(scores)]
        total.append(float(oracle.best_of_n(samples, k)[1]))
    exact = drawn_from_pool(np.array([right]), np.array([size]), np.array([k]), shifts(0.8, 0.0))
    assert exact[0, 0] == pytest.approx(np.mean(total), abs=4.5 * np.std(total) / runs**0.5 + 1e-9)


def test_limits_are_where_it_goes() -> None:
    p = np.array([0.0, 0.3, 1.0])
    np.testing.assert_array_equal(limit(p, 0.7, 0.0), [0, 1, 1])
    np.testing.assert_array_equal(limit(p, 0.3, 0.0), [0, 0, 1])
    np.testing.assert_array_equal(limit(p, 0.5, 0.0), p)
    mean = float(ndtri(0.7)) * np.sqrt(2 + 4)
    np.testing.assert_allclose(limit(p, 0.7, 2.0), [0, ndtr(mean / 2), 1])
    near, far = (binormal_best_of_n(0.3, k, auc=0.7, spread=2.0) for k in (10**6, 10**3))
    assert near == pytest.approx(ndtr(mean / 2), abs=0.05)
    assert far < near - 0.01


# The quality of a log's verifier


def scores_with_spread(
    questions: int, samples: int, *, auc: float, spread: float, seed: int
) -> kc.AnswerLog:
    """Return a log of binormal scores whose shift differs between questions."""
    rng = np.random.default_rng([9, seed])
    right = rng.random((questions, samples)) < rng.beta(2, 2, size=(questions, 1))
    mean = float(ndtri(auc)) * np.sqrt(2 + spread**2)
    shift = mean + spread * rng.standard_normal((questions, 1))
    return kc.AnswerLog.from_codes(
        np.where(right, 0, 1),
        correct=np.zeros(questions, int),
        score=rng.standard_normal((questions, samples)) + shift * right,
    )


@pytest.mark.parametrize(("auc", "spread"), [(0.7, 0.0), (0.7, 1.0), (0.9, 0.5), (0.5, 2.0)])
def test_area_and_spread_are_recovered(auc: float, spread: float) -> None:
    log = scores_with_spread(4000, 30, auc=auc, spread=spread, seed=1)
    found = binormal_quality(scored_samples(log))
    assert found.auc == pytest.approx(auc, abs=0.015)
    assert found.spread == pytest.approx(spread, abs=0.15)


def test_quality_without_mixed_questions_is_unknown() -> None:
    log = log_of_scores([[(1.0, True), (2.0, True)], [(1.0, False), (2.0, False)]])
    assert np.isnan(binormal_quality(scored_samples(log)).auc)
    with pytest.raises(LogError, match="no question has both right and wrong samples"):
        verifier_value(log)


# The value of verifiers


def test_the_present_verifier_is_the_logged_one() -> None:
    log = scores_with_spread(1500, 32, auc=0.75, spread=1.0, seed=2)
    value = verifier_value(log)
    np.testing.assert_array_equal(value.k, [1, 2, 4, 8, 16, 32])
    np.testing.assert_allclose(value.present_accuracy, value.logged, atol=0.015)
    np.testing.assert_allclose(value.equivalent[1:], value.present, atol=0.02)
    np.testing.assert_allclose(
        value.logged, kc.curve(log, kc.BestOfN(), k=value.k.tolist()).mean, rtol=1e-15
    )


def test_known_verifiers_are_known_curves() -> None:
    log = BetaQuestions(a=1, b=1).log(60, 16, score=RewardModel(auc=0.8))
    value = verifier_value(log, auc=[0.5, 1.0], k=range(1, 17), spread=0)
    np.testing.assert_allclose(value.accuracy[0], log.correct.mean(), rtol=1e-9)
    curve = kc.curve(log, kc.PassAtK())
    np.testing.assert_allclose(value.accuracy[1], curve.mean, rtol=1e-9)
    np.testing.assert_allclose(value.low[1], curve.low, rtol=1e-6)
    np.testing.assert_allclose(value.high[1], curve.high, rtol=1e-6)
    plug_in = verifier_value(log, auc=1.0, k=[4, 100], spread=0, method=kc.Exact(replacement=True))
    exact = kc.curve(log, kc.PassAtK(), k=[4, 100], method=kc.Exact(replacement=True)).mean
    np.testing.assert_allclose(plug_in.accuracy[0], exact, rtol=1e-12)


def test_a_better_verifier_is_never_worse() -> None:
    log = scores_with_spread(60, 20, auc=0.7, spread=0.8, seed=3)
    value = verifier_value(log, auc=[0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert (np.diff(value.accuracy, axis=0) >= -1e-9).all()
    assert (np.diff(value.limit) >= 0).all()
    assert (np.diff(value.samples, axis=0)[:, 1:] >= 0).all()
    assert (value.low <= value.accuracy).all()
    assert (value.accuracy <= value.high).all()


def test_samples_needed_are_the_least() -> None:
    log = BetaQuestions(a=1, b=2).log(100, 20, score=RewardModel(auc=0.7))
    value = verifier_value(log, spread=0.5)
    p = log.correct.reshape(100, 20).mean(axis=1)

    def accuracy(k: int) -> float:
        return float(np.mean(binormal_best_of_n(p, k, auc=0.8, spread=0.5)))

    for k in (2, 9, 40):
        target = accuracy(k) - 1e-6
        assert accuracy(k - 1) < target
        assert value.samples_needed(target, auc=0.8) == k
    far = int(value.samples_needed(accuracy(1000), auc=0.8))
    assert far == pytest.approx(1000, rel=0.02)
    assert value.samples_needed(0.01) == 1
    assert value.samples_needed(1.0) == np.inf


def test_beyond_its_limit_no_number_of_samples_replaces_a_better_verifier() -> None:
    log = scores_with_spread(200, 40, auc=0.7, spread=1.5, seed=4)
    value = verifier_value(log, auc=[0.7, 0.99], spread=1.5)
    assert value.accuracy[1, -1] > verifier_value(log, auc=value.present, spread=1.5).limit[0]
    assert value.samples[1, -1] == np.inf
    assert value.logged_samples[1, -1] == np.inf
    finite = np.isfinite(value.logged_samples)
    whole = kc.curve(log, kc.BestOfN()).mean
    for k, target in zip(value.logged_samples[finite], value.accuracy[finite], strict=True):
        assert whole[int(k) - 1] >= target - 1e-9
        assert (whole[: int(k) - 1] < target).all()


def test_values_refuse_what_is_not_there() -> None:
    log = BetaQuestions(a=1, b=1).log(20, 8, score=RewardModel(auc=0.8))
    with pytest.raises(ArgumentError, match="auc must be numbers between 0 and 1"):
        verifier_value(log, auc=[0.5, 1.5])
    with pytest.raises(ArgumentError, match="k must be between 1 and 8"):
        verifier_value(log, k=[9])
    with pytest.raises(ArgumentError, match="spread must be at least 0"):
        verifier_value(log, spread=-1)
    with pytest.raises(ArgumentError, match="accuracy must be at least 0"):
        verifier_value(log).samples_needed(2)
    with pytest.raises(ArgumentError, match="p must be at least 0"):
        binormal_best_of_n(-0.1, 2, auc=0.5)


def test_what_a_value_shows() -> None:
    value = verifier_value(
        BetaQuestions(a=1, b=1).log(20, 8, score=RewardModel(auc=0.8)), auc=[0.7, 1.0]
    )
    json.dumps(value.to_dict(), allow_nan=False)
    names = ["auc", "k", "accuracy", "low", "high", "samples", "logged_samples"]
    table = pa.table(value.to_arrow())
    assert table.column_names == names
    assert table.num_rows == 8
    assert "binormal" in repr(value)
    assert "<table>" in value._repr_html_()
    assert value.plot().get_ylabel() == "accuracy of best-of-k"


# Shifted scores


def logged(seed: int = 0) -> kc.AnswerLog:
    """Return a log of sixty questions with scores on a scale of its own."""
    log = BetaQuestions(a=1, b=1).log(60, 12, rng=seed, score=RewardModel(auc=0.65))
    return replace(log, score=100 * log.score - 20)


@pytest.mark.parametrize("auc", [0.5, 0.65, 0.8, 0.95])
@pytest.mark.parametrize("scale", ["normal", "logged"])
def test_shifted_scores_have_the_area_asked_for(auc: float, scale: str) -> None:
    log = logged()
    found = roc(shifted(log, auc=auc, scale=scale)).within_auc
    assert auc - 1e-9 <= found < auc + 0.005


@pytest.mark.parametrize("scale", ["normal", "logged"])
def test_shifted_scores_keep_their_order_among_samples_of_one_kind(scale: str) -> None:
    log = logged()
    moved = shifted(log, auc=0.9, scale=scale)
    for kind in (log.correct, ~log.correct):
        order = np.argsort(log.score[kind], kind="stable")
        assert (np.diff(moved.score[kind][order]) > 0).all()
    if scale == "logged":
        np.testing.assert_array_equal(np.sort(moved.score), np.sort(log.score))


def test_shifted_to_the_corners_best_of_n_is_pass_at_k_and_pass_hat_k() -> None:
    log = logged()
    for auc, rule in ((1.0, kc.PassAtK()), (0.0, kc.PassHatK())):
        a = kc.curve(shifted(log, auc=auc), kc.BestOfN(), interval=None).mean
        np.testing.assert_allclose(a, kc.curve(log, rule, interval=None).mean, atol=1e-12)


def test_scores_shifted_to_the_present_area_choose_as_before() -> None:
    log = logged()
    value = verifier_value(log, auc=roc(log).within_auc, model="shifted")
    np.testing.assert_allclose(value.accuracy[0], value.logged, rtol=1e-12)
    assert np.isnan(value.spread)
    assert np.isnan(value.limit).all()
    with pytest.raises(ArgumentError, match="shifted scores say nothing beyond the log"):
        value.samples_needed(0.5)


def test_a_shift_keeps_the_failures_that_binormal_scores_forget() -> None:
    """Rare wrong samples score far above all others: shifted by little, they still are chosen."""
    rng = np.random.default_rng(1)
    right = rng.random((100, 40)) < 0.4
    score = rng.standard_normal((100, 40)) + 1.2 * right
    score[:, 0] += 50 * ~right[:, 0]
    log = kc.AnswerLog.from_codes(np.where(right, 0, 1), correct=np.zeros(100, int), score=score)
    better = [0.85]
    kept = verifier_value(log, auc=better, model="shifted").accuracy[0, -1]
    forgotten = verifier_value(log, auc=better, model="binormal", spread=0).accuracy[0, -1]
    assert kept < 0.6
    assert forgotten > 0.9


def test_votes_by_better_scores() -> None:
    log = DirichletQuestions(answers=3, correct=0.4, concentration=6.0).log(
        80, 16, score=RewardModel(auc=0.6)
    )
    rule = kc.FilterVote(threshold=0.5, calls="candidates")
    value = verifier_value(log, rule, auc=[0.6, 0.8, 1.0], k=[1, 4, 16])
    assert (np.diff(value.accuracy[:, -1]) > 0).all()
    np.testing.assert_allclose(value.logged, kc.curve(log, rule, k=[1, 4, 16]).mean, rtol=1e-15)
    weighted = verifier_value(
        log, kc.WeightedVote(), auc=[0.6, 1.0], k=[2, 16], method=kc.Bootstrap(n_resamples=256)
    )
    assert weighted.accuracy[1, -1] > weighted.accuracy[0, -1]


def test_ties_are_moved_apart_little_by_little() -> None:
    """Two levels of score: areas near the present one are reached, and the curve stays near."""
    rng = np.random.default_rng(0)
    right = rng.random((1500, 16)) < 0.4
    score = (rng.random((1500, 16)) < np.where(right, 0.7, 0.4)).astype(float)
    log = kc.AnswerLog.from_codes(np.where(right, 0, 1), correct=np.zeros(1500, int), score=score)
    present = roc(log).within_auc
    for auc in (present - 0.05, present, present + 0.05):
        assert roc(shifted(log, auc=auc)).within_auc == pytest.approx(auc, abs=1e-3)
    value = verifier_value(log, auc=present, model="shifted")
    np.testing.assert_allclose(value.accuracy[0], value.logged, atol=0.04)
    assert (shifted(log, auc=0.9, rng=1).score != shifted(log, auc=0.9, rng=2).score).any()


def test_shifts_refuse_what_they_cannot_reach() -> None:
    log = kc.AnswerLog.from_codes([[0, 1, 0, 1]], correct=[0], score=[[np.nan, 1.0, 2.0, 0.0]])
    assert np.isnan(shifted(log, auc=0.5).score).tolist() == [True, False, False, False]
    with pytest.raises(
        ArgumentError, match=r"auc must be between 0 and 0\.5, what samples without"
    ):
        shifted(log, auc=0.9)
    with pytest.raises(LogError, match="no question has both"):
        shifted(log_of_scores([[(1.0, True)]]), auc=0.9)
    with pytest.raises(ArgumentError, match="needs a threshold"):
        verifier_value(logged(), kc.FilterVote())
    with pytest.raises(ArgumentError, match="binormal scores are for BestOfN"):
        verifier_value(logged(), kc.WeightedVote(), model="binormal")
