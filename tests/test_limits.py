"""The accuracy a logged system approaches, and how sure a log is of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from scipy.special import betainc

import kcurve as kc
from kcurve.errors import ArgumentError, MissingColumnError
from kcurve.theory import Limits, convergence_rate, limits
from kcurve.theory.lead_probability import Answers, lead_probability
from tests.logs import counts_log, log_of
from tests.oracles.samples import Sample
from tests.populations import beta, sample

if TYPE_CHECKING:
    from pathlib import Path

PLUG_IN = kc.Exact(replacement=True)


def gamma_draws(log: list[tuple[list[float], int]], seed: int) -> list[float]:
    """Return how often the answer at a position has the largest gamma of these shapes."""
    rng = np.random.default_rng(seed)
    return [
        float((rng.gamma(shapes, size=(200_000, len(shapes))).argmax(axis=1) == who).mean())
        for shapes, who in log
    ]


def test_limits_of_counts() -> None:
    found = limits(counts_log([6, 4], [4, 6], [5, 5], [3, 3, 3, 1], [0, 7]))
    np.testing.assert_allclose(found.per_question, [1, 0, 1 / 2, 1 / 3, 0], rtol=1e-15)
    np.testing.assert_allclose(found.gap, [0.2, 0.2, 0, 0, 1], rtol=1e-15)
    assert found.mean == pytest.approx((1 + 1 / 2 + 1 / 3) / 5, rel=1e-15)
    assert found.low < found.mean < found.high
    assert found.gap_quantile() == 0
    assert found.gap_quantile(0.5) == pytest.approx(0.2)
    np.testing.assert_allclose(found.rate[:3], [convergence_rate([0.6, 0.4])] * 2 + [0])


def test_limits_are_where_the_plug_in_curve_goes() -> None:
    log = counts_log([6, 4, 1], [4, 6, 1], [5, 5], [3, 3, 3, 1], [2, 2, 9])
    curve = kc.curve(log, k=200_001, method=PLUG_IN, interval=None)
    np.testing.assert_allclose(limits(log).per_question, curve.per_question[:, 0], atol=1e-9)


def test_two_answers_seen_and_one_not() -> None:
    """Jeffreys' posterior of three answers, of which the last was never given."""
    found = limits(counts_log([8, 2], [5, 5], [0, 4], [10, 0]))
    shapes = [([8.5, 2.5, 0.5], 0), ([5.5, 5.5, 0.5], 0), ([0.5, 4.5, 0.5], 0), ([10.5, 0.5], 0)]
    np.testing.assert_allclose(found.expected_per_question, gamma_draws(shapes, 0), atol=4e-3)


def test_one_rival_is_an_incomplete_beta_function() -> None:
    """P(G_a > G_b) = I_{1/2}(b, a)."""
    claims = np.array([3.0, 12.0, 60.0, 250.0])
    found = lead_probability(Answers(np.arange(4), claims, claims, np.ones(4, bool)), 4)
    np.testing.assert_allclose(found, betainc(0.5, claims + 0.5, 0.5), rtol=1e-9)


def test_doubt_falls_with_samples() -> None:
    doubt = [float(limits(counts_log([3 * n, 2 * n])).doubt[0]) for n in (1, 4, 16, 64)]
    assert doubt == sorted(doubt, reverse=True)
    assert doubt[-1] < 0.02
    assert doubt[0] > 0.2


def test_a_tie_is_in_doubt_by_half() -> None:
    assert limits(counts_log([5, 5])).doubt[0] == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("n", [5, 20])
def test_the_expected_limit_is_less_biased_than_the_plug_in_one(n: int) -> None:
    """p ~ Beta(1/2, 1/2): the prior is true but for the answer not seen; half the questions end at 1."""
    rng = np.random.default_rng(n)
    truth = beta(0.5, 0.5).draw(rng, 4000)
    log = kc.AnswerLog.from_codes(sample(rng, truth, n), correct=np.zeros(4000, dtype=np.int64))
    found = limits(log)
    right = truth[:, 0] > 0.5
    wrong_side = np.abs(right - found.per_question).mean()
    assert found.doubt.mean() == pytest.approx(wrong_side, abs=0.02)
    calibrated = stats.binomtest(int(right.sum()), 4000, found.expected).pvalue
    assert calibrated > 1e-4


def test_a_band_covers_the_true_limit() -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(60):
        truth = beta(3, 2).draw(rng, 80)
        log = kc.AnswerLog.from_codes(sample(rng, truth, 200), correct=np.zeros(80, dtype=np.int64))
        found = limits(log)
        covered += found.low <= beta(3, 2).accuracy(100_001) <= found.high
    assert covered >= 52


def test_clusters_widen_the_band() -> None:
    counts = [[6, 4], [4, 6]] * 20
    questions = [[Sample(a, correct=a == 0) for a in [0] * r + [1] * w] for r, w in counts]
    names = [f"c{i % 4}" for i in range(40)]
    alone, together = limits(log_of(questions)), limits(log_of(questions, clusters=names))
    assert together.mean == alone.mean
    assert together.high - together.low > 2 * (alone.high - alone.low)


def scored(answers: list[int], scores: list[float]) -> list[Sample]:
    return [
        Sample(answer, correct=answer == 0, score=score)
        for answer, score in zip(answers, scores, strict=True)
    ]


def test_weights_may_turn_the_limit() -> None:
    """p = (.35, .40, .25) and mean rewards (.8, .5, .4): a vote tends to 0, a weighted one to 1."""
    log = log_of([scored([0] * 7 + [1] * 8 + [2] * 5, [0.8] * 7 + [0.5] * 8 + [0.4] * 5)])
    assert limits(log).mean == 0
    found = limits(log, kc.WeightedVote())
    assert found.mean == 1
    np.testing.assert_allclose(found.gap, [0.08 / 0.8], rtol=1e-12)
    np.testing.assert_allclose(found.rate, [0.1**2 / 2], rtol=1e-12)


@pytest.mark.parametrize("rule", [kc.WeightedVote(power=2.0), kc.WeightedVote(temperature=0.5)])
def test_weighted_limits_are_where_bootstrapped_curves_go(rule: kc.WeightedVote) -> None:
    rng = np.random.default_rng(5)
    questions = [
        scored(rng.integers(0, 3, 12).tolist(), rng.random(12).round(3).tolist()) for _ in range(12)
    ]
    log = log_of(questions)
    curve = kc.curve(
        log, rule, k=4000, method=kc.Bootstrap(n_resamples=256, replacement=True), interval=None
    )
    found = limits(log, rule)
    far = found.gap > 0.02
    assert far.sum() > 6
    np.testing.assert_allclose(found.per_question[far], curve.per_question[far, 0], atol=0.1)


def test_equal_weights_are_the_plain_vote() -> None:
    questions = [scored([0, 0, 1, 2], [0.7] * 4), scored([1, 1, 0], [0.2] * 3)]
    plain, weighted = (limits(log_of(questions), r) for r in (kc.Vote(), kc.WeightedVote()))
    np.testing.assert_allclose(weighted.per_question, plain.per_question)
    np.testing.assert_allclose(
        weighted.expected_per_question, plain.expected_per_question, rtol=1e-9
    )


@pytest.mark.parametrize(("policy", "limit"), [("ignore", 1.0), ("vote", 0.0), ("drop", 1.0)])
def test_samples_without_an_answer(policy: Any, limit: float) -> None:
    log = kc.AnswerLog.from_codes([[0, 0, -1, -1, -1, 1]], correct=[0])
    assert limits(log, kc.Vote(no_answer=policy)).mean == limit


def test_the_order_of_the_questions_does_not_matter() -> None:
    codes = np.random.default_rng(9).integers(0, 3, size=(60, 11))
    names = [f"q{i}" for i in range(60)]
    right = np.zeros(60, dtype=np.int64)
    log = kc.AnswerLog.from_codes(codes, correct=right, question=names)
    backwards = kc.AnswerLog.from_codes(codes[::-1], correct=right, question=names[::-1])
    a, b = limits(log), limits(backwards)
    assert (a.mean, a.expected, a.low, a.high) == (b.mean, b.expected, b.low, b.high)
    np.testing.assert_array_equal(a.doubt, b.doubt[::-1])


def test_a_tallied_log_has_the_same_limits(tmp_path: Path) -> None:
    log = kc.example_log()
    log.to_parquet(tmp_path / "log.parquet")
    whole, tallied = limits(log), limits(kc.scan_log(tmp_path / "log.parquet"))
    assert (whole.mean, whole.low, whole.high) == (tallied.mean, tallied.low, tallied.high)
    np.testing.assert_allclose(np.sort(whole.doubt), np.sort(tallied.doubt), rtol=1e-12)


def test_calls_needed_are_those_of_the_plug_in_curve() -> None:
    log = counts_log([7, 3], [4, 6], [5, 3, 2], [2, 3, 3])
    found = limits(log)
    curve = kc.curve(log, k=range(1, 600), method=PLUG_IN, interval=None)
    for error in (0.5, 0.03, 0.01, 0.003):
        above = np.flatnonzero(np.abs(curve.mean - found.mean) > error)
        assert found.calls_needed(error, most=599) == (above.max() + 2 if above.size else 1)
    assert np.isinf(found.calls_needed(1e-9, most=50))


def test_forms_of_the_result() -> None:
    found = limits(counts_log([8, 2], [5, 5]))
    assert isinstance(found, Limits)
    assert found.n_questions == 2
    table = pa.table(found.to_arrow())
    assert table.column_names == ["question", "limit", "expected", "doubt", "gap", "rate"]
    assert table["limit"].to_pylist() == [1.0, 0.5]
    assert found.to_dict()["mean"] == 0.75
    assert "0.7500 [" in repr(found)
    with pytest.raises(ValueError, match="read-only"):
        found.gap[0] = 1


def test_one_question_has_no_band() -> None:
    found = limits(counts_log([8, 2]))
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (kc.WeightedVote(weight="borda"), 'weight="sum"'),
        (kc.WeightedVote(top=0.5), 'weight="sum"'),
        (kc.WeightedVote(power=-1.0), "without a finite weight"),
    ],
)
def test_other_claims_are_refused(rule: kc.WeightedVote, message: str) -> None:
    log = log_of([scored([0, 1], [0.0, 0.5])])
    with pytest.raises(ArgumentError, match=message):
        limits(log, rule)


def test_wrong_questions_are_refused() -> None:
    codes = kc.AnswerLog.from_codes([[0, 1]], correct=[0])
    with pytest.raises(MissingColumnError, match="score"):
        limits(codes, kc.WeightedVote())
    with pytest.raises(TypeError, match="rule must be"):
        limits(codes, kc.PassAtK())  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="closed form"):
        limits(log_of([scored([0, 1], [0.3, 0.5])]), kc.WeightedVote()).calls_needed(0.1)
