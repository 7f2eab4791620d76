"""How prediction errors fall with samples: splits, truths, and what the result says of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.laws import BetaBinomialLaw, BilevelLaw
from kcurve.learning import FlatCurve, FromPosterior, PlugIn, learning_curve
from kcurve.log.selection import take_samples_recoded


@pytest.fixture(scope="module")
def log() -> kc.AnswerLog:
    whole = kc.example_log()
    return whole.select(questions=[whole.question[i] for i in range(120)])


class TestPartsOfALog:
    def test_any_samples_in_any_order_keep_their_answers(self, log):
        rng = np.random.default_rng(3)
        counts = rng.integers(1, 9, log.n_questions)
        samples = np.concatenate(
            [
                log.offsets[q] + rng.permutation(log.n_samples[q])[: counts[q]]
                for q in range(log.n_questions)
            ]
        )
        part = take_samples_recoded(log, samples, counts)
        assert part.n_samples.tolist() == counts.tolist()
        for q in range(log.n_questions):
            for i in range(counts[q]):
                position = samples[part.offsets[q] + i] - log.offsets[q]
                assert part.answer(q, i) == log.answer(q, int(position))
                assert (
                    part.correct[part.offsets[q] + i] == log.correct[samples[part.offsets[q] + i]]
                )
            codes = part.codes[part.offsets[q] : part.offsets[q + 1]]
            seen = codes[codes >= 0]
            assert list(dict.fromkeys(seen)) == list(range(len(set(seen))))

    def test_it_is_first_where_the_first_are_taken(self, log):
        counts = np.full(log.n_questions, 5)
        samples = (log.offsets[:-1, None] + np.arange(5)).reshape(-1)
        assert take_samples_recoded(log, samples, counts) == log.first(5)


def test_the_first_samples_predict_and_the_others_are_the_truth(log):
    k = [1, 3, 9]
    found = learning_curve(log, FlatCurve(), samples=[6], k=k, splits=None)
    rest = (log.offsets[:-1, None] + np.arange(6, 30)).reshape(-1)
    others = take_samples_recoded(log, rest, np.full(log.n_questions, 24))
    assert found.truth[0, 0] == pytest.approx(kc.curve(others, k=k, interval=None).mean, abs=0)
    unbiased = kc.curve(log.first(6), k=[1, 3, 6], interval=None).mean
    assert found.predicted[0, 0] == pytest.approx(unbiased, abs=0)


def test_random_splits_have_a_seed(log):
    one, same, other = (
        learning_curve(log, PlugIn(), samples=[4], splits=2, rng=rng) for rng in (1, 1, 2)
    )
    assert np.array_equal(one.predicted, same.predicted)
    assert not np.array_equal(one.predicted, other.predicted)
    assert not np.array_equal(one.predicted[0, 0], one.predicted[0, 1])


def test_errors_fall_with_samples_and_the_posterior_covers(log):
    found = learning_curve(log, FromPosterior(draws=128), samples=[4, 16], splits=6)
    assert found.mean_absolute_error[1] < found.mean_absolute_error[0]
    assert (found.coverage >= 0.7).all()
    assert found.samples_needed(0.9) == 4
    assert found.samples_needed(1e-9) is None
    assert (found.regret >= 0).all()
    assert (np.abs(found.bias) <= found.mean_absolute_error).all()


@pytest.mark.parametrize("law", [BilevelLaw(), BetaBinomialLaw(), kc.ExponentialLaw()])
def test_laws_are_compared_with_the_rule_they_are_of(log, law):
    found = learning_curve(log, law, samples=[10], k=[2, 8], splits=1)
    assert found.mean_absolute_error[0] < 0.08
    assert np.isnan(found.coverage).all()
    assert np.isnan(found.standard_error).all()


def test_the_result_as_table_plot_and_words(log):
    found = learning_curve(log, PlugIn(), splits=2)
    assert found.samples.tolist() == [4, 8]
    table = pa.table(found.to_arrow())
    assert table["samples"].to_pylist() == [4, 8]
    assert found.to_dict()["coverage"] == [None, None]
    assert "from 4 samples" in repr(found)
    assert "<table>" in found._repr_html_()
    assert found.plot().get_xlabel() == "samples per question used"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"samples": [30]}, "samples must be between 1 and 29"),
        ({"samples": [0]}, "samples must be between 1 and 29"),
        ({"samples": [2.5]}, "samples must be integers"),
        ({"splits": 0}, "splits must be an integer of at least 1"),
        ({"rng": -1}, "rng must be at least 0"),
        ({"samples": [20], "k": [11]}, "k must be between 1 and 10"),
    ],
)
def test_wrong_use(log, settings, message):
    with pytest.raises(kc.ArgumentError, match=message):
        learning_curve(log, FlatCurve(), **settings)
