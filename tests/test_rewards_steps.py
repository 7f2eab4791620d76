"""Steps of responses, what is made of their scores, and scores that are missing."""

from math import inf, isnan, nan

import pytest
from hypothesis import given, strategies as st

from kcurve.errors import ArgumentError
from kcurve.rewards import (
    AGGREGATIONS,
    Score,
    aggregated,
    check_missing,
    completed_scores,
    split_steps,
)
from tests.reward_calls import QUESTION


@given(st.text(st.sampled_from("ab \n."), max_size=30), st.sampled_from(["\n\n", "\n", ". ", "a"]))
def test_the_steps_joined_are_the_response_and_none_is_blank(response, step_end):
    steps = split_steps(response, step_end)
    assert "".join(steps) == response
    if response.strip():
        assert all(step.strip() for step in steps)
        for step in steps[:-1]:
            # The end is where a step ends, and nowhere within, but for blank parts at its edges.
            assert step.endswith(step_end)
            parts = [part for part in step.split(step_end) if part.strip()]
            assert len(parts) <= 1
    else:
        assert steps == ([response] if response else [])


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("", []),
        (" \n\n ", [" \n\n "]),
        ("a", ["a"]),
        ("a\n\nb", ["a\n\n", "b"]),
        ("a\n\nb\n\n", ["a\n\n", "b\n\n"]),
        ("\n\na\n\n\n\nb\nc", ["\n\na\n\n\n\n", "b\nc"]),
        ("a\n\n  \n\nb", ["a\n\n  \n\n", "b"]),
    ],
)
def test_blank_parts_belong_to_the_step_before(response, expected):
    assert split_steps(response) == expected


def test_a_step_must_end_somehow():
    with pytest.raises(ArgumentError, match="step_end must not be empty"):
        split_steps("a", "")


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=6))
def test_aggregations_are_what_their_names_say(scores):
    product = 1.0
    for score in scores:
        product *= score
    assert aggregated(scores) == aggregated(scores, "last") == scores[-1]
    assert aggregated(scores, "min") == min(scores)
    assert aggregated(scores, "prod") == product
    assert aggregated(scores, "mean") == pytest.approx(sum(scores) / len(scores), abs=1e-12)
    for how in AGGREGATIONS:
        assert isnan(aggregated([*scores, nan], how))
        assert isnan(aggregated([nan, *scores], how))


def test_nothing_cannot_be_aggregated():
    with pytest.raises(ArgumentError, match="at least one number"):
        aggregated([])
    with pytest.raises(ArgumentError, match="aggregation must be one of"):
        aggregated([1.0], "max")


@pytest.mark.parametrize("missing", ["keep", None, nan, inf, True, "0.5"])
def test_no_other_policy_for_missing_scores(missing):
    with pytest.raises(ArgumentError, match="missing must be 'drop', 'error' or a finite number"):
        check_missing(missing)
    with pytest.raises(ArgumentError):
        completed_scores([Score(0.5)], missing, question=QUESTION)


def test_a_number_stands_in_for_a_missing_score():
    scores = [Score(0.5), Score(nan, (), "timeout")]
    assert completed_scores(scores, 0, question=QUESTION) == [0.5, 0.0]
    dropped = completed_scores(scores, question=QUESTION)
    assert (dropped[0], isnan(dropped[1])) == (0.5, True)
