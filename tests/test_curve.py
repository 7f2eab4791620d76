"""kcurve.curve and the Curve it returns."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from tests.logs import counts_log, log_of
from tests.oracles.samples import Sample, question, scored_by_correctness
from tests.twins import EVERY_NAME, TWINS

LOG = counts_log([5, 3, 2], [2, 6], [9, 1, 1])
WITH = kc.Exact(replacement=True)


def test_defaults() -> None:
    curve = kc.curve(LOG)
    assert curve.rule == kc.Vote()
    assert curve.method == kc.Exact(replacement=False)
    assert curve.interval == "combined"
    assert curve.level == 0.95
    assert curve.n_questions == 3
    np.testing.assert_array_equal(curve.k, np.arange(1, 9))  # up to the smallest question


def test_array_types_and_shapes() -> None:
    curve = kc.curve(LOG, kc.Vote(), k=[1, 5, 8])
    assert curve.k.dtype == np.int64
    for name in ("mean", "low", "high"):
        assert getattr(curve, name).dtype == np.float64
        assert getattr(curve, name).shape == (3,)
    assert curve.per_question.shape == (3, 3)
    assert curve.per_question.dtype == np.float64
    assert curve.variance.shape == (3, 3)


def test_the_mean_is_the_mean_over_questions() -> None:
    curve = kc.curve(LOG)
    np.testing.assert_allclose(curve.mean, curve.per_question.mean(axis=0), rtol=1e-14)


def test_one_call_is_the_share_of_correct_samples() -> None:
    np.testing.assert_allclose(
        kc.curve(LOG, k=1).per_question[:, 0], [5 / 10, 2 / 8, 9 / 11], rtol=1e-14
    )


def test_all_samples_of_a_question_are_its_one_vote() -> None:
    curve = kc.curve(counts_log([5, 3], [3, 5], [4, 4]), k=8)
    np.testing.assert_allclose(curve.per_question[:, 0], [1, 0, 0.5], rtol=1e-14)


@pytest.mark.parametrize("k", [3, [3], (3,), range(3, 4), np.array([3])], ids=repr)
def test_k_is_an_int_or_a_sequence(k: Any) -> None:
    curve = kc.curve(LOG, k=k)
    np.testing.assert_array_equal(curve.k, [3])
    np.testing.assert_array_equal(curve.mean, kc.curve(LOG, k=[1, 3]).mean[1:])


@pytest.mark.parametrize("name", EVERY_NAME)
def test_threads_do_not_change_a_bit(name: str) -> None:
    rng = np.random.default_rng(0)
    samples = [
        [
            Sample(int(a), correct=a == 0, score=int(rng.integers(5)), keep=bool(rng.integers(2)))
            for a in rng.integers(0, 4, rng.integers(12, 30))
        ]
        for _ in range(40)
    ]
    log = log_of(samples)
    for method in (kc.Exact(), WITH):
        one, two = (
            kc.curve(log, TWINS[name].rule, method=method, threads=threads) for threads in (1, 2)
        )
        for field in ("mean", "low", "high", "per_question", "variance"):
            np.testing.assert_array_equal(getattr(one, field), getattr(two, field))


def test_threads_do_not_change_a_bit_at_a_thousand_votes() -> None:
    log = counts_log(*([400 + i, 390, 200 - i] + [1] * 20 for i in range(6)))
    one, two = (
        kc.curve(log, k=[100, 500, 1000], method=WITH, threads=threads) for threads in (1, 2)
    )
    np.testing.assert_array_equal(one.per_question, two.per_question)


def test_progress_is_reported_and_ends() -> None:
    calls: list[tuple[int, int]] = []
    log = counts_log(*[[20, 12, 6, 2]] * 200)
    kc.curve(log, progress=lambda done, total: calls.append((done, total)))
    assert calls
    done = [each for each, _ in calls]
    assert done == sorted(done)
    assert calls[-1][0] == calls[-1][1]


def test_beyond_the_samples_is_an_error_without_replacement() -> None:
    with pytest.raises(kc.ArgumentError) as raised:
        kc.curve(LOG, k=9)
    message = str(raised.value)
    assert "\n" not in message
    for part in ("q0001", "8", "9", "min_samples", "Exact(replacement=True)"):
        assert part in message
    assert kc.curve(LOG, k=9, method=WITH).mean.shape == (1,)
    assert kc.curve(LOG.select(min_samples=10), k=9).n_questions == 2


@pytest.mark.parametrize(
    "k", [0, -1, [1, 0], [], 2.5, [1.5], "3", [[1, 2]], True, float("nan"), 2**40], ids=repr
)
def test_a_wrong_k_is_an_error(k: Any) -> None:
    with pytest.raises((kc.ArgumentError, TypeError), match="k"):
        kc.curve(LOG, k=k)


def test_a_filter_vote_needs_two_calls() -> None:
    with pytest.raises(kc.ArgumentError, match=r"2.*\b1\b"):
        kc.curve(LOG_KEEP, kc.FilterVote(), k=1)
    assert kc.curve(LOG_KEEP, kc.FilterVote(), method=kc.Exact()).k[0] == 2
    assert kc.curve(LOG_KEEP, kc.FilterVote(calls="candidates"), k=1).k[0] == 1


LOG_KEEP = log_of([question([5, 3])])


@pytest.mark.parametrize(
    ("rule", "column"),
    [(kc.FilterVote(), "keep"), (kc.FilterVote(threshold=0.5), "score"), (kc.BestOfN(), "score")],
)
def test_a_missing_column_is_named(rule: Any, column: str) -> None:
    codes = np.array([[0, 1, 1, 0]])
    log = kc.AnswerLog.from_codes(codes, correct=np.array([0]))
    with pytest.raises(kc.errors.MissingColumnError, match=column) as raised:
        kc.curve(log, rule)
    assert isinstance(raised.value, LookupError)
    assert "\n" not in str(raised.value)


def test_several_models_are_an_error_that_says_how_to_part_them() -> None:
    log = log_of([question([3, 1]), question([2, 2])], models=["small", "large"])
    with pytest.raises(kc.KcurveError, match=re.escape('by("model")')) as raised:
        kc.curve(log)
    assert "small" in str(raised.value)
    assert {name: kc.curve(each, k=1).mean[0] for name, each in log.by("model").items()} == {
        "small": 0.75,
        "large": 0.5,
    }


def test_answers_graded_both_ways_are_an_error_for_votes_only() -> None:
    samples = [Sample(0, correct=True), Sample(0, correct=False), Sample(1)]
    log = log_of([question([2, 1]), scored_by_correctness(samples)])
    for rule in (kc.Vote(), kc.FilterVote()):
        with pytest.raises(kc.LogError) as raised:
            kc.curve(log, rule, k=2)
        assert "q0001" in str(raised.value)
        assert "answer '0'" in str(raised.value)
    for other in (kc.PassAtK(), kc.BestOfN(), kc.MeanAtK()):
        assert kc.curve(log, other, k=2).n_questions == 2


def test_a_pass_without_an_answer_is_an_error_for_votes_only() -> None:
    log = log_of(
        [question([2, 1]), [Sample(0, correct=True), Sample(None, correct=True), Sample(1)]]
    )
    for rule in (kc.Vote(), kc.FilterVote(), kc.Vote(no_answer="vote")):
        with pytest.raises(kc.LogError, match="q0001") as raised:
            kc.curve(log, rule, k=2)
        assert "answer" in str(raised.value)
    np.testing.assert_allclose(kc.curve(log, kc.MeanAtK(), k=2).mean, [2 / 3], rtol=1e-15)


def test_an_empty_log_is_an_error() -> None:
    with pytest.raises(kc.LogError):
        kc.curve(LOG.select(min_samples=1_000))


@pytest.mark.parametrize("level", [0, 1, -0.5, 1.5, 95, float("nan")])
def test_a_level_outside_zero_and_one_is_an_error(level: float) -> None:
    with pytest.raises(kc.ArgumentError, match="level"):
        kc.curve(LOG, level=level)


def test_an_unknown_interval_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(kc.ArgumentError, match="estimation") as raised:
        kc.curve(LOG, interval="bootstrap")  # type: ignore[arg-type]
    assert "run_to_run" in str(raised.value)


@pytest.mark.parametrize("threads", [0, -1, 1.5])
def test_a_wrong_number_of_threads_is_an_error(threads: Any) -> None:
    with pytest.raises((kc.ArgumentError, TypeError), match="threads"):
        kc.curve(LOG, threads=threads)


def test_settings_come_by_keyword() -> None:
    with pytest.raises(TypeError):
        kc.curve(LOG, kc.Vote(), [1, 2])  # type: ignore[call-arg]


def test_wrong_types_are_type_errors_that_say_what_was_wanted() -> None:
    with pytest.raises((TypeError, kc.ArgumentError), match="AnswerLog"):
        kc.curve(np.zeros((2, 2)))  # type: ignore[arg-type]
    with pytest.raises((TypeError, kc.ArgumentError), match="rule"):
        kc.curve(LOG, "vote")  # type: ignore[arg-type]
    with pytest.raises((TypeError, kc.ArgumentError), match="method"):
        kc.curve(LOG, method="exact")  # type: ignore[arg-type]


def test_without_an_interval_there_is_no_band() -> None:
    curve = kc.curve(LOG, interval=None)
    assert curve.interval is None
    assert np.all(np.isnan(curve.low))
    assert np.all(np.isnan(curve.high))


def test_a_band_may_be_changed_without_computing_the_curve_again() -> None:
    curve = kc.curve(LOG, k=[1, 3])
    for interval in ("combined", "estimation", "generalisation", "run_to_run"):
        band = curve.band(interval=interval, level=0.8)
        fresh = kc.curve(LOG, k=[1, 3], interval=interval, level=0.8)
        assert (band.interval, band.level) == (interval, 0.8)
        for field in ("mean", "low", "high"):
            np.testing.assert_array_equal(getattr(band, field), getattr(fresh, field))


def test_a_higher_level_is_a_wider_band() -> None:
    curve = kc.curve(LOG, k=[1, 3, 5])
    widths = [
        band.high - band.low for band in (curve.band(level=level) for level in (0.5, 0.9, 0.99))
    ]
    assert np.all(np.diff(widths, axis=0) > 0)


def test_variance_is_undefined_where_all_samples_are_used() -> None:
    """With n of n samples drawn no sample can be deleted; the questions with more still have theirs."""
    variance = kc.curve(LOG, k=[7, 8]).variance
    assert np.isnan(variance[1, 1])
    assert np.isfinite(np.delete(variance.ravel(), 3)).all()


def test_one_question_gives_a_curve_and_an_honest_band() -> None:
    """Nothing is known about other questions from one: the band may be undefined or total, not narrow."""
    curve = kc.curve(counts_log([5, 3]), k=[1, 3])
    assert np.all(np.isfinite(curve.mean))
    width = curve.high - curve.low
    assert np.all(np.isnan(width) | (width > 0.5))


def test_a_curve_is_frozen_and_its_arrays_are_read_only() -> None:
    curve = kc.curve(LOG)
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.level = 0.5  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        curve.mean[0] = 1.0


def test_to_dict_survives_json() -> None:
    curve = kc.curve(LOG, k=[1, 3])
    data = json.loads(json.dumps(curve.to_dict(), allow_nan=False))
    assert data["k"] == [1, 3]
    np.testing.assert_array_equal(data["mean"], curve.mean)
    np.testing.assert_array_equal(data["low"], curve.low)
    np.testing.assert_array_equal(data["high"], curve.high)


def test_to_dict_without_a_band_survives_json() -> None:
    json.dumps(kc.curve(LOG, interval=None).to_dict(), allow_nan=False)


def test_to_arrow_is_a_table_of_points() -> None:
    curve = kc.curve(LOG, k=[1, 3])
    table = pa.table(curve.to_arrow())
    assert table.num_rows == 2
    assert {"k", "mean", "low", "high"} <= set(table.column_names)
    np.testing.assert_array_equal(table["mean"].to_numpy(), curve.mean)


def test_representations_show_the_numbers() -> None:
    curve = kc.curve(LOG, k=[1, 3])
    assert "Vote" in repr(curve)
    assert f"{curve.mean[0]:.4f}" in repr(curve)
    html = curve._repr_html_()
    assert html.lstrip().startswith("<")
    assert "Vote" in html


def test_strange_names_are_escaped_in_html() -> None:
    log = log_of([question([3, 1])] * 2, models=["<script>alert(1)</script>"] * 2)
    assert "<script>" not in kc.curve(log)._repr_html_()


def test_samples_may_be_restricted_by_the_log() -> None:
    log = counts_log([3, 5, 2], [9, 1])
    first = kc.curve(log.first(4), k=4)
    # The first four samples are 3 x answer 0 and 1 x answer 1, and 4 x answer 0.
    np.testing.assert_allclose(first.per_question[:, 0], [1, 1], rtol=1e-14)
