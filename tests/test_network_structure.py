"""What a network must be, how it is drawn, and what it may cost."""

import re

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

DRAFT = Generate("draft", 5)


def shared():
    """One branch that two nodes take, mixed with another."""
    return Network(
        Select("answer", ["check", "other"], by=Pairwise()),
        Filter("check", ["draft", "polish"]),
        Generate("other", 3),
        Enhance("polish", "draft", rounds=2),
        DRAFT,
    )


WRONG = {
    "no node": ((), {}, "a network has 0 nodes, the least is 1; begin with a Generate"),
    "duplicate": (
        (DRAFT, Generate("draft", 2)),
        {},
        "2 nodes are named 'draft', a name stands for 1; rename one of them",
    ),
    "unknown input": (
        (DRAFT, Select("answer", "drafts")),
        {},
        (
            "the input 'drafts' of node 'answer' is none of the nodes 'draft', 'answer'; "
            "add it or name one of these"
        ),
    ),
    "unknown output": (
        (DRAFT, Select("answer", "draft")),
        {"output": "end"},
        "the output 'end' is none of the nodes 'draft', 'answer'; name one of these",
    ),
    "itself": (
        (DRAFT, Select("answer", ["draft", "answer"])),
        {},
        (
            "the nodes 'answer' -> 'answer' form a cycle, a network has none; "
            "for repetition use rounds of an Enhance, or one node per turn"
        ),
    ),
    "two outputs": (
        (DRAFT, Select("one", "draft"), Select("two", "draft")),
        {},
        (
            "the network has 2 outputs, 'one', 'two', the limit is 1; "
            "select between them, or leave out what is not used"
        ),
    ),
    "unused": (
        (DRAFT, Generate("idle"), Select("answer", "draft")),
        {"output": "answer"},
        (
            "nothing leads from node 'idle' to the output 'answer'; "
            "make it an input of a node on the way, or leave it out"
        ),
    ),
    "one candidate to select": (
        (Generate("draft"), Filter("check", "draft"), Select("answer", "check")),
        {},
        (
            "node 'answer' selects among 1 candidate, the least is 2; "
            "add an input, or candidates to 'check'"
        ),
    ),
    "many answers": (
        (DRAFT, Filter("check", "draft")),
        {},
        (
            "the output 'check' hands on up to 5 candidates, the limit is 1; "
            "add a Select that takes them"
        ),
    ),
}


@pytest.mark.parametrize(("nodes", "settings", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_network_is_refused_with_its_remedy(nodes, settings, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        Network(*nodes, **settings)


def test_a_cycle_is_named_by_its_nodes():
    with pytest.raises(ArgumentError, match="form a cycle") as caught:
        Network(DRAFT, Filter("a", ["draft", "c"]), Filter("b", "a"), Filter("c", "b"))
    assert all(f"'{name}' -> " in str(caught.value) for name in "abc")
    assert "draft" not in str(caught.value)


def test_nodes_check_their_settings():
    with pytest.raises(ArgumentError, match=r"^node 'check' has 0 inputs, the least is 1; "):
        Filter("check", ())
    with pytest.raises(ArgumentError, match=r"^node 'answer' takes 'a' 2 times, the limit is once"):
        Select("answer", ["a", "b", "a"])
    with pytest.raises(ArgumentError, match="n must be an integer of at least 1, got 0"):
        Generate("draft", 0)
    with pytest.raises(ArgumentError, match="rounds must be an integer of at least 1, got 0"):
        Enhance("polish", "draft", rounds=0)
    with pytest.raises(ArgumentError, match=r"the name of a node must be .* got ' '"):
        Generate(" ")
    with pytest.raises(TypeError, match=r"by must be Majority or FullList or .* got 'majority'"):
        Select("answer", "draft", by="majority")
    with pytest.raises(ArgumentError, match="ties must be one of 'random', 'first', got 'wrong'"):
        Select("answer", "draft", ties="wrong")
    with pytest.raises(TypeError, match=r"a node must be Generate, .* got 'draft'"):
        Network("draft")


def test_nodes_may_come_in_any_order_and_are_put_in_theirs():
    network = shared()
    place = {node.name: number for number, node in enumerate(network.nodes)}
    assert all(place[source] < place[node.name] for node in network.nodes for source in node.inputs)
    assert network.output == "answer"
    assert network["polish"].rounds == 2
    with pytest.raises(ArgumentError, match="'polis' is none of the nodes"):
        network["polis"]


def test_networks_are_values():
    assert shared() == shared()
    assert hash(shared()) == hash(shared())
    assert shared() != Network(DRAFT, Select("answer", "draft"))


def test_a_drawing_shows_a_shared_branch_once():
    assert str(shared()).splitlines() == [
        "node            kind               candidates      calls",
        "answer          select, pairwise            1   0 to 156",
        "├─ check        filter                1 to 10         10",
        "│  ├─ draft     generate                    5          5",
        "│  └─ polish    enhance, 2 rounds           5         20",
        "│     └─ draft  (above)",
        "└─ other        generate                    3          3",
        "                                               38 to 194",
    ]


@pytest.mark.parametrize(
    ("selector", "most"),
    [
        (Majority(), 0),
        (FullList(), 1),
        (Pairwise(), 56),
        (Pairwise(both_orders=False), 28),
        (PairwiseUnique(), 56),
        (Chained(), 7),
    ],
    ids=repr,
)
def test_calls_before_a_run(selector, most):
    network = Network(
        Generate("a", 3),
        Generate("b", 5),
        Enhance("c", ["a", "b"], rounds=3),
        Filter("d", "c"),
        Select("e", "d", by=selector),
    )
    calls = network.calls()
    assert [calls[name].most for name in "abcde"] == [3, 5, 48, 8, most]
    assert [calls[name].least for name in "abcde"] == [3, 5, 48, 8, 0]
    assert calls["c"].formula == "6 n"
    assert (calls.least, calls.most) == (64, 64 + most)
    assert calls.to_dict()["most"] == calls.most
    # After a filter one candidate may be all there is.
    after = Network(
        Generate("a", 3), Filter("b", "a"), Enhance("c", "b"), Select("d", "c", by=selector)
    )
    assert (after.calls()["c"].least, after.calls()["c"].most) == (2, 6)


def test_a_single_generator_is_a_network():
    assert Network(Generate("draft")).calls().most == 1
    chain = Network(Generate("draft"), Enhance("polish", "draft", rounds=4))
    assert chain.calls().most == 9
