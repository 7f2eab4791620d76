"""The peers compute what we compute: a fast wrong peer would make no comparison."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, factorial

import kcurve as kc
import numpy as np
import pytest
from kcurve.search import rebase_widths
from kcurve.stopping import replay
from scipy.special import betainc

import bootstrap_contestants
import ours
import run_stopping
import search_contestants
from contestants import CASES, contestants
from logs import CORRECT, draw_log
from peers import (
    counter_resampling,
    multinomial_bootstrap,
    numba_bootstrap,
    numba_expert,
    numpy_contour,
    numpy_programme,
    plain_stopping,
    reference_rebase,
    scipy_bootstrap,
    scipy_laws,
    scorio_majority,
    treequest_mcts,
    weighted_bootstrap,
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


@pytest.mark.parametrize("n_answers", [2, 4, 16, 17, 40])
@pytest.mark.parametrize("most", [40, 400, 2_000])
def test_bootstraps_of_one_question_are_unbiased(n_answers, most):
    """On both sides of where the expert's loop changes its way, odd steps and full blocks included."""
    log = draw_log(1, 40, n_answers, seed=n_answers)
    k = np.unique([1, 2, 3, 10, 11, 40, most // 2, most])
    exact = ours.vote_curve(ours.answer_log(log), k, replacement=True).mean
    for replicate_curves, replicates in (
        (numba_expert.replicate_curves, 40_000),
        (scipy_bootstrap.replicate_curves, 2_000),
    ):
        found = replicate_curves(log.codes[0], k, replicates=replicates, seed=1)
        assert found.shape == (replicates, len(k))
        standard_error = np.sqrt(exact * (1 - exact) / replicates)
        assert (np.abs(found.mean(axis=0) - exact) < 5 * standard_error + 1e-12).all()


def brute_force_weighted(codes: list[int], scores: list[int], k: int) -> Fraction:
    """Enumerate every ordered draw; the answer with the highest sum of scores wins."""
    credit = Fraction(0)
    for drawn in product(range(len(codes)), repeat=k):
        claims: dict[int, int] = {}
        for sample in drawn:
            claims[codes[sample]] = claims.get(codes[sample], 0) + scores[sample]
        level = [answer for answer, claim in claims.items() if claim == max(claims.values())]
        credit += Fraction(level.count(CORRECT), len(level))
    return credit / len(codes) ** k


@pytest.mark.parametrize(
    ("codes", "scores"),
    [([0, 0, 1, 2, 2], [1, 2, 3, 1, 1]), ([0, 1, 1, 1], [3, 1, 1, 2]), ([0, 1, 2], [1, 1, 1])],
)
def test_weighted_bootstraps_agree_with_brute_force(codes, scores):
    k, replicates = np.arange(1, 6), 40_000
    exact = np.array([float(brute_force_weighted(codes, scores, int(size))) for size in k])
    for replicate_curves in (
        weighted_bootstrap.numpy_replicates,
        weighted_bootstrap.numba_replicates,
    ):
        # A tenth of the scores: sums that are level only up to rounding have to tie.
        found = replicate_curves(
            np.array(codes, dtype=np.int32), np.array(scores) / 10, k, replicates=replicates
        ).mean(axis=0)
        standard_error = np.sqrt(exact * (1 - exact) / replicates)
        assert (np.abs(found - exact) < 5 * standard_error + 1e-12).all()


def test_weighted_bootstraps_agree_with_each_other_on_long_curves():
    case = bootstrap_contestants.Case(1_000, 16, weighted=True)
    log, score = case.draw()
    numpy_mean, numba_mean = (
        replicate_curves(log.codes[0], score[0], case.k, replicates=n).mean(axis=0)
        for replicate_curves, n in (
            (weighted_bootstrap.numpy_replicates, 4_000),
            (weighted_bootstrap.numba_replicates, 40_000),
        )
    )
    spread = np.sqrt(numba_mean * (1 - numba_mean) / 4_000)
    assert (np.abs(numpy_mean - numba_mean) < 5 * spread + 1e-3).all()


@pytest.mark.parametrize("case", bootstrap_contestants.CASES, ids=lambda case: case.name)
def test_everyone_in_a_bootstrap_case_runs_and_is_timed(case):
    assert len(set(case.k)) == bootstrap_contestants.POINTS
    assert case.k[-1] == case.most
    everyone = bootstrap_contestants.contestants(case, quick=True)
    # Half a million draws by np.random.choice take a second.
    cheap = [one for one in everyone if "Counter" not in one.name or case.most < 10_000]
    timings = interleaved(cheap, rounds=1)
    assert len({timing.name for timing in timings}) == len(cheap)
    for timing in timings:
        assert timing.curve.shape == case.k.shape
        assert (timing.microseconds > 0).all()


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


def test_the_scipy_fit_reaches_the_published_sums_of_squares():
    k = np.array([2.0, 5, 10, 20, 50, 100])
    half = (k - 1) // 2 + 1
    for p, squares in ((0.6, 1.953e-4), (0.7, 1.615e-4), (0.55, 6.05e-5), (0.85, 1.45e-5)):
        scores = betainc(half, half, p)
        assert scipy_laws.fit(k, scores, 1.0) == pytest.approx(squares, rel=0.02)
        assert scipy_laws.fit(k, 1 - scores, 0.0) == pytest.approx(squares, rel=0.02)
        best = scipy_laws.best_of_restarts(k, scores, 1.0, np.random.default_rng(0))
        assert best <= squares * 1.02


@pytest.mark.parametrize("seed", range(40))
def test_the_reference_rule_shares_out_as_ours(seed):
    """Single precision breaks it, and equal rewards too are left out: of these the reference serves the later first."""
    rng = np.random.default_rng(seed)
    rewards = rng.uniform(size=rng.integers(1, 40))
    budget, temperature = int(rng.integers(1, 100)), float(rng.choice([0.05, 0.1, 0.2, 1.0]))
    expected = rebase_widths(rewards, budget, temperature=temperature).tolist()
    given = rewards.tolist()
    for allocate in search_contestants.peers().values():
        assert allocate(given, budget, temperature) == expected


def test_single_precision_misses_the_budget_of_the_reference_rule():
    """The faults for which the benches let it sum in double precision."""
    assert sorted(reference_rebase.widths([0.5] * 16, 16, 0.2)) == [0] + [1] * 14 + [2]
    assert sum(reference_rebase.widths([0.5] * 5, 16, 0.2)) == 17
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="NaN"):
        reference_rebase.widths([1.0, 0.0], 1, 0.05)


def test_the_reference_search_makes_the_tree_that_ours_makes():
    steps = search_contestants.Steps(2_000)
    state = search_contestants.searched(steps)
    told_lists = search_contestants.searched(steps, lists=True)
    tree = reference_rebase.search(
        steps.width,
        search_contestants.TEMPERATURE,
        *steps.lists,
        allocate=reference_rebase.double_widths,
    )
    assert len(tree.nodes) == len(state) == len(told_lists)
    found = state.tree
    assert [node.parent.number for node in tree.nodes[1:]] == found.parent[1:].tolist()
    assert [node.reward for node in tree.nodes[1:]] == found.reward[1:].tolist()
    assert [node.number for node in tree.leaves] == state.solutions.tolist()
    assert tree.tokens == found.tokens.sum()
    for name in reference_rebase.AGGREGATIONS:
        np.testing.assert_allclose(
            reference_rebase.path_scores(tree.leaves, name), state.scores(state.solutions, name)
        )


def test_treequest_grows_by_its_parts_as_it_does_by_its_steps():
    rewards = np.random.default_rng(1).uniform(size=301).tolist()
    start = treequest_mcts.algorithm().init_tree()
    stepped = treequest_mcts.stepped(start, iter(rewards), 300)
    grown = treequest_mcts.grown(iter(rewards), 301)
    assert len(stepped.tree) == len(grown.tree) == 301
    parents = [
        [node.parent.expand_idx for node in one.tree.get_nodes()[1:]] for one in (stepped, grown)
    ]
    assert parents[0] == parents[1]
    assert stepped.visit_counts == grown.visit_counts
    assert stepped.visit_counts[-1] == 300
    assert stepped.value_sums == pytest.approx(grown.value_sums)


def test_everyone_who_searches_runs_and_is_timed():
    tables = (
        search_contestants.whole_searches(200),
        search_contestants.allocations(20),
        search_contestants.aggregations(200),
        search_contestants.climbs(200, treequest=4),
        search_contestants.whole_climbs(100),
    )
    for everyone in tables:
        timings = interleaved(everyone, rounds=1)
        assert len({timing.name for timing in timings}) == len(everyone) >= 2
        assert all((timing.microseconds > 0).all() for timing in timings)


@pytest.mark.parametrize("pair", run_stopping.RULES, ids=lambda pair: pair[0].label)
def test_plain_stopping_rules_stop_where_ours_do(pair: run_stopping.Pair) -> None:
    rule, stops = pair
    for codes in run_stopping.drawn(60).tolist():
        counts: Counter[int] = Counter()
        for calls, code in enumerate(codes[:30], 1):
            counts[code] += 1
            assert stops(counts, codes[:calls]) == rule.stops(codes[:calls])


def test_a_plain_replay_finds_what_ours_does() -> None:
    codes = run_stopping.drawn(50)
    log = kc.AnswerLog.from_codes(codes, correct=[0] * len(codes))
    rule, stops = run_stopping.RULES[0]
    found = replay(log, rule, orders=100)
    accuracy, calls = plain_stopping.replayed(codes.tolist(), 0, stops, orders=100, seed=3)
    assert accuracy == pytest.approx(found.accuracy, abs=0.02)
    assert calls == pytest.approx(found.mean_calls, rel=0.05)
