"""The exact vote of known answer probabilities, plain and filtered."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve.errors import ArgumentError
from kcurve.theory import filter_vote_accuracy, vote_accuracy
from tests.closeness import assert_close
from tests.golden import golden, half_unit
from tests.oracles import generating_function, multinomial
from tests.test_golden import claim, codes_log

VOTES = golden("votes")["curve"]
FILTERS = golden("filter_votes")["curve"]


def share(counts: list[int]) -> list[float]:
    return [count / sum(counts) for count in counts]


@pytest.mark.parametrize("case", VOTES, ids=claim)
def test_published_votes(case: dict[str, Any]) -> None:
    got = vote_accuracy(share(case["counts"]), case["k"], ties=case.get("ties", "split"))
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=half_unit(case["decimals"]))


def joint(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    masses = np.array([case["right"], case["wrong"]]) / sum(case["right"] + case["wrong"])
    return masses[:, 0], masses[:, 1]


@pytest.mark.parametrize("case", FILTERS, ids=claim)
def test_published_filter_votes(case: dict[str, Any]) -> None:
    kept, dropped = joint(case)
    got = filter_vote_accuracy(kept, dropped, case["k"])
    np.testing.assert_allclose(got, case["accuracy"], rtol=0, atol=half_unit(case["decimals"]))


@pytest.mark.parametrize("case", FILTERS, ids=claim)
def test_the_names_of_the_answers_do_not_matter_to_a_filter(case: dict[str, Any]) -> None:
    kept, dropped = joint(case)
    first = filter_vote_accuracy(kept, dropped, case["k"])
    last = filter_vote_accuracy(kept[::-1], dropped[::-1], case["k"], correct=1)
    np.testing.assert_array_equal(first, last)


@pytest.mark.parametrize("case", FILTERS, ids=claim)
def test_an_odd_call_buys_a_filter_vote_nothing(case: dict[str, Any]) -> None:
    got = filter_vote_accuracy(*joint(case), [2, 3, 4, 5])
    assert got[0] == got[1]
    assert got[2] == got[3]


def test_a_filter_that_keeps_nothing_is_a_vote_with_half_the_calls() -> None:
    p = [0.6, 0.4]
    got = filter_vote_accuracy([0.0, 0.0], p, 10)
    assert got == vote_accuracy(p, 5)
    assert got == pytest.approx(0.68256, rel=1e-14)


def dyadic(weights: list[int], whole: int = 64) -> list[Fraction]:
    """Return probabilities that floats hold exactly and whose sum is at most 1."""
    return [Fraction(weight, whole) for weight in weights]


def floats(p: list[Fraction]) -> list[float]:
    return [float(each) for each in p]


WEIGHTS = st.lists(st.integers(0, 16), min_size=1, max_size=4)


@given(
    weights=WEIGHTS,
    k=st.integers(1, 7),
    ties=st.sampled_from(["split", "wrong"]),
    data=st.data(),
)
def test_votes_against_enumeration(
    weights: list[int], k: int, ties: multinomial.Ties, data: st.DataObject
) -> None:
    p = dyadic(weights)
    mask = data.draw(st.lists(st.booleans(), min_size=len(p), max_size=len(p)))
    correct = [answer for answer, right in enumerate(mask) if right]
    exact = multinomial.vote(p, k, correct=correct, ties=ties)
    assert_close(vote_accuracy(floats(p), k, correct=np.array(mask), ties=ties), [exact])


@given(
    kept=st.lists(st.integers(0, 10), min_size=2, max_size=2),
    dropped=st.lists(st.integers(0, 10), min_size=2, max_size=2),
    m=st.integers(1, 5),
    ties=st.sampled_from(["split", "wrong"]),
)
def test_filter_votes_against_enumeration(
    kept: list[int], dropped: list[int], m: int, ties: multinomial.Ties
) -> None:
    keep, drop = dyadic(kept), dyadic(dropped)
    exact = multinomial.filter_vote(keep, drop, m, ties=ties)
    by_candidates = filter_vote_accuracy(
        floats(keep), floats(drop), m, ties=ties, calls="candidates"
    )
    by_calls = filter_vote_accuracy(floats(keep), floats(drop), 2 * m + 1, ties=ties)
    assert_close(by_candidates, [exact])
    assert by_calls == by_candidates


@pytest.mark.parametrize(
    "p",
    [
        [0.4, 0.35, 0.25],
        [0.001, 0.6, 0.399],
        [1e-6, 0.5, 0.3],
        [1e-12, 0.9, 0.05],
        [0.5, 1e-15, 0.499],
        [1e-8, 0.5, 0.25, 0.25 - 1e-8],
        [0.1, 0.1, 0.1, 0.1],
    ],
)
@pytest.mark.parametrize("ties", ["split", "wrong"])
def test_rare_wins_keep_their_precision(p: list[float], ties: multinomial.Ties) -> None:
    """Against integer polynomials, with the floats taken for the dyadic numbers they are."""
    unit = 2**110
    counts = [int(Fraction(each) * unit) for each in p]
    inert = unit - sum(counts)
    if abs(inert) < unit * 1e-9:
        inert = 0
    k = [1, 2, 5, 20, 32, 33, 48, 60]
    exact = generating_function.plurality(counts, k, inert=inert, ties=ties, replacement=True)
    common = [each > 1e-60 for each in exact]
    got = vote_accuracy(p, k, ties=ties)
    assert_close(got[common], [each for each in exact if each > 1e-60])
    assert_close(got, exact, tolerance=1e-10)


@pytest.mark.parametrize("p", [0.9, 0.55, 0.45, 0.1, 1e-3])
def test_two_answers_are_the_incomplete_beta_function(p: float) -> None:
    q = 1 - Fraction(p)
    for k in (1, 11, 101, 501, 2001):
        m = (k + 1) // 2
        with mpmath.workdps(40):
            x = mpmath.mpf(Fraction(p).numerator) / Fraction(p).denominator
            exact = mpmath.betainc(m, m, 0, x, regularized=True)
        got = vote_accuracy([p, float(q)], [k, k + 1])
        if exact < 1e-300:
            assert (got < 1e-300).all()
        else:
            np.testing.assert_allclose(got, float(exact), rtol=1e-10)


@pytest.mark.parametrize("tiny", [1e-300, 2.3e-308, 1e-310, 5e-324])
def test_the_smallest_probabilities_win_next_to_never(tiny: float) -> None:
    assert (vote_accuracy([tiny, 0.5], [1, 40, 300, 5000]) <= 1.5 * tiny).all()
    rare = filter_vote_accuracy([tiny, 0.2], [tiny, 0.2], [2, 80, 600], calls="candidates")
    assert (rare <= 4 * tiny).all()


@given(weights=st.lists(st.integers(1, 16), min_size=2, max_size=4), k=st.integers(1, 300))
def test_shares_of_all_answers_sum_to_one(weights: list[int], k: int) -> None:
    p = np.array(weights) / sum(weights)
    shares = vote_accuracy(np.tile(p, (len(p), 1)), k, correct=np.arange(len(p)))
    assert shares.sum() == pytest.approx(1, rel=1e-11)
    assert vote_accuracy(p, k, correct=np.full(len(p), fill_value=True)) == pytest.approx(
        1, rel=1e-11
    )


@pytest.mark.parametrize("counts", [[8, 7, 5], [7, 8, 5], [1, 1, 1, 1]])
def test_the_plug_in_curve_of_a_log_is_the_vote_of_its_frequencies(counts: list[int]) -> None:
    k = [1, 2, 3, 10, 50, 200, 1000]
    by_log = kc.curve(codes_log(counts), k=k, method=kc.Exact(replacement=True)).mean
    np.testing.assert_allclose(vote_accuracy(share(counts), k), by_log, rtol=1e-11)


def test_shapes_broadcast_like_a_ufunc() -> None:
    p = np.random.default_rng(0).dirichlet([1, 1, 1], size=(2, 5))
    assert np.shape(vote_accuracy(p[0, 0], 3)) == ()
    assert vote_accuracy(p, 3).shape == (2, 5)
    k = np.array([[1, 2, 3], [4, 5, 60]])
    whole = vote_accuracy(p, k)
    assert whole.shape == (2, 5, 2, 3)
    for i, j in np.ndindex(2, 5):
        np.testing.assert_array_equal(whole[i, j], vote_accuracy(p[i, j], k))
    by_row = vote_accuracy(p[0], 7, correct=[0, 1, 2, 1, 0])
    assert by_row[2] == vote_accuracy(p[0, 2], 7, correct=2)
    kept, dropped = p * 0.5, p[0] * 0.5
    assert filter_vote_accuracy(kept, dropped, k + 1).shape == (2, 5, 2, 3)


def test_an_unordered_k_gives_each_its_own_score() -> None:
    p, k = [0.5, 0.3, 0.2], [400, 1, 33, 2, 400, 7]
    np.testing.assert_allclose(
        vote_accuracy(p, k), [vote_accuracy(p, each) for each in k], rtol=1e-12
    )
    half = np.array(p) / 2
    np.testing.assert_allclose(
        filter_vote_accuracy(half, half, np.array(k) + 1),
        [filter_vote_accuracy(half, half, each + 1) for each in k],
        rtol=1e-12,
    )


def test_the_bits_do_not_depend_on_the_threads() -> None:
    p = np.random.default_rng(1).dirichlet(np.full(6, 0.5), size=40)
    k = [1, 10, 100, 1000]
    np.testing.assert_array_equal(vote_accuracy(p, k, threads=1), vote_accuracy(p, k, threads=3))
    np.testing.assert_array_equal(
        filter_vote_accuracy(p / 2, p / 2, k[1:], threads=1),
        filter_vote_accuracy(p / 2, p / 2, k[1:], threads=3),
    )


def test_no_answer_at_all_scores_nothing() -> None:
    assert vote_accuracy([0.0, 0.0], 5) == 0
    assert vote_accuracy([0.0, 1.0], 5) == 0
    assert vote_accuracy([1.0, 0.0], 5) == 1
    assert vote_accuracy([0.5], 1) == 0.5
    assert vote_accuracy([0.5], 3) == pytest.approx(1 - 0.5**3, rel=1e-15)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"p": [0.7, 0.4]}, "p must sum to at most 1 over answers, got 1.1"),
        ({"p": [-0.1, 0.4]}, "p must hold finite numbers of at least 0, got -0.1"),
        ({"p": [np.nan, 0.4]}, "got nan"),
        ({"p": 0.4}, "along its last axis"),
        ({"p": np.zeros((3, 0))}, "along its last axis"),
        ({"k": 0}, "k must be at least 1, got 0"),
        ({"k": 1.5}, "k must be an integer"),
        ({"k": []}, "k must be an integer"),
        ({"correct": 2}, "the position of the correct answer, 0 to 1"),
        ({"correct": -1}, "0 to 1"),
        ({"correct": [0, 1]}, "one position per row"),
        ({"correct": [True, False, False]}, "a mask of shape"),
        ({"ties": "fair"}, "ties must be one of"),
        ({"threads": 0}, "threads must be an integer of at least 1"),
    ],
)
def test_what_is_no_distribution_is_refused(settings: dict[str, Any], message: str) -> None:
    whole = {"p": [0.6, 0.4], "k": 3} | settings
    with pytest.raises(ArgumentError, match=message.replace("(", r"\(")):
        vote_accuracy(**whole)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kept": [0.7, 0.4]}, "dropped must sum to at most 1"),
        ({"kept": [0.7]}, "same answers, got 1 and 2"),
        ({"dropped": [0.1, -1]}, "dropped must hold finite"),
        ({"k": 1}, "k must be at least 2"),
        ({"calls": "both"}, "calls must be one of"),
        ({"ties": "fair"}, "ties must be one of"),
    ],
)
def test_what_is_no_filter_is_refused(settings: dict[str, Any], message: str) -> None:
    whole = {"kept": [0.3, 0.2], "dropped": [0.3, 0.2], "k": 4} | settings
    with pytest.raises(ArgumentError, match=message):
        filter_vote_accuracy(**whole)
