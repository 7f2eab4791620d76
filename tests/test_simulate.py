"""Simulated logs follow the truth they claim to have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import kcurve as kc
from kcurve.errors import ArgumentError
from kcurve.simulate import (
    BetaQuestions,
    BiLevel,
    Blocks,
    DirichletQuestions,
    Distributions,
    Filter,
    Mixture,
    RewardModel,
)
from kcurve.theory import filter_vote_accuracy, vote_accuracy
from tests.golden import golden, half_unit
from tests.populations import beta, dirichlet, easy_and_hard

TWO_MODES = Mixture([BetaQuestions(a=12, b=2), BetaQuestions(a=2, b=8)], [0.6, 0.4])
FIVE = DirichletQuestions(answers=5, correct=0.4, rival=0.3, concentration=4.0)
POPULATIONS = [
    BiLevel(share=0.6, easy=0.8, hard=0.3),
    BetaQuestions(a=2.0, b=1.5),
    FIVE,
    TWO_MODES,
    Mixture([FIVE, BiLevel(share=0.5, easy=0.9, hard=0.2)], [0.3, 0.7]),
]
SIGNIFICANT = 1e-4  # of a test that should hold: seeds are fixed, so it holds for good


def codes(log: kc.AnswerLog, samples: int) -> np.ndarray:
    """Return the answers as they were drawn: texts are the positions, -1 for none."""
    texts = np.array([*map(int, log.answers.tolist()), -1])
    place = np.repeat(log.answer_offsets[:-1], samples) + log.codes
    return texts[np.where(log.codes < 0, len(texts) - 1, place)].reshape(-1, samples)


def test_answers_are_drawn_with_their_probabilities() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.05, 0.15, 0.8], [0.2, 0.2, 0.1]])
    n = 20_000
    drawn = codes(Distributions(p).log(n, rng=3), n)
    for row, chances in zip(drawn, p, strict=True):
        counts = np.bincount(row + 1, minlength=4)
        expected = n * np.array([1 - chances.sum(), *chances])
        possible = expected > 1e-9
        assert counts[~possible].sum() == 0
        test = stats.chisquare(counts[possible], expected[possible] * (n / expected.sum()))
        assert test.pvalue > SIGNIFICANT


def test_the_correct_answer_is_where_it_is_said_to_be() -> None:
    log = Distributions([[1.0, 0.0], [1.0, 0.0]], correct=[0, 1]).log(5)
    np.testing.assert_array_equal(log.correct, [True] * 5 + [False] * 5)


def test_beta_questions_are_beta() -> None:
    p = BetaQuestions(a=2.0, b=1.5).distributions(5_000, rng=1).p_correct
    assert stats.kstest(p, stats.beta(2.0, 1.5).cdf).pvalue > SIGNIFICANT


def test_dirichlet_questions_have_their_marginals() -> None:
    p = FIVE.distributions(5_000, rng=1).p
    for answer, mean in enumerate(FIVE.mean):
        marginal = stats.beta(4.0 * mean, 4.0 * (1 - mean))
        assert stats.kstest(p[:, answer], marginal.cdf).pvalue > SIGNIFICANT


def test_levels_and_parts_have_their_shares() -> None:
    p = BiLevel(share=0.3, easy=0.9, hard=0.2).distributions(5_000, rng=1).p_correct
    assert set(p) == {0.9, 0.2}
    assert stats.binomtest(int((p == 0.9).sum()), 5_000, 0.3).pvalue > SIGNIFICANT
    mixed = Mixture([FIVE, BiLevel(share=1.0, easy=0.9, hard=0.2)], [0.25, 0.75])
    p = mixed.distributions(5_000, rng=2).p
    assert p.shape == (5_000, 5)
    assert stats.binomtest(int((p[:, 0] == 0.9).sum()), 5_000, 0.75).pvalue > SIGNIFICANT


@pytest.mark.parametrize(
    ("population", "truth"),
    [
        (BetaQuestions(a=2.0, b=1.5), beta(2.0, 1.5)),
        (BetaQuestions(a=0.3, b=0.2), beta(0.3, 0.2)),
        (BetaQuestions(a=300.0, b=200.0), beta(300.0, 200.0)),
        (TWO_MODES, easy_and_hard(0.6, (12, 2), (2, 8))),
        (DirichletQuestions(answers=2, correct=0.4, concentration=3.0), beta(1.2, 1.8)),
    ],
)
def test_curves_of_two_answers_are_exact(population: Any, truth: Any) -> None:
    k = [1, 3, 11, 101, 1001]
    got = population.accuracy(kc.Vote(), k)
    np.testing.assert_allclose(got, [truth.accuracy(each) for each in k], rtol=1e-9)


def test_curves_beyond_the_exact_rule_are_close() -> None:
    got = BetaQuestions(a=2.0, b=1.5).accuracy(kc.Vote(), [5_001, 20_001])
    exact = [beta(2.0, 1.5).accuracy(k) for k in (5_001, 20_001)]
    np.testing.assert_allclose(got, exact, atol=1e-4)


def test_curves_of_many_answers_are_close() -> None:
    exact = dirichlet((4.0 * FIVE.mean).tolist())
    got = FIVE.accuracy(kc.Vote(), [1, 3, 5])
    np.testing.assert_allclose(got, [exact.accuracy(k) for k in (1, 3, 5)], atol=4 * 0.5 / 100)


MIXTURES = [case for case in golden("mixtures")["mixture"] if "accuracy" in case]


@pytest.mark.parametrize("case", MIXTURES, ids=lambda case: str(case["alpha_p1_p2"]))
def test_curves_of_two_levels_are_those_of_the_paper(case: dict[str, Any]) -> None:
    alpha, easy, hard = case["alpha_p1_p2"]
    got = BiLevel(share=alpha, easy=easy, hard=hard).accuracy(kc.Vote(), [1, 3, 5])
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=half_unit(5))


RULES: list[tuple[Any, list[int]]] = [
    (kc.Vote(), [1, 2, 3, 8]),
    (kc.Vote(ties="wrong"), [1, 2, 8]),
    (kc.Vote(no_answer="vote"), [1, 2, 8]),
    (kc.Vote(no_answer="drop"), [1, 2, 8]),
    (kc.PassAtK(), [1, 2, 8]),
    (kc.PassHatK(), [1, 2, 8]),
    (kc.MeanAtK(), [1, 8]),
    (kc.GPassAtK(0.5), [1, 2, 7, 8]),
    (kc.FilterVote(), [2, 3, 4, 8]),
    (kc.FilterVote(calls="candidates", ties="wrong"), [1, 4]),
]


@pytest.mark.parametrize(("rule", "k"), RULES, ids=repr)
def test_curves_of_logs_tend_to_the_true_curve(rule: Any, k: list[int]) -> None:
    """A U-statistic of 4,000 samples is within a few standard errors of 0.5 sqrt(k / n) of the truth."""
    keep = Filter(keep_right=0.7, keep_wrong=0.3)
    silent = 0.0 if isinstance(rule, kc.FilterVote) else 0.15
    p = np.array([[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.1, 0.8, 0.1], [0.9, 0.05, 0.05]])
    truth = Distributions(p * (1 - silent))
    log = truth.log(4_000, rng=7, keep=keep)
    got = kc.curve(log, rule, k=k, interval=None).per_question
    expected = truth.per_question(rule, k, keep=keep if isinstance(rule, kc.FilterVote) else None)
    error = 4.5 * 0.5 * np.sqrt(np.array(k) / 4_000)
    assert (np.abs(got - expected) <= np.maximum(error, 1e-12)).all()


def test_filters_keep_what_they_say() -> None:
    n = 20_000
    log = Distributions([[0.6, 0.3]]).log(n, rng=5, keep=Filter(keep_right=0.8, keep_wrong=0.4))
    assert log.keep is not None
    for chosen, chance in ((log.correct, 0.8), (~log.correct & (log.codes >= 0), 0.4)):
        kept = int(log.keep[chosen].sum())
        assert stats.binomtest(kept, int(chosen.sum()), chance).pvalue > SIGNIFICANT
    assert not log.keep[log.codes < 0].any()


@pytest.mark.parametrize("auc", [0.5, 0.7, 0.95])
def test_rewards_are_as_good_as_they_say(auc: float) -> None:
    n = 6_000
    log = Distributions([[0.5, 0.5]]).log(n, rng=6, score=RewardModel(auc=auc))
    assert log.score is not None
    right, wrong = log.score[log.correct], log.score[~log.correct]
    found = stats.mannwhitneyu(right, wrong).statistic / (len(right) * len(wrong))
    assert found == pytest.approx(auc, abs=4.5 / np.sqrt(12 * n / 4))
    assert ((log.score > 0) & (log.score < 1)).all()


def test_blocks_spread_counts_as_they_say() -> None:
    """The variance of a block's count is that of a beta-binomial."""
    size, correlation, questions, per_question = 10, 0.2, 400, 20
    p = np.tile([0.6, 0.3, 0.1], (questions, 1))
    blocks = Blocks(size=size, correlation=correlation)
    log = Distributions(p).log(size * per_question, rng=8, blocks=blocks)
    right = log.correct.reshape(-1, size).sum(axis=1)
    strength = (1 - correlation) / correlation
    truth = stats.betabinom(size, 0.6 * strength, 0.4 * strength)
    assert truth.var() == pytest.approx(size * 0.24 * (1 + (size - 1) * correlation))
    expected = len(right) * truth.pmf(np.arange(size + 1))
    found = np.bincount(right, minlength=size + 1)
    assert stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue > SIGNIFICANT


def test_blocks_do_not_share_their_luck_with_each_other() -> None:
    p = np.tile([0.5, 0.5], (2_000, 1))
    log = Distributions(p).log(8, rng=9, blocks=Blocks(size=4, correlation=0.5))
    first, second = log.correct.reshape(-1, 2, 4).sum(axis=2).T
    assert stats.pearsonr(first, second).pvalue > SIGNIFICANT


def test_blocks_all_but_equal_are_all_of_one_kind() -> None:
    log = Distributions([[0.5, 0.5, 0.0]]).log(
        400, rng=2, blocks=Blocks(size=4, correlation=1 - 1e-9)
    )
    counts = log.correct.reshape(-1, 4).sum(axis=1)
    assert set(counts) == {0, 4}


def test_a_seed_gives_the_same_log() -> None:
    a, b = (FIVE.log(30, 12, rng=4) for _ in range(2))
    assert (a.codes == b.codes).all()
    assert (FIVE.log(30, 12, rng=5).codes != a.codes).any()


def test_scores_and_flags_leave_the_answers_alone() -> None:
    plain = FIVE.log(30, 12, rng=4)
    more = FIVE.log(
        30, 12, rng=4, keep=Filter(keep_right=1, keep_wrong=0), score=RewardModel(auc=0.8)
    )
    np.testing.assert_array_equal(plain.codes, more.codes)
    np.testing.assert_array_equal(more.keep, more.correct)


def test_a_log_is_of_the_questions_drawn_by_the_same_seed() -> None:
    truth = FIVE.distributions(25, rng=6)
    drawn = codes(FIVE.log(25, 3_000, rng=6), 3_000)
    found = np.stack([(drawn == answer).mean(axis=1) for answer in range(5)], axis=1)
    assert np.abs(found - truth.p).max() < 0.05


@pytest.mark.parametrize("population", POPULATIONS, ids=lambda each: type(each).__name__)
def test_populations_are_values(population: Any) -> None:
    assert population == type(population)(
        **{name: getattr(population, name) for name in population.__dataclass_fields__}
    )
    assert type(population).__name__ in repr(population)
    p = population.distributions(50).p
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)


def test_expectations_are_integrals() -> None:
    """A filtered vote of beta questions, against adaptive quadrature."""
    keep = Filter(keep_right=0.8, keep_wrong=0.4)
    got = BetaQuestions(a=2.0, b=3.0).accuracy(kc.FilterVote(), [2, 10], keep=keep)

    def value(p: float, k: int) -> float:
        kept, all_of = np.array([p * 0.8, (1 - p) * 0.4]), np.array([p, 1 - p])
        return float(filter_vote_accuracy(kept, all_of - kept, k)) * stats.beta(2, 3).pdf(p)

    expected = [integrate.quad(value, 0, 1, args=(k,), epsabs=1e-10)[0] for k in (2, 10)]
    np.testing.assert_allclose(got, expected, rtol=1e-8)


def test_the_mean_over_questions_is_the_data_sets_accuracy() -> None:
    truth = Distributions([[0.6, 0.4], [0.3, 0.7]])
    got = truth.accuracy(kc.Vote(), 5)
    np.testing.assert_allclose(got, [vote_accuracy(truth.p, 5).mean()], rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Distributions([0.5, 0.5]), r"the shape \(questions, answers\)"),
        (lambda: Distributions([[0.9, 0.5]]), "sum to at most 1"),
        (lambda: Distributions([[0.9, 0.1]], correct=[2]), "positions of answers, 0 to 1"),
        (lambda: Distributions([[0.9, 0.1]], correct=[0, 1]), "one per question"),
        (lambda: Distributions([[0.9, 0.1]]).log(0), "samples must be"),
        (lambda: Distributions([[0.9, 0.1]]).log(1, rng=-1), "rng must be an integer from 0"),
        (lambda: Distributions([[0.9, 0.1]]).accuracy(kc.BestOfN(), 2), "no closed form"),
        (lambda: Distributions([[0.9, 0.1]]).accuracy(kc.FilterVote(), 2), "needs keep=Filter"),
        (lambda: Distributions([[0.9, 0.1]]).accuracy(kc.FilterVote(), 1), "k must be at least 2"),
        (lambda: BiLevel(share=1.5, easy=0.9, hard=0.2), "share must be"),
        (lambda: BetaQuestions(a=0, b=1), "a must be greater than 0"),
        (lambda: DirichletQuestions(answers=1, correct=0.5, concentration=1), "at least 2"),
        (
            lambda: DirichletQuestions(answers=2, correct=0.5, rival=0.3, concentration=1),
            "leave something",
        ),
        (lambda: Mixture([FIVE], [0.5]), "numbers above 0 that sum to 1"),
        (lambda: Mixture([], []), "numbers above 0"),
        (lambda: Filter(keep_right=2, keep_wrong=0), "keep_right must be"),
        (lambda: RewardModel(auc=1.0), "auc must be"),
        (lambda: Blocks(size=0, correlation=0.1), "size must be"),
        (lambda: Blocks(size=2, correlation=0.0), "correlation must be"),
    ],
)
def test_wrong_settings_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()
