"""The numbers of tests/golden, each to the digits printed there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kcurve as kc
from tests.golden import golden, half_unit
from tests.logs import counts_log, log_of
from tests.oracles.samples import Sample, question, with_keep

WITH = kc.Exact(replacement=True)


def claim(case: dict[str, Any]) -> str:
    return str(case["claim"])


def codes_log(counts: list[int]) -> kc.AnswerLog:
    """Return a log of one question from answer codes, code 0 correct."""
    codes = np.repeat(np.arange(len(counts)), counts)[None, :]
    return kc.AnswerLog.from_codes(codes, correct=np.array([0]))


@pytest.mark.parametrize("case", golden("votes")["curve"], ids=claim)
def test_votes(case: dict[str, Any]) -> None:
    rule = kc.Vote(ties=case.get("ties", "split"))
    got = kc.curve(codes_log(case["counts"]), rule, k=case["k"], method=WITH)
    np.testing.assert_allclose(got.mean, case["accuracy"], rtol=0, atol=half_unit(case["decimals"]))


def test_the_chance_of_a_wrong_answer_is_the_complement() -> None:
    """F(1-p, K) = 1 - F(p, K)."""
    ks = range(1, 30)
    right, wrong = (
        kc.curve(codes_log(c), kc.Vote(), k=ks, method=WITH).mean for c in ([3, 2], [2, 3])
    )
    np.testing.assert_allclose(right, 1 - wrong, rtol=1e-12)


def test_errors_of_the_vote() -> None:
    """The error itself, small as it is, is a vote: that of the wrong answers, marked as correct."""
    case = golden("votes")["error"]
    wrong = log_of([question(case["counts"], correct=[1, 2])])
    got = kc.curve(wrong, kc.Vote(), k=case["k"], method=WITH).mean
    for value, printed in zip(got, case["error"], strict=True):
        mantissa, _, exponent = printed.partition("e")
        digits = len(mantissa.partition(".")[2])
        assert value == pytest.approx(
            float(printed), rel=0, abs=half_unit(digits) * 10.0 ** int(exponent or 0)
        )


def filtered(case: dict[str, Any], names: tuple[int, int] = (0, 1)) -> kc.AnswerLog:
    """Return the log of a filter case, the right and the wrong answer coming first and second, or the reverse."""
    samples: list[Sample] = []
    for answer, key in sorted(zip(names, ("right", "wrong"), strict=True)):
        counts = [0] * answer
        for number, keep in zip(case[key], (True, False), strict=True):
            correct = [answer] if key == "right" else []
            samples += with_keep(question([*counts, number], correct=correct), keep=keep)
    return log_of([samples])


@pytest.mark.parametrize("names", [(0, 1), (1, 0)], ids=["right-first", "wrong-first"])
@pytest.mark.parametrize("case", golden("filter_votes")["curve"], ids=claim)
def test_filter_votes(case: dict[str, Any], names: tuple[int, int]) -> None:
    got = kc.curve(filtered(case, names), kc.FilterVote(), k=case["k"], method=WITH)
    np.testing.assert_allclose(got.mean, case["accuracy"], rtol=0, atol=half_unit(case["decimals"]))


@pytest.mark.parametrize("case", golden("filter_votes")["curve"], ids=claim)
def test_an_odd_call_buys_a_filter_vote_nothing(case: dict[str, Any]) -> None:
    """k calls are floor(k/2) candidates: k = 2 and 3 are equal, 4 and 5 are equal."""
    log = filtered(case)
    got = kc.curve(log, kc.FilterVote(), k=[2, 3, 4, 5], method=WITH).mean
    assert got[0] == got[1]
    assert got[2] == got[3]


def mixture_name(case: dict[str, Any]) -> str:
    return str(tuple(case["alpha_p1_p2"]))


def mixture(case: dict[str, Any]) -> kc.AnswerLog:
    """Return the log of a mixture of easy and hard questions with 20 samples each."""
    easy, hard = ([right, 20 - right] for right in case["right"])
    return counts_log(*[easy] * case["easy"], *[hard] * case["hard"])


MIXTURES = golden("mixtures")["mixture"]


@pytest.mark.parametrize("case", [c for c in MIXTURES if "accuracy" in c], ids=mixture_name)
def test_mixtures_of_easy_and_hard_questions(case: dict[str, Any]) -> None:
    got = kc.curve(mixture(case), kc.Vote(), k=[1, 3, 5], method=WITH)
    np.testing.assert_allclose(got.mean, case["accuracy"], rtol=0, atol=half_unit(5))


def many_questions(case: dict[str, Any]) -> kc.AnswerLog:
    """Return the mixture with tens of thousands of questions, so that no noise hides its shape."""
    kinds = np.repeat([0, 1], [case["easy"], case["hard"]])
    right = np.tile(np.array(case["right"])[kinds], 40_000 // len(kinds))
    codes = (np.arange(20) >= right[:, None]).astype(np.int64)
    return kc.AnswerLog.from_codes(codes, correct=np.zeros(len(codes), dtype=np.int64))


@pytest.mark.parametrize("parity", ["odd", "both"])
@pytest.mark.parametrize("case", MIXTURES, ids=mixture_name)
def test_shapes_of_mixtures(case: dict[str, Any], parity: str) -> None:
    odd = [1, 3, 5, 7, 11, 17, 31, 45, 71, 101, 187, 301, 501]
    ks = odd if parity == "odd" else sorted({*odd, *(k + 1 for k in odd)})
    got = kc.curve(many_questions(case), kc.Vote(), k=ks, method=WITH, interval=None)
    assert got.shape == case["shape"]


@pytest.mark.parametrize("case", [c for c in MIXTURES if "optimal_k" in c], ids=mixture_name)
def test_optimal_number_of_votes(case: dict[str, Any]) -> None:
    """The smallest best k: an even k equals the odd one before it, so it is never the answer."""
    got = kc.curve(mixture(case), kc.Vote(), k=range(1, 400), method=WITH)
    assert got.optimal_k() == case["optimal_k"]
    at = got.mean[case["optimal_k"] - 1]
    assert at == pytest.approx(case["at_optimum"], rel=0, abs=half_unit(6))


def test_difficulty_of_the_specification() -> None:
    """p = .4, s1 = .8, s0 = .4: hard for a vote (+.2), easy for a filtered one (-1/7)."""
    case = golden("filter_votes")["curve"][0]
    got = kc.difficulty(filtered(case))
    assert got.filter is not None
    np.testing.assert_allclose(got.vote, [0.2], rtol=1e-15)
    np.testing.assert_allclose(got.filter, [-1 / 7], rtol=1e-15)


def test_difficulty_falls_back_to_the_vote_where_nothing_is_kept() -> None:
    case = golden("filter_votes")["curve"][2]
    got = kc.difficulty(filtered(case))
    assert got.filter is not None
    np.testing.assert_array_equal(got.filter, got.vote)
