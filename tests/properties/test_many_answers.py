"""Votes over many answers and samples, where the dynamic programme hands over to the contour integral."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

import kcurve as kc
from tests.closeness import assert_close
from tests.logs import counts_log, log_of
from tests.oracles import convolution, generating_function
from tests.oracles.samples import question, with_keep

# Counts of the answers of a question, the first one correct, as real logs have them: a few contenders and a tail
# of answers given once or twice.
SHAPES = {
    "contenders": [70, 60, 40, 20, 10],
    "singletons": [30, 25] + [1] * 145,
    "all singletons": [1] * 200,
    "long tail": [60, 55, 20, 10, 9, 8, 7] + [2] * 20 + [1] * 60,
    "rare and right": [3, 120, 50] + [1] * 27,
    "tie": [60, 60, 60, 20],
    "many equal": [8] * 25,
}


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("shape", SHAPES)
def test_without_replacement_against_integers(shape: str, ties: Literal["split", "wrong"]) -> None:
    counts = SHAPES[shape]
    ks = [1, 2, 5, 16, 40, 41, 90, 150, 199, 200]
    exact = generating_function.plurality(counts, ks, ties=ties, replacement=False)
    got = kc.curve(counts_log(counts), kc.Vote(ties=ties), k=ks, interval=None).per_question
    assert_close(got, exact)


@pytest.mark.parametrize("ties", ["split", "wrong"])
@pytest.mark.parametrize("shape", SHAPES)
def test_with_replacement_against_integers(shape: str, ties: Literal["split", "wrong"]) -> None:
    counts, ks = SHAPES[shape], [1, 2, 5, 13, 32, 48]
    exact = generating_function.plurality(counts, ks, ties=ties, replacement=True)
    got = kc.curve(
        counts_log(counts),
        kc.Vote(ties=ties),
        k=ks,
        method=kc.Exact(replacement=True),
        interval=None,
    )
    assert_close(got.per_question, exact)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("n", [200, 1_000, 5_000])
@pytest.mark.parametrize("no_answers", [0, 30])
def test_hundreds_to_thousands_of_samples(n: int, no_answers: int, *, replacement: bool) -> None:
    """A quarter of the samples are answers given once, the rest are contenders in proportion 8 : 7 : 3 : 2."""
    singles = min(n // 4, 300)
    rest = n - singles - no_answers
    counts = [rest * share // 20 for share in (8, 7, 3, 2)] + [1] * singles
    ks = [20, 65, 180]
    exact = [
        convolution.plurality(counts, k, inert=no_answers, replacement=replacement) for k in ks
    ]
    log = log_of([question(counts, no_answers=no_answers)])
    got = kc.curve(log, kc.Vote(), k=ks, method=kc.Exact(replacement=replacement), interval=None)
    assert_close(got.per_question, exact)


@pytest.mark.parametrize("replacement", [False, True])
def test_a_thousand_votes(*, replacement: bool) -> None:
    counts = [480, 460, 230, 180, 90, 60]
    exact = convolution.plurality(counts, 1_000, replacement=replacement)
    method = kc.Exact(replacement=replacement)
    got = kc.curve(counts_log(counts), kc.Vote(), k=1_000, method=method, interval=None)
    assert_close(got.per_question, [exact])


@pytest.mark.parametrize("replacement", [False, True])
def test_a_filtered_vote_over_many_answers(*, replacement: bool) -> None:
    """Some candidates kept, some dropped: the kept ones vote among themselves unless there are none."""
    kept, dropped, m = [30, 34, 9] + [1] * 12, [40, 5, 5] + [1] * 10, 24
    samples = with_keep(question(kept), keep=True) + with_keep(question(dropped), keep=False)
    n = len(samples)
    # Dropped candidates cast no ballot as long as one kept is drawn...
    voting = generating_function.plurality(kept, [m], inert=sum(dropped), replacement=replacement)[
        0
    ]
    # ... and if none is, the vote of the dropped counts, on the chance of drawing no other.
    alone = generating_function.plurality(dropped, [m], replacement=replacement)[0]
    fall_back = generating_function.plurality([sum(dropped)], [m], replacement=replacement)
    chance = _all_from(sum(dropped), n, m, replacement=replacement)
    assert fall_back == [1]
    got = kc.curve(
        log_of([samples]),
        kc.FilterVote(calls="candidates"),
        k=m,
        method=kc.Exact(replacement=replacement),
        interval=None,
    )
    assert_close(got.per_question, [voting + chance * alone])


def _all_from(part: int, n: int, k: int, *, replacement: bool) -> Fraction:
    if replacement:
        return Fraction(part, n) ** k
    return Fraction(math.comb(part, k), math.comb(n, k))


@pytest.mark.parametrize("replacement", [False, True])
def test_the_curve_does_not_jump_where_the_method_changes(*, replacement: bool) -> None:
    """Third differences of a smooth curve are tiny; a change of method must not show in them.

    Along odd k the curve of a clear winner is smooth on the scale of sqrt(k): third differences fall below 1e-5
    for k > 60. An error of 1e-12 at a hand-over would not show, which the oracles above check; a wrong formula,
    a lost tie or a truncated sum would.
    """
    counts = [170, 120, 60, 30] + [1] * 20
    ks = list(range(61, 361, 2))
    method = kc.Exact(replacement=replacement)
    got = kc.curve(counts_log(counts), kc.Vote(), k=ks, method=method, interval=None).mean
    assert np.max(np.abs(np.diff(got, n=3))) < 1e-5


@pytest.mark.parametrize("replacement", [False, True])
def test_one_k_alone_equals_the_same_k_in_a_grid(*, replacement: bool) -> None:
    log, method = counts_log(SHAPES["long tail"]), kc.Exact(replacement=replacement)
    ks = [1, 7, 30, 31, 64, 100, 150]
    grid = kc.curve(log, kc.Vote(), k=ks, method=method, interval=None).mean
    alone = [kc.curve(log, kc.Vote(), k=k, method=method, interval=None).mean[0] for k in ks]
    np.testing.assert_allclose(alone, grid, rtol=1e-12)
