"""The grammar of --k."""

import pytest
from hypothesis import given, strategies as st

from kcurve.cli.grid import LONGEST, parse_grid
from kcurve.errors import ArgumentError


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", [7]),
        ("1,2,5,10", [1, 2, 5, 10]),
        ("10,1,5,5", [1, 5, 10]),
        (" 1, 2 ", [1, 2]),
        ("3:6", [3, 4, 5, 6]),
        ("4:4", [4]),
        ("2:9:3", [2, 5, 8]),
        ("1:1000:log4", [1, 10, 100, 1000]),
        ("1:4,3:9:3", [1, 2, 3, 4, 6, 9]),
    ],
)
def test_forms(text, numbers):
    assert parse_grid(text) == numbers


@pytest.mark.parametrize(
    "text", ["", "a", "1,", "-1", "1.5", "1:", ":5", "1:5:", "1:5:log", "1:2:3:4", "1-5"]
)
def test_other_texts_are_refused_with_the_forms_shown(text):
    with pytest.raises(ArgumentError, match=r"write 5, 1:100, 2:30:2 or 1:1000:log20"):
        parse_grid(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", 'numbers of at least 1, got "0"'),
        ("5:1", 'ranges that grow, got "5:1"; write 1:5'),
        ("1:5:0", 'step by at least 1, got "1:5:0"'),
        ("1:5:log1", 'at least 2 log-spaced numbers, got "1:5:log1"'),
        ("1:10000000", "names 10000000 numbers of calls"),
        ("1:9:log999999", "names 999999 numbers of calls"),
    ],
)
def test_numbers_outside_their_range_are_refused(text, message):
    with pytest.raises(ArgumentError, match=message):
        parse_grid(text)


def test_longest_grid_is_allowed():
    assert len(parse_grid(f"1:{LONGEST}")) == LONGEST


@given(st.integers(1, 10_000), st.integers(0, 100_000), st.integers(2, 200))
def test_log_spaced_numbers_keep_their_ends_and_grow(start, extra, count):
    numbers = parse_grid(f"{start}:{start + extra}:log{count}")
    assert numbers[0] == start
    assert numbers[-1] == start + extra
    assert len(numbers) <= count
    assert numbers == sorted(set(numbers))
