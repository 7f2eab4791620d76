"""Rules are small frozen values that refuse settings they do not know."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from tests.closeness import assert_close
from tests.logs import log_of
from tests.oracles import passing
from tests.oracles.expectation import curve
from tests.oracles.rules import OracleRule
from tests.oracles.samples import Sample, question
from tests.twins import EVERY_NAME, TWINS

if TYPE_CHECKING:
    from tests.oracles.vote import NoAnswer


@pytest.mark.parametrize("name", EVERY_NAME)
def test_rules_are_values(name: str) -> None:
    rule = TWINS[name].rule
    assert dataclasses.is_dataclass(rule)
    assert rule == copy.copy(rule)
    assert hash(rule) == hash(copy.copy(rule))
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301
    assert eval(repr(rule), {type(rule).__name__: type(rule)}) == rule  # noqa: S307
    for field in dataclasses.fields(rule):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(rule, field.name, None)


def test_defaults() -> None:
    assert kc.Vote() == kc.Vote(ties="split", no_answer="ignore")
    assert kc.FilterVote() == kc.FilterVote(
        ties="split", no_answer="ignore", calls="paper", threshold=None
    )
    assert kc.BestOfN() == kc.BestOfN(ties="split")


@pytest.mark.parametrize(
    ("make", "settings", "known"),
    [
        (kc.Vote, {"ties": "random"}, "split"),
        (kc.Vote, {"no_answer": "skip"}, "ignore"),
        (kc.FilterVote, {"ties": "Split"}, "split"),
        (kc.FilterVote, {"no_answer": None}, "ignore"),
        (kc.FilterVote, {"calls": "both"}, "candidates"),
        (kc.BestOfN, {"ties": ""}, "wrong"),
    ],
)
def test_an_unknown_setting_is_an_error_that_lists_the_known(
    make: Any, settings: dict[str, Any], known: str
) -> None:
    with pytest.raises(kc.ArgumentError, match=known) as raised:
        make(**settings)
    assert next(iter(settings)) in str(raised.value)
    assert repr(next(iter(settings.values()))) in str(raised.value)


@pytest.mark.parametrize("tau", [0.0, -0.1, 1.1, float("nan"), "half", None])
def test_tau_outside_zero_and_one_is_an_error(tau: Any) -> None:
    with pytest.raises((kc.ArgumentError, TypeError), match="tau"):
        kc.GPassAtK(tau)


@pytest.mark.parametrize("threshold", [float("nan"), "high"])
def test_a_threshold_is_a_number(threshold: Any) -> None:
    with pytest.raises((kc.ArgumentError, TypeError), match="threshold"):
        kc.FilterVote(threshold=threshold)


@pytest.mark.parametrize(
    ("tau", "k", "least"),
    [(0.55, 20, 11), (0.07, 100, 7), (0.1, 10, 1), (0.3, 10, 3), (0.28, 25, 7), (1.0, 9, 9)],
)
def test_tau_is_read_as_written(tau: float, k: int, least: int) -> None:
    """0.55 * 20 is 11.000000000000002 in binary, but 0.55 of 20 samples is 11 of them."""
    samples = question([k - 3, 30])
    by_count = OracleRule(lambda drawn: Fraction(passing.n_correct(drawn) >= least))
    for replacement in (False, True):
        exact = curve(by_count, samples, [k], replacement=replacement)
        got = kc.curve(
            log_of([samples]),
            kc.GPassAtK(tau),
            k=k,
            method=kc.Exact(replacement=replacement),
            interval=None,
        )
        assert_close(got.per_question, exact)


def test_pass_at_k_by_hand() -> None:
    """HumanEval's estimator: n = 4, c = 2: 1 - C(2,2)/C(4,2) = 5/6."""
    log = log_of([question([2, 2])])
    np.testing.assert_allclose(kc.curve(log, kc.PassAtK(), k=2).mean, [5 / 6], rtol=1e-15)
    np.testing.assert_allclose(kc.curve(log, kc.PassHatK(), k=2).mean, [1 / 6], rtol=1e-15)
    np.testing.assert_allclose(kc.curve(log, kc.MeanAtK(), k=2).mean, [1 / 2], rtol=1e-15)


def test_pass_at_k_of_rare_successes_keeps_its_digits() -> None:
    """One success in 10,000: 1 - (1 - 1e-4)^k must not be rounded to multiples of 1e-16."""
    log = log_of([question([1, 9_999])])
    got = kc.curve(log, kc.PassAtK(), k=[1, 2, 1_000], method=kc.Exact(replacement=True)).mean
    np.testing.assert_allclose(
        got, -np.expm1(np.array([1, 2, 1_000]) * np.log1p(-1e-4)), rtol=1e-13
    )
    np.testing.assert_allclose(kc.curve(log, kc.PassAtK(), k=[1, 7]).mean, [1e-4, 7e-4], rtol=1e-13)


def test_missing_scores_rank_below_every_score() -> None:
    samples = [Sample(0, correct=True), Sample(1, score=-(10**6))]
    assert kc.curve(log_of([samples]), kc.BestOfN(), k=2).mean[0] == 0


def test_infinite_scores_rank_and_nan_is_missing() -> None:
    table = pa.table(
        {
            "question_id": ["q"] * 3,
            "answer": ["a", "b", "c"],
            "correct": [True, False, False],
            "score": pa.array([float("-inf"), None, float("nan")], pa.float64()),
        }
    )
    log = kc.AnswerLog.from_table(table, score="score")
    assert kc.curve(log, kc.BestOfN(), k=3).mean[0] == 1


def test_a_filter_that_keeps_only_no_answers_is_wrong_under_ignore() -> None:
    samples = [Sample(None, keep=True)] * 2 + [Sample(0, correct=True, keep=False)] * 2
    expected: dict[NoAnswer, float] = {"ignore": 1 / 6, "vote": 1 / 6, "drop": 1.0}
    for no_answer, value in expected.items():
        rule = kc.FilterVote(calls="candidates", no_answer=no_answer)
        got = kc.curve(log_of([samples]), rule, k=2).mean
        np.testing.assert_allclose(got, [value], rtol=1e-15)
