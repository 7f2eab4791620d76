"""The allocation of REBASE: cases worked by hand, extremes, and arguments that are refused."""

from math import ceil, inf, nan, nextafter

import numpy as np
import pytest
from mpmath import mp, mpf

from kcurve.errors import ArgumentError
from kcurve.search import rebase_widths
from tests.oracles import rebase

FOUR = [0.9, 0.8, 0.5, 0.3]
LARGEST = np.finfo(float).max
MILLION = 10**6


@pytest.mark.parametrize(
    ("rewards", "budget", "temperature", "rounded", "ceiled"),
    [
        (FOUR, 16, 0.1, [12, 4, 0, 0], [12, 4, 0, 0]),
        (FOUR, 16, 0.2, [9, 5, 1, 0], [9, 6, 1, 0]),
        (FOUR, 16, 1.0, [5, 5, 3, 3], [6, 5, 3, 2]),
        ([0.5] * 3, 4, 0.1, [1, 1, 1], [1, 1, 2]),
        (
            [0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.63],
            8,
            0.1,
            [1] * 8,
            [2, 2, 1, 1, 1, 1, 0, 0],
        ),
        ([0.51, 0.5, 0.5, 0.5], 2, 0.1, [1, 0, 0, 0], [1, 0, 0, 1]),
        # Where single precision, a running difference or a missing maximum goes wrong:
        ([1.0, 0.0], 16, 0.05, [16, 0], [16, 0]),
        ([0.5] * 16, 16, 0.2, [1] * 16, [1] * 16),
        ([0.5] * 5, 16, 0.2, [3] * 5, [3, 3, 3, 3, 4]),
        ([1.0, 0.9, 0.1], 16, 0.0113, [16, 0, 0], [16, 0, 0]),
        # Halves go to the even number.
        ([0.5] * 2, 1, 1.0, [0, 0], [0, 1]),
        ([0.5] * 2, 3, 1.0, [2, 2], [1, 2]),
        ([0.5] * 2, 5, 1.0, [2, 2], [2, 3]),
        ([0.0, -0.0], 3, 1.0, [2, 2], [1, 2]),
        ([-0.0, 0.0], 3, 1.0, [2, 2], [1, 2]),
    ],
)
def test_cases_by_hand(rewards, budget, temperature, rounded, ceiled) -> None:
    got = rebase_widths(rewards, budget, temperature=temperature, rounding="round")
    assert got.tolist() == rounded
    got = rebase_widths(rewards, budget, temperature=temperature)
    assert got.tolist() == ceiled
    assert got.dtype == np.int64


# --- what floats cannot decide ----------------------------------------------------------------------------------------


def widths_in_doubles(rewards, budget, temperature):
    """The same rule in plain double precision: the largest subtracted, sums taken anew from the small end."""
    nodes = rebase.by_descending_reward(rewards)
    widths = [0] * len(rewards)
    for place, node in enumerate(nodes):
        following = [(rewards[other] - rewards[node]) / temperature for other in nodes[place:]]
        widths[node] = ceil(budget / float(np.exp(following[::-1]).sum()))
        budget -= widths[node]
    return widths


def weights_that_sum_up_to_nearly_two(terms, *, above):
    """Rewards whose weights, relative to the largest, miss 2 by ever less the more terms there are."""
    rewards = [0.0, -0.5]
    with mp.workdps(400):
        missing = 1 - mp.exp(mpf(-0.5))
        for term in range(terms):
            reward = float(mp.log(missing))
            while mp.exp(mpf(reward)) >= missing:
                reward = nextafter(reward, -inf)
            if above and term == terms - 1:
                reward = nextafter(reward, inf)
            missing -= mp.exp(mpf(reward))
            rewards.append(reward)
        assert (missing < 0) == above
        assert abs(missing) < mpf(10) ** (-13 * terms)
    return rewards


@pytest.mark.parametrize("terms", [2, 4, 8, 16])
def test_shares_next_to_an_integer_are_rounded_to_their_side(terms) -> None:
    below = weights_that_sum_up_to_nearly_two(terms, above=False)
    above = weights_that_sum_up_to_nearly_two(terms, above=True)
    # The first share of 2 is 2 / S: a little more than 1, or a little less.
    expected = {"below": [2, *[0] * (terms + 1)], "above": [1, 1, *[0] * terms]}
    for budget in (1, 2, 3, 6, 2**40, 2**53 - 1):
        for rewards in (below, above, below[::-1], above[::-1]):
            got = rebase_widths(rewards, budget, temperature=1.0).tolist()
            assert got == rebase.ceil_widths(rewards, budget, 1.0)
            got = rebase_widths(rewards, budget, temperature=1.0, rounding="round").tolist()
            assert got == rebase.round_widths(rewards, budget, 1.0)
    assert rebase_widths(below, 2, temperature=1.0).tolist() == expected["below"]
    assert rebase_widths(above, 2, temperature=1.0).tolist() == expected["above"]
    assert widths_in_doubles(below, 2, 1.0) == widths_in_doubles(above, 2, 1.0)


@pytest.mark.parametrize(
    ("rewards", "temperature"),
    [
        ([0.0, 1e-300], 1.0),
        ([0.0, 5e-324], 1.0),
        ([0.0, 5e-324], LARGEST),
        ([0.5, np.nextafter(0.5, 1)], 1e9),
    ],
)
def test_rewards_that_differ_by_next_to_nothing_differ(rewards, temperature) -> None:
    # The better one has a share of 1 and a little, so it gets both.
    assert rebase_widths(rewards, 2, temperature=temperature).tolist() == [0, 2]
    got = rebase_widths(rewards, 3, temperature=temperature, rounding="round")
    assert got.tolist() == [1, 2]
    assert widths_in_doubles(rewards, 2, temperature) != [0, 2]


@pytest.mark.parametrize("step", [1e-20, 1e-100, 1e-300])
def test_what_is_level_to_first_order_is_decided_by_the_second(step) -> None:
    # The shares of the two in the middle are 6 / (2 + 2 cosh(step)), a little less than a half more than 1.
    got = rebase_widths([-step, 0.0, 0.0, step], 6, temperature=1.0, rounding="round")
    assert got.tolist() == [1, 1, 1, 2]


# --- extremes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-9, 1e-3, 1.0, 1e9, 1e300, LARGEST])
def test_extremes_are_as_in_exact_arithmetic(temperature) -> None:
    random = np.random.default_rng(1)
    for rewards in (
        [LARGEST, -LARGEST],
        [-LARGEST, 0.0, LARGEST, 1.0, -5e-324, np.nextafter(LARGEST, 0)],
        [5e-324, 0.0, -0.0, 1e-320, -1e-310],
        (random.standard_normal(20) * 1e308).clip(-LARGEST, LARGEST).tolist(),
        (random.standard_normal(20) * 10.0 ** random.integers(-320, 308, 20)).tolist(),
        (1e9 + random.integers(0, 3, 20)).tolist(),
    ):
        for budget in (1, 20, 10**6, 2**53):
            got = rebase_widths(rewards, budget, temperature=temperature).tolist()
            assert got == rebase.ceil_widths(rewards, budget, temperature)
            got = rebase_widths(rewards, budget, temperature=temperature, rounding="round")
            assert got.tolist() == rebase.round_widths(rewards, budget, temperature)


@pytest.mark.parametrize("temperature", [1e-9, 0.01, 0.2, 1e9])
@pytest.mark.parametrize("budget", [64, MILLION, 3 * MILLION])
def test_a_million_nodes_share_all_by_descending_reward(temperature, budget) -> None:
    random = np.random.default_rng(2)
    for rewards in (random.random(MILLION), random.integers(0, 101, MILLION) / 100):
        widths = rebase_widths(rewards, budget, temperature=temperature)
        assert widths.sum() == budget
        order = np.lexsort((-np.arange(MILLION), -rewards))
        assert np.diff(widths[order]).max() <= 0


def test_many_nodes_are_as_in_exact_arithmetic() -> None:
    random = np.random.default_rng(3)
    count = 10_000
    for rewards in (
        random.integers(0, 101, count) / 100,
        random.random(count),
        1 - random.random(count) ** 8,
        np.where(random.random(count) < 0.01, random.random(count), 1e-9 * random.random(count)),
    ):
        listed = rewards.tolist()
        for budget, temperature in ((300, 0.2), (count, 0.05), (10**9, 1.0)):
            got = rebase_widths(rewards, budget, temperature=temperature).tolist()
            assert got == rebase.ceil_widths(listed, budget, temperature)


# --- arguments --------------------------------------------------------------------------------------------------------


def test_nothing_to_share_out_or_nobody_to_share_with() -> None:
    for rounding in ("ceil", "round"):
        assert rebase_widths([], 5, temperature=1, rounding=rounding).shape == (0,)
        assert rebase_widths([], 5, temperature=1, rounding=rounding).dtype == np.int64
        assert rebase_widths([1, 2], 0, temperature=1, rounding=rounding).tolist() == [0, 0]
    assert rebase_widths(np.array([7], np.float32), np.int64(5), temperature=1).tolist() == [5]


@pytest.mark.parametrize(
    ("keep", "kept"), [(1.0, 10), (0.95, 10), (0.3, 3), (0.31, 4), (0.1, 1), (1e-12, 1)]
)
def test_only_the_best_take_part(keep, kept) -> None:
    rewards = [0.1, 0.5, 0.5, 0.5, 0.9, 0.2, 0.9, 0.3, 0.4, 0.0]
    got = rebase_widths(rewards, 100, temperature=10, keep=keep).tolist()
    assert got == rebase.ceil_widths(rewards, 100, 10, kept)
    assert np.count_nonzero(got) == kept
    order = rebase.by_descending_reward(rewards)
    best = sorted(order[:kept])
    got = rebase_widths(rewards, 100, temperature=10, keep=keep, rounding="round")
    alone = rebase.round_widths([rewards[node] for node in best], 100, 10)
    assert got[best].tolist() == alone
    assert got.sum() == sum(alone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rewards": [0.5, nan]}, "rewards must be finite, got nan at index 1"),
        ({"rewards": [inf, 1]}, "rewards must be finite, got inf at index 0"),
        ({"rewards": [[1.0], [2.0]]}, r"rewards must have one dimension.*\(2, 1\)"),
        ({"rewards": 1.0}, r"rewards must have one dimension.*\(\)"),
        ({"rewards": [[1.0], [2.0, 3.0]]}, "rewards must be numbers"),
        ({"rewards": ["high"]}, "rewards must be numbers"),
        ({"rewards": [1j]}, "rewards must be numbers"),
        ({"budget": -1}, r"budget must be an integer from 0 to .*, got -1"),
        ({"budget": 2**53 + 1}, "budget must be an integer from 0 to"),
        ({"budget": 1.0}, r"budget must be an integer from 0 to .*, got 1\.0"),
        ({"budget": True}, "budget must be an integer"),
        ({"budget": None}, "budget must be an integer"),
        ({"temperature": 0}, "temperature must be greater than 0"),
        ({"temperature": -1.0}, "temperature must be greater than 0"),
        ({"temperature": nan}, "temperature must be greater than 0"),
        ({"temperature": inf}, "temperature must be greater than 0"),
        ({"temperature": "0.2"}, "temperature must be greater than 0"),
        ({"rounding": "floor"}, "rounding must be one of 'ceil', 'round', got 'floor'"),
        ({"keep": 0}, "keep must be greater than 0 and at most 1, got 0"),
        ({"keep": 1.5}, "keep must be greater than 0 and at most 1"),
        ({"keep": nan}, "keep must be greater than 0 and at most 1"),
    ],
)
def test_wrong_arguments_are_named(change, message) -> None:
    right = {"rewards": [0.5, 0.6], "budget": 4, "temperature": 0.2}
    arguments = right | change
    with pytest.raises(ArgumentError, match=message):
        rebase_widths(arguments.pop("rewards"), arguments.pop("budget"), **arguments)
