"""The allocation of REBASE against exact arithmetic, and what holds for all rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kcurve.search import rebase_widths
from tests.oracles import rebase

if TYPE_CHECKING:
    from random import Random

CASES = 100_000


def random_case(random: np.random.Generator) -> tuple[list[float], int, float]:
    """Draw rewards, with many ties or none, a budget and a temperature."""
    count = int(2 ** random.uniform(0, 6.03))
    budget = int(random.integers(0, 257))
    temperature = float(10 ** random.uniform(-3, 2))
    kind = random.integers(0, 8)
    if kind < 4:  # a grid, as of probabilities that are read from a text
        rewards = random.integers(0, int(random.choice([2, 5, 10, 100])) + 1, count) / 100
    elif kind < 6:
        rewards = random.random(count)
    elif kind == 6:  # all but equal
        rewards = 0.5 + temperature * random.integers(-3, 4, count) * 10.0 ** -random.integers(
            5, 17
        )
    else:  # far apart
        rewards = random.standard_normal(count) * 10 ** random.uniform(-3, 3)
        temperature = float(10 ** random.uniform(-9, 9))
    return rewards.tolist(), budget, temperature


@pytest.mark.parametrize("part", range(4))
def test_widths_are_those_of_exact_arithmetic(part: int) -> None:
    random = np.random.default_rng([2408, 724, part])
    for case in range(CASES // 4):
        rewards, budget, temperature = drawn = random_case(random)
        got = rebase_widths(rewards, budget, temperature=temperature).tolist()
        assert got == rebase.ceil_widths(rewards, budget, temperature), drawn
        assert sum(got) == budget
        if case % 10 == 0:
            got = rebase_widths(rewards, budget, temperature=temperature, rounding="round").tolist()
            assert got == rebase.round_widths(rewards, budget, temperature), drawn


def test_equation_1_misses_the_budget_more_often_than_not() -> None:
    # 1 to 64 rewards and a budget from 1 to 256, all uniform, and a temperature log-uniform from 0.05 to 1.
    random = np.random.default_rng(1)
    misses = np.empty(20_000, dtype=np.int64)
    for case in range(misses.size):
        rewards = random.random(int(random.integers(1, 65)))
        budget = int(random.integers(1, 257))
        temperature = float(10 ** random.uniform(np.log10(0.05), 0))
        widths = rebase_widths(rewards, budget, temperature=temperature, rounding="round")
        misses[case] = widths.sum() - budget
    assert 0.27 < np.mean(misses == 0) < 0.30
    assert -21 < misses.min() < -17
    assert 8 < misses.max() < 13


REWARDS = st.lists(
    st.integers(-8, 8).map(lambda step: step / 8) | st.floats(-1, 1, allow_subnormal=False),
    min_size=1,
    max_size=40,
)
BUDGETS = st.integers(0, 300) | st.integers(0, 2**53)
TEMPERATURES = st.floats(-9, 9).map(lambda power: 10.0**power)
ROUNDINGS = st.sampled_from(["ceil", "round"])


@given(REWARDS, BUDGETS, TEMPERATURES, ROUNDINGS)
def test_a_higher_reward_gets_no_less(
    rewards: list[float], budget: int, temperature: float, rounding: Literal["ceil", "round"]
) -> None:
    widths = rebase_widths(rewards, budget, temperature=temperature, rounding=rounding)
    order = rebase.by_descending_reward(rewards)
    assert np.all(np.diff(widths[order]) <= 0)
    assert np.all(widths >= 0)
    if rounding == "ceil":
        assert widths.sum() == budget
    else:
        # Of equal rewards all get the same.
        assert len(set(zip(rewards, widths.tolist(), strict=True))) == len(set(rewards))


@given(REWARDS, BUDGETS, TEMPERATURES, ROUNDINGS, st.randoms(use_true_random=False))
def test_the_order_of_nodes_matters_only_among_equal_rewards(
    rewards: list[float],
    budget: int,
    temperature: float,
    rounding: Literal["ceil", "round"],
    random: Random,
) -> None:
    places = list(range(len(rewards)))
    random.shuffle(places)
    shuffled = [rewards[place] for place in places]
    widths = rebase_widths(rewards, budget, temperature=temperature, rounding=rounding)
    again = rebase_widths(shuffled, budget, temperature=temperature, rounding=rounding)
    pairs = sorted(zip(rewards, widths.tolist(), strict=True))
    assert sorted(zip(shuffled, again.tolist(), strict=True)) == pairs


@given(
    st.lists(st.integers(-64, 64), min_size=1, max_size=40),
    BUDGETS,
    TEMPERATURES,
    ROUNDINGS,
    st.tuples(st.integers(-(2**20), 2**20), st.integers(-200, 200)),
)
def test_shifts_and_units_of_rewards_do_not_matter(
    steps: list[int],
    budget: int,
    temperature: float,
    rounding: Literal["ceil", "round"],
    shift_and_power: tuple[int, int],
) -> None:
    shift, power = shift_and_power
    rewards = np.array(steps) / 64
    widths = rebase_widths(rewards, budget, temperature=temperature, rounding=rounding)
    shifted = rebase_widths(rewards + shift, budget, temperature=temperature, rounding=rounding)
    assert np.array_equal(shifted, widths)
    scaled = rebase_widths(
        rewards * 2.0**power, budget, temperature=temperature * 2.0**power, rounding=rounding
    )
    assert np.array_equal(scaled, widths)
