"""Designs: the variance they are made from, and whether measurements by them are as precise as promised."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import stdtrit

import kcurve as kc
from kcurve.cost import Calls, Tokens
from kcurve.errors import ArgumentError, LogError
from kcurve.planning import samples_needed
from kcurve.planning.variance import components
from kcurve.simulate import BetaQuestions, DirichletQuestions, Distributions

POPULATION = BetaQuestions(a=2, b=1.5)


def moments(population, rule, k, questions=20_000):
    """Variance of the score between questions and of one run of k calls, by many questions."""
    scores = population.distributions(questions, rng=99).per_question(rule, k)[:, 0]
    return scores.var(), (scores * (1 - scores)).mean()


@pytest.mark.parametrize(("rule", "k"), [(kc.Vote(), 1), (kc.Vote(), 5), (kc.PassAtK(), 3)])
def test_components_are_those_of_the_population(rule, k):
    pilot = POPULATION.log(3000, 8, rng=1)
    found, _ = components(pilot, rule, k, rng=0)
    between, one_run = moments(POPULATION, rule, k)
    assert found.between == pytest.approx(between, rel=0.12)
    assert found.one_run == pytest.approx(one_run, rel=0.12)


@pytest.mark.parametrize(
    ("rule", "k"), [(kc.Vote(), 1), (kc.Vote(), 5), (kc.PassAtK(), 4), (kc.MeanAtK(), 3)]
)
def test_noise_of_samples_is_that_of_repeated_logs(rule, k):
    population = DirichletQuestions(answers=4, correct=0.45, concentration=3.0)
    truth = population.distributions(300, rng=5)
    found, _ = components(truth.log(16, rng=6), rule, k, rng=0)
    for samples in (k, 2 * k, 6 * k):
        runs = np.stack(
            [
                kc.curve(truth.log(samples, rng=r), rule, k=k, interval=None).per_question[:, 0]
                for r in range(60)
            ]
        )
        measured = runs.var(axis=0, ddof=1).mean()
        # Ties of three and more make it a little too much.
        assert 0.9 * measured < found.within(samples) < 1.2 * measured


def test_clusters_count_as_few_questions():
    random = np.random.default_rng(3)
    p = np.repeat(random.beta(2, 1.5, 100), 10)
    log = Distributions(np.stack([p, 1 - p], axis=1)).log(6, rng=1)
    table = {
        "question_id": np.repeat(np.arange(1000), 6),
        "answer": log.codes,
        "correct": log.correct,
        "cluster": np.repeat(np.arange(1000) // 10, 6),
    }
    clustered = kc.AnswerLog.from_table({name: list(values) for name, values in table.items()})
    alone, _ = components(log, kc.Vote(), 1, rng=0)
    together, _ = components(clustered, kc.Vote(), 1, rng=0)
    assert together.between == pytest.approx(10 * alone.between, rel=0.3)
    assert together.one_run == alone.one_run


@pytest.mark.parametrize(("k", "samples"), [(1, 1), (1, 4), (3, 3), (3, 9)])
def test_the_interval_is_as_narrow_as_promised_and_covers(k, samples):
    pilot = POPULATION.log(400, 8, rng=3)
    made = samples_needed(pilot, half_width=0.04, k=k, samples=samples)
    truth = POPULATION.accuracy(kc.Vote(), k)[0]
    curves = [
        kc.curve(POPULATION.log(made.questions, samples, rng=r), k=k) for r in range(100, 300)
    ]
    widths = np.array([(c.high[0] - c.low[0]) / 2 for c in curves])
    assert widths.mean() == pytest.approx(0.04, rel=0.08)
    covered = sum(c.low[0] <= truth <= c.high[0] for c in curves)
    # The chance of fewer than 179 of 200 at 95% is 0.1%.
    assert covered >= 179


def pair(questions, samples, seed):
    """Two systems on the same questions: the second is right less often, by a tenth of what is left."""
    p = np.random.default_rng([seed, 0]).beta(3, 2, questions)
    q = p - 0.2 * p * (1 - p)
    return tuple(
        Distributions(np.stack([x, 1 - x], axis=1)).log(samples, rng=2 * seed + i)
        for i, x in enumerate((p, q))
    )


@pytest.mark.parametrize("samples", [1, 4])
def test_the_difference_is_found_with_the_power_promised(samples):
    difference = 0.2 * 6 / 30  # E p (1 - p) of a beta(3, 2) is a b / ((a + b) (a + b + 1)).
    a, b = pair(600, 8, 1)
    made = samples_needed(a, other=b, difference=difference, samples=samples, power=0.8)
    found = 0
    for seed in range(100, 300):
        first, second = (kc.curve(log, k=1) for log in pair(made.questions, samples, seed))
        found += kc.compare(first, second).p_value[0] < 0.05
    # Three standard errors of 200 draws, and what the pilot leaves uncertain.
    assert found / 200 == pytest.approx(0.8, abs=0.1)
    unpaired = samples_needed(a, difference=difference, samples=samples)
    assert unpaired.questions > made.questions


def test_the_cheapest_design_is_the_cheapest_of_all():
    pilot = replace(POPULATION.log(300, 6, rng=2), tokens_out=np.full(1800, 30.0))
    made = samples_needed(
        pilot, half_width=0.02, cost=Tokens(), question_cost=500, samples=range(1, 60)
    )
    found, _ = components(pilot, kc.Vote(), 1, rng=0)

    def fewest(samples):
        variance = found.between + found.one_run / samples
        questions = 2
        while stdtrit(questions - 1, 0.975) * np.sqrt(variance / questions) > 0.02:
            questions += 1
        return questions

    costs = {n: fewest(n) * (500 + 30 * n) for n in range(1, 12)}
    best = min(costs, key=costs.get)
    assert (made.samples, made.questions) == (best, fewest(best))
    assert made.cost == pytest.approx(costs[best])
    np.testing.assert_array_equal(made.designs["questions"][:11], [fewest(n) for n in range(1, 12)])


def test_these_questions_need_samples_only():
    pilot = POPULATION.log(30, 8, rng=2)
    made = samples_needed(pilot, half_width=0.02, of="questions")
    assert made.questions == 30
    assert made.between == 0
    fewer = samples_needed(pilot, half_width=0.02, of="questions", samples=made.samples)
    assert fewer.half_width <= 0.02
    with pytest.raises(ArgumentError, match="leave a half-width of"):
        samples_needed(pilot, half_width=0.02, of="questions", samples=made.samples - 1)
    truth = POPULATION.distributions(30, rng=2)
    means = [truth.log(made.samples, rng=r).correct.mean() for r in range(400)]
    inside = np.abs(np.array(means) - truth.p_correct.mean()) <= 0.02
    assert inside.mean() == pytest.approx(0.95, abs=0.04)


def test_with_few_questions_samples_make_up_for_them():
    pilot = POPULATION.log(300, 8, rng=4)
    free = samples_needed(pilot, half_width=0.03)
    limited = samples_needed(pilot, half_width=0.03, questions=free.questions - 100)
    assert limited.questions <= free.questions - 100
    assert limited.samples > free.samples
    assert limited.cost > free.cost
    with pytest.raises(ArgumentError, match="100 questions are too few however many samples"):
        samples_needed(pilot, half_width=0.03, questions=100)


def test_two_systems_cost_what_both_cost():
    a, b = (
        replace(log, tokens_out=np.full(len(log.codes), price))
        for log, price in zip(pair(200, 4, 2), (10.0, 25.0), strict=True)
    )
    made = samples_needed(a, other=b, difference=0.05, cost=Tokens(), samples=2)
    assert made.cost == pytest.approx(made.questions * 2 * 35)
    named = samples_needed(
        a, other=b, difference=0.05, cost={"pilot": Calls(), "other": Calls()}, samples=2
    )
    assert named.cost == named.questions * 4


def test_filter_votes_count_candidates():
    log = POPULATION.log(200, 8, rng=1, keep=kc.simulate.Filter(keep_right=0.8, keep_wrong=0.4))
    made = samples_needed(log, rule=kc.FilterVote(), k=6, half_width=0.05)
    assert made.samples == 3
    assert made.cost == made.questions * 6


def test_results_are_plain_values_and_tables():
    made = samples_needed(POPULATION.log(100, 4, rng=1), difference=0.1)
    told = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert told["questions"] == made.questions
    assert pa.table(made.to_arrow()).column_names == ["samples", "questions", "cost", "half_width"]
    assert "power 0.8" in repr(made)
    assert "<table>" in made._repr_html_()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either half_width or difference"),
        ({"half_width": 0.1, "difference": 0.1}, "either half_width or difference"),
        ({"half_width": 0.6}, "half_width must be at least 1e-05 and at most 0.5, got 0.6"),
        ({"half_width": 1e-9}, "half_width must be at least 1e-05"),
        ({"difference": 1e-9}, "difference must be at least 1e-05"),
        ({"difference": 0.1, "power": 0.3}, "power must be at least 0.5"),
        ({"half_width": 0.1, "k": 4, "samples": 3}, "samples must be integers of at least 4"),
        ({"half_width": 0.1, "of": "models"}, "of must be one of"),
        ({"half_width": 0.1, "question_cost": -1}, "question_cost must be at least 0"),
    ],
)
def test_mistakes_are_named(settings, message):
    with pytest.raises(ArgumentError, match=message):
        samples_needed(POPULATION.log(20, 4, rng=1), **settings)


def test_pilots_that_cannot_tell_are_refused():
    with pytest.raises(LogError, match="at least 2 samples"):
        samples_needed(POPULATION.log(20, 1, rng=1), half_width=0.1)
    log = POPULATION.log(20, 4, rng=1)
    other = Distributions([[0.5, 0.5]] * 20).log(4, question=[f"x{i}" for i in range(20)])
    with pytest.raises(ArgumentError, match="share at least 2 questions"):
        samples_needed(log, other=other, difference=0.1)
    with pytest.raises(ArgumentError, match="other is for a difference"):
        samples_needed(log, other=log, half_width=0.1)


@pytest.mark.parametrize("correct", [0, 1])
def test_a_pilot_without_a_failure_does_not_promise_that_there_is_none(correct: int) -> None:
    def needed(questions: int) -> int:
        pilot = kc.AnswerLog.from_codes([[0] * 4] * questions, correct=[1 - correct] * questions)
        return samples_needed(pilot, half_width=0.05).questions

    # With two failures and two successes more: p (1 - p) z^2 / 0.05^2.
    assert needed(5) == pytest.approx(1.96**2 * (2 / 9) * (7 / 9) / 0.05**2, rel=0.05)
    assert needed(5) > needed(50) > needed(500) > 2


def test_a_pilot_of_one_question_is_refused() -> None:
    pilot = kc.AnswerLog.from_codes([[0, 1, 1]], correct=[0])
    with pytest.raises(LogError, match="at least 2 questions"):
        samples_needed(pilot, half_width=0.05)
