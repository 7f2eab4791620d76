"""Decisions from drawn candidates: on average over draws they are the exact curve."""

from __future__ import annotations

from itertools import combinations, permutations
from math import lcm
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.errors import ArgumentError
from kcurve.strategies.decision import decide, tie_draw
from tests.logs import log_of
from tests.oracles.samples import Sample

if TYPE_CHECKING:
    from kcurve.rules import Rule

TIES = ("split", "first", "wrong")
NO_ANSWER = ("ignore", "vote", "drop")

samples = st.lists(
    st.builds(
        lambda answer, keep: Sample(answer, correct=answer == 0, keep=keep),
        st.sampled_from([0, 0, 1, 1, 2, None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def replayed(rule: Rule, question: list[Sample], n: int) -> float:
    """Return the mean score of the decisions from all draws of n samples, in log order, over all tie draws."""
    pool = [
        sample
        for sample in question
        if sample.answer is not None or getattr(rule, "no_answer", None) != "drop"
    ]
    draws = range(lcm(1, 2, 3))
    scores = []
    for drawn in combinations(pool, n):
        seen: dict[int, int] = {}
        codes = [
            -1 if sample.answer is None else seen.setdefault(sample.answer, len(seen))
            for sample in drawn
        ]
        right = seen.get(0, -2)
        keep = [sample.keep for sample in drawn]
        filters = isinstance(rule, kc.FilterVote)
        scores += [
            decide(rule, codes, keep=keep if filters else None, draw=draw).code == right
            for draw in draws
        ]
    return float(np.mean(scores))


def exact(rule: Rule, question: list[Sample], k: int) -> float:
    return float(kc.curve(log_of([question]), rule, k=[k]).mean[0])


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("no_answer", NO_ANSWER)
@given(question=samples, data=st.data())
@settings(max_examples=40, deadline=None)
def test_mean_decision_of_a_vote_is_its_exact_curve(ties, no_answer, question, data):
    rule = kc.Vote(ties=ties, no_answer=no_answer)
    pool = [s for s in question if s.answer is not None or no_answer != "drop"]
    if not pool:
        return
    k = data.draw(st.integers(1, len(pool)))
    assert replayed(rule, question, k) == pytest.approx(exact(rule, question, k), abs=1e-12)


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("no_answer", NO_ANSWER)
@given(question=samples, data=st.data())
@settings(max_examples=40, deadline=None)
def test_mean_decision_of_filter_vote_is_its_exact_curve(ties, no_answer, question, data):
    rule = kc.FilterVote(ties=ties, no_answer=no_answer, calls="candidates")
    pool = [s for s in question if s.answer is not None or no_answer != "drop"]
    if not pool:
        return
    k = data.draw(st.integers(1, len(pool)))
    assert replayed(rule, question, k) == pytest.approx(exact(rule, question, k), abs=1e-12)


def test_the_first_of_tied_answers_wins_over_all_orders_as_often_as_the_curve_says():
    # Every order of 0 0 1 1 2 without the last: combinations of shuffled copies cover the orders.
    question = [Sample(a, correct=a == 0) for a in (0, 0, 1, 1, 2)]
    rule = kc.Vote(ties="first")
    scores = []
    for order in permutations(question, 4):
        codes = [sample.answer for sample in order]
        scores.append(decide(rule, codes).code == 0)
    assert np.mean(scores) == pytest.approx(exact(rule, question, 4), abs=1e-12)


def test_decisions_of_one_draw_by_hand():
    assert decide(kc.Vote(ties="wrong"), [0, 1]) == decide(kc.Vote(ties="wrong"), [1, 0])
    assert decide(kc.Vote(ties="wrong"), [0, 1]).code == -1
    assert decide(kc.Vote(ties="wrong"), [0, 1]).tied
    assert decide(kc.Vote(ties="first"), [2, 1, 1, 2]).code == 2
    assert decide(kc.Vote(no_answer="vote"), [-1, -1, 0]).code == -1
    assert decide(kc.Vote(), [-1, -1, 0]).code == 0
    assert decide(kc.Vote(), [-1]).votes == {}
    fallen = decide(kc.FilterVote(), [0, 1, 1], keep=[False] * 3)
    assert (fallen.code, fallen.fell_back) == (1, True)
    # A candidate without an answer that is kept still counts as kept.
    assert decide(kc.FilterVote(), [0, -1], keep=[False, True]).code == -1


def test_tie_draws_are_fair_over_questions_and_fixed_for_each():
    draws = [tie_draw(7, "set", f"q{i}") % 3 for i in range(3000)]
    # A fair third of 3000: the chance to be off by more than 150 is below 1e-8 (5.8 standard deviations).
    assert all(abs(draws.count(rank) - 1000) < 150 for rank in range(3))
    assert draws == [tie_draw(7, "set", f"q{i}") % 3 for i in range(3000)]
    assert draws != [tie_draw(8, "set", f"q{i}") % 3 for i in range(3000)]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (kc.WeightedVote(), "needs a score"),
        (kc.BestOfN(), "needs a score"),
        (kc.PassAtK(), "chooses no answer"),
        (kc.MeanAtK(), "chooses no answer"),
        (kc.GPassAtK(0.5), "chooses no answer"),
        (kc.FilterVote(threshold=0.5), "no scores"),
    ],
)
def test_rules_that_choose_no_answer_by_votes_are_refused(rule, message):
    with pytest.raises(ArgumentError, match=message):
        decide(rule, [0, 1])


@pytest.mark.parametrize("keep", [None, [True]])
def test_filter_vote_needs_a_verdict_for_every_candidate(keep):
    with pytest.raises(ArgumentError, match="a verdict for each of the 2 candidates"):
        decide(kc.FilterVote(), [0, 1], keep=keep)
