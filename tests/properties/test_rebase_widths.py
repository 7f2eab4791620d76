"""The allocation of REBASE against exact arithmetic, and what holds for all rewards."""

from __future__ import annotations

import numpy as np
import pytest

from kcurve.search import rebase_widths
from tests.oracles import rebase

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
        rewards = 0.5 + temperature * random.integers(-3, 4, count) * 10.0 ** -random.integers(5, 17)
    else:  # far apart
        rewards = random.standard_normal(count) * 10 ** random.uniform(-3, 3)
        temperature = float(10 ** random.uniform(-9, 9))
    return rewards.tolist(), budget, temperature


@pytest.mark.parametrize("part", range(4))
def test_widths_are_those_of_exact_arithmetic(part: int) -> None:
    random = np.random.default_rng([2408, 724, part])
    for _ in range(CASES // 4):
        rewards, budget, temperature = random_case(random)
        got = rebase_widths(rewards, budget, temperature=temperature).tolist()
        assert got == rebase.ceil_widths(rewards, budget, temperature), (rewards, budget, temperature)
        assert sum(got) == budget
