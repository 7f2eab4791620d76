"""Limits of votes, and how fast they are approached."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import minimize, minimize_scalar

from kcurve.errors import ArgumentError
from kcurve.theory import (
    calls_needed,
    convergence_rate,
    hoeffding_bound,
    mode_gap,
    vote_accuracy,
    vote_error,
    vote_limit,
    weighted_convergence_rate,
    weighted_vote_limit,
)
from tests.golden import golden
from tests.oracles import multinomial

GOLDEN = golden("convergence")
CASE = GOLDEN["error"]


def as_printed(value: float, printed: str) -> bool:
    """Whether a value rounds to what is printed."""
    mantissa, _, exponent = printed.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(value - float(printed)) <= 0.5 * unit * (1 + 1e-6)


def test_errors_of_the_paper() -> None:
    got = vote_error(CASE["p"], CASE["k"])
    assert all(map(as_printed, got, CASE["error"]))


def test_bases_and_bound_of_the_paper() -> None:
    assert as_printed(float(np.exp(convergence_rate(CASE["p"]))), CASE["sharp_base"])
    delta = mode_gap(CASE["p"])
    assert as_printed(float(np.exp(delta**2 / 2)), CASE["hoeffding_base"])
    assert as_printed(float(hoeffding_bound(CASE["p"], 101)), CASE["hoeffding_at_101"])


def test_the_base_seen_falls_to_the_sharp_one() -> None:
    """From 101 to 201 votes, and further out, where the power of k matters less."""
    k = np.array([101, 201, 401, 1601, 12_801, 20_001])
    error = np.log(vote_error(CASE["p"], k))
    seen = np.exp((error[:-1] - error[1:]) / np.diff(k))
    assert (np.diff(seen) < 0).all()
    assert (seen > np.exp(convergence_rate(CASE["p"]))).all()
    assert as_printed(float(seen[-1]), CASE["base_seen"])


def test_the_bound_of_the_paper_holds() -> None:
    k = np.arange(1, 500)
    for p in ([0.5, 0.3, 0.2], [0.3, 0.5, 0.2], [0.2, 0.25, 0.3, 0.25], [0.05, 0.1]):
        assert (vote_error(p, k) <= hoeffding_bound(p, k)).all()


def test_a_weighted_vote_may_win_what_a_vote_loses() -> None:
    case = GOLDEN["weighted"]
    assert vote_limit(case["p"]) == case["vote_limit"]
    assert weighted_vote_limit(case["p"], case["reward"]) == case["weighted_vote_limit"]
    np.testing.assert_allclose(np.multiply(case["p"], case["reward"]), case["masses"], rtol=1e-12)
    gap = mode_gap(case["p"], reward=case["reward"])
    assert gap == pytest.approx(0.08, rel=1e-12)


def test_a_weighted_vote_may_lose_what_a_vote_wins() -> None:
    """Better than random, 0.6 against 0.5 on average, and still beaten on this question."""
    p, reward = [0.4, 0.35, 0.25], [0.6, 0.75, 0.15]
    assert vote_limit(p) == 1
    assert weighted_vote_limit(p, reward) == 0


@pytest.mark.parametrize(
    ("p", "correct", "limit"),
    [
        ([0.5, 0.3, 0.2], 0, 1.0),
        ([0.5, 0.3, 0.2], 1, 0.0),
        ([0.4, 0.4, 0.2], 1, 0.5),
        ([0.1 + 0.2, 0.3, 0.3, 0.1], 0, 1 / 3),
        ([0.0, 0.0], 0, 0.0),
        ([0.2, 0.1], 0, 1.0),
        ([0.0, 0.2], 0, 0.0),
        ([0.3, 0.3, 0.3], [True, True, False], 2 / 3),
    ],
)
def test_limits(p: list[float], correct: Any, limit: float) -> None:
    assert vote_limit(p, correct=correct) == pytest.approx(limit, rel=1e-15)
    got = vote_accuracy(p, 20_000, correct=correct)
    assert got == pytest.approx(limit, abs=1e-9)


def test_the_tie_rule_does_not_change_the_limit() -> None:
    got = vote_accuracy([0.45, 0.45, 0.1], [100, 1_000, 10_000, 100_000], ties="wrong")
    assert (np.diff(0.5 - got) < 0).all()
    assert got[-1] == pytest.approx(0.5, abs=3e-3)


@given(
    weights=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    k=st.integers(1, 6),
    data=st.data(),
)
def test_errors_against_enumeration(weights: list[int], k: int, data: st.DataObject) -> None:
    p = [Fraction(weight, 64) for weight in weights]
    mask = data.draw(st.lists(st.booleans(), min_size=len(p), max_size=len(p)))
    right = [answer for answer, each in enumerate(mask) if each]
    modes = [answer for answer, each in enumerate(p) if each == max(p) and each > 0]
    limit = Fraction(len(set(modes) & set(right)), max(len(modes), 1))
    error = abs(multinomial.vote(p, k, correct=right) - limit) if modes else Fraction(0)
    got = vote_error([float(each) for each in p], k, correct=np.array(mask))
    assert got == pytest.approx(float(error), rel=1e-12, abs=1e-15)


def test_tiny_errors_are_not_differences() -> None:
    p = 0.9
    for k in (101, 801):
        with mpmath.workdps(60):
            exact = mpmath.betainc((k + 1) // 2, (k + 1) // 2, p, 1, regularized=True)
        assert vote_error([p, 1 - p], k) == pytest.approx(float(exact), rel=1e-10)
    assert 0 < vote_error([p, 1 - p], 801) < 1e-150


def least_divergence(p: list[float], who: int) -> float:
    """Return -log min E[exp(sum_i t_i (1_who - 1_i))], t >= 0, numerically."""
    others = [i for i in range(len(p)) if i != who]

    def log_mean(t: np.ndarray) -> float:
        mean = 1 - sum(p) + p[who] * np.exp(t.sum())
        return float(np.log(mean + sum(p[i] * np.exp(-s) for i, s in zip(others, t, strict=True))))

    start = np.full(len(others), 0.1)
    found = minimize(
        log_mean, start, bounds=[(0, None)] * len(others), method="L-BFGS-B", tol=1e-14
    )
    return -float(found.fun)


@pytest.mark.parametrize(
    "p",
    [[0.5, 0.3, 0.2], [0.1, 0.5, 0.4], [0.35, 0.4, 0.25], [0.05, 0.5, 0.06, 0.3], [0.02, 0.1, 0.3]],
)
def test_rates_solve_the_minimisation(p: list[float]) -> None:
    answers = range(len(p))
    first = int(np.argmax(p))
    rivals = [least_divergence(p, who) for who in answers if who != first]
    for who in answers:
        expected = min(rivals) if who == first else least_divergence(p, who)
        assert convergence_rate(p, correct=who) == pytest.approx(expected, rel=1e-6)
    assert convergence_rate(p) == pytest.approx(min(rivals), rel=1e-6)


@pytest.mark.parametrize(
    "p", [[0.5, 0.3, 0.2], [0.35, 0.45, 0.2], [0.1, 0.5, 0.4], [0.4, 0.4, 0.2], [0.3, 0.1], [0.3]]
)
def test_errors_fall_at_the_rate(p: list[float]) -> None:
    """Up to a power of k: between 1/k^2 and 1."""
    rate = convergence_rate(p, correct=0)
    k = np.array([400, 1200])
    first, last = np.log(vote_error(p, k))
    power = -((last - first) + rate * 800) / np.log(3)
    assert -0.05 < power < 2


def test_hoeffding_is_never_faster_than_the_sharp_rate() -> None:
    p = np.random.default_rng(3).dirichlet([1.0, 1.0, 1.0, 0.3], size=500)
    assert (np.asarray(mode_gap(p)) ** 2 / 2 <= np.asarray(convergence_rate(p)) * (1 + 1e-12)).all()


def test_a_tie_has_no_rate() -> None:
    p = [0.4, 0.4, 0.2]
    assert convergence_rate(p) == 0
    assert mode_gap(p) == 0
    assert hoeffding_bound(p, 10_000) == 1
    assert np.isinf(calls_needed(p, 0.01, by="hoeffding"))
    assert np.isfinite(calls_needed(p, 0.01))


def test_what_cannot_go_wrong_has_no_error() -> None:
    assert np.isinf(convergence_rate([1.0, 0.0]))
    assert vote_error([1.0, 0.0], 1) == 0
    assert [calls_needed([1.0, 0.0], 0.1, by=by) for by in ("exact", "chernoff")] == [1, 1]


def test_weighted_rates_against_a_minimiser() -> None:
    p = [0.4, 0.35, 0.2]
    values = np.array([[0.2, 0.9, 1.0], [0.1, 0.5, 0.7], [0.0, 0.9, 0.3]])
    chances = np.array([[0.2, 0.5, 0.3], [0.3, 0.3, 0.4], [0.5, 0.4, 0.1]])

    def log_mean(t: float, rival: int) -> float:
        best = p[0] * (chances[0] * np.exp(-t * values[0])).sum()
        other = p[rival] * (chances[rival] * np.exp(t * values[rival])).sum()
        return float(np.log(1 - p[0] - p[rival] + best + other))

    expected = [
        -minimize_scalar(log_mean, bounds=(0, 20), args=(j,), options={"xatol": 1e-10}).fun
        for j in (1, 2)
    ]
    got = weighted_convergence_rate(p, values, chances=chances)
    assert got == pytest.approx(min(expected), rel=1e-7)


def test_weights_of_one_are_the_plain_vote() -> None:
    p = np.random.default_rng(4).dirichlet(np.ones(4), size=30) * 0.9
    got = weighted_convergence_rate(p, np.ones((4, 1)))
    np.testing.assert_allclose(got, convergence_rate(p), rtol=1e-9)


def test_a_weighted_tie_has_no_rate() -> None:
    assert weighted_convergence_rate([0.5, 0.4], [[0.4], [0.5]]) == 0
    assert weighted_vote_limit([0.5, 0.4], [0.4, 0.5]) == 0.5


def test_rewards_of_no_worth_leave_the_rival_behind() -> None:
    """A rival that never gets a reward wins only while the best one has none either."""
    got = weighted_convergence_rate([0.5, 0.5], [[1.0], [0.0]])
    assert got == pytest.approx(-np.log(0.5), rel=1e-9)


@pytest.mark.parametrize(
    "p",
    [
        [0.5, 0.3, 0.2],
        [0.35, 0.4, 0.25],
        [0.4, 0.4, 0.2],
        [0.3, 0.3, 0.2, 0.2],
        [0.26, 0.25, 0.25, 0.24],
        [0.02, 0.01],
        [0.05, 0.5, 0.05, 0.4],
        [0.9],
    ],
)
def test_calls_needed_against_every_k(p: list[float]) -> None:
    most = 1_500
    error = vote_error(p, np.arange(1, most + 1))
    for allowed in (0.3, 0.1, 0.03, 0.01, 1e-4):
        above = np.flatnonzero(error > allowed)
        expected = above.max() + 2 if above.size else 1
        got = calls_needed(p, allowed, most=most)
        assert got == (expected if expected <= most else np.inf)
        assert got <= calls_needed(p, allowed, by="chernoff") or np.isinf(got)


def test_calls_needed_by_each_bound_are_the_least() -> None:
    p, allowed = [0.5, 0.3, 0.2], 0.01
    by_hoeffding = int(calls_needed(p, allowed, by="hoeffding"))
    assert hoeffding_bound(p, by_hoeffding) <= allowed < hoeffding_bound(p, by_hoeffding - 1)
    by_chernoff = int(calls_needed(p, allowed, by="chernoff"))
    bases = [1 - (0.5**0.5 - q**0.5) ** 2 for q in p[1:]]
    bound = [sum(base**k for base in bases) for k in (by_chernoff - 1, by_chernoff)]
    assert bound[1] <= allowed < bound[0]
    assert calls_needed(p, allowed) <= by_chernoff <= by_hoeffding


def test_without_any_answer_the_limit_is_there_at_once() -> None:
    assert vote_error([0.0, 0.0], 3) == 0
    assert [calls_needed([0.0, 0.0], 0.1, by=by) for by in ("exact", "chernoff")] == [1, 1]


def test_calls_needed_broadcasts() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2]])
    got = calls_needed(p[:, None], [0.1, 0.01], correct=0)
    assert got.shape == (2, 2)
    for i, j in np.ndindex(2, 2):
        assert got[i, j] == calls_needed(p[i], [0.1, 0.01][j])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calls_needed([0.6, 0.4], 0.0), "error must be greater than 0"),
        (lambda: calls_needed([0.6, 0.4], 0.1, by="guess"), "by must be one of"),
        (lambda: calls_needed([0.6, 0.4], 0.1, most=0), "most must be"),
        (lambda: calls_needed([[0.6, 0.4]] * 3, [0.1, 0.2]), "error must broadcast"),
        (lambda: weighted_vote_limit([0.6, 0.4], [1, np.inf]), "reward must be finite"),
        (lambda: weighted_vote_limit([0.6, 0.4], [1, 1, 1]), "the shape of p"),
        (lambda: hoeffding_bound([0.6, 0.4], 3, reward=[1, 2]), r"reward must be in \[0, 1\]"),
        (lambda: vote_limit([0.9, 0.4]), "p must sum to at most 1"),
        (lambda: weighted_convergence_rate([0.6, 0.4], [1, 2]), "one row per answer"),
        (
            lambda: weighted_convergence_rate([0.6, 0.4], [[1], [2]], chances=[[1], [0]]),
            "chances must be above 0",
        ),
        (lambda: weighted_convergence_rate([0.6, 0.4], [[1]] * 3), "a row for each answer"),
    ],
)
def test_wrong_questions_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()
