"""Predictions from few samples: against the model spelled out, against known truths, and as a result."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from tests import populations
from tests.oracles import posterior as oracle

GRID = [1, 2, 3, 5, 9, 20, 60, 200, 1500]


@pytest.fixture(scope="module")
def few() -> kc.AnswerLog:
    return kc.example_log().first(8)


@pytest.fixture(scope="module")
def small() -> kc.AnswerLog:
    log = kc.example_log()
    return log.select(questions=[log.question[i] for i in range(60)]).first(6)


def log_of(counts: list[oracle.Counts]) -> kc.AnswerLog:
    codes = []
    for question in counts:
        row = [0] * question.right
        for j, count in enumerate(question.wrong):
            row += [j + 1] * count
        codes.append(row)
    return kc.AnswerLog.from_codes(codes, correct=[0] * len(counts))


def random_counts(seed: int, questions: int) -> list[oracle.Counts]:
    rng = np.random.default_rng(seed)
    counts = []
    for _ in range(questions):
        codes = rng.choice(5, size=5, p=rng.dirichlet([1.0, 0.6, 0.4, 0.2, 0.1]))
        tally = np.bincount(codes, minlength=5)
        wrong = sorted((int(c) for c in tally[1:] if c), reverse=True)
        counts.append(oracle.Counts(int(tally[0]), tuple(wrong)))
    return counts


@pytest.fixture(scope="module")
def counts() -> list[oracle.Counts]:
    return random_counts(3, 15)


class TestAgainstTheModelSpelledOut:
    """The oracle weighs every question alike; the estimates of the population scatter around that."""

    @staticmethod
    def mean_over_seeds(counts, rule) -> np.ndarray:
        log = log_of(counts)
        posteriors = (kc.Posterior(log, draws=1024, rng=rng) for rng in range(8))
        return np.mean([p.predict([1, 2, 3, 4], rule=rule).mean for p in posteriors], axis=0)

    def test_votes_have_the_predictive_expectation(self, counts):
        found = self.mean_over_seeds(counts, kc.Vote())
        assert found == pytest.approx(oracle.expected_votes(counts, 4), abs=0.006)

    def test_pass_at_k_has_the_predictive_expectation(self, counts):
        # Right and wrong are all that pass@k is about: the wrong answers are merged.
        merged = [oracle.Counts(c.right, (sum(c.wrong),) if c.wrong else ()) for c in counts]
        found = self.mean_over_seeds(counts, kc.PassAtK())
        assert found == pytest.approx(oracle.expected_passes(merged, 4), abs=0.006)


class TestCoverage:
    """Intervals hold what they say, on populations that are not in the library."""

    @pytest.mark.parametrize(
        ("population", "answers"),
        [
            (populations.easy_and_hard(0.6, (8, 3), (3, 6)), 2),
            (populations.beta(0.8, 0.6), 2),
            (populations.dirichlet([1.2, 0.9, 0.6, 0.3]), 4),
        ],
        ids=["easy and hard", "beta", "dirichlet"],
    )
    def test_of_the_accuracy_and_of_a_measurement(self, population, answers):
        k, n, questions, trials = np.array([1, 3, 11, 41]), 8, 120, 40
        inside = {"accuracy": 0, "measured": 0}
        for trial in range(trials):
            rng = np.random.default_rng([answers, trial])
            p = population.draw(rng, questions)
            log = kc.AnswerLog.from_codes(populations.sample(rng, p, n), correct=[0] * questions)
            fresh = kc.AnswerLog.from_codes(populations.sample(rng, p, 60), correct=[0] * questions)
            truth = {
                "accuracy": kc.curve(
                    kc.AnswerLog.from_codes(
                        populations.sample(rng, p, 3000), correct=[0] * questions
                    ),
                    k=k,
                    method=kc.Exact(replacement=True),
                    interval=None,
                ).mean,
                "measured": kc.curve(fresh, k=k, interval=None).mean,
            }
            prediction = kc.Posterior(log, draws=64).predict(k, samples=60)
            for interval, value in truth.items():
                limits = prediction.limits(interval, samples=60)
                inside[interval] += ((limits.low <= value) & (value <= limits.high)).mean() / trials
        assert 0.86 <= inside["accuracy"] <= 0.995, inside
        assert 0.88 <= inside["measured"] <= 0.995, inside


class TestBits:
    """The same seed gives the same bits, whatever the threads, the order and the form of the log."""

    @pytest.mark.parametrize("rule", [kc.Vote(), kc.PassAtK(), kc.GPassAtK(tau=0.5)])
    def test_threads_and_order_of_questions(self, small, rule):
        one = kc.Posterior(small, draws=32, threads=1).predict(GRID, rule=rule)
        many = kc.Posterior(small, draws=32, threads=5).predict(GRID, rule=rule)
        table = pa.table(small)
        order = np.random.default_rng(1).permutation(len(table))
        shuffled = kc.AnswerLog.from_table(table.take(order), sample="sample_index")
        assert shuffled.question[0] != small.question[0]
        other = kc.Posterior(shuffled, draws=32).predict(GRID, rule=rule)
        for result in (many, other):
            assert result.mean.tobytes() == one.mean.tobytes()
            assert result.covariance.tobytes() == one.covariance.tobytes()

    @pytest.mark.parametrize("rule", [kc.Vote(no_answer="drop"), kc.BestOfN(), kc.PassHatK()])
    def test_scores_without_their_error(self, small, rule):
        scored = replace(small, score=small.correct + 0.5)
        posterior = kc.Posterior(scored, draws=64)
        (alone,) = posterior.independent_scores([9, 1, 200, 1], rule=rule, parts=1)
        joint = posterior.predict([1, 9, 200], rule=rule).per_question.mean
        assert alone.tobytes() == joint.tobytes()
        first, second = posterior.independent_scores([1, 9, 200], rule=rule)
        half = kc.Posterior(scored, draws=32).predict([1, 9, 200], rule=rule).per_question.mean
        assert first.tobytes() == half.tobytes() != second.tobytes()
        np.testing.assert_allclose((first + second) / 2, alone, atol=1e-14)

    @pytest.mark.parametrize(
        "rule", [kc.Vote(), kc.FilterVote(threshold=2.0), kc.BestOfN(), kc.PassAtK()]
    )
    def test_counts_of_samples_and_samples(self, tmp_path, rule):
        rng = np.random.default_rng(4)
        codes = rng.integers(0, 4, (30, 6))
        log = kc.AnswerLog.from_codes(
            codes, correct=[0] * 30, score=rng.integers(0, 4, (30, 6)).astype(float)
        )
        log.to_parquet(tmp_path / "log.parquet")
        counted = kc.scan_log(tmp_path / "log.parquet", score="score")
        grid = [2, 9, 40]
        one = kc.Posterior(log, draws=32).predict(grid, rule=rule)
        other = kc.Posterior(counted, draws=32).predict(grid, rule=rule)
        assert one.mean.tobytes() == other.mean.tobytes()
        assert one.covariance.tobytes() == other.covariance.tobytes()

    def test_another_seed_gives_another_draw_of_the_same_posterior(self, few):
        one, other = (kc.Posterior(few, rng=rng).predict([5, 50]) for rng in (1, 2))
        assert not np.array_equal(one.mean, other.mean)
        assert one.mean == pytest.approx(other.mean, abs=0.004)

    def test_the_values_of_a_seed_never_change(self, small):
        prediction = kc.Posterior(small, rng=7, draws=32).predict([1, 10, 100])
        assert prediction.mean.tolist() == pytest.approx(PINNED, rel=1e-15)


PINNED = [0.8020833333333334, 0.8436458333333332, 0.8459201388888888]


class TestRules:
    def test_a_filter_that_keeps_everything_is_a_vote_among_half_the_calls(self, few):
        codes = [few.codes[few.offsets[q] : few.offsets[q + 1]] for q in range(200)]
        log = kc.AnswerLog.from_codes(
            codes,
            correct=[0] * 200,
            keep=[np.ones(len(c), dtype=bool) for c in codes],
        )
        posterior = kc.Posterior(log, draws=512)
        filtered = posterior.predict([2, 10, 40], rule=kc.FilterVote())
        plain = posterior.predict([1, 5, 20])
        # A filter that has kept everything so far may drop a sample some day.
        assert filtered.mean == pytest.approx(plain.mean, abs=0.015)

    def test_best_of_n_by_correctness_is_pass_at_k(self):
        rng = np.random.default_rng(5)
        right = rng.random((80, 10)) < rng.beta(1, 2, (80, 1))
        log = kc.AnswerLog.from_codes(
            np.where(right, 0, 1), correct=[0] * 80, score=right.astype(float)
        )
        posterior = kc.Posterior(log, draws=512)
        k = [1, 4, 16, 64]
        best = posterior.predict(k, rule=kc.BestOfN()).mean
        assert best == pytest.approx(posterior.predict(k, rule=kc.PassAtK()).mean, abs=0.02)

    def test_pass_hat_and_mean_follow_from_the_same_posterior(self, few):
        posterior = kc.Posterior(few)
        k = [1, 2, 7]
        mean = posterior.predict(k, rule=kc.MeanAtK()).mean
        hat = posterior.predict(k, rule=kc.PassHatK()).mean
        at = posterior.predict(k, rule=kc.PassAtK()).mean
        strict = posterior.predict(k, rule=kc.GPassAtK(tau=1.0)).mean
        assert mean == pytest.approx(mean[0], rel=1e-12)
        assert hat[0] == pytest.approx(mean[0], rel=1e-9)
        assert at[0] == pytest.approx(mean[0], rel=1e-9)
        assert (np.diff(hat) < 0).all()
        assert (np.diff(at) > 0).all()
        assert strict == pytest.approx(hat, abs=0.01)

    def test_many_calls_find_the_leading_answer(self):
        # 40 of 40 samples agree: more calls change nothing.
        log = kc.AnswerLog.from_codes([[0] * 40] * 30 + [[1] * 40] * 10, correct=[0] * 40)
        prediction = kc.Posterior(log).predict([1, 100, 10_000, 1_000_000])
        assert prediction.mean == pytest.approx(0.75, abs=0.01)

    def test_unanswered_samples_count_as_the_rule_says(self):
        log = kc.AnswerLog.from_codes([[0, 0, -1, -1], [0, 1, -1, 1]] * 20, correct=[0] * 40)
        posterior = kc.Posterior(log, draws=256)
        ignored, votes, dropped = (
            posterior.predict([1, 30], rule=kc.Vote(no_answer=policy)).mean
            for policy in ("ignore", "vote", "drop")
        )
        assert dropped[0] > ignored[0] + 0.2
        assert ignored[1] > votes[1] + 0.05


@pytest.fixture(scope="module")
def prediction(few):
    return kc.Posterior(few).predict([1, 2, 4, 8, 16, 32, 64])


class TestPrediction:
    def test_shapes_and_order(self, prediction):
        assert prediction.mean.shape == prediction.low.shape == prediction.k.shape == (7,)
        assert (prediction.low < prediction.mean).all()
        assert (prediction.mean < prediction.high).all()
        per_question = prediction.per_question
        assert per_question.mean.shape == (999, 7)
        assert (per_question.low <= per_question.mean + 1e-12).all()
        assert prediction.mean == pytest.approx(per_question.mean.mean(axis=0), abs=1e-12)

    def test_intervals_widen_with_what_they_are_about(self, prediction):
        def width(interval, samples=None):
            limits = prediction.limits(interval, samples=samples)
            return limits.high - limits.low

        assert (width("accuracy") < width("measured", 1000)).all()
        assert (width("measured", 1000) < width("measured", 64)).all()
        assert (width("accuracy") < width("population")).all()

    def test_the_best_k_and_what_another_one_costs(self, prediction):
        assert prediction.best.sum() == pytest.approx(1)
        assert (prediction.regret >= 0).all()
        assert (prediction.regret <= prediction.regret_high + 0.01).all()
        best = int(np.argmin(prediction.regret))
        assert prediction.k[best] == prediction.optimal_k
        # The gap between the means is the regret, as far as the best k is certain.
        gap = prediction.mean.max() - prediction.mean
        assert (prediction.regret >= gap - 1e-3).all()

    def test_tables_and_plain_values(self, prediction):
        columns = pa.table(prediction.to_arrow())
        assert columns.column_names == ["k", "mean", "low", "high", "best", "regret"]
        assert prediction.to_dict()["k"] == [1, 2, 4, 8, 16, 32, 64]
        assert prediction.at(8)[0] == prediction.mean[3]
        assert "999 questions" in repr(prediction)
        assert "<table>" in prediction._repr_html_()
        assert prediction.plot().get_ylabel() == "accuracy"
        with pytest.raises(kc.ArgumentError, match="the nearest is 8"):
            prediction.at(9)

    def test_it_can_be_sent_elsewhere(self, prediction):
        again = pickle.loads(pickle.dumps(prediction))  # noqa: S301 - our own
        assert np.array_equal(again.high, prediction.high)


class TestQuestionsThemselves:
    def test_answers_of_a_question_add_up_and_keep_their_order(self, few):
        posterior = kc.Posterior(few)
        place = int(
            np.argmax([len(set(few.codes[few.offsets[q] : few.offsets[q + 1]])) for q in range(99)])
        )
        found = posterior.answers(few.question[place])
        rest = found.unseen_correct + found.unseen_wrong + found.no_answer
        assert found.mean.sum() + rest == pytest.approx(1, abs=1e-9)
        wrong = ~found.correct
        assert (np.diff(found.count[wrong]) <= 0).all()
        assert (found.low <= found.mean).all()
        assert (found.mean <= found.high).all()
        for answer, count in zip(found.answer, found.count, strict=True):
            span = range(few.n_samples[place])
            assert sum(few.answer(place, i) == answer for i in span) == count

    def test_probabilities_are_those_of_the_model_spelled_out(self, counts):
        library = oracle.kinds()
        weight = oracle.weights(library, counts)
        question = counts[0]
        masses = [
            w * oracle.likelihood(kind, question) for kind, w in zip(library, weight, strict=True)
        ]
        chances = [oracle.next_right(kind, question) for kind in library]
        expected = np.dot(masses, chances) / sum(masses)
        found = np.mean(
            [kc.Posterior(log_of(counts), rng=i).answers("0").mean[0] for i in range(8)]
        )
        assert found == pytest.approx(expected, abs=0.02)

    def test_the_population_is_recognised(self):
        rng = np.random.default_rng(8)
        # Always the same wrong answer, or every time another one out of a thousand.
        right = rng.random((300, 10)) < 0.6
        same = np.where(right, 0, 1)
        other = np.where(right, 0, rng.integers(1, 1000, (300, 10)))
        two, many = (
            kc.Posterior(kc.AnswerLog.from_codes(codes, correct=[0] * 300)).population
            for codes in (same, other)
        )
        assert two.success_mean == pytest.approx(0.6, abs=0.03)
        assert two.success_deviation < 0.2
        assert two.agreement > 0.9
        assert two.competing_answers < 1.2
        assert two.unseen_mass < 0.05
        assert many.competing_answers > 5
        assert many.unseen_mass > 0.25

    def test_an_unknown_question_is_named(self, few):
        with pytest.raises(kc.ArgumentError, match='no question "nobody"'):
            kc.Posterior(few).answers("nobody")


class TestWrongUse:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda p: p.predict(0), "k must be at least 1, got 0"),
            (lambda p: p.predict(2**31), "k must be between 1 and 2147483647"),
            (lambda p: p.predict(1, rule=kc.FilterVote(threshold=0.5)), "k must be between 2"),
            (lambda p: p.predict(1, rule=kc.WeightedVote()), r"method=Bootstrap"),
            (lambda p: p.independent_scores(0), "k must be at least 1, got 0"),
            (lambda p: p.independent_scores(1, parts=0), "parts must be an integer of at least 1"),
            (lambda p: p.independent_scores(1, rule=kc.WeightedVote()), r"method=Bootstrap"),
            (lambda p: p.predict(1, interval="combined"), "interval must be one of 'measured'"),
            (lambda p: p.predict(1, samples=0), "samples must be an integer of at least 1"),
            (lambda p: p.predict(1, level=1.0), "level must be at least 0.5"),
        ],
    )
    def test_one_clear_error(self, few, call, message):
        with pytest.raises(kc.ArgumentError, match=message):
            call(kc.Posterior(few))

    def test_settings(self, few):
        with pytest.raises(kc.ArgumentError, match="draws must be an integer"):
            kc.Posterior(few, draws=0)
        with pytest.raises(kc.ArgumentError, match="rng must be at least 0"):
            kc.Posterior(few, rng=-1)
        with pytest.raises(TypeError, match="log must be AnswerLog or TalliedLog"):
            kc.Posterior([1, 2])

    def test_a_missing_column_is_named(self, few):
        with pytest.raises(kc.errors.MissingColumnError, match="score column"):
            kc.Posterior(few).predict(3, rule=kc.BestOfN())
        with pytest.raises(kc.errors.MissingColumnError, match="keep column"):
            kc.Posterior(few).predict(4, rule=kc.FilterVote())

    def test_a_question_without_samples_is_named(self):
        log = kc.AnswerLog.from_codes([[0, 1], [-1]], correct=[0, 0])
        with pytest.raises(kc.LogError, match="has no"):
            kc.Posterior(log).predict(2, rule=kc.Vote(no_answer="drop"))
