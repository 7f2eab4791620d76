"""The reconstruction of networks of generators and selectors."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kcurve.errors import ArgumentError
from kcurve.theory import (
    OddsQuality,
    Step,
    challenge,
    generator_chain,
    knockout,
    quality_needed,
    round_robin,
    select,
    selector_chain,
    two_layer,
    vote_accuracy,
    vote_quality,
)
from tests.golden import golden, half_unit
from tests.oracles import networks as oracle

GOLDEN = golden("networks")
FOUR = half_unit(4)
CHANCES = st.integers(0, 16).map(lambda sixteenths: Fraction(sixteenths, 16))
INNER = st.integers(1, 15).map(lambda sixteenths: Fraction(sixteenths, 16))


@pytest.mark.parametrize("case", GOLDEN["selector_chain"], ids=str)
def test_selector_chains_of_the_specification(case: dict[str, Any]) -> None:
    for k, accuracy in zip(case["k"], case["accuracy"], strict=True):
        assert selector_chain(case["p"], case["s"], k) == pytest.approx(accuracy, abs=FOUR)
    limit = challenge(case["p"], case["s"]).limit
    assert limit == pytest.approx(case["limit"], abs=FOUR)
    assert selector_chain(case["p"], case["s"], 2_000) == pytest.approx(limit, rel=1e-12)


@pytest.mark.parametrize("case", GOLDEN["two_layer"], ids=str)
def test_two_layers_of_the_specification(case: dict[str, Any]) -> None:
    quality = OddsQuality(case["s"])
    got = two_layer(case["p"], quality, case["k"])
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=FOUR)
    assert quality(case["p"]) == pytest.approx(case["limit"], abs=FOUR)
    assert two_layer(case["p"], quality, 20_000) == pytest.approx(case["limit"], abs=1e-4)


@pytest.mark.parametrize("case", GOLDEN["generator_chain"], ids=str)
def test_generator_chains_of_the_specification(case: dict[str, Any]) -> None:
    settings = {name: case[name] for name in ("keep_right", "fix_wrong")}
    got = generator_chain(case["p"], case["k"], **settings)
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=FOUR)
    assert Step(**settings).limit == pytest.approx(case["limit"], abs=FOUR)
    assert generator_chain(case["p"], 500, **settings) == pytest.approx(case["limit"], abs=1e-12)


@given(p=CHANCES, s=CHANCES, k=st.integers(1, 6))
def test_selector_chains_against_enumeration(p: Fraction, s: Fraction, k: int) -> None:
    exact = oracle.selector_chain(p, s, k)
    assert selector_chain(float(p), float(s), k) == pytest.approx(float(exact), rel=1e-12)


@given(p=CHANCES, keep=CHANCES, fix=CHANCES, k=st.integers(1, 7))
def test_generator_chains_against_enumeration(
    p: Fraction, keep: Fraction, fix: Fraction, k: int
) -> None:
    exact = oracle.generator_chain(p, keep, fix, k)
    got = generator_chain(float(p), k, keep_right=float(keep), fix_wrong=float(fix))
    assert got == pytest.approx(float(exact), rel=1e-12, abs=1e-15)


@given(p=CHANCES, s=INNER, k=st.integers(1, 8))
def test_two_layers_against_enumeration(p: Fraction, s: Fraction, k: int) -> None:
    def odds(f: Fraction) -> Fraction:
        return s * f / (s * f + (1 - s) * (1 - f))

    exact = oracle.two_layer(p, k, odds)
    assert two_layer(float(p), OddsQuality(float(s)), k) == pytest.approx(float(exact), rel=1e-12)
    table = [float(odds(Fraction(right, k))) for right in range(k + 1)]
    assert two_layer(float(p), table, k) == pytest.approx(float(exact), rel=1e-12)


@given(p=CHANCES, s=CHANCES, rounds=st.integers(0, 3))
def test_knockouts_against_enumeration(p: Fraction, s: Fraction, rounds: int) -> None:
    exact = oracle.knockout(p, s, rounds)
    assert knockout(float(p), float(s), rounds) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("s", [Fraction(0), Fraction(3, 8), Fraction(1, 2), Fraction(7, 8)])
def test_round_robins_against_enumeration(k: int, s: Fraction) -> None:
    exact = [oracle.round_robin(right, k - right, s) for right in range(1, k)]
    expected = [0.0, *map(float, exact), 1.0]
    np.testing.assert_allclose(round_robin(k, float(s)), expected, rtol=1e-12)


def test_a_judge_that_guesses_favours_the_minority() -> None:
    """And is fair between right and wrong."""
    quality = round_robin(7, 0.5)
    np.testing.assert_allclose(quality + quality[::-1], 1, rtol=1e-12)
    assert (quality[1:4] > np.arange(1, 4) / 7).all()


def test_a_judge_that_knows_finds_the_right_one() -> None:
    np.testing.assert_array_equal(round_robin(6, 1.0), [0, 1, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(round_robin(6, 0.0), [0, 0, 0, 0, 0, 0, 1])


def test_a_tournament_by_simulation() -> None:
    rng = np.random.default_rng(2)
    k, p, s, runs = 8, 0.4, 0.7, 40_000
    right = rng.random((runs, k)) < p
    wins = np.zeros((runs, k))
    for i in range(k):
        for j in range(i):
            chance = np.where(right[:, i] == right[:, j], 0.5, np.where(right[:, i], s, 1 - s))
            alike = right[:, i] == right[:, j]
            won = np.where(alike, 0.5, rng.random(runs) < chance)
            wins[:, i] += won
            wins[:, j] += 1 - won
    best = wins == wins.max(axis=1, keepdims=True)
    found = ((best & right).sum(axis=1) / best.sum(axis=1)).mean()
    assert two_layer(p, round_robin(k, s), k) == pytest.approx(found, abs=4.5 * 0.5 / runs**0.5)


@given(p=st.floats(0, 1), k=st.integers(1, 200))
def test_a_majority_of_right_and_wrong_is_the_vote(p: float, k: int) -> None:
    got = two_layer(p, vote_quality, k)
    assert got == pytest.approx(float(vote_accuracy([p, 1 - p], k)), rel=1e-9, abs=1e-14)


@given(p=INNER, s=INNER)
def test_the_dichotomy_of_selector_chains(p: Fraction, s: Fraction) -> None:
    """Up with every generator if s > 1/2, down if s < 1/2, constant in between."""
    curve = selector_chain(float(p), float(s), np.arange(1, 12))
    sign = np.sign(float(s) - 0.5)
    assert (np.sign(np.diff(curve).round(12)) == sign).all() or abs(curve[-1] - curve[-2]) < 1e-10
    assert challenge(float(p), float(s)).improves(float(p) - 1e-12 * (sign == 0)) == (sign >= 0)


@given(p=INNER, s=INNER)
def test_a_two_layer_network_beats_one_generator_iff_its_quality_does(
    p: Fraction, s: Fraction
) -> None:
    lead = float(two_layer(float(p), OddsQuality(float(s)), 400)) - float(p)
    assert np.sign(np.round(lead, 10)) == np.sign(float(s) - 0.5)


@given(p=INNER, target=INNER)
def test_the_quality_needed_reaches_the_target(p: Fraction, target: Fraction) -> None:
    s = float(quality_needed(float(p), float(target)))
    assert challenge(float(p), s).limit == pytest.approx(float(target), rel=1e-12)
    assert OddsQuality(s)(float(p)) == pytest.approx(float(target), rel=1e-12)
    assert (s > 0.5 + 1e-12) == (target > p)


@given(a=CHANCES, b=CHANCES, c=CHANCES, d=CHANCES, start=CHANCES)
def test_steps_compose(a: Fraction, b: Fraction, c: Fraction, d: Fraction, start: Fraction) -> None:
    first, second = Step(float(a), float(b)), Step(float(c), float(d))
    one_by_one = second.after(first.after(float(start), 1), 1)
    assert first.then(second).after(float(start), 1) == pytest.approx(float(one_by_one), rel=1e-12)
    assert first.then(second).factor == pytest.approx(first.factor * second.factor, abs=1e-15)


def test_distances_to_the_limit_shrink_by_the_factor() -> None:
    step = Step(0.4, 0.7)
    path = step.after(0.9, np.arange(6)) - step.limit
    np.testing.assert_allclose(path[1:] / path[:-1], step.factor, rtol=1e-9)
    assert step.factor < 0


def test_steps_without_a_limit() -> None:
    assert np.isnan(Step(1.0, 0.0).limit)
    assert Step(1.0, 0.0).after(0.3, 7) == 0.3
    assert np.isnan(Step(0.0, 1.0).limit)
    np.testing.assert_allclose(Step(0.0, 1.0).after(0.3, [1, 2]), [0.7, 0.3])


def test_a_selector_of_two_networks_is_one_step_of_a_chain() -> None:
    chain = selector_chain(0.3, 0.7, [4, 5])
    assert select(chain[0], 0.3, 0.7) == pytest.approx(float(chain[1]), rel=1e-14)
    assert select(0.3, 0.3, 0.7) == pytest.approx(float(knockout(0.3, 0.7, 1)), rel=1e-14)


def test_a_knockout_tends_to_certainty_where_a_chain_does_not() -> None:
    assert knockout(0.3, 0.6, 60) == pytest.approx(1, abs=1e-4)
    assert knockout(0.7, 0.4, 60) == pytest.approx(0, abs=1e-4)
    assert challenge(0.3, 0.6).limit == pytest.approx(0.18 / 0.46, rel=1e-12)


def test_networks_take_many_accuracies_at_once() -> None:
    p = np.array([[0.2, 0.5], [0.7, 0.9]])
    got = two_layer(p, OddsQuality(0.6), [1, 5, 9])
    assert got.shape == (2, 2, 3)
    assert got[1, 0, 1] == two_layer(0.7, OddsQuality(0.6), 5)
    assert Step(0.9, 0.2).after(p, [0, 1]).shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Step(1.2, 0.1), "keep_right must be"),
        (lambda: Step(0.2, 0.1).after(1.5, 1), r"start must be in \[0, 1\]"),
        (lambda: Step(0.2, 0.1).after(0.5, -1), "k must be at least 0"),
        (lambda: selector_chain(0.3, 0.7, 0), "k must be at least 1"),
        (lambda: challenge(-0.1, 0.7), "p must be"),
        (lambda: challenge(0.1, 7), "s must be"),
        (lambda: select(0.5, 0.5, 2), "s must be"),
        (lambda: two_layer(0.5, [0.0, 1.0], 3), "must have k . 1 = 4 values"),
        (lambda: two_layer(0.5, lambda f: f + 1, 3), "quality must be in"),
        (lambda: OddsQuality(0.0), "s must be"),
        (lambda: quality_needed(0.0, 0.5), "between 0 and 1, excluded"),
        (lambda: round_robin(11, 0.5), "k must be at most 10"),
        (lambda: round_robin(0, 0.5), "k must be an integer of at least 1"),
    ],
)
def test_wrong_settings_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()
