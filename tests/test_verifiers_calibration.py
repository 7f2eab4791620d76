"""Whether scores are chances, against sums by hand."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.errors import ArgumentError, LogError
from kcurve.simulate import BetaQuestions, RewardModel
from kcurve.verifiers import calibration, recalibrated
from kcurve.verifiers.recalibration import logistic_fit
from tests.oracles import verifiers as oracle
from tests.scored_logs import log_of_scores, pool, random_questions

SEEDS = range(30)


def calibrated_log(questions: int, samples: int, seed: int, *, shift: float = 0.0) -> kc.AnswerLog:
    """Return a log whose scores are the chances that samples are right, or too high by a shift."""
    rng = np.random.default_rng([8, seed])
    chance = rng.uniform(0.1, 0.8, size=(questions, samples))
    right = rng.random((questions, samples)) < chance
    return kc.AnswerLog.from_codes(
        np.where(right, 0, 1), correct=np.zeros(questions, int), score=chance + shift
    )


@pytest.mark.parametrize("number", [1, 3, 10])
@pytest.mark.parametrize("seed", SEEDS)
def test_errors_are_sums_over_bins(seed: int, number: int) -> None:
    questions = random_questions(seed, chances=True)
    samples = pool(questions)
    found = calibration(log_of_scores(questions), bins=number, resamples=10)
    parts = oracle.bins(samples, number)
    np.testing.assert_array_equal(found.count, [len(each) for each in parts])
    np.testing.assert_allclose(
        found.accuracy, [sum(r for _, r in each) / len(each) for each in parts], rtol=1e-13
    )
    np.testing.assert_allclose(
        found.score, [sum(s for s, _ in each) / len(each) for each in parts], rtol=1e-13
    )
    assert found.ece == pytest.approx(oracle.calibration_error(samples, number), abs=1e-14)
    assert found.brier == pytest.approx(oracle.brier(samples), rel=1e-13)
    assert found.log_loss == pytest.approx(oracle.log_loss(samples), rel=1e-13)
    np.testing.assert_allclose(
        [found.reliability, found.resolution, found.uncertainty, found.within_bins],
        oracle.brier_parts(samples, number),
        atol=1e-13,
    )
    assert found.log_loss_low <= found.log_loss <= found.log_loss_high


def test_equal_scores_share_a_bin_and_their_bins_add_nothing_within() -> None:
    questions = [[(0.2, False), (0.2, True), (0.9, True), (0.9, True), (0.9, False)]] * 4
    found = calibration(log_of_scores(questions), bins=15)
    np.testing.assert_allclose(found.score, [0.2, 0.9])
    np.testing.assert_array_equal(found.count, [8, 12])
    assert found.within_bins == pytest.approx(0, abs=1e-15)


def test_perfect_calibration_is_rarely_denied_and_noise_is_named() -> None:
    runs, denied, inside, noise, corrected = 200, 0, 0, [], []
    for seed in range(runs):
        found = calibration(calibrated_log(60, 10, seed), bins=10, resamples=300)
        denied += found.p_value < 0.05
        inside += found.ece_low == 0
        noise.append((found.ece, found.ece_calibrated))
        corrected.append(found.ece_corrected)
    assert denied / runs < 0.1
    assert inside / runs > 0.93
    ece, expected = np.mean(noise, axis=0)
    assert expected == pytest.approx(ece, rel=0.1)
    assert np.mean(corrected) < 0.75 * ece


def test_a_shift_is_found_and_its_interval_covers() -> None:
    runs, covered, found_out = 200, 0, 0
    for seed in range(runs):
        found = calibration(calibrated_log(100, 10, seed, shift=0.12), bins=8, resamples=400)
        covered += found.ece_low <= 0.12 <= found.ece_high
        found_out += found.p_value < 0.01
    assert found_out / runs > 0.95
    assert 0.88 < covered / runs < 0.99


def test_samples_that_share_their_fate_are_one_observation() -> None:
    """All samples of a question right or wrong together: calibrated, with the noise of forty draws."""
    rng = np.random.default_rng(1)
    chance = rng.uniform(0.1, 0.9, size=40)
    right = np.repeat((rng.random(40) < chance)[:, None], 50, axis=1)
    log = kc.AnswerLog.from_codes(
        np.where(right, 0, 1),
        correct=np.zeros(40, int),
        score=np.repeat(chance[:, None], 50, axis=1),
    )
    found = calibration(log, bins=8)
    assert found.ece > 0.1
    assert found.ece_calibrated > 0.1
    assert found.p_value > 0.05


def test_certain_and_wrong_is_infinitely_bad() -> None:
    found = calibration(log_of_scores([[(1.0, False), (0.5, True)]] * 3))
    assert found.log_loss == np.inf
    assert np.isnan(found.log_loss_low)
    assert found.to_dict()["log_loss"] is None


def test_scores_that_are_no_chances_are_refused_with_the_remedy() -> None:
    log = log_of_scores([[(1.5, True), (-2.0, False)], [(3.0, True), (0.5, False)]])
    with pytest.raises(LogError, match=r"3 scores are outside \[0, 1\].*recalibrated\(log\)"):
        calibration(log)
    calibration(recalibrated(log, folds=2))
    with pytest.raises(ArgumentError, match="bins must be an integer of at least 1, got 0"):
        calibration(log, bins=0)


def test_the_same_seed_gives_the_same_bits() -> None:
    log = calibrated_log(30, 5, 0)
    assert calibration(log, rng=3).to_dict() == calibration(log, rng=3).to_dict()
    assert calibration(log, rng=3).ece_high != calibration(log, rng=4).ece_high


def test_logistic_regression_recovers_its_truth() -> None:
    """Scores N(+-1/2, 1) times 3 plus 7: the log odds are linear in them."""
    log = BetaQuestions(a=500, b=500).log(400, 100, score=RewardModel(auc=0.76))
    z = np.log(log.score / (1 - log.score))
    shift = RewardModel(auc=0.76).shift
    a, b = logistic_fit(3 * z + 7, log.correct)
    assert b == pytest.approx(shift / 3, rel=0.03)
    assert a == pytest.approx(-7 * shift / 3, rel=0.03)


def test_logistic_regression_solves_its_equations() -> None:
    for seed in SEEDS:
        samples = pool(random_questions(seed, questions=12))
        score, right = np.array([s for s, _ in samples]), np.array([r for _, r in samples])
        a, b = logistic_fit(score, right)
        p = 1 / (1 + np.exp(-(a + b * score)))
        assert np.sum(p - right) == pytest.approx(0, abs=1e-4 * len(right))
        assert np.sum((p - right) * (score - score.mean())) / max(
            score.std(), 1e-9
        ) == pytest.approx(0, abs=1e-4 * len(right))


def test_recalibrated_scores_are_chances_in_the_same_order() -> None:
    log = BetaQuestions(a=1, b=1).log(200, 20, score=RewardModel(auc=0.8))
    before = kc.AnswerLog.from_codes(
        log.codes.reshape(200, 20),
        correct=log.correct.reshape(200, 20),
        score=(100 * log.score).reshape(200, 20),
    )
    after = recalibrated(before)
    found = calibration(after)
    assert found.ece_corrected < 0.05
    assert found.brier < found.uncertainty
    a, b = (kc.curve(each, kc.BestOfN()).mean for each in (before, after))
    np.testing.assert_array_equal(a, b)


def test_no_question_has_a_part_in_its_own_scores() -> None:
    """Turning the verdicts of one question leaves its own scores alone."""
    questions = random_questions(5, questions=10)
    turned = [[(s, not r) for s, r in questions[0]], *questions[1:]]
    a, b = (recalibrated(log_of_scores(each), folds=10) for each in (questions, turned))
    own = len(questions[0])
    np.testing.assert_array_equal(a.score[:own], b.score[:own])
    assert (a.score[own:] != b.score[own:]).any()


def test_recalibration_keeps_what_has_no_score() -> None:
    log = kc.AnswerLog.from_codes(
        [[0, 1, 1], [0, 0, 1], [1, 0, 1]],
        correct=[0, 0, 0],
        score=[[5, np.nan, 3], [2, 4, 1], [3, 6, 2]],
    )
    assert np.isnan(recalibrated(log, folds=3).score).tolist() == [False, True] + [False] * 7


def test_recalibration_refuses_what_it_cannot_fit() -> None:
    log = log_of_scores([[(1.0, True), (0.0, True)]] * 3)
    with pytest.raises(LogError, match="all right; recalibration needs both kinds"):
        recalibrated(log, folds=3)
    with pytest.raises(
        ArgumentError, match=r"folds must be between 2 and 3 \(the questions\), got 5"
    ):
        recalibrated(log)
    with pytest.raises(LogError, match="infinite score"):
        recalibrated(log_of_scores([[(np.inf, True), (0.0, False)]] * 5))


def test_what_a_calibration_shows() -> None:
    found = calibration(log_of_scores(random_questions(2, chances=True)))
    json.dumps(found.to_dict(), allow_nan=False)
    assert pa.table(found.to_arrow()).column_names == ["score", "accuracy", "low", "high", "count"]
    assert "ECE" in repr(found)
    assert "<table>" in found._repr_html_()
    assert found.plot().get_ylabel() == "share right"
