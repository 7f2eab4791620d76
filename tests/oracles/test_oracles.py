"""The oracles agree with each other, with literal enumeration, and with numbers worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.oracles import convolution, generating_function, rules as oracle
from tests.oracles.best_of_n import best_in_order, best_of_n
from tests.oracles.binomial_tail import majority_of_two
from tests.oracles.draws import multisets, sequences, subsets
from tests.oracles.expectation import (
    covariance,
    curve,
    jackknife_variance,
    moments,
    value,
)
from tests.oracles.filter_vote import candidates, filter_vote
from tests.oracles.rules import OracleRule
from tests.oracles.samples import Sample, question, scored_by_correctness, with_keep
from tests.oracles.vote import vote, vote_in_order
from tests.oracles.weighted_vote import (
    Weighing,
    weighted_vote,
    weighted_vote_in_order,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

S = Sample
MIXED = [
    S(0, correct=True, score=2, keep=True),
    S(0, correct=True, score=1, keep=False),
    S(1, score=2, keep=True),
    S(1, score=None, keep=False),
    S(2, correct=True, score=0, keep=True),
    S(None, score=2, keep=True),
    S(None, correct=True, score=2, keep=False),
]

WEIGHINGS = {
    "sum": Weighing(),
    "mean": Weighing("mean"),
    "borda": Weighing("borda"),
    "squares": Weighing(power=Fraction(2)),
    "softmax": Weighing(temperature=0.5),
    "best-half": Weighing(top=Fraction(1, 2)),
    "borda-of-best": Weighing("borda", Fraction(1, 2), top=Fraction(2, 3)),
}

EVERY_RULE: dict[str, OracleRule] = {
    **{
        f"vote-{ties}-{no_answer}": oracle.vote_rule(ties=ties, no_answer=no_answer)
        for ties in ("split", "first", "wrong")
        for no_answer in ("ignore", "vote", "drop")
    },
    **{
        f"filter-{ties}-{no_answer}-{calls}": oracle.filter_vote_rule(
            ties=ties, no_answer=no_answer, calls=calls
        )
        for ties in ("split", "first", "wrong")
        for no_answer in ("ignore", "vote", "drop")
        for calls in ("paper", "candidates")
    },
    **{
        f"{name}-{ties}-{no_answer}": oracle.weighted_vote_rule(
            weighing, ties=ties, no_answer=no_answer
        )
        for name, weighing in WEIGHINGS.items()
        for ties, no_answer in (("split", "ignore"), ("first", "vote"), ("wrong", "drop"))
    },
    **{f"best-{ties}": oracle.best_of_n_rule(ties=ties) for ties in ("split", "first", "wrong")},
    "pass_at_k": oracle.pass_at_k_rule(),
    "pass_hat_k": oracle.pass_hat_k_rule(),
    "g_pass_at_k": oracle.g_pass_at_k_rule(Fraction(1, 2)),
    "mean_at_k": oracle.mean_at_k_rule(),
}


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_probabilities_of_all_draws_sum_to_one(k: int, *, replacement: bool) -> None:
    assert sum(probability for _, probability in multisets(MIXED, k, replacement=replacement)) == 1


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("name", EVERY_RULE)
def test_counting_kinds_equals_listing_every_sequence(name: str, *, replacement: bool) -> None:
    rule = EVERY_RULE[name]
    pool = rule.pool(MIXED)
    for k in (2, 3, 4):
        listed = [
            rule.score(draw) for draw in sequences(pool, rule.draws(k), replacement=replacement)
        ]
        assert value(rule, MIXED, k, replacement=replacement) == sum(listed, Fraction(0)) / len(
            listed
        )


@pytest.mark.parametrize("name", EVERY_RULE)
def test_counting_kinds_equals_listing_every_subset(name: str) -> None:
    rule = EVERY_RULE[name]
    pool = rule.pool(MIXED)
    for k in (2, 3, 5):
        listed = [rule.score(draw) for draw in subsets(pool, rule.draws(k))]
        assert value(rule, MIXED, k, replacement=False) == sum(listed, Fraction(0)) / len(listed)


def in_order_filter_vote(drawn: Sequence[Sample]) -> Fraction:
    kept = [sample for sample in drawn if sample.keep]
    return vote_in_order(kept or drawn, no_answer="ignore")


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize(
    ("in_order", "first"),
    [
        (
            partial(vote_in_order, no_answer="ignore"),
            partial(vote, ties="first", no_answer="ignore"),
        ),
        (partial(vote_in_order, no_answer="vote"), partial(vote, ties="first", no_answer="vote")),
        (in_order_filter_vote, partial(filter_vote, ties="first", no_answer="ignore")),
        (best_in_order, partial(best_of_n, ties="first")),
        *(
            (
                partial(weighted_vote_in_order, weighing=weighing, no_answer=no_answer),
                partial(weighted_vote, weighing=weighing, ties="first", no_answer=no_answer),
            )
            for weighing in WEIGHINGS.values()
            for no_answer in ("ignore", "vote")
        ),
    ],
    ids=[
        "vote-ignore",
        "vote-vote",
        "filter",
        "best",
        *(f"{name}-{no_answer}" for name in WEIGHINGS for no_answer in ("ignore", "vote")),
    ],
)
def test_first_drawn_wins_averages_to_the_policy(
    in_order: Callable[[Sequence[Sample]], Fraction],
    first: Callable[[Sequence[Sample]], Fraction],
    *,
    replacement: bool,
) -> None:
    for k in (1, 2, 3, 4):
        scores = [in_order(draw) for draw in sequences(MIXED, k, replacement=replacement)]
        assert sum(scores, Fraction(0)) / len(scores) == value(
            OracleRule(first), MIXED, k, replacement=replacement
        )


@pytest.mark.parametrize("name", ["vote", "filter", "best"])
@pytest.mark.parametrize("replacement", [False, True])
def test_first_has_the_expectation_of_split(name: str, *, replacement: bool) -> None:
    split, first = {
        "vote": (oracle.vote_rule(ties="split"), oracle.vote_rule(ties="first")),
        "filter": (oracle.filter_vote_rule(ties="split"), oracle.filter_vote_rule(ties="first")),
        "best": (oracle.best_of_n_rule(ties="split"), oracle.best_of_n_rule(ties="first")),
    }[name]
    ks = [2, 3, 4, 5]
    assert curve(split, MIXED, ks, replacement=replacement) == curve(
        first, MIXED, ks, replacement=replacement
    )


def test_one_draw_by_hand() -> None:
    a, b, none = S(0, correct=True), S(1), S(None)
    other = S(2, correct=True)
    split = partial(vote, ties="split", no_answer="ignore")
    assert split([a, b]) == Fraction(1, 2)
    assert split([a, b, other]) == Fraction(2, 3)
    assert split([a, a, b, none, none, none]) == 1
    assert split([none, none]) == 0
    assert vote([a, a, b, none, none, none], ties="split", no_answer="vote") == 0
    assert vote([a, other], ties="wrong", no_answer="ignore") == 0
    assert vote([a, a, other], ties="wrong", no_answer="ignore") == 1
    assert vote([a, none], ties="split", no_answer="vote") == Fraction(1, 2)


def test_one_filtered_draw_by_hand() -> None:
    a, dropped_b = S(0, correct=True, keep=True), S(1, keep=False)
    rule = partial(filter_vote, ties="split", no_answer="ignore")
    assert rule([a, dropped_b, dropped_b]) == 1
    assert rule([dropped_b, dropped_b]) == 0
    assert rule([S(0, correct=True, keep=False)]) == 1
    assert rule([a, S(1, keep=True)]) == Fraction(1, 2)
    # The only kept candidate has no answer: something was kept, so the rest do not vote.
    assert rule([S(None, keep=True), S(0, correct=True, keep=False)]) == 0
    assert [candidates(k, "paper") for k in (2, 3, 4, 5)] == [1, 1, 2, 2]
    with pytest.raises(ValueError, match="k >= 2"):
        candidates(1, "paper")


def test_one_best_of_n_draw_by_hand() -> None:
    right, wrong, unscored = S(0, correct=True, score=3), S(1, score=3), S(0, correct=True)
    assert best_of_n([right, wrong, wrong], ties="split") == Fraction(1, 3)
    assert best_of_n([right, wrong], ties="wrong") == 0
    assert best_of_n([right, right, S(1, score=2)], ties="wrong") == 1
    assert best_of_n([unscored, S(1, score=-9)], ties="split") == 0
    assert best_of_n([unscored, S(1)], ties="split") == Fraction(1, 2)


@pytest.mark.parametrize("replacement", [False, True])
def test_weights_that_are_all_equal_make_a_plain_vote(*, replacement: bool) -> None:
    """score^0 and the mean of one score; and with equal scores every weighing but the mean."""
    scored = [replace(sample, score=sample.score or 0) for sample in MIXED]
    level = [replace(sample, score=Fraction(7, 3)) for sample in MIXED]
    equal = [Weighing(power=Fraction(0)), Weighing("borda", Fraction(0))]
    for ties in ("split", "first", "wrong"):
        for no_answer in ("ignore", "vote", "drop"):
            plain = oracle.vote_rule(ties=ties, no_answer=no_answer)
            votes = curve(plain, MIXED, range(1, 5), replacement=replacement)
            for samples, weighings in ((scored, equal), (level, [*WEIGHINGS.values(), *equal])):
                for weighing in weighings:
                    if weighing.weight != "mean":
                        rule = oracle.weighted_vote_rule(weighing, ties=ties, no_answer=no_answer)
                        got = curve(rule, samples, range(1, 5), replacement=replacement)
                        assert got == votes


@pytest.mark.parametrize("replacement", [False, True])
def test_the_best_sample_alone_is_best_of_n(*, replacement: bool) -> None:
    """With distinct scores, the vote of the single best sample returns it."""
    ranked = [S(i % 3, correct=i % 3 == 0, score=i * i) for i in range(6)]
    for weighing in (Weighing(top=Fraction(1, 100)), Weighing("mean", top=Fraction(1, 100))):
        rule = oracle.weighted_vote_rule(weighing)
        ks = range(1, 6)
        assert curve(rule, ranked, ks, replacement=replacement) == curve(
            oracle.best_of_n_rule(), ranked, ks, replacement=replacement
        )


@pytest.mark.parametrize("replacement", [False, True])
def test_moments_by_hand(*, replacement: bool) -> None:
    """Two samples, one right: one draw is a coin; a vote of two is 1/2 for certain, or (1, 1/2, 0) with replacement."""
    samples, rule = question([1, 1]), oracle.vote_rule()
    half = Fraction(1, 2)
    assert moments(rule, samples, 1, replacement=replacement) == (half, half)
    second = Fraction(1, 4) + Fraction(1, 8) if replacement else Fraction(1, 4)
    assert moments(rule, samples, 2, replacement=replacement) == (half, second)
    # With replacement the second draw halves the first one's say: Cov(X, (X + Y) / 2) = Var(X) / 2.
    together = Fraction(1, 8) if replacement else 0
    assert covariance(rule, samples, (1, 2), replacement=replacement) == together
    assert covariance(rule, samples, (2, 2), replacement=replacement) == second - Fraction(1, 4)


@pytest.mark.parametrize("replacement", [False, True])
def test_shares_over_answers_sum_to_one(*, replacement: bool) -> None:
    counts = [3, 2, 2, 1]
    for ties in ("split", "first"):
        rule = oracle.vote_rule(ties=ties)
        shares = [
            curve(rule, question(counts, correct=[a]), range(1, 9), replacement=replacement)
            for a in range(4)
        ]
        assert [sum(column) for column in zip(*shares, strict=True)] == [1] * 8


def test_votes_of_the_specification() -> None:
    """papers.md A4: exact plurality with three answers, as the plug-in value of logs of 20 samples."""
    ks = [3, 4, 5, 10]
    easy = curve(oracle.vote_rule(), question([8, 7, 5]), ks, replacement=True)
    assert [round(float(f), 5) for f in easy] == [0.422, 0.436, 0.44344, 0.488]
    hard = curve(oracle.vote_rule(), question([7, 8, 5]), ks, replacement=True)
    assert [round(float(f), 6) for f in hard] == [0.35175, 0.35525, 0.354607, 0.356695]
    tied = curve(oracle.vote_rule(), question([2, 2, 1]), ks, replacement=True)
    assert [round(float(f), 6) for f in tied[::2]] == [0.416, 0.43264]
    assert round(float(tied[3]), 6) == 0.459932


def test_filter_votes_of_the_specification() -> None:
    """papers.md A4: p = .4, s1 = .8, s0 = .4 is the log of 25 samples with 8 + 2 right and 6 + 9 wrong."""
    samples = (
        with_keep(question([8]), keep=True)
        + with_keep(question([2]), keep=False)
        + with_keep(question([0, 6]), keep=True)
        + with_keep(question([0, 9]), keep=False)
    )
    values = curve(oracle.filter_vote_rule(), samples, [2, 4, 6, 10, 20], replacement=True)
    assert [round(float(f), 6) for f in values] == [0.4, 0.496, 0.53632, 0.585552, 0.631474]


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize(("right", "wrong"), [(4, 7), (7, 4), (30, 30), (1, 59), (0, 9)])
def test_majority_of_two_equals_generating_function(
    right: int, wrong: int, *, replacement: bool
) -> None:
    ks = range(1, right + wrong + 1, 2)
    exact = generating_function.plurality([right, wrong], ks, replacement=replacement)
    for k, expected in zip(ks, exact, strict=True):
        got = majority_of_two(right, wrong, k, replacement=replacement)
        assert abs(got - expected) <= expected / 2**85


def test_jackknife_by_hand() -> None:
    """mean@k: the deleted means of (1, 1, 0) are 1/2, 1/2, 1; the classical s^2/n = (1/3)/3 = 1/9."""
    assert jackknife_variance(
        oracle.mean_at_k_rule(), question([2, 1]), 1, replacement=False
    ) == Fraction(1, 9)
    assert (
        jackknife_variance(oracle.mean_at_k_rule(), question([2, 1]), 3, replacement=False) is None
    )
    assert jackknife_variance(oracle.vote_rule(), question([1]), 1, replacement=True) is None


def test_perfect_scores_make_best_of_n_pass_at_k() -> None:
    samples = scored_by_correctness(MIXED)
    for replacement in (False, True):
        best = curve(oracle.best_of_n_rule(), samples, range(1, 7), replacement=replacement)
        assert best == curve(oracle.pass_at_k_rule(), samples, range(1, 7), replacement=replacement)


COUNTS = [
    ([3, 2, 2, 1], 0),
    ([1, 1, 1, 1], 2),
    ([2, 4], 1),
    ([5], 2),
    ([2, 2, 2], 0),
    ([0, 3, 1], 1),
]


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize(("counts", "inert"), COUNTS)
def test_generating_function_equals_enumeration(
    counts: list[int], inert: int, *, replacement: bool
) -> None:
    samples = question(counts, no_answers=inert)
    ks = range(1, len(samples) + 1 + 2 * replacement)
    for ties in ("split", "wrong"):
        fast = generating_function.plurality(
            counts, ks, inert=inert, ties=ties, replacement=replacement
        )
        assert fast == curve(oracle.vote_rule(ties=ties), samples, ks, replacement=replacement)


@pytest.mark.parametrize("replacement", [False, True])
def test_generating_function_on_hundreds_of_samples_sums_to_one(*, replacement: bool) -> None:
    counts, k = [40, 30, 12, 5, 5] + [1] * 30, 24 if replacement else 70
    several = {counts.index(c): counts.count(c) for c in set(counts)}
    total = sum(
        copies
        * generating_function.plurality(counts, [k], winner=answer, replacement=replacement)[0]
        for answer, copies in several.items()
    )
    assert total == 1


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize(
    ("counts", "inert", "k"),
    [
        ([40, 30, 12, 5, 5] + [1] * 30, 7, 30),
        ([3, 2, 2, 1], 0, 5),
        ([9, 9, 9], 3, 29),
        ([2, 60, 30], 0, 25),
    ],
)
def test_convolution_equals_generating_function(
    counts: list[int], inert: int, k: int, *, replacement: bool
) -> None:
    for ties in ("split", "wrong"):
        exact = generating_function.plurality(
            counts, [k], inert=inert, ties=ties, replacement=replacement
        )[0]
        close = convolution.plurality(counts, k, inert=inert, ties=ties, replacement=replacement)
        assert math.isclose(close, exact, rel_tol=1e-15, abs_tol=1e-38)
