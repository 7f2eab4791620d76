"""Seeds: no two samples of a request share one, children of a call included."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from kcurve.errors import ArgumentError
from kcurve.llm import Parameters
from kcurve.llm.prompts import Call
from kcurve.llm.seeds import STRIDE, sample_seed, seed_offset
from kcurve.store import Request

INDICES = st.integers(0, (1 << 24) - 2)


@given(st.binary(max_size=40), st.lists(INDICES, min_size=2, max_size=50, unique=True))
def test_no_two_samples_of_a_request_share_a_seed_nor_do_their_children(canonical, indices):
    offset = seed_offset(canonical)
    seeds = sorted(sample_seed(offset, index) for index in indices)
    assert all(later - earlier >= STRIDE for earlier, later in pairwise(seeds))


@given(st.binary(max_size=40), INDICES)
def test_seeds_and_those_of_children_are_positive_and_fit_in_31_bits(canonical, index):
    seed = sample_seed(seed_offset(canonical), index)
    assert seed >= 1
    assert seed + STRIDE - 1 < 2**31


def test_the_last_index_with_a_seed_of_its_own_is_followed_by_an_error():
    assert sample_seed(5, (1 << 24) - 2) == 1 + (5 + 128 * ((1 << 24) - 2)) % (2**31 - 128)
    with pytest.raises(ArgumentError, match="at most 16777215 samples, got sample 16777215"):
        sample_seed(5, (1 << 24) - 1)


def call(**parameters):
    given = Parameters(**parameters)
    return Call(Request("m", "completions", "2 + 2 =", given.body()), given)


def test_another_seed_moves_every_sample():
    first = {call(seed=1).seed(index) for index in range(1000)}
    second = {call(seed=2).seed(index) for index in range(1000)}
    assert first.isdisjoint(second)


def test_without_a_seed_none_is_sent():
    assert call(temperature=1.0).seed(3) is None
    assert b"seed" not in call(temperature=1.0).body(None)


def test_seeds_are_stable_from_version_to_version():
    # A changed seed would be another sample under the same key.
    assert [call(seed=7).seed(index) for index in (0, 1, 100)] == [
        542253937,
        542254065,
        542266737,
    ]
