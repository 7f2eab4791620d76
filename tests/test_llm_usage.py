"""Tokens: the spellings of servers brought to one, each token counted once."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from kcurve.llm.usage import ReportedUsage, normalised, shared
from kcurve.store import Usage


def usage(**fields):
    return normalised(msgspec.json.decode(msgspec.json.encode(fields), type=ReportedUsage))


def test_nothing_reported_is_nothing_known():
    assert normalised(None) == Usage(None, None, None, None)


def test_prompt_and_completion_are_taken_as_they_are():
    assert usage(prompt_tokens=7, completion_tokens=5) == Usage(7, 5)


@pytest.mark.parametrize(
    "fields",
    [{"completion_tokens_details": {"reasoning_tokens": 30}}, {"reasoning_tokens": 30}],
    ids=["details", "top level"],
)
def test_reasoning_inside_the_completion_is_not_counted_again(fields):
    assert usage(prompt_tokens=10, completion_tokens=50, total_tokens=60, **fields) == Usage(
        10, 50, 30
    )


def test_reasoning_told_twice_is_counted_once():
    told = usage(
        prompt_tokens=10,
        completion_tokens=50,
        reasoning_tokens=30,
        completion_tokens_details={"reasoning_tokens": 30},
    )
    assert told == Usage(10, 50, 30)


def test_reasoning_beside_the_completion_is_added_if_the_total_says_so():
    assert usage(
        prompt_tokens=10, completion_tokens=20, total_tokens=60, reasoning_tokens=30
    ) == Usage(10, 50, 30)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt_tokens_details": {"cached_tokens": 64}},
        {"prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36},
        {"cached_tokens": 64},
    ],
    ids=["details", "hits and misses", "top level"],
)
def test_cached_tokens_are_part_of_the_prompt(fields):
    assert usage(prompt_tokens=100, completion_tokens=5, **fields) == Usage(100, 5, None, 64)


def test_negative_counts_are_not_believed():
    assert usage(prompt_tokens=-1, completion_tokens=4) == Usage(None, 4)


def test_more_cached_tokens_than_the_prompt_has_are_those_of_the_prompt():
    assert usage(prompt_tokens=10, completion_tokens=4, cached_tokens=11).cached == 10


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 128))
def test_the_parts_of_a_shared_usage_add_up_to_it(prompt, completion, n):
    parts = shared(Usage(prompt, completion, None, 0), n)
    assert len(parts) == n
    assert sum(part.prompt for part in parts) == prompt
    assert sum(part.completion for part in parts) == completion
    assert {part.reasoning for part in parts} == {None}
