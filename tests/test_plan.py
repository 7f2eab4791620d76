"""Plans: the choice, what is said of it, and whether that is true."""

import json
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pyarrow as pa
import pytest

import kcurve as kc
from kcurve.cost import Calls, Tokens
from kcurve.errors import ArgumentError, MissingColumnError
from kcurve.planning import Cascade, cascades, kinship, plan, points
from kcurve.planning.judgement import Judgement
from kcurve.planning.kinship import believed
from kcurve.simulate import BetaQuestions, Distributions
from tests.oracles import plans as oracle

mpl.use("Agg")


def with_tokens(log, mean, *, seed=0):
    random = np.random.default_rng(seed)
    return replace(log, tokens_out=mean * random.gamma(4, 0.25, len(log.codes)))


def three_logs(seed, questions=60, samples=6):
    shapes = np.random.default_rng(seed).uniform(0.5, 4, size=(3, 2))
    return {
        f"s{i}": with_tokens(
            BetaQuestions(a=a, b=b).log(questions, samples, rng=seed * 3 + i), 10 * (i + 1), seed=i
        )
        for i, (a, b) in enumerate(shapes)
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_advice_is_what_counting_draws_gives(seed):
    logs = three_logs(seed)
    budget = float(np.random.default_rng(seed).uniform(12, 150))
    made = plan(logs, cost=Tokens(), budget=budget, resamples=300, rng=seed, tolerance=0.01)
    table = made.points
    judged = Judgement.of(table, budget, keep=None, resamples=300, rng=seed)
    assert made.choice.point == oracle.best(table, budget)
    accuracy, cost = judged.accuracy.tolist(), judged.cost.tolist()
    expected = oracle.best_probabilities(accuracy, cost, budget)
    np.testing.assert_allclose(made.best, expected, atol=1e-12)
    near = oracle.near_best(accuracy, cost, budget, 0.01, made.choice.point)
    assert made.confidence == pytest.approx(near, abs=1e-12)
    kept = np.mean([row[made.choice.point] <= budget for row in cost])
    assert made.budget_kept == pytest.approx(kept, abs=1e-12)
    expected = oracle.optimism(table, judged.measured.tolist(), budget)
    assert made.optimism == pytest.approx(expected, abs=1e-12)
    for each in made.alternatives:
        assert each.measured == table.accuracy[each.point]
        assert each.cost <= budget * (1 + 1e-9)


def test_the_cheapest_choice_within_the_tolerance_and_the_next_tenth():
    log = kc.AnswerLog.from_codes(
        [[0, 0, 0, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 1]] * 9, correct=[0] * 27
    )
    scores = kc.curve(log, kc.PassAtK()).mean
    made = plan({"m": log}, rules=kc.PassAtK(), budget=3.7, tolerance=float(scores[2] - scores[1]))
    assert (made.choice.k, made.saved.k, made.next_tenth.choice.k) == (3, 2, 4)
    # A question that no one has seen, on which k makes no difference, is one of 28.
    assert made.next_tenth.gain == pytest.approx(27 / 28 * (scores[3] - scores[2]), rel=0.01)
    assert made.next_tenth.low <= made.next_tenth.gain <= made.next_tenth.high
    assert made.saved.difference == pytest.approx(27 / 28 * (scores[1] - scores[2]), rel=0.01)
    assert made.saved.measured == pytest.approx(scores[1])
    stays = plan({"m": log}, rules=kc.PassAtK(), budget=3).next_tenth
    assert (stays.choice.k, stays.gain, stays.low, stays.high) == (3, 0, 0, 0)


def test_equals_go_to_the_cheaper():
    same = np.zeros((20, 4), int)
    logs = {name: kc.AnswerLog.from_codes(same, correct=[0] * 20) for name in ("dear", "cheap")}
    logs = {
        name: replace(log, tokens_out=np.full(80, 9.0 if name == "dear" else 5.0))
        for name, log in logs.items()
    }
    made = plan(logs, cost=Tokens(), budget=100)
    assert (made.choice.system, made.choice.k) == ("cheap", 1)


def test_a_budget_of_whole_calls_pays_for_as_many_in_every_draw():
    log = BetaQuestions(a=3, b=1).log(97, 12, rng=1)
    made = plan({"m": log}, rules=kc.PassAtK(), budget=7)
    assert made.choice.k == 7
    assert made.budget_kept == 1


def test_keep_leaves_out_what_may_exceed_the_budget():
    log = with_tokens(BetaQuestions(a=3, b=1).log(50, 12, rng=1), 100)
    budget = float(log.tokens_out.mean()) * 6.001
    bold = plan({"m": log}, rules=kc.PassAtK(), cost=Tokens(), budget=budget)
    careful = plan({"m": log}, rules=kc.PassAtK(), cost=Tokens(), budget=budget, keep=0.95)
    assert (bold.choice.k, careful.choice.k) == (6, 5)
    assert 0.3 < bold.budget_kept < 0.7
    assert careful.budget_kept >= 0.95


def test_cascades_win_where_a_cheap_system_knows_what_it_does_not_know():
    hard = np.arange(300) % 3 == 0
    small = np.where(hard[:, None], [[0.26, 0.25, 0.25, 0.24]], [[0.97, 0.01, 0.01, 0.01]])
    large = np.tile([0.95, 0.05, 0, 0], (300, 1))
    logs = {
        "small": with_tokens(Distributions(small).log(16, rng=1), 10),
        "large": with_tokens(Distributions(large).log(16, rng=2), 100, seed=1),
    }
    made = plan(logs, cost=Tokens(), budget=150, cascades=True)
    assert made.choice.system == "small > large"
    assert isinstance(made.choice.rule, Cascade)
    assert made.accuracy > 0.9
    plain = plan(logs, cost=Tokens(), budget=150)
    assert plain.accuracy < made.accuracy
    assert len(made.alternatives) == 3
    joined = points(logs, cost=Tokens()).joined(cascades(logs, cost=Tokens()))
    assert plan(joined, budget=150).to_dict() == made.to_dict()


def test_systems_that_noise_can_tell_apart_shrink_together():
    random = np.random.default_rng(0)
    noise = 0.02 * random.standard_normal((4000, 3))
    near, far = np.array([0.5, 0.51, 0.53]), np.array([0.2, 0.5, 0.9])
    close = believed(near + noise, np.random.default_rng(1))
    apart = believed(far + noise, np.random.default_rng(1))
    np.testing.assert_allclose(apart.mean(axis=0), far, atol=0.003)
    np.testing.assert_allclose(apart.std(axis=0), 0.02, rtol=0.1)
    means = close.mean(axis=0)
    assert 0.3 * np.ptp(near) < np.ptp(means) < 0.8 * np.ptp(near)
    assert list(np.argsort(means)) == [0, 1, 2]
    np.testing.assert_array_equal(believed(noise[:, :1], random), noise[:, :1])


def test_a_spread_known_beforehand_gives_the_posterior_of_the_textbook(monkeypatch):
    monkeypatch.setattr(kinship, "_SPREADS", np.array([0.03, 0.03000001]))
    monkeypatch.setattr(kinship, "_DEGREES", 1e9)
    random = np.random.default_rng(2)
    measured = np.array([0.5, 0.6, 0.62, 0.7])
    drawn = measured + 0.02 * random.standard_normal((40_000, 4))
    found = believed(drawn, random)
    keep = 0.03**2 / (0.03**2 + 0.02**2)
    mean = measured.mean()
    np.testing.assert_allclose(found.mean(axis=0), mean + keep * (measured - mean), atol=5e-4)
    # The noise that is left, and that of the mean the systems shrink to.
    variance = keep * 0.02**2 + (1 - keep) ** 2 * (0.03**2 + 0.02**2) / 4
    np.testing.assert_allclose(found.var(axis=0), variance, rtol=0.03)


def test_few_questions_that_tell_nothing_apart_leave_it_open():
    perfect = kc.AnswerLog.from_codes(np.zeros((50, 4), int), correct=[0] * 50)
    many = kc.AnswerLog.from_codes(np.zeros((5000, 4), int), correct=[0] * 5000)
    few = plan({"a": perfect, "b": perfect}, budget=4)
    assert few.confidence < 0.85
    assert plan({"a": many, "b": many}, budget=4).confidence > 0.97
    assert plan({"a": perfect}, budget=4).confidence == 1
    assert few.low < 0.97
    assert few.high == pytest.approx(1)


def test_statements_are_true_of_random_systems():
    """Systems with known accuracy: is the best found as often as stated, do intervals cover?"""
    hits, stated, covered, raw, corrected = [], [], [], [], []
    for seed in range(60):
        random = np.random.default_rng([7, seed])
        kinds = [BetaQuestions(a=a, b=b) for a, b in random.uniform(0.7, 3, size=(3, 2))]
        prices = np.exp(random.uniform(0, 2, size=3))
        logs = {
            f"s{i}": replace(log, tokens_out=np.full(len(log.codes), prices[i]))
            for i, log in enumerate(
                kind.log(250, 16, rng=int(random.integers(2**32))) for kind in kinds
            )
        }
        budget = float(np.exp(random.uniform(1, 4)))
        made = plan(logs, cost=Tokens(), budget=max(budget, prices.min()), rng=seed, resamples=1000)
        table = made.points
        grid = np.unique(table.k)
        known = {f"s{i}": kind.accuracy(kc.Vote(), grid) for i, kind in enumerate(kinds)}
        truth = np.array(
            [
                known[name][np.searchsorted(grid, k)]
                for name, k in zip(table.system, table.k, strict=True)
            ]
        )
        best = truth[table.mean_cost <= made.budget * (1 + 1e-9)].max()
        own = truth[made.choice.point]
        hits.append(best - own <= 0.002)
        stated.append(made.confidence)
        covered.append(made.low <= own <= made.high)
        raw.append(made.choice.measured - own)
        corrected.append(made.accuracy - own)
    spread = np.sqrt(np.sum(np.array(stated) * (1 - np.array(stated))))
    assert abs(np.sum(hits) - np.sum(stated)) < 3 * spread + 0.05 * len(hits)
    # The chance of fewer than 51 of 60 at 95% is 0.1%.
    assert np.sum(covered) >= 51
    assert abs(np.mean(corrected)) < abs(np.mean(raw)) + 0.001


def test_predicted_points_reach_beyond_the_samples():
    log = BetaQuestions(a=3, b=2).log(80, 8, rng=1)
    made = plan({"m": log}, budget=40, beyond=True, k=[1, 8, 32, 64])
    assert made.choice.k == 32
    assert made.low < made.accuracy < made.high


def test_an_allocation_beats_the_same_for_all_where_questions_differ():
    p = np.repeat([0.97, 0.58, 0.2], 60)
    truths = {
        "small": Distributions(np.stack([p, 1 - p], axis=1)),
        "large": Distributions(np.stack([p**0.8, 1 - p**0.8], axis=1)),
    }
    logs = {
        name: replace(log, tokens_out=np.full(len(log.codes), 1.0 if name == "small" else 4.0))
        for name, log in ((name, each.log(16, rng=3)) for name, each in truths.items())
    }
    grid = [1, 3, 7, 15, 31, 63]
    made = plan(logs, cost=Tokens(), budget=8, beyond=True, k=grid)
    shared = made.allocation()
    table = made.points
    rows = np.arange(180)
    assert shared.spent <= 8 * 180 * (1 + 1e-9)
    assert shared.spent == pytest.approx(table.cost[rows, shared.index].sum())
    assert shared.value == pytest.approx(table.score[rows, shared.index].sum())
    truth = {name: each.per_question(kc.Vote(), grid) for name, each in truths.items()}
    place = [int(text) for _, text in table.question]
    known = np.stack(
        [
            truth[name][place, grid.index(k)]
            for name, k in zip(table.system, table.k.tolist(), strict=True)
        ],
        axis=1,
    )
    uniform = known[:, made.choice.point].mean()
    assert known[rows, shared.index].mean() > uniform + 0.01


def test_an_allocation_needs_predictions_of_the_same_questions():
    logs = three_logs(2)
    with pytest.raises(ArgumentError, match=r"18 of 18 points have them: .* beyond=True"):
        plan(logs, cost=Calls(), budget=5).allocation()
    logs["s0"] = logs["s0"].select(questions=np.arange(60) < 40)
    with pytest.raises(ArgumentError, match="all have the same questions"):
        plan(logs, cost=Calls(), budget=5, beyond=True, k=[1, 4]).allocation()


def test_the_same_seed_gives_the_same_plan_in_any_order_of_questions():
    logs = three_logs(3)
    first = plan(logs, cost=Tokens(), budget=60, rng=5).to_dict()
    assert plan(logs, cost=Tokens(), budget=60, rng=5).to_dict() == first
    assert plan(logs, cost=Tokens(), budget=60, rng=6).to_dict() != first


def test_results_are_plain_values_tables_and_pictures():
    made = plan(three_logs(1), cost=Tokens(), budget=60, cascades=True)
    told = json.loads(json.dumps(made.to_dict(), allow_nan=False))
    assert told["choice"]["system"] == made.choice.system
    assert told["cost_unit"] == "tokens"
    assert pa.table(made.to_arrow()).num_rows == len(made.points)
    assert made.choice.label in repr(made)
    assert "<table>" in made._repr_html_()
    assert made.plot().get_xlabel() == "tokens per question"


def test_one_question_has_no_interval():
    log = kc.AnswerLog.from_codes([[0, 1, 0]], correct=[0])
    made = plan({"m": log}, budget=2)
    assert np.isnan(made.low)
    assert made.to_dict()["low"] is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 0}, "budget must be greater than 0"),
        ({"budget": 0.5}, r"the cheapest, s0, maj@k, k=1, costs 1 calls a question, got 0.5"),
        ({"budget": 4, "tolerance": 2}, "tolerance must be at least 0"),
        ({"budget": 4, "keep": 0.2}, "keep must be at least 0.5"),
        ({"budget": 4, "rules": kc.PassAtK(), "cascades": True}, "rules must hold a Vote"),
        ({"budget": 4, "resamples": 0}, "resamples must be an integer of at least 1"),
    ],
)
def test_mistakes_are_named(settings, message):
    with pytest.raises(ArgumentError, match=message):
        plan(three_logs(0), cost=Calls(), **settings)


def test_cascades_are_made_of_logs_and_costs_of_columns():
    logs = three_logs(0)
    with pytest.raises(ArgumentError, match="cascades need logs, got points"):
        plan(points(logs), budget=3, cascades=True)
    bare = {"s": replace(logs["s0"], tokens_out=None)}
    with pytest.raises(MissingColumnError, match="tokens_out"):
        plan(bare, cost=Tokens(), budget=3)
