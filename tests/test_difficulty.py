"""kcurve.difficulty: d_V = max other share - share of the right answer; d_F the same among the kept samples."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

import kcurve as kc
from tests.logs import counts_log, log_of
from tests.oracles.samples import Sample, question, with_keep


def test_vote_difficulty_by_hand() -> None:
    got = kc.difficulty(counts_log([6, 3, 1], [2, 7, 1], [4, 4, 2], [5], [0, 3]))
    np.testing.assert_allclose(got.vote, [-0.3, 0.5, 0.0, -1.0, 1.0], rtol=1e-15)
    np.testing.assert_array_equal(got.easy, [True, False, False, True, False])
    np.testing.assert_array_equal(got.hard, [False, True, False, False, True])
    np.testing.assert_array_equal(got.tied, [False, False, True, False, False])


def test_every_question_is_easy_hard_or_tied() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 6, (60, 3)) + np.array([0, 0, 1])
    got = kc.difficulty(counts_log(*counts.tolist()))
    np.testing.assert_array_equal(got.easy.astype(int) + got.hard + got.tied, 1)
    # Counts are integers, so a tie is exact and no rounding may hide it.
    tied = [c[0] == max(c[1:]) for c in counts.tolist()]
    np.testing.assert_array_equal(got.tied, tied)


def test_ties_are_exact_whatever_the_number_of_samples() -> None:
    counts = [[m, m, 1] for m in range(1, 200)]
    assert kc.difficulty(counts_log(*counts)).tied.all()


def test_shares_are_of_all_samples_drawn() -> None:
    """Samples without an answer are drawn too: they dilute both shares and never are the best other answer."""
    got = kc.difficulty(log_of([question([2, 1], no_answers=5)]))
    np.testing.assert_allclose(got.vote, [-1 / 8], rtol=1e-15)
    assert got.easy[0]


def test_difficulty_tells_where_the_curve_goes() -> None:
    counts = [[6, 3, 1], [2, 7, 1], [3, 4, 3], [5, 4, 1]]
    got = kc.difficulty(counts_log(*counts))
    curve = kc.curve(counts_log(*counts), k=2_001, method=kc.Exact(replacement=True))
    np.testing.assert_allclose(curve.per_question[:, 0], (got.vote < 0).astype(float), atol=1e-3)


def test_filter_difficulty_is_that_of_the_kept() -> None:
    samples = with_keep(question([4, 1]), keep=True) + with_keep(question([1, 6]), keep=False)
    got = kc.difficulty(log_of([samples]))
    np.testing.assert_allclose(got.vote, [float(Fraction(7 - 5, 12))], rtol=1e-15)
    assert got.filter is not None
    np.testing.assert_allclose(got.filter, [-3 / 5], rtol=1e-15)


def test_without_a_keep_column_there_is_no_filter_difficulty() -> None:
    log = kc.AnswerLog.from_codes(np.array([[0, 1, 1]]), correct=np.array([0]))
    assert kc.difficulty(log).filter is None


def test_the_log_splits_into_its_kinds() -> None:
    log = counts_log([6, 3, 1], [2, 7, 1], [4, 4, 2])
    parts = kc.difficulty(log).split(log)
    assert set(parts) == {"easy", "hard", "tied"}
    assert {name: part.n_questions for name, part in parts.items()} == {
        "easy": 1,
        "hard": 1,
        "tied": 1,
    }
    assert parts["hard"].question[0] == "q0001"


def test_several_correct_answers_use_the_strongest() -> None:
    """The question is won by whichever correct answer leads: the margin is the best correct share."""
    samples = [Sample(0, correct=True)] * 3 + [Sample(1, correct=True)] * 2 + [Sample(2)] * 4
    got = kc.difficulty(log_of([samples]))
    np.testing.assert_allclose(got.vote, [1 / 9], rtol=1e-15)
