"""Identities between rules, and what no curve may depend on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from tests.logs import log_of
from tests.oracles.samples import Sample, scored_by_correctness, with_keep
from tests.properties.strategies import logs
from tests.twins import CALLS, EVERY_NAME, NO_ANSWER, TIES, TWINS

if TYPE_CHECKING:
    from kcurve.rules import Rule
    from tests.oracles.filter_vote import Calls
    from tests.oracles.vote import NoAnswer, Ties

Floats = npt.NDArray[np.float64]
CLOSE = 1e-12


def per_question(
    questions: list[list[Sample]], rule: Rule, *, replacement: bool, least: int = 1
) -> Floats:
    """Return the values at every k of the log, or up to 9 with replacement."""
    most = 9 if replacement else min(map(len, questions))
    ks = range(least, max(most, least) + 1)
    method = kc.Exact(replacement=replacement)
    return kc.curve(log_of(questions), rule, k=ks, method=method, interval=None).per_question


def marked(questions: list[list[Sample]], answer: int) -> list[list[Sample]]:
    """Return the same samples with this answer correct, and no other."""
    return [
        [Sample(s.answer, correct=s.answer == answer) for s in samples] for samples in questions
    ]


def long_enough(questions: list[list[Sample]], least: int) -> list[list[Sample]]:
    """Return the questions with at least this many samples."""
    return [samples for samples in questions if len(samples) >= least]


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("ties", ["split", "first"])
@given(questions=logs(no_answers=False, most=12))
def test_shares_of_all_answers_sum_to_one(
    ties: Ties, questions: list[list[Sample]], *, replacement: bool
) -> None:
    rule = kc.Vote(ties=ties)
    shares = np.sum(
        [per_question(marked(questions, a), rule, replacement=replacement) for a in range(4)],
        axis=0,
    )
    np.testing.assert_allclose(shares, 1.0, rtol=CLOSE)


@pytest.mark.parametrize("replacement", [False, True])
@given(questions=logs(most=12))
def test_shares_and_draws_without_any_answer_sum_to_one(
    questions: list[list[Sample]], *, replacement: bool
) -> None:
    """Under "ignore" the missing share is the chance that all k samples lack an answer."""
    shares = np.sum(
        [per_question(marked(questions, a), kc.Vote(), replacement=replacement) for a in range(4)],
        axis=0,
    )
    lacking = [
        [Sample(int(s.answer is None), correct=s.answer is None) for s in samples]
        for samples in questions
    ]
    silent = per_question(lacking, kc.PassHatK(), replacement=replacement)
    np.testing.assert_allclose(shares + silent, 1.0, rtol=CLOSE)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("ties", ["split", "first"])
@pytest.mark.parametrize("no_answer", ["vote", "drop"])
@given(questions=logs(answered=True))
def test_two_votes_are_one_vote(
    ties: Ties, no_answer: NoAnswer, questions: list[list[Sample]], *, replacement: bool
) -> None:
    """maj@2 = maj@1 when every sample drawn casts a ballot and ties are fair."""
    rule = kc.Vote(ties=ties, no_answer=no_answer)
    pairs = long_enough(
        [
            [s for s in samples if s.answer is not None or no_answer == "vote"]
            for samples in questions
        ],
        2,
    )
    if pairs:
        values = per_question(pairs, rule, replacement=replacement)
        np.testing.assert_allclose(values[:, 1], values[:, 0], rtol=CLOSE, atol=0)


@given(questions=logs())
def test_ignored_no_answers_make_two_votes_better_than_one(questions: list[list[Sample]]) -> None:
    values = per_question(questions, kc.Vote(), replacement=True)
    assert np.all(values[:, 1] >= values[:, 0] * (1 - CLOSE))


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("name", ["vote", "filter", "best"])
@pytest.mark.parametrize("no_answer", NO_ANSWER)
@given(questions=logs(answered=True, most=9))
def test_first_drawn_wins_has_the_expectation_of_a_fair_split(
    name: str, no_answer: NoAnswer, questions: list[list[Sample]], *, replacement: bool
) -> None:
    if no_answer == "drop":
        questions = [[s for s in samples if s.answer is not None] for samples in questions]

    def rule(ties: Ties) -> Rule:
        if name == "best":
            return kc.BestOfN(ties=ties)
        if name == "vote":
            return kc.Vote(ties=ties, no_answer=no_answer)
        return kc.FilterVote(ties=ties, no_answer=no_answer, calls="candidates")

    split = per_question(questions, rule("split"), replacement=replacement)
    first = per_question(questions, rule("first"), replacement=replacement)
    np.testing.assert_allclose(first, split, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("replacement", [False, True])
@given(
    questions=logs(most=12, silent_passes=True), tau=st.sampled_from([0.01, 0.25, 0.5, 0.8, 1.0])
)
def test_all_pass_is_at_most_g_pass_is_at_most_any_pass(
    questions: list[list[Sample]], tau: float, *, replacement: bool
) -> None:
    every, some, any_ = (
        per_question(questions, rule, replacement=replacement)
        for rule in (kc.PassHatK(), kc.GPassAtK(tau), kc.PassAtK())
    )
    assert np.all(every <= some * (1 + CLOSE))
    assert np.all(some <= any_ * (1 + CLOSE))


@pytest.mark.parametrize("replacement", [False, True])
@given(questions=logs(most=12, silent_passes=True))
def test_g_pass_ends_at_pass_at_k_and_pass_hat_k(
    questions: list[list[Sample]], *, replacement: bool
) -> None:
    for tau, rule in ((0.001, kc.PassAtK()), (1.0, kc.PassHatK())):
        got = per_question(questions, kc.GPassAtK(tau), replacement=replacement)
        want = per_question(questions, rule, replacement=replacement)
        np.testing.assert_allclose(got, want, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("replacement", [False, True])
@given(questions=logs(most=12, silent_passes=True))
def test_mean_at_k_is_flat_and_is_one_call(
    questions: list[list[Sample]], *, replacement: bool
) -> None:
    mean = per_question(questions, kc.MeanAtK(), replacement=replacement)
    for rule in (kc.PassAtK(), kc.PassHatK(), kc.GPassAtK(0.5), kc.BestOfN()):
        one = per_question(questions, rule, replacement=replacement)[:, :1]
        np.testing.assert_allclose(mean, np.broadcast_to(one, mean.shape), rtol=CLOSE, atol=0)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("ties", TIES)
@given(questions=logs(most=12, silent_passes=True))
def test_best_of_n_with_perfect_scores_is_pass_at_k(
    ties: Ties, questions: list[list[Sample]], *, replacement: bool
) -> None:
    perfect = [scored_by_correctness(samples) for samples in questions]
    best = per_question(perfect, kc.BestOfN(ties=ties), replacement=replacement)
    some = per_question(perfect, kc.PassAtK(), replacement=replacement)
    np.testing.assert_allclose(best, some, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("no_answer", ["ignore", "vote"])
@given(questions=logs(most=9))
def test_a_filter_that_keeps_all_or_nothing_is_the_vote(
    no_answer: NoAnswer, ties: Ties, questions: list[list[Sample]], *, keep: bool, replacement: bool
) -> None:
    questions = [with_keep(samples, keep=keep) for samples in questions]
    vote = per_question(questions, kc.Vote(ties=ties, no_answer=no_answer), replacement=replacement)
    counted = kc.FilterVote(ties=ties, no_answer=no_answer, calls="candidates")
    np.testing.assert_allclose(
        per_question(questions, counted, replacement=replacement), vote, rtol=CLOSE, atol=0
    )
    pairs = long_enough(questions, 2)
    if not pairs:
        return
    paper = per_question(
        pairs,
        kc.FilterVote(ties=ties, no_answer=no_answer, calls="paper"),
        replacement=replacement,
        least=2,
    )
    vote = per_question(pairs, kc.Vote(ties=ties, no_answer=no_answer), replacement=replacement)
    candidates = [k // 2 for k in range(2, paper.shape[1] + 2)]
    np.testing.assert_allclose(paper, vote[:, [m - 1 for m in candidates]], rtol=CLOSE, atol=0)


@pytest.mark.parametrize("calls", CALLS)
@given(questions=logs(most=9))
def test_a_threshold_on_scores_is_a_keep_flag(calls: Calls, questions: list[list[Sample]]) -> None:
    flagged = [
        [
            Sample(
                s.answer,
                correct=s.correct,
                score=s.score,
                keep=s.score is not None and s.score >= 0,
            )
            for s in samples
        ]
        for samples in questions
    ]
    by_flag, by_score = (
        per_question(
            flagged, kc.FilterVote(calls=calls, threshold=threshold), replacement=True, least=2
        )
        for threshold in (None, 0.0)
    )
    np.testing.assert_array_equal(by_flag, by_score)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("name", EVERY_NAME)
@given(questions=logs(answered=True, most=8), seed=st.integers(0, 2**32 - 1))
def test_names_and_orders_do_not_matter(
    name: str, questions: list[list[Sample]], seed: int, *, replacement: bool
) -> None:
    """Renaming the answers, shuffling the samples and shuffling the questions leave every value as it was."""
    twin, rng = TWINS[name], random.Random(seed)  # noqa: S311 - it shuffles
    questions = long_enough([twin.oracle.pool(samples) for samples in questions], twin.least_k)
    if not questions:
        return
    names = rng.sample(range(10), 4)
    order = rng.sample(range(len(questions)), len(questions))
    other = [
        [
            Sample(
                None if s.answer is None else names[s.answer],
                correct=s.correct,
                score=s.score,
                keep=s.keep,
            )
            for s in rng.sample(questions[q], len(questions[q]))
        ]
        for q in order
    ]
    before = per_question(questions, twin.rule, replacement=replacement, least=twin.least_k)
    after = per_question(other, twin.rule, replacement=replacement, least=twin.least_k)
    np.testing.assert_allclose(after, before[order], rtol=CLOSE, atol=0)


@pytest.mark.parametrize("name", EVERY_NAME)
@given(questions=logs(answered=True, most=8), times=st.integers(2, 5))
def test_copies_of_a_log_leave_curves_with_replacement_unchanged(
    name: str, questions: list[list[Sample]], times: int
) -> None:
    twin = TWINS[name]
    one = per_question(questions, twin.rule, replacement=True, least=twin.least_k)
    many = per_question(
        [samples * times for samples in questions], twin.rule, replacement=True, least=twin.least_k
    )
    np.testing.assert_allclose(many, one, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("name", EVERY_NAME)
@given(questions=logs(answered=True, most=10))
def test_values_are_shares(name: str, questions: list[list[Sample]], *, replacement: bool) -> None:
    twin = TWINS[name]
    questions = long_enough([twin.oracle.pool(samples) for samples in questions], twin.least_k)
    if questions:
        values = per_question(questions, twin.rule, replacement=replacement, least=twin.least_k)
        assert np.all((values >= 0) & (values <= 1))
