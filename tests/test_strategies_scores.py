"""Decisions by scores: on average over draws they are what the definition and the bootstrap say."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import inf, lcm, nan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import kcurve as kc
from kcurve.errors import ArgumentError
from kcurve.strategies.decision import decide
from tests.logs import log_of
from tests.oracles.best_of_n import best_in_order, best_of_n
from tests.oracles.samples import Sample
from tests.oracles.weighted_vote import Weighing, weighted_vote, weighted_vote_in_order

if TYPE_CHECKING:
    from kcurve.rules import Rule

DRAWS = range(lcm(*range(1, 7)))
"""Every way to break a tie among up to six, equally often."""

scores = st.sampled_from([0, 0.1, 0.2, 0.3, 0.3, 0.5, 1, None])
samples = st.lists(
    st.builds(
        lambda answer, score: Sample(answer, correct=answer == 0, score=score),
        st.sampled_from([0, 0, 1, 1, 2, None]),
        scores,
    ),
    min_size=1,
    max_size=6,
)
weighings = st.sampled_from(
    [
        {},
        {"power": 2},
        {"power": 0},
        {"weight": "mean"},
        {"weight": "borda"},
        {"weight": "borda", "power": 0},
        {"temperature": 0.5},
        {"top": 0.5},
        {"top": 0.4, "weight": "borda", "power": 2},
        {"top": 0.7, "weight": "mean", "temperature": 0.2},
    ]
)


def drawn_codes(drawn) -> tuple[list[int], list[float], int]:
    """Return codes by first appearance, scores, and the code of the right answer."""
    seen: dict[int, int] = {}
    codes = [-1 if one.answer is None else seen.setdefault(one.answer, len(seen)) for one in drawn]
    return codes, [nan if one.score is None else one.score for one in drawn], seen.get(0, -2)


def decided(rule: Rule, drawn, draw: int = 0) -> bool:
    codes, given_scores, right = drawn_codes(drawn)
    return decide(rule, codes, scores=given_scores, draw=draw).code == right


def mean_decision(rule: Rule, drawn) -> float:
    """Return how often the decision is right over all ways to break ties."""
    return float(np.mean([decided(rule, drawn, draw) for draw in DRAWS]))


def as_defined(rule: kc.WeightedVote, drawn) -> Fraction:
    weighing = Weighing(
        weight=rule.weight,
        power=Fraction(str(rule.power)),
        temperature=rule.temperature,
        top=Fraction(*rule.ratio),
    )
    return weighted_vote(drawn, weighing=weighing, ties=rule.ties, no_answer=rule.no_answer)


def replayed(rule: Rule, question) -> float:
    """Return the score of the only draw of all samples, as the core has it."""
    k = len(pool(rule, question))
    method = kc.Bootstrap(n_resamples=256, replacement=False)
    log = log_of([question])
    return float(kc.curve(log, rule, k=[k], method=method, interval=None).mean[0])


def pool(rule: Rule, question) -> list[Sample]:
    drops = getattr(rule, "no_answer", None) == "drop"
    return [sample for sample in question if sample.answer is not None or not drops]


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("no_answer", ["ignore", "vote"])
@given(question=samples, setting=weighings)
@settings(max_examples=60, deadline=None)
def test_mean_decision_of_a_weighted_vote_is_its_definition(ties, no_answer, question, setting):
    rule = kc.WeightedVote(ties=ties, no_answer=no_answer, **setting)
    assert mean_decision(rule, question) == pytest.approx(
        float(as_defined(rule, question)), abs=1e-12
    )


@given(question=samples, setting=weighings)
@settings(max_examples=60, deadline=None)
def test_samples_without_an_answer_that_are_dropped_hold_no_rank(question, setting):
    rule = kc.WeightedVote(no_answer="drop", **setting)
    left = pool(rule, question)
    expected = float(as_defined(rule, left)) if left else 0.0
    assert mean_decision(rule, question) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("no_answer", ["ignore", "vote", "drop"])
@given(question=samples, setting=weighings)
@settings(max_examples=40, deadline=None)
def test_mean_decision_of_a_weighted_vote_is_that_of_the_bootstrap(
    ties, no_answer, question, setting
):
    rule = kc.WeightedVote(ties=ties, no_answer=no_answer, **setting)
    if pool(rule, question):
        assert mean_decision(rule, question) == pytest.approx(replayed(rule, question), abs=1e-12)


@pytest.mark.parametrize("ties", ["split", "wrong"])
@given(question=samples)
@settings(max_examples=80, deadline=None)
def test_mean_decision_of_best_of_n_is_its_definition_and_its_curve(ties, question):
    rule = kc.BestOfN(ties=ties)
    mean = mean_decision(rule, question)
    assert mean == pytest.approx(float(best_of_n(question, ties=ties)), abs=1e-12)
    assert mean == pytest.approx(replayed(rule, question), abs=1e-12)
    exact = kc.curve(log_of([question]), rule, k=[len(question)], interval=None).mean[0]
    assert mean == pytest.approx(float(exact), abs=1e-12)


@given(question=samples, setting=weighings)
@settings(max_examples=60, deadline=None)
def test_the_first_ballot_for_a_tied_answer_decides(question, setting):
    rule = kc.WeightedVote(ties="first", **setting)
    weighing = Weighing(
        weight=rule.weight,
        power=Fraction(str(rule.power)),
        temperature=rule.temperature,
        top=Fraction(*rule.ratio),
    )
    for order in list(permutations(question))[:24]:
        expected = weighted_vote_in_order(order, weighing=weighing, no_answer="ignore")
        assert decided(rule, order) == expected
        assert decided(kc.BestOfN(ties="first"), order) == best_in_order(order)


@given(question=samples, threshold=st.sampled_from([-1.0, 0.2, 0.3, 0.55, 2.0]))
@settings(max_examples=80, deadline=None)
def test_mean_decision_of_filter_vote_by_a_threshold_is_its_exact_curve(question, threshold):
    rule = kc.FilterVote(calls="candidates", threshold=threshold)
    exact = kc.curve(log_of([question]), rule, k=[len(question)], interval=None).mean[0]
    assert mean_decision(rule, question) == pytest.approx(float(exact), abs=1e-12)


def test_claims_are_level_within_the_rounding_of_the_core():
    level = decide(kc.WeightedVote(), [0, 0, 1], scores=[0.1, 0.2, 0.3])
    assert (level.tied, level.votes) == (True, {0: pytest.approx(0.3), 1: 0.3})
    assert not decide(kc.WeightedVote(), [0, 0, 1], scores=[0.1, 0.2, 0.3 + 1e-10]).tied


def test_claims_say_what_the_rule_weighs():
    codes, given_scores = [0, 1, 0, -1], [0.5, 1.0, nan, 0.75]
    assert decide(kc.WeightedVote(), codes, scores=given_scores).votes == {1: 1.0, 0: 0.5}
    mean = kc.WeightedVote(weight="mean")
    assert decide(mean, codes, scores=given_scores).votes == {1: 1.0, 0: 0.25}
    borda = kc.WeightedVote(weight="borda")
    # Ranks from the worst: none 1, 0.5 2, 0.75 3 (it casts no ballot), 1.0 4.
    assert decide(borda, codes, scores=given_scores).votes == {1: 4.0, 0: 3.0}
    softmax = kc.WeightedVote(temperature=0.5)
    claims = decide(softmax, codes, scores=given_scores).votes
    assert claims == {1: 1.0, 0: pytest.approx(np.exp(-1))}
    best = decide(kc.BestOfN(), codes, scores=[0.5, 1.0, nan, -inf])
    assert (best.code, best.votes) == (1, {1: 1.0, 0: 0.5, -1: -inf})


def test_missing_scores_rank_below_all_others_and_infinities_have_no_weight():
    assert decide(kc.BestOfN(), [0, 1], scores=[nan, -inf]).code == 1
    nothing = decide(kc.BestOfN(), [0, 1, 1], scores=[nan] * 3, draw=1)
    assert (nothing.code, nothing.votes, nothing.tied) == (1, {}, True)
    assert decide(kc.BestOfN(), [-1, 1], scores=[0.9, 0.1]).code == -1
    with pytest.raises(ArgumentError, match="score of inf has no finite weight"):
        decide(kc.WeightedVote(), [0, 1], scores=[inf, 0.5])
    with pytest.raises(ArgumentError, match="score of -1 has no finite weight"):
        decide(kc.WeightedVote(power=0.5), [0, 1], scores=[-1, 0.5])
    assert decide(kc.WeightedVote(weight="borda"), [0, 1], scores=[inf, 0.5]).code == 0
    assert decide(kc.WeightedVote(), [], scores=[]).code == -1


@pytest.mark.parametrize("rule", [kc.WeightedVote(), kc.BestOfN(), kc.FilterVote(threshold=0.5)])
def test_every_candidate_needs_a_score(rule):
    with pytest.raises(ArgumentError, match="score for each of the 2 candidates, got 1"):
        decide(rule, [0, 1], scores=[0.5])
    assert (
        decide(rule, [0, 1], scores=np.array([0.9, 0.5])).code == 0 or rule.label == "Filter-Vote"
    )
