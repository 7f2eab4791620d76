"""ROC curves and their areas, against every pair of samples."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.errors import ArgumentError, LogError, MissingColumnError
from kcurve.simulate import BetaQuestions, RewardModel
from kcurve.verifiers import roc
from kcurve.verifiers.areas import pooled_area, within_areas
from kcurve.verifiers.scored import scored_samples
from tests.closeness import assert_close
from tests.oracles import verifiers as oracle
from tests.scored_logs import log_of_scores, pool, random_questions

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_areas_are_the_mean_win_of_all_pairs(seed: int) -> None:
    questions = random_questions(seed)
    found = roc(log_of_scores(questions))
    assert_close(
        [found.auc, found.within_auc], [oracle.pooled_auc(questions), oracle.within_auc(questions)]
    )
    areas = [oracle.auc(question) for question in questions]
    assert found.mixed == sum(area is not None for area in areas)
    np.testing.assert_array_equal(np.isnan(found.per_question), [area is None for area in areas])
    assert_close(
        found.per_question[~np.isnan(found.per_question)], [a for a in areas if a is not None]
    )


@pytest.mark.parametrize("within", ["pooled", "question"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_area_under_the_points_is_the_area(seed: int, within: str) -> None:
    found = roc(log_of_scores(random_questions(seed)), within=within)
    area = found.auc if within == "pooled" else found.within_auc
    assert np.trapezoid(found.tpr, found.fpr) == pytest.approx(area, abs=1e-12)
    assert (found.fpr[0], found.tpr[-1], found.fpr[-1]) == (0, 1, 1)
    assert (np.diff(found.tpr) >= -1e-12).all()
    assert (np.diff(found.fpr) >= 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_points_and_operating_points_are_counts(seed: int) -> None:
    questions = random_questions(seed)
    found = roc(log_of_scores(questions))
    for threshold, tpr, fpr in zip(found.threshold, found.tpr, found.fpr, strict=True):
        exact = oracle.rates(pool(questions), threshold)
        assert_close([tpr, fpr], exact[:2])
        point = found.at(threshold)
        assert_close([point.tpr, point.fpr], exact[:2])
        if exact[2] is None:
            assert np.isnan(point.precision)
        else:
            assert_close([point.precision], [exact[2]])
            assert point.precision_low <= point.precision <= point.precision_high
        assert point.tpr_low <= point.tpr <= point.tpr_high


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mean_curve_is_the_mean_of_the_questions_curves(seed: int) -> None:
    questions = random_questions(seed)
    mixed = [question for question in questions if oracle.auc(question) is not None]
    found = roc(log_of_scores(questions), within="question")
    last = np.append(np.diff(found.fpr) > 0, True)
    for f, t in zip(found.fpr[last], found.tpr[last], strict=True):
        exact = Fraction(float(f)).limit_denominator(100)
        mean = sum(oracle.tpr_at(question, exact) for question in mixed) / len(mixed)
        assert t == pytest.approx(float(mean), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_variance_is_that_of_clustered_data(seed: int) -> None:
    questions = [
        [(question[0][0], True), (question[1][0], False), *question[2:]]
        for question in random_questions(seed)
    ]
    samples = scored_samples(log_of_scores(questions))
    area = pooled_area(samples)
    spread = samples.spread(np.array([area.area]), area.influence[:, None])
    assert spread.variance[0] == pytest.approx(
        oracle.clustered_variance(questions), rel=1e-10, abs=1e-18
    )


def test_the_noise_of_an_area_within_is_the_clustered_variance_of_its_samples() -> None:
    """DeLong's variance of one question: each sample a cluster, sums over n - 1."""
    question = [(3.0, True), (1.0, True), (2.0, True), (2.0, False), (0.0, False)]
    rights, wrongs = [3.0, 1.0, 2.0], [2.0, 0.0]
    v10 = [np.mean([float(oracle.wins(r, w)) for w in wrongs]) for r in rights]
    v01 = [np.mean([float(oracle.wins(r, w)) for r in rights]) for w in wrongs]
    expected = np.var(v10, ddof=1) / 3 + np.var(v01, ddof=1) / 2
    found = within_areas(scored_samples(log_of_scores([question])))
    assert found.noise[0] == pytest.approx(expected, rel=1e-12)


def test_areas_do_not_depend_on_the_scale_and_turn_with_the_sign() -> None:
    questions = random_questions(7, questions=20)
    stretched = [[(np.exp(s / 3), r) for s, r in question] for question in questions]
    turned = [[(-s, r) for s, r in question] for question in questions]
    a, b, c = (roc(log_of_scores(each)) for each in (questions, stretched, turned))
    assert (a.auc, a.within_auc, a.auc_low) == (b.auc, b.within_auc, b.auc_low)
    assert c.auc == pytest.approx(1 - a.auc, rel=1e-14)
    assert c.auc_low == pytest.approx(1 - a.auc_high, rel=1e-12)


def test_no_bit_depends_on_the_order_of_the_questions() -> None:
    log = BetaQuestions(a=1, b=1).log(50, 12, score=RewardModel(auc=0.7))
    names = [f"q{i}" for i in range(50)]
    codes, score = log.codes.reshape(50, 12), log.score.reshape(50, 12)
    right = log.correct.reshape(50, 12)
    found = []
    for order in (np.arange(50), np.random.default_rng(0).permutation(50)):
        shuffled = kc.AnswerLog.from_codes(
            codes[order],
            correct=right[order],
            score=score[order],
            question=[names[i] for i in order],
        )
        found.append(roc(shuffled).to_dict())
    assert found[0] == found[1]


def test_a_perfect_and_a_blind_verifier() -> None:
    perfect = roc(log_of_scores([[(1.0, True), (0.0, False)]] * 30))
    assert (perfect.auc, perfect.auc_high, perfect.within_auc) == (1, 1, 1)
    assert perfect.auc_low < 0.95  # thirty questions do not prove it
    blind = roc(log_of_scores([[(1.0, True), (1.0, False)]] * 30))
    assert (blind.auc, blind.within_auc) == (0.5, 0.5)


def test_easy_questions_make_the_pooled_area_not_the_one_within() -> None:
    """Scores that know the question only: 2 for easy ones, 1 for hard ones."""
    easy, hard = [(2.0, True)] * 8 + [(2.0, False)] * 2, [(1.0, True)] * 2 + [(1.0, False)] * 8
    found = roc(log_of_scores([easy, hard] * 10))
    assert found.within_auc == 0.5
    assert found.auc == pytest.approx(0.8)


def test_missing_scores_are_left_out_or_lowest() -> None:
    log = kc.AnswerLog.from_codes([[0, 0, 1, 1]], correct=[0], score=[[2.0, 1.0, np.nan, 1.5]])
    dropped, lowest = roc(log), roc(log, missing="lowest")
    assert (dropped.auc, dropped.samples, dropped.unscored) == (0.5, 3, 1)
    assert (lowest.auc, lowest.samples, lowest.unscored) == (0.75, 4, 1)
    assert lowest.threshold[-1] == -np.inf


def test_intervals_of_areas_cover() -> None:
    """Forty questions of ten samples: what a log of thousands of questions says is the truth."""
    population, score = BetaQuestions(a=2, b=1), RewardModel(auc=0.75)
    runs, covered = 300, np.zeros(2)
    for seed in range(runs):
        found = roc(population.log(40, 10, rng=seed, score=score))
        covered += [
            found.auc_low <= 0.75 <= found.auc_high,
            found.within_auc_low <= 0.75 <= found.within_auc_high,
        ]
    assert (covered / runs > 0.92).all()
    assert (covered / runs < 0.985).all()


def test_clusters_are_the_units() -> None:
    """Every question twice: the interval is that of the questions once, if copies are one cluster."""
    log = BetaQuestions(a=1, b=1).log(30, 8, score=RewardModel(auc=0.7))
    rows = {
        "question_id": [], "sample_index": [], "answer": [], "correct": [], "score": [], "cluster": [],
    }  # fmt: skip
    for copy in range(2):
        for q in range(30):
            for i in range(8):
                at = q * 8 + i
                for name, value in zip(
                    rows,
                    (
                        f"{q}-{copy}",
                        i,
                        str(log.codes[at]),
                        bool(log.correct[at]),
                        log.score[at],
                        str(q),
                    ),
                    strict=True,
                ):
                    rows[name].append(value)
    once, twice = roc(log), roc(kc.AnswerLog.from_table(pa.table(rows), cluster="cluster"))
    assert twice.auc == pytest.approx(once.auc, rel=1e-14)
    assert twice.auc_low == pytest.approx(once.auc_low, rel=1e-10)
    assert twice.within_auc_high == pytest.approx(once.within_auc_high, rel=1e-10)


def test_one_question_has_no_interval() -> None:
    found = roc(log_of_scores([[(1.0, True), (0.0, False), (0.5, False)]]))
    assert found.auc == 1
    assert np.isnan(found.auc_low)
    assert found.to_dict()["auc_low"] is None


def test_errors_name_the_remedy() -> None:
    with pytest.raises(MissingColumnError, match="no score column"):
        roc(kc.AnswerLog.from_codes([[0, 1]], correct=[0]))
    with pytest.raises(LogError, match="all 2 scored samples are right"):
        roc(log_of_scores([[(1.0, True), (0.0, True)]]))
    with pytest.raises(LogError, match="none of the log's 2 samples"):
        roc(kc.AnswerLog.from_codes([[0, 1]], correct=[0], score=[[np.nan, np.nan]]))
    log = log_of_scores([[(1.0, True), (0.0, False)]])
    with pytest.raises(ArgumentError, match="within must be one of 'pooled', 'question'"):
        roc(log, within="log")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="level"):
        roc(log, level=1.0)
    with pytest.raises(TypeError, match="log must be AnswerLog"):
        roc([1, 2])  # type: ignore[arg-type]


def test_what_a_roc_shows() -> None:
    found = roc(log_of_scores(random_questions(3)))
    json.dumps(found.to_dict(), allow_nan=False)
    json.dumps(found.at(1).to_dict(), allow_nan=False)
    assert pa.table(found.to_arrow()).column_names == ["threshold", "tpr", "fpr"]
    assert "AUC" in repr(found)
    assert "<table>" in found._repr_html_()
    assert found.plot().get_xlabel() == "false positive rate"
    with pytest.raises(ValueError, match="read-only"):
        found.tpr[0] = 1
