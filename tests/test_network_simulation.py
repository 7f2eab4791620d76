"""Networks of nodes with known quality against closed forms and against the selectors themselves."""

import math

import numpy as np
import pytest

from kcurve.errors import ArgumentError
from kcurve.networks import (
    Chained,
    Enhance,
    Filter,
    FullList,
    Generate,
    Majority,
    Network,
    Pairwise,
    PairwiseUnique,
    Select,
)
from kcurve.simulate import Filter as Keeps
from kcurve.theory import (
    OddsQuality,
    Step,
    filter_vote_accuracy,
    generator_chain,
    knockout,
    round_robin,
    select,
    selector_chain,
    two_layer,
    vote_accuracy,
)

TOURNAMENT = Pairwise(both_orders=False, shared=0.5)
THREE = [0.4, 0.35, 0.25]


def agrees(network, qualities, closed_form, *, n_runs=40_000):
    """Check that runs lie within 5 standard errors of a closed form, which the result names exactly."""
    result = network.simulate(qualities, n_runs=n_runs, rng=1)
    assert result.exact == pytest.approx(float(closed_form), rel=1e-12)
    assert abs(result.accuracy - result.exact) <= 5 * result.standard_error
    assert result.standard_error == pytest.approx(
        math.sqrt(result.accuracy * (1 - result.accuracy) / result.n_runs)
    )
    return result


def one_layer(n, by):
    return Network(Generate("draft", n), Select("answer", "draft", by=by))


@pytest.mark.parametrize("s", [0.7, 0.4])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_a_chained_selector_is_the_selector_chain(k, s):
    agrees(one_layer(k, Chained()), {"draft": 0.3, "answer": s}, selector_chain(0.3, s, k))


def test_selectors_in_a_row_are_the_selector_chain():
    nodes = [Generate("g1"), Generate("g2"), Select("s2", ["g1", "g2"], by=FullList())]
    qualities = {"g1": 0.3, "g2": 0.3, "s2": 0.7}
    for turn in range(3, 6):
        nodes += [
            Generate(f"g{turn}"),
            Select(f"s{turn}", [f"s{turn - 1}", f"g{turn}"], by=Pairwise()),
        ]
        qualities |= {f"g{turn}": 0.3, f"s{turn}": 0.7}
    agrees(Network(*nodes), qualities, selector_chain(0.3, 0.7, 5))


@pytest.mark.parametrize("rounds", [1, 4])
def test_rounds_of_an_enhancer_are_the_generator_chain(rounds):
    network = Network(Generate("draft"), Enhance("polish", "draft", rounds=rounds))
    expected = generator_chain(0.5, rounds + 1, keep_right=0.9, fix_wrong=0.3)
    result = agrees(network, {"draft": 0.5, "polish": Step(0.9, 0.3)}, expected)
    assert result.calls == 1 + 2 * rounds


def test_enhancers_in_a_row_are_steps_one_after_the_other():
    network = Network(Generate("draft"), Enhance("one", "draft"), Enhance("two", "one", rounds=2))
    steps = Step(0.9, 0.3).then(Step(0.8, 0.1)).then(Step(0.8, 0.1))
    qualities = {"draft": 0.4, "one": Step(0.9, 0.3), "two": Step(0.8, 0.1)}
    agrees(network, qualities, steps.after(0.4, 1))


@pytest.mark.parametrize("k", [2, 3, 10])
def test_a_list_is_the_two_layer_network(k):
    agrees(
        one_layer(k, FullList()),
        {"draft": 0.3, "answer": OddsQuality(0.7)},
        two_layer(0.3, OddsQuality(0.7), k),
    )
    plain = one_layer(k, FullList()).simulate({"draft": 0.3, "answer": 0.7}, n_runs=100)
    assert plain.exact == pytest.approx(two_layer(0.3, OddsQuality(0.7), k))


def test_a_list_can_name_only_what_is_there():
    # q(0) = 0.2 is no chance to find what nobody has.
    quality = np.array([0, 0.2 + 0.6 / 3, 0.2 + 1.2 / 3, 1])
    agrees(
        one_layer(3, FullList()),
        {"draft": 0.3, "answer": lambda f: 0.2 + 0.6 * f},
        two_layer(0.3, quality, 3),
    )
    # At the ends the odds are steps: the judge always, or never, finds a right one among wrong ones.
    for s, expected in ((1, 1 - 0.7**3), (0, 0.3**3)):
        agrees(one_layer(3, FullList()), {"draft": 0.3, "answer": s}, expected)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_a_tournament_is_the_round_robin(k):
    expected = two_layer(0.3, round_robin(k, 0.7), k)
    agrees(one_layer(k, TOURNAMENT), {"draft": 0.3, "answer": 0.7}, expected)


@pytest.mark.parametrize("by", [Pairwise(), TOURNAMENT, PairwiseUnique(), Chained(), FullList()])
def test_of_two_candidates_all_selectors_are_select(by):
    network = Network(Generate("a"), Generate("b"), Select("c", ["a", "b"], by=by))
    result = network.simulate({"a": 0.8, "b": 0.3, "c": 0.7}, n_runs=40_000)
    expected = select(0.8, 0.3, 0.7)
    assert abs(result.accuracy - expected) <= 5 * result.standard_error
    if by != FullList():
        assert result.exact == pytest.approx(float(expected))


def test_selectors_of_selectors_are_the_knock_out():
    nodes = [Generate(f"g{i}") for i in range(4)]
    nodes += [
        Select("left", ["g0", "g1"], by=Chained()),
        Select("right", ["g2", "g3"], by=Chained()),
    ]
    nodes += [Select("final", ["left", "right"], by=Chained())]
    qualities = {f"g{i}": 0.3 for i in range(4)} | {"left": 0.7, "right": 0.7, "final": 0.7}
    agrees(Network(*nodes), qualities, knockout(0.3, 0.7, 2))


@pytest.mark.parametrize("p", [[0.6, 0.4], THREE, [0.35, 0.4, 0.25], [0.4, 0.3]])
@pytest.mark.parametrize("k", [2, 5, 10])
def test_a_majority_is_the_vote(p, k):
    agrees(one_layer(k, Majority()), {"draft": p}, vote_accuracy(p, k))


def test_a_majority_of_equal_generators_is_one_vote():
    network = Network(Generate("a", 3), Generate("b", 4), Select("c", ["a", "b"]))
    agrees(network, {"a": THREE, "b": THREE}, vote_accuracy(THREE, 7))


@pytest.mark.parametrize(
    ("p", "s1", "s0"),
    [([0.4, 0.6], 0.8, 0.4), ([0.4, 0.6], 0.1, 0.1), (THREE, 0.7, 0.3), ([0.4, 0.3], 0.6, 0.2)],
)
@pytest.mark.parametrize("n", [1, 5])
def test_a_filter_and_a_majority_are_filter_vote(p, s1, s0, n):
    network = Network(Generate("draft", n + 1), Filter("check", "draft"), Select("answer", "check"))
    rates = np.array([s1, *[s0] * (len(p) - 1)])
    expected = filter_vote_accuracy(rates * p, (1 - rates) * p, n + 1, calls="candidates")
    qualities = {"draft": p, "check": Keeps(keep_right=s1, keep_wrong=s0)}
    result = agrees(network, qualities, expected)
    # A candidate without an answer needs no verdict.
    assert result["check"].calls == pytest.approx((n + 1) * sum(p), abs=0.05)


def test_filtered_candidates_may_be_enhanced_before_the_vote():
    network = Network(
        Generate("draft", 5),
        Filter("check", "draft"),
        Enhance("polish", "check"),
        Select("answer", "polish"),
    )
    keeps, step = Keeps(keep_right=0.8, keep_wrong=0.4), Step(0.9, 0.3)
    kept = np.array([0.4 * 0.8, 0.6 * 0.4])
    dropped = np.array([0.4 * 0.2, 0.6 * 0.6])
    turn = np.array([[0.9, 0.1], [0.3, 0.7]])
    expected = filter_vote_accuracy(kept @ turn, dropped @ turn, 5, calls="candidates")
    result = agrees(network, {"draft": 0.4, "check": keeps, "polish": step}, expected)
    # Two calls for each candidate that is left, five if none is.
    left = 5 * kept.sum() + 5 * dropped.sum() ** 5
    assert result["polish"].candidates == pytest.approx(left, abs=0.05)
    assert result["polish"].calls == 2 * result["polish"].candidates


def test_votes_of_votes():
    network = Network(
        *(Generate(name, 3) for name in "abc"),
        *(Select(f"vote {name}", name) for name in "abc"),
        Select("answer", ["vote a", "vote b", "vote c"]),
    )
    inner = [vote_accuracy(THREE, 3, correct=answer) for answer in range(3)]
    agrees(network, dict.fromkeys("abc", THREE), vote_accuracy(inner, 3))


def test_questions_are_averaged():
    p = np.array([[0.7, 0.3], [0.3, 0.7]])
    result = agrees(one_layer(11, Majority()), {"draft": p}, 0.5, n_runs=40_001)
    assert result.n_runs == 40_002
    agrees(
        one_layer(3, Chained()),
        {"draft": p, "answer": 0.7},
        selector_chain(0.3, 0.7, 3) / 2 + selector_chain(0.7, 0.7, 3) / 2,
    )


def test_what_has_no_closed_form_says_so():
    given = {"draft": 0.4, "answer": 0.7}
    # The published scores, candidates that share an ancestor, more than two answers.
    assert math.isnan(one_layer(5, Pairwise()).simulate(given, n_runs=10).exact)
    branches = Network(
        Generate("draft"),
        Enhance("one", "draft"),
        Enhance("two", "draft"),
        Select("answer", ["one", "two"], by=Chained()),
    )
    steps = {"one": Step(0.9, 0.3), "two": Step(0.9, 0.3)}
    result = branches.simulate(given | steps, n_runs=40_000)
    assert math.isnan(result.exact)
    # Given the draft the two are independent, and each starts from it.
    expected = 0.4 * select(0.9, 0.9, 0.7) + 0.6 * select(0.3, 0.3, 0.7)
    assert abs(result.accuracy - expected) <= 5 * result.standard_error
    assert result.to_dict()["exact"] is None


def played_by_the_selector(by, codes, chance, random):
    """Let the selector itself ask and decide, one run at a time."""
    verdicts = {}
    while asked := by.asks(codes, verdicts):
        for first, second in asked:
            better = (codes[first] == 0) - (codes[second] == 0)
            wins = {1: chance, 0: 0.5, -1: 1 - chance}[better]
            verdicts[first, second] = 0 if random.random() < wins else 1
    return codes[random.choice(by.leaders(codes, verdicts))], len(verdicts)


@pytest.mark.parametrize(
    "by",
    [Pairwise(), TOURNAMENT, PairwiseUnique(), PairwiseUnique(representatives=1), Chained()],
    ids=repr,
)
def test_many_runs_at_once_are_single_runs(by):
    p, runs = [0.3, 0.2, 0.15], 3_000
    together = one_layer(4, by).simulate({"draft": p, "answer": 0.7}, n_runs=60_000)
    random = np.random.default_rng(2)
    alone = [
        played_by_the_selector(
            by, random.choice([0, 1, 2, -1], size=4, p=[*p, 0.35]).tolist(), 0.7, random
        )
        for _ in range(runs)
    ]
    right = np.array([code == 0 for code, _ in alone])
    calls = np.array([calls for _, calls in alone])
    assert abs(right.mean() - together.accuracy) <= 5 * right.std() / runs**0.5
    assert abs(calls.mean() - together["answer"].calls) <= 5 * calls.std() / runs**0.5


def test_frequent_answers_pay_for_having_few_opponents():
    # What the sum of wins does to three right candidates and a wrong one, and rates do not.
    good = {"draft": 0.75, "answer": 0.7}
    sums, rates, shared = (
        one_layer(4, by).simulate(good).accuracy
        for by in (Pairwise(), PairwiseUnique(), Pairwise(shared=0.5))
    )
    assert sums < shared
    assert sums < rates


def test_calls_of_a_simulation_lie_within_the_calls_before_it():
    network = Network(
        Generate("a", 3),
        Generate("b", 2),
        Enhance("c", "a"),
        Filter("d", ["b", "c"]),
        Select("e", ["d", "a"], by=Pairwise()),
    )
    qualities = {"a": THREE, "b": 0.6, "c": Step(0.9, 0.2), "e": 0.8}
    result = network.simulate(qualities | {"d": Keeps(keep_right=0.9, keep_wrong=0.2)})
    for before, after in zip(network.calls(), result.nodes, strict=True):
        assert before.node == after.node
        assert before.least <= after.calls <= before.most
    assert result.calls == pytest.approx(sum(node.calls for node in result.nodes))
    assert result.calls_standard_error > 0


def test_the_same_seed_gives_the_same_runs():
    network, given = one_layer(5, Pairwise()), {"draft": 0.4, "answer": 0.7}
    first = network.simulate(given, n_runs=500, rng=3)
    assert first == pytest.approx(first)
    assert str(first) == str(network.simulate(given, n_runs=500, rng=3))
    assert first.accuracy != network.simulate(given, n_runs=500, rng=4).accuracy


def test_ties_may_go_to_the_first():
    # Two that differ, and a judge who contradicts himself: in both orders he prefers what he sees first.
    first = Network(Generate("a"), Generate("b"), Select("c", ["a", "b"], ties="first"))
    assert first.simulate({"a": 1.0, "b": 0.0}).accuracy == 1.0
    assert first.simulate({"a": 0.0, "b": 1.0}).accuracy == 0.0
    fair = Network(Generate("a"), Generate("b"), Select("c", ["a", "b"]))
    assert 0.4 < fair.simulate({"a": 0.0, "b": 1.0}).accuracy < 0.6


@pytest.mark.parametrize(
    ("qualities", "message"),
    [
        ({"draft": 0.5}, "node 'answer' has no quality; give the chance that it prefers"),
        ({"draft": 0.5, "answer": 2}, "the quality of 'answer' must be at least 0 and at most 1"),
        ({"draft": 1.5, "answer": 0.5}, "the quality of 'draft' must be a chance in"),
        ({"draft": [0.7, 0.7], "answer": 0.5}, "that sum to at most 1, got"),
        ({"draft": "good", "answer": 0.5}, "the quality of 'draft' must be a chance in"),
        ({"draft": 0.5, "answer": 0.5, "x": 1}, "the quality of 'x' is of none of the nodes"),
    ],
)
def test_qualities_are_checked(qualities, message):
    with pytest.raises(ArgumentError, match=message):
        one_layer(3, Chained()).simulate(qualities)


def test_qualities_are_of_the_kind_of_their_node():
    with pytest.raises(ArgumentError, match="node 'answer' is a Majority, which has no quality"):
        one_layer(3, Majority()).simulate({"draft": 0.5, "answer": 0.5})
    network = Network(Generate("a"), Filter("b", "a"), Enhance("c", "b"))
    good = {"a": 0.5, "b": Keeps(keep_right=1, keep_wrong=0), "c": Step(1, 0)}
    assert network.simulate(good, n_runs=10).n_runs == 10
    with pytest.raises(TypeError, match=r"the quality of 'b' must be a kcurve.simulate.Filter"):
        network.simulate(good | {"b": 0.5})
    with pytest.raises(TypeError, match=r"the quality of 'c' must be a kcurve.theory.Step"):
        network.simulate(good | {"c": 0.5})
    with pytest.raises(ArgumentError, match="has 2 questions, another has 3"):
        Network(Generate("a"), Generate("b"), Select("c", ["a", "b"])).simulate(
            {"a": np.full((2, 2), 0.5), "b": np.full((3, 2), 0.5)}
        )
    with pytest.raises(ArgumentError, match="rng must be an integer from 0"):
        network.simulate(good, rng=-1)
    with pytest.raises(ArgumentError, match="n_runs must be an integer of at least 1"):
        network.simulate(good, n_runs=0)
