"""What best-of-n and Filter-Vote tend to, and where they turn down."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.simulate import BetaQuestions, DirichletQuestions, RewardModel
from kcurve.theory import limits
from kcurve.verifiers import (
    accepting_best_of_n,
    best_of_n_ceiling,
    filter_ceiling,
    over_optimisation,
    plateau,
)
from kcurve.verifiers.chosen_score import chosen_scores
from kcurve.verifiers.scored import scored_samples
from kcurve.verifiers.tails import top_tail
from tests.logs import log_of
from tests.oracles import verifiers as oracle
from tests.random_logs import random_questions as random_votes
from tests.scored_logs import log_of_scores, random_questions

SEEDS = range(25)


# Plateaus


@pytest.mark.parametrize(("tpr", "fpr"), [(0.8, 0.2), (0.5, 0.5), (0.25, 0.75), (1, 0.5), (0, 0)])
def test_best_of_n_with_a_verdict_is_the_curve_of_a_log_with_scores_0_and_1(
    tpr: float, fpr: float
) -> None:
    """Eight right and twelve wrong samples, accepted by these shares, drawn with replacement."""
    good, bad = round(8 * tpr), round(12 * fpr)
    question = [(1.0, True)] * good + [(0.0, True)] * (8 - good)
    question += [(1.0, False)] * bad + [(0.0, False)] * (12 - bad)
    k = [1, 2, 5, 30, 500]
    curve = kc.curve(
        log_of_scores([question]), kc.BestOfN(), k=k, method=kc.Exact(replacement=True)
    )
    exact = accepting_best_of_n(0.4, k, tpr=good / 8, fpr=bad / 12)
    np.testing.assert_allclose(curve.mean, exact, rtol=1e-12)
    assert exact[-1] == pytest.approx(plateau(0.4, tpr=good / 8, fpr=bad / 12), rel=1e-12)


def test_plateaus_at_the_corners() -> None:
    np.testing.assert_array_equal(plateau([0, 0.3, 1], tpr=0.9, fpr=0.1)[[0, 2]], [0, 1])
    assert plateau(0.3, tpr=0, fpr=0) == 0.3
    assert plateau(0.3, tpr=0.5, fpr=0) == 1
    assert plateau(0.3, tpr=0.5, fpr=0.5) == pytest.approx(0.3)
    assert accepting_best_of_n(1, 3, tpr=1, fpr=0) == 1
    with pytest.raises(ArgumentError, match=r"tpr must be at least 0 and at most 1, got 1\.2"):
        plateau(0.5, tpr=1.2, fpr=0)
    with pytest.raises(ArgumentError, match="k must be integers of at least 1"):
        accepting_best_of_n(0.5, 0, tpr=1, fpr=0)


# Ceilings of best-of-n


@pytest.mark.parametrize("seed", SEEDS)
def test_tails_and_ratios_are_those_counted_by_hand(seed: int) -> None:
    questions = random_questions(seed)
    found = best_of_n_ceiling(log_of_scores(questions))
    for place, share in enumerate(found.share):
        tails = [oracle.top_share(question, Fraction(float(share))) for question in questions]
        mean = sum(right / (right + wrong) for right, wrong in tails) / len(questions)
        assert found.accuracy[place] == pytest.approx(float(mean), rel=1e-12, abs=1e-15)
        ratio = oracle.stratified_ratio(questions, Fraction(float(share)))
        if ratio is None:
            assert not np.isfinite(found.ratio[place])
        else:
            assert found.ratio[place] == pytest.approx(float(ratio), rel=1e-12)
            p = [sum(r for _, r in question) / len(question) for question in questions]
            values = [x * float(ratio) / (x * float(ratio) + 1 - x) if x < 1 else 1.0 for x in p]
            assert found.common[place] == pytest.approx(np.mean(values), rel=1e-12)
    assert found.solved == np.mean([any(r for _, r in question) for question in questions])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_is_a_tail_and_the_least_tail_is_the_top(seed: int) -> None:
    questions = random_questions(seed)
    samples = scored_samples(log_of_scores(questions))
    for share, k in ((1.0, 1), (1e-9, None)):
        right, wrong = (samples.in_log_order(each) for each in top_tail(samples, share))
        for q, question in enumerate(questions):
            exact = oracle.best_of_n(question, k)[1] if k else oracle.best_of(question)[1]
            assert right[q] / (right[q] + wrong[q]) == pytest.approx(float(exact))


def test_the_ceiling_of_a_verdict_is_its_plateau() -> None:
    """With a verifier that says 0 or 1, every small share has the composition of the accepted samples."""
    rng = np.random.default_rng(3)
    p = rng.uniform(0.2, 0.9, size=(300, 1))
    right = rng.random((300, 400)) < p
    score = (rng.random((300, 400)) < np.where(right, 0.7, 0.2)).astype(float)
    log = kc.AnswerLog.from_codes(np.where(right, 0, 1), correct=np.zeros(300, int), score=score)
    found = best_of_n_ceiling(log)
    exact = plateau(p[:, 0], tpr=0.7, fpr=0.2).mean()
    assert found.limit == pytest.approx(exact, abs=0.004)
    assert found.common[-1] == pytest.approx(exact, abs=0.004)
    assert found.ratio[-1] == pytest.approx(3.5, abs=0.1)
    assert found.ratio_low[-1] < 3.5 < found.ratio_high[-1]
    assert found.trend == pytest.approx(0, abs=1e-12)


def test_a_verifier_that_sorts_on_and_on_shows_a_trend() -> None:
    log = BetaQuestions(a=4, b=4).log(2000, 64, score=RewardModel(auc=0.7))
    found = best_of_n_ceiling(log)
    assert found.trend_low > 0
    assert (np.diff(found.accuracy) > 0).all()
    assert found.limit == pytest.approx(found.curve.mean[-1], abs=0.02)


def test_a_verifier_that_fails_on_some_questions_is_not_evenly_bad() -> None:
    """It is perfect on half of the questions and always wrong on the others."""
    fine, wrong = [(1.0, True), (0.0, False)] * 8, [(0.0, True), (1.0, False)] * 8
    found = best_of_n_ceiling(log_of_scores([fine, wrong] * 10))
    assert found.limit == 0.5
    assert found.ratio[-1] == pytest.approx(1)
    assert set(found.per_question) == {0.0, 1.0}
    assert found.limit_low < 0.5 < found.limit_high


def test_missing_scores_rank_last_in_the_ceiling() -> None:
    log = kc.AnswerLog.from_codes([[0, 1]], correct=[0], score=[[-5.0, np.nan]])
    assert best_of_n_ceiling(log).limit == 1
    with pytest.raises(MissingColumnError, match="no score column"):
        best_of_n_ceiling(kc.AnswerLog.from_codes([[0, 1]], correct=[0]))


# Ceilings of Filter-Vote


@pytest.mark.parametrize("seed", range(12))
def test_limits_above_a_threshold_are_those_of_the_kept_samples(seed: int) -> None:
    """Kept samples make a log of their own; where none is kept all do."""
    questions = random_votes(seed)
    found = filter_ceiling(log_of(questions), [1, 3, 50])
    for place, threshold in enumerate(found.threshold):
        kept = [
            [s for s in question if s.score is not None and s.score >= threshold] or question
            for question in questions
        ]
        exact = limits(log_of(kept if np.isfinite(threshold) else questions))
        np.testing.assert_allclose(
            found.per_question[:, place], exact.expected_per_question, rtol=1e-9
        )
        assert found.plug_in[place] == pytest.approx(exact.per_question.mean(), rel=1e-12)


def test_plug_in_limits_are_where_the_filtered_vote_goes() -> None:
    questions = random_votes(4)
    found = filter_ceiling(log_of(questions), 2)
    curve = kc.curve(
        log_of(questions),
        kc.FilterVote(threshold=2, calls="candidates"),
        k=100_001,
        method=kc.Exact(replacement=True),
    )
    assert found.plug_in[1] == pytest.approx(curve.mean[0], abs=0.02)


def test_the_best_threshold_is_known_by_its_gain() -> None:
    log = DirichletQuestions(answers=3, correct=0.4, concentration=8.0).log(
        150, 40, score=RewardModel(auc=0.8)
    )
    found = filter_ceiling(log)
    assert found.gain_low > 0
    assert found.limit.max() == pytest.approx(found.limit[0] + found.gain)
    assert found.chosen <= found.limit.max() + 1e-12
    assert found.chosen == pytest.approx(found.limit.max(), abs=0.03)
    blind = DirichletQuestions(answers=3, correct=0.4, concentration=8.0).log(
        150, 40, score=RewardModel(auc=0.5)
    )
    useless = filter_ceiling(blind)
    assert useless.chosen <= useless.limit.max() + 1e-12
    assert useless.chosen - useless.limit[0] < 0.03


def test_the_choice_by_others_leaves_each_question_out() -> None:
    """Two thresholds; each question alone prefers what the other two do not."""
    values = np.array([[1.0, 0.0], [0.0, 0.6], [0.0, 0.5]])
    from kcurve.verifiers.filter_ceiling import _chosen_by_others  # noqa: PLC0415

    # Without the first, the second column is best (0.55); without either other, the first is.
    assert _chosen_by_others(values, np.arange(3)) == pytest.approx((0.0 + 0.0 + 0.0) / 3)


def test_filter_ceilings_refuse_what_they_cannot_read() -> None:
    log = log_of_scores(random_questions(1))
    with pytest.raises(ArgumentError, match="threshold must be a number or a sequence"):
        filter_ceiling(log, np.nan)
    mixed = kc.AnswerLog.from_codes([[0, 0]], correct=[[True, False]], score=[[1.0, 2.0]])
    with pytest.raises(LogError, match="both correct and wrong"):
        filter_ceiling(mixed)


# Over-optimisation


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_chosen_scores_and_accuracies_are_those_of_all_draws(seed: int, replacement: bool) -> None:
    questions = random_questions(seed, questions=3, most=6)
    k = np.array([1, 2, 4]) if replacement else np.arange(1, min(map(len, questions)) + 1)
    log = log_of_scores(questions)
    found = over_optimisation(log, k=k.tolist(), method=kc.Exact(replacement=replacement))
    exact = [
        [oracle.best_of_n(question, int(each), replacement=replacement) for each in k]
        for question in questions
    ]
    np.testing.assert_allclose(
        found.chosen_score,
        np.mean([[float(s) for s, _ in row] for row in exact], axis=0),
        rtol=1e-12,
    )
    mean = np.mean([[float(r) for _, r in row] for row in exact], axis=0)
    np.testing.assert_allclose(found.curve.mean, mean, rtol=1e-12)
    assert found.drop == pytest.approx(mean.max() - mean[-1], abs=1e-12)
    assert found.k == k[np.argmax(mean >= mean.max() - 1e-12)]


def test_draws_without_a_score_do_not_count() -> None:
    log = kc.AnswerLog.from_codes([[0, 1, 1]], correct=[0], score=[[1.0, 3.0, np.nan]])
    scores = chosen_scores(
        scored_samples(log, missing="lowest"), np.array([1, 2, 3]), replacement=False
    )
    np.testing.assert_allclose(scores, [[2, (1 + 3 + 3) / 3, 3]])


@pytest.mark.parametrize("threshold", ["high", [[1], [1, 2]], [0.5, np.nan]])
def test_thresholds_are_numbers(threshold: object) -> None:
    log = kc.AnswerLog.from_codes([[0, 1]] * 3, correct=[0] * 3, score=[[1.0, 2.0]] * 3)
    with pytest.raises(ArgumentError, match="threshold must be a number or a sequence of numbers"):
        filter_ceiling(log, threshold)


def test_a_mean_of_endless_scores_is_refused() -> None:
    log = kc.AnswerLog.from_codes([[0, 1, 1]] * 3, correct=[0] * 3, score=[[1.0, np.inf, 2.0]] * 3)
    with pytest.raises(LogError, match="3 scores are infinite"):
        over_optimisation(log)


def misled_log(seed: int, questions: int = 80, samples: int = 40) -> kc.AnswerLog:
    """Return a log whose right samples score higher but for rare wrong ones that score highest."""
    rng = np.random.default_rng([5, seed])
    right = rng.random((questions, samples)) < rng.beta(2, 3, size=(questions, 1))
    score = rng.standard_normal((questions, samples)) + 1.5 * right
    score[~right & (rng.random((questions, samples)) < 0.04)] += 6
    return kc.AnswerLog.from_codes(
        np.where(right, 0, 1), correct=np.zeros(questions, int), score=score
    )


def test_a_curve_that_turns_down_is_found_with_its_questions() -> None:
    found = over_optimisation(misled_log(0))
    assert 1 < found.k < 20
    assert found.k_low <= found.k <= found.k_high
    assert found.drop_low > 0
    assert found.p_value < 0.01
    assert found.turns > 0.99
    assert (np.diff(found.chosen_score) > 0).all()
    assert found.misled > 10
    worst = found.questions(5)
    assert len(worst) == 5
    drops = [each.at_peak - each.at_end for each in worst]
    assert drops == sorted(drops, reverse=True)
    assert all(each.top_right == 0 and each.right > 0 for each in worst)


def test_a_rising_curve_is_not_accused() -> None:
    found = over_optimisation(BetaQuestions(a=1, b=1).log(100, 30, score=RewardModel(auc=0.8)))
    assert (found.k, found.drop, found.falling) == (30, 0.0, 0)
    assert found.p_value > 0.5
    assert found.questions() == []


def test_noise_is_rarely_taken_for_a_turn() -> None:
    """A blind verifier's true curve is flat: all k are tested at once."""
    runs, accused = 200, 0
    for seed in range(runs):
        log = BetaQuestions(a=1, b=1).log(50, 16, rng=seed, score=RewardModel(auc=0.5))
        accused += over_optimisation(log, resamples=500).p_value < 0.05
    assert 0.01 < accused / runs < 0.1


def test_votes_by_score_turn_too() -> None:
    found = over_optimisation(
        misled_log(1, 40, 20),
        kc.WeightedVote(temperature=0.2),
        k=[1, 3, 20],
        method=kc.Bootstrap(n_resamples=256),
    )
    assert np.isnan(found.chosen_score).all()
    assert found.drop > 0
    with pytest.raises(TypeError, match="rule must be BestOfN or WeightedVote or FilterVote"):
        over_optimisation(misled_log(1), kc.Vote())  # type: ignore[arg-type]


def test_a_single_question_has_a_peak_and_no_test() -> None:
    found = over_optimisation(log_of_scores([[(1.0, True), (2.0, False), (0.0, False)]]))
    assert np.isnan(found.p_value)
    assert found.k == 1


def test_what_ceilings_show() -> None:
    log = misled_log(2, 10, 8)
    for found, columns in (
        (best_of_n_ceiling(log), 8),
        (filter_ceiling(log), 7),
        (over_optimisation(log), 5),
    ):
        json.dumps(found.to_dict(), allow_nan=False)
        assert pa.table(found.to_arrow()).num_columns == columns
        assert "<table>" in found._repr_html_()
        assert found.plot().get_xlabel()
        assert type(found).__name__ in repr(found)
