"""Selections against the same written out, for every outcome of every comparison."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from kcurve.errors import ArgumentError
from kcurve.networks import Chained, FullList, Majority, Pairwise, PairwiseUnique
from tests.oracles import selectors as oracle

CASES = [
    (Majority(), oracle.majority),
    (FullList(), oracle.full_list),
    (Pairwise(), oracle.pairwise),
    (Pairwise(both_orders=False, shared=0.5), oracle.pairwise_once),
    (PairwiseUnique(), oracle.pairwise_unique),
    (PairwiseUnique(representatives=1), partial(oracle.pairwise_unique, representatives=1)),
    (Chained(), oracle.chained),
]
every_selector = pytest.mark.parametrize("selector", [case[0] for case in CASES], ids=repr)
ORACLES = dict(CASES)


def decided(selector, codes, judge):
    """Ask until nothing is left to ask; return the leaders and how many comparisons it took."""
    verdicts = {}
    while asked := selector.asks(codes, verdicts):
        for comparison in asked:
            assert comparison not in verdicts, "asked for twice"
            verdicts[comparison] = judge(comparison)
    return set(selector.leaders(codes, verdicts)), len(verdicts)


def every_outcome(selector, codes, most=60):
    """Yield judges that together give every reply to every comparison that can come up.

    Of those that ask too much for that, some hundred at random.
    """
    pairs = [(i, j) for i in range(len(codes)) for j in range(len(codes)) if i != j]
    lists = [tuple(i for i, code in enumerate(codes) if code >= 0)]
    asked = lists if isinstance(selector, FullList) else pairs
    asked = [c for c in asked if len({codes[i] for i in c} - {-1}) == len(c) or c in lists]
    replies = [[None, *range(len(comparison))] for comparison in asked]
    outcomes = product(*replies)
    if np.prod([len(reply) for reply in replies], dtype=float) > 300:
        random = np.random.default_rng(0)
        outcomes = ([reply[random.integers(len(reply))] for reply in replies] for _ in range(most))
    for outcome in outcomes:
        yield dict(zip(asked, outcome, strict=True)).__getitem__


def every_coding(n):
    """Yield codes of n candidates, each answer numbered by its first occurrence."""
    for codes in product(range(-1, n), repeat=n):
        seen = [code for code in dict.fromkeys(codes) if code >= 0]
        if seen == list(range(len(seen))):
            yield codes


@every_selector
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_selector_decides_as_written_out(selector, n):
    expected = ORACLES[selector]
    for codes in every_coding(n):
        for judge in every_outcome(selector, codes):
            got, calls = decided(selector, codes, judge)
            assert got == expected(codes, judge), codes
            assert calls <= selector.most_calls(n)


@every_selector
def test_candidates_that_agree_are_not_compared(selector):
    assert selector.asks([0, -1, 0, 0], {}) == ()
    assert {0} <= set(selector.leaders([0, -1, 0, 0], {})) <= {0, 2, 3}


@every_selector
def test_candidates_that_all_differ_take_the_most_calls(selector):
    for n in range(2, 6):
        _, calls = decided(selector, list(range(n)), lambda _: 0)
        assert calls == selector.most_calls(n)


@pytest.mark.parametrize("selector", [s for s in ORACLES if s != Majority()], ids=repr)
def test_a_selector_does_not_decide_before_it_has_heard(selector):
    with pytest.raises(ArgumentError, match="has no verdict yet"):
        selector.leaders([0, 1], {})


def test_many_selections_at_once_are_single_ones():
    random = np.random.default_rng(1)
    codes = random.integers(-1, 3, (50, 5))
    for selector in (Pairwise(), Pairwise(both_orders=False), PairwiseUnique()):
        asked = selector.asked(codes)
        won = np.where(asked, random.integers(-1, 2, asked.shape), 0)
        together = selector.leading(codes, won)
        for row in range(50):
            verdicts = {
                (i, j): {1: 0, -1: 1, 0: None}[int(won[row, i, j])]
                for i, j in np.argwhere(asked[row]).tolist()
            }
            alone = selector.leaders(codes[row].tolist(), verdicts)
            assert set(alone) - {0} == set(np.flatnonzero(together[row]).tolist()) - {0}


def test_settings_of_selectors_are_checked():
    with pytest.raises(
        ArgumentError, match=r"shared must be at least 0 and at most 0\.5, got 0\.6"
    ):
        Pairwise(shared=0.6)
    with pytest.raises(ArgumentError, match="representatives must be an integer of at least 1"):
        PairwiseUnique(representatives=0)
