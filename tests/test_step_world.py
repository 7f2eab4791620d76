"""The simulated world: exact where theory knows the answer, and what searches gain by rewards of known quality.

Bands are 3.3 standard errors, which a sound estimate leaves once in 1,000 times; the seeds are fixed.
"""

from fractions import Fraction

import numpy as np
import pytest

import kcurve as kc
from kcurve import theory
from kcurve.errors import ArgumentError
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Limits, Rebase
from kcurve.simulate import RewardModel, StepWorld
from tests.oracles import step_world as oracle

LEVEL = 0.999
NOISE = RewardModel(auc=0.5)
PERFECT = RewardModel(auc=1 - 1e-9)
WORLD = StepWorld(steps=6, accuracy=0.75, spread=0.12)
WEIGHTED = kc.WeightedVote()
SEARCHES = [Rebase(16), BeamSearch(16), DVTS(16), IndependentPaths(5), MCTS(30)]


def within(estimate, expected):
    return estimate.low <= expected <= estimate.high


def test_the_distribution_of_answers_is_that_of_the_steps():
    world = StepWorld(steps=2, recovery=0.25, mistakes=2, concentration=1.0)
    [(right, first, second)] = world.answers([0.6])
    # On the track, then still on it; or off it, and back.
    assert right == pytest.approx(0.6 * 0.6 + 0.4 * 0.25)
    assert first == pytest.approx((1 - right) * 2 / 3)
    assert second == pytest.approx((1 - right) / 3)


def test_accuracies_have_the_mean_and_spread_asked_for():
    accuracies = WORLD.accuracies(4000)
    assert np.mean(accuracies) == pytest.approx(0.75, abs=1e-4)
    assert np.std(accuracies) == pytest.approx(0.12, abs=1e-3)
    assert np.all(np.diff(accuracies) > 0)
    assert np.all(StepWorld(accuracy=0.3).accuracies(3) == 0.3)


def test_mean_scores_are_those_that_are_drawn():
    scores = 1 / (
        1 + np.exp(-(WORLD.reward.shift / 2 + np.random.default_rng(0).normal(size=400_000)))
    )
    right, wrong = WORLD.mean_scores()[:2]
    assert right == pytest.approx(scores.mean(), abs=4 * scores.std() / 400_000**0.5)
    assert right + wrong == pytest.approx(1)


@pytest.mark.parametrize("width", [1, 2, 5, 16])
def test_the_vote_of_sampled_paths_is_the_exact_one(width):
    world = StepWorld(steps=3, accuracy=0.75, spread=0.1, recovery=0.1, mistakes=3)
    questions = 300
    exact = theory.vote_accuracy(world.answers(world.accuracies(questions)), [width])
    sampled = world.searched(IndependentPaths(width), questions=questions, runs=20)
    # The questions are the same, so only the luck of the runs is left.
    difference = sampled.vote - np.reshape(exact, (questions, 1))
    error = np.sqrt(np.sum(difference.var(axis=1, ddof=1) / 20)) / questions
    assert abs(difference.mean()) < 3.3 * error
    assert np.all(sampled.solutions == width)
    assert np.all(sampled.steps == 3 * width)


LIMITED = Limits(depth=8, step_tokens=45, path_tokens=150)
TWINS = [
    *SEARCHES,
    Rebase(5, temperature=0.02, limits=LIMITED),
    BeamSearch(7, branching=3, limits=LIMITED),
    MCTS(30, root_children=2, limits=LIMITED),
]


@pytest.mark.parametrize("aggregation", ["last", "min", "prod", "mean"])
@pytest.mark.parametrize("search", TWINS, ids=str)
def test_outcomes_are_those_of_the_plain_twin_with_the_same_random_numbers(search, aggregation):
    world = StepWorld(steps=4, accuracy=0.7, spread=0.15, recovery=0.1, mistakes=3)
    questions, runs, seed = 3, 2, 2026
    searched = world.searched(
        search, questions=questions, runs=runs, rng=seed, aggregation=aggregation
    )
    for question, accuracy in enumerate(world.accuracies(questions)):
        for run in range(runs):
            twin = oracle.Twin(world, float(accuracy), question, run, seed)
            for name, expected in twin.outcome(search, aggregation).items():
                assert getattr(searched, name)[question, run] == float(expected), name


@pytest.mark.parametrize("perfect", [True, False])
@pytest.mark.parametrize(
    "search",
    [
        BeamSearch(2, branching=2),
        BeamSearch(3, branching=2),
        BeamSearch(4, branching=3),
        DVTS(3, branching=2),
        DVTS(4, branching=2),
        IndependentPaths(3),
    ],
    ids=str,
)
def test_beams_bring_what_the_enumeration_of_all_outcomes_says(search, perfect):
    world = StepWorld(
        steps=3, accuracy=0.5, recovery=0.2, mistakes=2, reward=PERFECT if perfect else NOISE
    )
    exact = oracle.Beams(
        width=search.width,
        branching=getattr(search, "branching", 1),
        separate=not isinstance(search, BeamSearch),
        perfect=perfect,
        steps=3,
        accuracy=Fraction(1, 2),
        recovery=Fraction(1, 5),
        mistakes=(Fraction(2, 3), Fraction(1, 3)),
    ).outcome()
    searched = world.searched(search, questions=30_000)
    assert within(searched.accuracy(kc.Vote(), level=LEVEL), float(exact["vote"]))
    assert within(searched.accuracy(kc.PassAtK(), level=LEVEL), float(exact["any_right"]))
    assert within(searched.accuracy(kc.MeanAtK(), level=LEVEL), float(exact["share_right"]))


@pytest.mark.parametrize("search", [Rebase(6), BeamSearch(6), DVTS(6)], ids=str)
def test_noise_leaves_a_solution_as_likely_right_as_a_sampled_path(search):
    world = StepWorld(steps=4, accuracy=0.8, reward=NOISE)
    searched = world.searched(search, questions=20_000)
    assert within(searched.accuracy(kc.MeanAtK(), level=LEVEL), 0.8**4)


def test_rebase_at_a_high_temperature_is_sampling_path_by_path():
    # Rounded up, a share that is a little above one already becomes two.
    hot = WORLD.searched(Rebase(7, temperature=1e9, rounding="round"), questions=100)
    sampled = WORLD.searched(IndependentPaths(7), questions=100)
    for name in ("vote", "weighted_vote", "best_of_n", "any_right", "tokens"):
        assert np.array_equal(getattr(hot, name), getattr(sampled, name))


def test_what_is_asked_of_other_questions_and_runs_changes_nothing():
    world = StepWorld(steps=4, accuracy=0.7)
    many = world.searched(Rebase(8), questions=40, runs=5)
    few = world.searched(Rebase(8), questions=15, runs=2)
    assert np.array_equal(few.weighted_vote, many.weighted_vote[:15, :2])
    assert np.array_equal(few.tokens, many.tokens[:15, :2])


def test_a_last_step_that_a_limit_breaks_off_has_no_answer():
    world = StepWorld(steps=3, accuracy=0.7, tokens=40, tokens_spread=0.0)
    cut = world.searched(IndependentPaths(4, limits=Limits(path_tokens=119)), questions=20)
    assert np.all(cut.cut == 4)
    assert np.all(cut.solutions == 0)
    assert np.all(cut.tokens == 4 * 119)
    enough = world.searched(IndependentPaths(4, limits=Limits(path_tokens=120)), questions=20)
    assert np.all(enough.solutions == 4)
    # In pieces of 30 tokens a last step of 40 never comes to its end.
    pieces = world.searched(
        IndependentPaths(4, limits=Limits(step_tokens=30, depth=6)), questions=20
    )
    assert np.all(pieces.cut == 4)
    assert np.all(pieces.tokens == 4 * 6 * 30)


@pytest.mark.parametrize("width", [1, 4, 9])
def test_a_perfect_reward_finds_a_right_path_whenever_there_is_one(width):
    world = StepWorld(steps=1, accuracy=0.3, reward=PERFECT)
    sampled = world.searched(IndependentPaths(width), questions=20_000)
    assert np.array_equal(sampled.best_of_n, sampled.any_right)
    assert within(sampled.accuracy(kc.BestOfN(), level=LEVEL), 1 - 0.7**width)


def test_noise_chooses_as_chance_does():
    sampled = StepWorld(steps=2, accuracy=0.8, reward=NOISE).searched(
        IndependentPaths(8), questions=20_000
    )
    assert within(sampled.accuracy(kc.BestOfN(), level=LEVEL), 0.8**2)
    assert within(sampled.accuracy(kc.MeanAtK(), level=LEVEL), 0.8**2)


def test_rebase_with_a_perfect_reward_spends_everything_on_right_steps():
    world = StepWorld(steps=3, accuracy=0.4, reward=PERFECT, tokens_spread=0.0, tokens=10)
    found = world.searched(Rebase(4, temperature=0.01), questions=20_000)
    # At every depth one right step of four is enough for all four continuations to start from right ones.
    assert within(found.accuracy(kc.PassAtK(), level=LEVEL), (1 - 0.6**4) ** 3)
    assert np.all(found.tokens == 3 * 4 * 10)


@pytest.mark.parametrize("auc", [0.8, 0.9])
@pytest.mark.parametrize("search", [Rebase(16), BeamSearch(16), DVTS(16)], ids=str)
def test_with_a_good_reward_model_searches_beat_sampling_at_equal_tokens(search, auc):
    world = StepWorld(steps=6, accuracy=0.75, spread=0.12, reward=RewardModel(auc=auc))
    searched = world.searched(search, questions=800, runs=2)
    sampled = world.sampled_with_tokens_of(searched)
    assert sampled.mean_tokens >= searched.mean_tokens
    assert searched.difference(sampled, WEIGHTED, level=LEVEL).low > 0.1


@pytest.mark.parametrize("search", [Rebase(16), BeamSearch(16), DVTS(16)], ids=str)
def test_they_beat_sampling_that_is_weighted_by_the_scores_of_all_steps_too(search):
    world = StepWorld(steps=6, accuracy=0.75, spread=0.12, reward=RewardModel(auc=0.9))
    searched = world.searched(search, questions=800, aggregation="prod")
    sampled = world.sampled_with_tokens_of(searched)
    last = world.searched(sampled.search, questions=800)
    # The product of six rewards says more about a path than the last one.
    assert sampled.difference(last, WEIGHTED, level=LEVEL).low > 0
    assert searched.difference(sampled, WEIGHTED, level=LEVEL).low > 0


@pytest.mark.parametrize("search", [Rebase(16), BeamSearch(16), DVTS(16)], ids=str)
def test_with_noise_for_rewards_they_do_not(search):
    world = StepWorld(steps=6, accuracy=0.75, spread=0.12, reward=NOISE)
    searched = world.searched(search, questions=800, runs=2)
    sampled = world.sampled_with_tokens_of(searched)
    # Pruning by noise only makes the paths resemble each other.
    assert searched.difference(sampled, WEIGHTED, level=LEVEL).high < 0.0


def test_mcts_leaves_most_paths_unfinished():
    searched = WORLD.searched(MCTS(40, root_children=8), questions=500)
    sampled = WORLD.sampled_with_tokens_of(searched)
    assert searched.solutions.mean() < 1
    assert searched.difference(sampled, WEIGHTED, level=LEVEL).high < 0


def test_votes_converge_to_the_limits_of_the_theory():
    questions = 200
    answers = WORLD.answers(WORLD.accuracies(questions))
    weights = np.broadcast_to(WORLD.mean_scores(), answers.shape)
    limits = {
        kc.Vote(): theory.vote_limit(answers),
        WEIGHTED: theory.weighted_vote_limit(answers, weights),
    }
    for rule, limit in limits.items():
        distances = []
        for width in (4, 64, 1024):
            sampled = WORLD.searched(IndependentPaths(width), questions=questions, runs=4)
            credit = sampled.vote if rule == kc.Vote() else sampled.weighted_vote
            distances.append(np.abs(credit.mean(axis=1) - limit).mean())
            error = 3.3 * np.sqrt(np.sum(credit.var(axis=1, ddof=1) / 4)) / questions
        assert distances[0] > 2 * distances[1] > 4 * distances[2]
        assert distances[2] < 0.06
        # What is left at 1,024 paths is due to questions whose two leading answers are close.
        assert abs(credit.mean() - np.mean(limit)) < error + 0.02
    assert np.mean(limits[WEIGHTED]) > np.mean(limits[kc.Vote()]) + 0.1


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_the_number_of_threads_changes_nothing(search):
    one = WORLD.searched(search, questions=60, runs=3, threads=1)
    two = WORLD.searched(search, questions=60, runs=3, threads=2)
    for name in ("vote", "weighted_vote", "best_of_n", "any_right", "solutions", "tokens"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


def test_all_searches_see_the_same_trees():
    # The first steps of a wide search are those of a narrow one, and a path that continues itself is among them.
    narrow = WORLD.searched(IndependentPaths(1), questions=50)
    again = WORLD.searched(BeamSearch(1, branching=1), questions=50)
    assert np.array_equal(narrow.tokens, again.tokens)
    assert np.array_equal(narrow.vote, again.vote)
    other = WORLD.searched(IndependentPaths(1), questions=50, rng=1)
    assert not np.array_equal(narrow.tokens, other.tokens)


@pytest.mark.parametrize("search", [Rebase(16), BeamSearch(10), DVTS(10)], ids=str)
def test_budgets_hold(search):
    searched = WORLD.searched(search, questions=200)
    assert np.all(searched.solutions == search.width)
    assert np.all(searched.steps == 6 * search.width)
    short = WORLD.searched(type(search)(search.width, limits=Limits(depth=4)), questions=50)
    assert np.all(short.cut == search.width)
    assert np.all(short.solutions == 0)
    assert np.all(np.isnan(short.share_right))


def test_the_values_never_change():
    searched = WORLD.searched(Rebase(8), questions=3, runs=2, rng=7)
    assert searched.tokens.tolist() == [[1937, 1934], [1684, 2021], [1861, 2000]]


def test_progress_is_told_and_what_it_raises_ends_the_search():
    told = []
    WORLD.searched(Rebase(16), questions=50, progress=told.append)
    assert told[-1] == 50

    def fail(_):
        raise KeyError("enough")

    with pytest.raises(KeyError):
        WORLD.searched(Rebase(16), questions=50, progress=fail)


def test_summaries_and_tables():
    searched = WORLD.searched(Rebase(4), questions=30, runs=2)
    plain = searched.to_dict()
    assert plain["questions"] == 30
    assert plain["mean_tokens"] == searched.mean_tokens
    table = searched.to_arrow()
    assert table.num_rows == 60
    assert table["question"].to_pylist()[:3] == [0, 0, 1]
    assert "REBASE: maj@k" in repr(searched)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps must be an integer of at least 1"),
        ({"accuracy": 1.2}, "accuracy must be at least 0"),
        ({"accuracy": 0.9, "spread": 0.4}, "spread must be less than sqrt"),
        ({"tokens": 0.5}, "tokens must be at least 1"),
    ],
)
def test_worlds_out_of_range_are_refused(settings, message):
    with pytest.raises(ArgumentError, match=message):
        StepWorld(**settings)


def test_what_cannot_be_compared_is_refused():
    searched = WORLD.searched(Rebase(4), questions=30)
    with pytest.raises(ArgumentError, match="the same questions, runs and seed"):
        searched.difference(WORLD.searched(Rebase(4), questions=20), WEIGHTED)
    with pytest.raises(ArgumentError, match="with its default settings"):
        searched.accuracy(kc.WeightedVote(power=2.0))
    with pytest.raises(ArgumentError, match="rng must be between"):
        WORLD.searched(Rebase(4), questions=2, rng=-1)
