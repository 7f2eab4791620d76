"""The searches: each against its plain twin, saved and restored, and what they refuse."""

from math import inf, nan

import numpy as np
import pytest

from kcurve.errors import ArgumentError
from kcurve.search import (
    DVTS,
    MCTS,
    BeamSearch,
    IndependentPaths,
    Limits,
    Rebase,
    SearchState,
    Status,
    rebase_widths,
)
from tests.oracles import search as plain
from tests.searches import driven, known_world

SEARCHES = [
    Rebase(16),
    Rebase(16, temperature=0.02),
    Rebase(12, rounding="round", temperature=0.5),
    Rebase(16, keep=0.3),
    Rebase(1),
    BeamSearch(16),
    BeamSearch(10, branching=3),
    BeamSearch(3, branching=8),
    DVTS(16),
    DVTS(10, branching=4),
    IndependentPaths(9),
    MCTS(40),
    MCTS(40, root_children=8, children=3, exploration=0.2),
    MCTS(25, exploration=0.0),
    MCTS(1),
]
LIMITS = [Limits(), Limits(depth=3), Limits(path_tokens=20), Limits(depth=1)]
WORLDS = [{}, {"fails": 0.4}, {"fails": 1.0}, {"completes": 0.0}, {"grid": 4}]


def limited(search, limits):
    settings = {name: getattr(search, name) for name in search.__slots__}
    return type(search)(**settings | {"limits": limits})


def twin(search, world):
    """Return the tree that the plain search grows."""
    limits = search.limits
    tree = plain.Grown(world, depth=limits.depth, path_tokens=limits.path_tokens or inf)
    if isinstance(search, Rebase):

        def widths(rewards, budget):
            return rebase_widths(
                rewards,
                budget,
                temperature=search.temperature,
                rounding=search.rounding,
                keep=search.keep,
            )

        plain.rebase(tree, search.width, widths)
    elif isinstance(search, MCTS):
        plain.mcts(
            tree, search.expansions, search.root_children, search.children, search.exploration
        )
    else:
        branching = getattr(search, "branching", 1)
        separate = not isinstance(search, BeamSearch)
        plain.beam(tree, search.width, branching, separate=separate)
    return tree


@pytest.mark.parametrize("world", WORLDS, ids=str)
@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_a_search_grows_the_tree_of_its_plain_twin(search, limits, world):
    search = limited(search, limits)
    for seed in range(3):
        known = known_world(seed, **world)
        state, paths = driven(search.begin(), known)
        expected = {node.path: node for node in twin(search, known).nodes}
        assert sorted(paths) == sorted(expected)
        tree = state.tree
        for node, path in enumerate(paths[1:], start=1):
            other = expected[path]
            assert paths[tree.parent[node]] == path[:-1]
            assert tree.depth[node] == len(path)
            if other.status == plain.FAILED:
                assert np.isnan(tree.reward[node])
            else:
                assert tree.reward[node] == other.reward
            assert tree.path_tokens[node] == other.path_tokens
            assert tree.status[node] == other.status
            if isinstance(search, MCTS):
                assert tree.visits[node] == other.visits
                assert tree.value[node] == pytest.approx(other.value, abs=1e-12)


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_a_search_can_be_saved_and_restored_before_every_ask(search):
    world = known_world(7, fails=0.1)
    state, paths = driven(search.begin(), world)
    sizes = []

    def restored(state):
        sizes.append(len(state))
        again = SearchState.load(state.save())
        assert again.save() == state.save()
        assert again.settings() == state.settings()
        return again

    again, same = driven(search.begin(), world, each=restored)
    assert same == paths
    assert again.save() == state.save()
    assert sizes[0] == 1
    assert sizes[-1] == len(paths)


@pytest.mark.parametrize(
    "search", [search for search in SEARCHES if not isinstance(search, MCTS)], ids=str
)
def test_what_is_asked_for_never_exceeds_the_solutions_still_wanted(search):
    spent = []

    def watched(state):
        ended = int(
            np.sum((state.tree.status == Status.COMPLETE) | (state.tree.status == Status.CUT))
        )
        wanted = int(state.ask().children.sum())
        spent.append((ended, wanted))
        return state

    state, _ = driven(search.begin(), known_world(3, fails=0.0), each=watched)
    for ended, wanted in spent:
        if getattr(search, "rounding", "ceil") == "ceil":
            assert wanted == search.width - ended
    assert state.remaining == search.width - spent[-1][0]


def test_mcts_spends_its_selections_and_visits_every_node_it_made():
    state, _ = driven(MCTS(50).begin(), known_world(5, fails=0.0))
    tree = state.tree
    assert state.remaining == 0
    expanded = len(set(tree.parent[1:]))
    assert expanded <= 50
    assert np.all(tree.visits >= 1)
    # The root's visits are those of all nodes, as each brought its reward once, and of the paths that were over.
    assert tree.visits[0] == len(tree) - 1 + (50 - expanded)


def test_equal_rewards_give_every_rebase_path_one_continuation():
    state = Rebase(16).begin()
    state.tell([0.5] * 16, [1] * 16, [0] * 16)
    assert state.ask().children.tolist() == [1] * 16


def test_the_tokens_of_a_step_are_limited_by_what_the_path_has_left():
    limits = Limits(step_tokens=8, path_tokens=20)
    state = IndependentPaths(2, limits=limits).begin()
    assert state.ask().tokens.tolist() == [8]
    state.tell([0.5, 0.5], [8, 5], [0, 0])
    assert state.ask().tokens.tolist() == [8, 8]
    state.tell([0.5, 0.5], [8, 8], [0, 0])
    assert state.ask().tokens.tolist() == [4, 7]
    state.tell([0.5, 0.5], [4, 6], [0, 0])
    assert state.ask().nodes.tolist() == [6]
    assert state.tree.status.tolist()[5:] == [Status.CUT, Status.OPEN]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("last", [0.5, 0.8]), ("min", [0.5, 0.2]), ("prod", [0.5, 0.16]), ("mean", [0.5, 0.5])],
)
def test_the_rewards_of_a_path_become_one_score(aggregation, expected):
    state = IndependentPaths(2).begin()
    state.tell([0.5, 0.2], [1, 1], [1, 0])
    state.tell([0.8], [1], [1])
    assert state.solutions.tolist() == [1, 3]
    assert state.scores(state.solutions, aggregation) == pytest.approx(expected)
    assert state.path(3).tolist() == [2, 3]
    assert np.isnan(state.scores([0], aggregation)).all()


def told(**changes):
    given = {"rewards": [0.5, 0.6], "tokens": [3, 4], "statuses": [0, 0]} | changes
    state = Rebase(2).begin()
    before = state.save()
    with pytest.raises(ArgumentError) as caught:
        state.tell(**given)
    assert state.save() == before
    return str(caught.value)


def test_what_was_not_asked_for_is_refused_and_changes_nothing():
    assert "2 children were asked for, got 3 rewards" in told(rewards=[0.5, 0.6, 0.7])
    assert "reward of child 1 is NaN" in told(rewards=[0.5, nan])
    assert "reward of child 0 is inf" in told(rewards=[inf, 0.5])
    assert "tokens must be between 0 and 4294967295, got -1" in told(tokens=[3, -1])
    assert "tokens must be integers, got float64" in told(tokens=[3.0, 1.0])
    assert "a status is 0 (open), 1 (complete), 2 (cut) or 3 (failed), got 4" in told(
        statuses=[0, 4]
    )


def test_a_search_that_is_done_takes_nothing_more():
    state = Rebase(1).begin()
    state.tell([0.5], [1], [Status.COMPLETE])
    assert state.done
    with pytest.raises(ArgumentError, match="the search is done"):
        state.tell([], [], [])
    with pytest.raises(ArgumentError, match="a node must be between 0 and 1, got 2"):
        state.path(2)
    with pytest.raises(ArgumentError, match="a node must be between 0 and 1, got -1"):
        state.path(-1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rebase(0), "width must be an integer of at least 1, got 0"),
        (lambda: Rebase(2**31), "width must be less than"),
        (lambda: Rebase(4, temperature=0.0), "temperature must be greater than 0"),
        (lambda: Rebase(4, rounding="floor"), "rounding must be one of"),
        (lambda: Rebase(4, keep=1.5), "keep must be greater than 0"),
        (lambda: BeamSearch(4, branching=0), "branching must be an integer"),
        (lambda: MCTS(4, exploration=-1.0), "exploration must be at least 0"),
        (lambda: Limits(depth=0), "depth must be an integer of at least 1"),
        (lambda: Limits(path_tokens=0), "path_tokens must be an integer of at least 1"),
    ],
)
def test_settings_out_of_range_are_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize("search", [Rebase(8), BeamSearch(8), DVTS(8), MCTS(8)], ids=str)
def test_damaged_bytes_are_refused_and_never_crash(search):
    state = search.begin()
    children = int(state.ask().children[0])
    state.tell(np.linspace(0.1, 0.9, children), [3] * children, [0] * children)
    saved = state.save()
    with pytest.raises(ArgumentError, match="no saved search"):
        SearchState.load(b"something else")
    with pytest.raises(ArgumentError, match="damaged"):
        SearchState.load(saved + b"x")
    for length in range(14, len(saved)):
        with pytest.raises(ArgumentError, match="damaged"):
            SearchState.load(saved[:length])
    # A changed byte is seen, or gives another sound search: it can be driven to its end.
    random = np.random.default_rng(1)
    for place in range(14, len(saved)):
        changed = bytearray(saved)
        changed[place] ^= int(random.integers(1, 256))
        try:
            other = SearchState.load(bytes(changed))
        except ArgumentError:
            continue
        for _ in range(3):
            wanted = int(other.ask().children.sum())
            if 0 < wanted < 10_000:
                other.tell([0.5] * wanted, [1] * wanted, [0] * wanted)
        assert len(other.tree.parent) == len(other)


def test_a_million_nodes_are_nothing():
    state = Rebase(50_000, limits=Limits(depth=20)).begin()
    random = np.random.default_rng(0)
    while not state.done:
        n = int(state.ask().children.sum())
        state.tell(random.random(n), np.full(n, 7), np.zeros(n, dtype=np.uint8))
    assert len(state) == 1_000_001
    again = SearchState.load(state.save())
    assert again.done
    assert np.all(again.tree.depth[-50_000:] == 20)
    assert np.all(again.tree.path_tokens[-50_000:] == 140)
