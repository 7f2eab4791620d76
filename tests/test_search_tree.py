"""The tree that a search leaves: what it refuses, what it exports, how it is drawn."""

import json
from unicodedata import category, east_asian_width

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from kcurve.errors import ArgumentError
from kcurve.search.search_tree import SearchTree
from kcurve.search.tree_columns import COLUMNS, path_sums

NAN = float("nan")
STATUSES = ("open", "complete", "cut", "failed")
COLUMN_NAMES = [
    "node",
    "parent",
    "depth",
    "reward",
    "visits",
    "value",
    "tokens",
    "path_tokens",
    "status",
    "text",
    "answer",
    "chosen",
]


def small(**changes):
    """Two first steps; the first is continued to a solution and a path that was cut."""
    columns = {
        "parent": [-1, 0, 0, 1, 1],
        "depth": [0, 1, 1, 2, 2],
        "reward": [0.0, 0.9, NAN, 0.95, 0.4],
        "visits": [0] * 5,
        "value": [NAN] * 5,
        "tokens": [0, 9, 7, 6, 5],
        "path_tokens": [0, 9, 7, 15, 14],
        "status": [0, 0, 3, 1, 2],
        "texts": ["", "3 + 4 is 7. ", "Gue", "The answer\nis 7.", "And"],
        "answers": [None, None, None, "7", None],
        "chosen": 3,
    }
    return SearchTree(**columns | changes)


def chain(nodes, **changes):
    """Each step continues the one before; the last is a solution."""
    columns = {
        "parent": np.arange(-1, nodes - 1),
        "reward": np.linspace(0, 1, nodes),
        "tokens": np.minimum(np.arange(nodes), 1),
        "status": np.r_[np.zeros(nodes - 1, int), 1],
    }
    return SearchTree.from_columns(columns, texts=["", *["step"] * (nodes - 1)], **changes)


@st.composite
def trees(draw):
    """Any tree of up to forty nodes, with any texts, scores and statuses."""
    nodes = draw(st.integers(1, 40))
    parent = [-1] + [draw(st.integers(0, node - 1)) for node in range(1, nodes)]
    status = [draw(st.sampled_from(STATUSES)) for _ in range(nodes)]
    for above in parent[1:]:
        status[above] = "open"
    score = st.floats(allow_infinity=False)
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)

    def column(values):
        return draw(st.lists(values, min_size=nodes, max_size=nodes))

    columns = {
        "parent": parent,
        "reward": column(score),
        "value": column(score),
        "visits": column(st.integers(0, 2**63 - 1)),
        "tokens": [0, *column(st.integers(0, 2**32 - 1))[1:]],
        "status": status,
    }
    solutions = [None, *(node for node in range(nodes) if status[node] == "complete")]
    return SearchTree.from_columns(
        columns,
        texts=["", *column(text)[1:]],
        answers=column(st.none() | text),
        chosen=draw(st.sampled_from(solutions)),
    )


def cells(line):
    drawn = [letter for letter in line if category(letter) not in ("Mn", "Me")]
    return len(drawn) + sum(east_asian_width(letter) in "WF" for letter in drawn)


# --- what it holds --------------------------------------------------------------------------------


def test_it_holds_what_it_was_given():
    tree = small()
    assert len(tree) == 5
    assert tree.parent.tolist() == [-1, 0, 0, 1, 1]
    assert tree.status.tolist() == [0, 0, 3, 1, 2]
    assert tree.solutions.tolist() == [3]
    assert tree.answer == "7"
    assert tree.path(4).tolist() == [1, 4]
    assert tree.path(0).tolist() == []
    assert tree.text(3) == "3 + 4 is 7. The answer\nis 7."
    assert tree.text(0) == ""


def test_nothing_can_be_written_and_what_was_given_stays_writable():
    given = np.array([0.0, 0.9, 0.1, 0.95, 0.4])
    tree = small(reward=given)
    given[1] = 5
    assert tree.reward[1] == 0.9
    for name in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(tree, name)[0] = 0
    with pytest.raises(AttributeError):
        tree.chosen = None


def test_equality_is_of_contents_and_nan_equals_nan():
    assert small() == small()
    assert small() != small(chosen=None)
    assert small() != small(reward=[0.0, 0.9, 0.1, 0.95, 0.4])
    assert small() != small(texts=["", "3 + 4 is 7. ", "Gue", "The answer is 7.", "And"])
    assert small() != "a tree"
    with pytest.raises(TypeError):
        hash(small())


def test_a_root_that_is_its_own_parent_is_read_as_one_without():
    assert small(parent=[0, 0, 0, 1, 1]) == small()


def test_statuses_may_be_names():
    assert small(status=["open", "open", "failed", "complete", "cut"]) == small()


def test_an_unusable_reward_of_a_failed_node_is_none():
    assert small(reward=[0.0, 0.9, np.inf, 0.95, 0.4]) == small()


def test_columns_come_from_attributes_or_keys_and_what_is_missing_is_counted():
    tree = small()
    texts = {"texts": tree.texts, "answers": tree.answers, "chosen": 3}
    needed = {name: getattr(tree, name) for name in ("parent", "reward", "tokens", "status")}
    assert SearchTree.from_columns(needed, **texts) == tree
    assert SearchTree.from_columns(tree, **texts) == tree


def test_texts_and_answers_may_be_left_out():
    tree = small(texts=[], answers=[])
    assert tree.texts == ("",) * 5
    assert tree.answers == (None,) * 5
    assert SearchTree(**{name: getattr(tree, name) for name in COLUMNS}, chosen=3) == tree


@given(trees())
def test_depth_and_tokens_of_a_path_are_what_walking_up_finds(tree):
    for node in range(len(tree)):
        walked = []
        at = node
        while at > 0:
            walked.insert(0, at)
            at = int(tree.parent[at])
        assert tree.path(node).tolist() == walked
        assert tree.depth[node] == len(walked)
        assert tree.path_tokens[node] == min(sum(int(tree.tokens[at]) for at in walked), 2**32 - 1)
        assert tree.text(node) == "".join(tree.texts[at] for at in walked)


def test_path_sums_of_a_deep_path():
    n = 300_000
    assert np.array_equal(
        path_sums(np.arange(-1, n - 1), np.ones(n, np.int64)), np.arange(1, n + 1)
    )


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parent": [-1, 0, 0, 3, 1]}, r"parent\[3\] must be a node before its child, got 3"),
        ({"parent": [-1, 0, -1, 1, 1]}, r"parent\[2\] must be a node before its child, got -1"),
        ({"parent": [2, 0, 0, 1, 1]}, r"parent\[0\] must be -1"),
        ({"parent": [-1.0, 0, 0, 1, 1]}, "parent must be integers below 2\\^63, got float64"),
        ({"parent": [[-1, 0, 0, 1, 1]]}, "parent must have one dimension"),
        ({"parent": []}, "must have a root"),
        ({"depth": [0, 1, 1, 2, 3]}, r"depth\[4\] must be one more than its parent's, got 3"),
        ({"depth": [1, 1, 1, 2, 2]}, r"depth\[0\] must be 0"),
        ({"reward": [0.0] * 4}, "reward must have 5 entries, as many as parent, got 4"),
        ({"reward": [0.0, 1, 1, 1, np.inf]}, r"reward\[4\] must be finite, or NaN for none"),
        ({"reward": ["a"] * 5}, "reward must be numbers"),
        ({"reward": [0.0, 1, 1, 1, "a"]}, "reward must be numbers"),
        ({"value": [-np.inf] + [0.0] * 4}, r"value\[0\] must be finite"),
        ({"visits": [0, 0, -2, 0, 0]}, r"visits\[2\] must be at least 0, got -2"),
        ({"visits": np.full(5, 2**63, np.uint64)}, "visits must be integers below"),
        ({"visits": [2**70] * 5}, "visits must be integers below"),
        ({"tokens": [1, 9, 7, 6, 5]}, r"tokens\[0\] must be 0"),
        ({"tokens": [0, 9, 7, 6, 2**32]}, r"tokens\[4\] must be at most 2\^32 - 1"),
        ({"path_tokens": [0, 9, 7, 15, 5]}, r"path_tokens\[4\] must be its parent's and its own"),
        ({"status": [0, 0, 3, 1, 4]}, r"status\[4\] must be 0, 1, 2 or 3, got 4"),
        ({"status": ["open"] * 4 + ["shut"]}, r"status\[4\] must be one of 'open', .*got 'shut'"),
        (
            {"status": [0, 2, 3, 1, 2]},
            "only open nodes have children; node 3 continues node 1.*cut",
        ),
        ({"texts": ["", "a", "b", "c"]}, "texts must have 5 entries, one for each node, got 4"),
        ({"texts": "abcde"}, "texts must have an entry for each node, got one text"),
        ({"texts": ["x", "a", "b", "c", "d"]}, r"texts\[0\] must be empty"),
        ({"texts": ["", "a", None, "c", "d"]}, r"texts\[2\] must be a text, got None"),
        ({"texts": ["", "a", "\ud800", "c", "d"]}, r"texts\[2\] holds half a surrogate pair"),
        ({"answers": [None] * 6}, "answers must have 5 entries"),
        ({"answers": [None, None, None, 7, None]}, r"answers\[3\] must be a text or None, got 7"),
        ({"chosen": 4}, "chosen must be a complete node; node 4 is cut"),
        ({"chosen": 5}, "chosen must be between 0 and 4, got 5"),
        ({"chosen": True}, "chosen must be an integer, got True"),
    ],
)
def test_what_is_no_tree_is_refused(changes, message):
    with pytest.raises(ArgumentError, match=message):
        small(**changes)


def test_missing_columns_are_named():
    with pytest.raises(ArgumentError, match="no tokens given"):
        SearchTree.from_columns({"parent": [-1], "reward": [0.0]}, texts=[""])


@pytest.mark.parametrize("node", [-1, 5, 1.5, None])
def test_nodes_that_are_not_there_are_refused(node):
    with pytest.raises(ArgumentError, match="node must be"):
        small().path(node)


# --- what it exports ------------------------------------------------------------------------------


@given(trees())
def test_it_comes_back_from_plain_values_and_from_json(tree):
    assert SearchTree.from_dict(tree.to_dict()) == tree
    assert SearchTree.from_json(tree.to_json()) == tree
    assert SearchTree.from_json(tree.to_json().encode()) == tree
    # The JSON is what any reader of JSON makes the plain values of.
    assert json.loads(tree.to_json(), parse_constant=pytest.fail) == tree.to_dict()


def test_the_plain_values_are_named():
    values = small().to_dict()
    assert values["format"] == "kcurve-search-tree"
    assert values["version"] == 1
    assert values["reward"] == [0.0, 0.9, None, 0.95, 0.4]
    assert values["status"] == ["open", "open", "failed", "complete", "cut"]
    assert values["answer"][3] == "7"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "json"}, "format must be 'kcurve-search-tree', got 'json'"),
        ({"version": 2, "colour": []}, "reads version 1 .*got version 2"),
        ({"colour": []}, "unknown field `colour`"),
        ({"tokens": [0, 9, "7", 6, 5]}, r"Expected `int`, got `str` - at `\$.tokens\[2\]`"),
        ({"status": ["closed"] * 5}, r"Invalid enum value 'closed' - at `\$.status\[0\]`"),
        ({"visits": [2**80] * 5}, "visits"),
        ({"parent": [-1, 0, 0, 4, 1]}, r"parent\[3\] must be a node before its child"),
        ({"text": [""]}, "texts must have 5 entries"),
    ],
)
def test_what_describes_no_tree_is_refused(changes, message):
    values = small().to_dict() | changes
    with pytest.raises(ArgumentError, match=message):
        SearchTree.from_dict(values)
    with pytest.raises(ArgumentError, match=message):
        SearchTree.from_json(json.dumps(values))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", small().to_json()[:-1], b"\xff\xfe", "[" * 9999]
)
def test_what_is_no_json_of_a_tree_is_refused(text):
    with pytest.raises(ArgumentError, match="this is no search tree"):
        SearchTree.from_json(text)


@pytest.mark.parametrize("values", [None, [], {}, {"format": 1}])
def test_plain_values_of_something_else_are_refused(values):
    with pytest.raises(ArgumentError, match="this is no search tree"):
        SearchTree.from_dict(values)


def test_arrow_has_a_row_for_each_node():
    table = small().to_arrow()
    assert table.column_names == COLUMN_NAMES
    assert table.schema.field("reward").type == pa.float64()
    assert table.schema.field("parent").type == pa.int64()
    assert table["parent"].to_pylist() == [None, 0, 0, 1, 1]
    assert table["reward"].to_pylist() == [0.0, 0.9, None, 0.95, 0.4]
    assert table["value"].null_count == 5
    assert table["status"].to_pylist() == ["open", "open", "failed", "complete", "cut"]
    assert table["answer"].to_pylist() == [None, None, None, "7", None]
    assert table["chosen"].to_pylist() == [False, False, False, True, False]


@settings(max_examples=30)
@given(trees())
def test_arrow_says_what_the_plain_values_say(tree):
    table, values = tree.to_arrow(), tree.to_dict()
    assert table["parent"].to_pylist() == [None, *values["parent"][1:]]
    for name in (
        "depth",
        "reward",
        "visits",
        "value",
        "tokens",
        "path_tokens",
        "status",
        "text",
        "answer",
    ):
        assert table[name].to_pylist() == values[name]


# --- how it is drawn ------------------------------------------------------------------------------


def test_a_line_for_each_node():
    assert small().render().split("\n") == [
        "4 nodes, depth 2, 1 solution, 27 tokens, chosen '7'",
        "├─ 0.900  9 tokens  3 + 4 is 7.",
        "│  ├─ 0.950  6 tokens  The answer is 7. = 7 (chosen)",
        "│  └─ 0.400  5 tokens  And (cut)",
        "└─ -  7 tokens  Gue (failed)",
    ]
    assert str(small()) == small().render()
    assert repr(small()) == "SearchTree(4 nodes, depth 2, 1 solution, 27 tokens, chosen '7')"


def test_without_scores():
    assert small().render(scores=False).splitlines()[1:3] == [
        "├─ 3 + 4 is 7.",
        "│  ├─ The answer is 7. = 7 (chosen)",
    ]


def test_visits_are_shown_where_there_are_any():
    tree = small(visits=[3, 2, 1, 1, 1], value=[0.5, 0.675, NAN, 0.95, 0.4])
    assert tree.render().splitlines()[1] == "├─ 0.900  mean 0.675  2 visits  9 tokens  3 + 4 is 7."
    assert "mean -  1 visit  7 tokens" in tree.render()


def test_a_solution_without_an_answer_says_so():
    tree = small(answers=[None] * 5)
    assert "is 7. (no answer) (chosen)" in str(tree)
    assert repr(tree).endswith("chosen without an answer)")


def test_only_children_continue_their_parents():
    assert chain(5).render(scores=False).splitlines()[1:] == [
        "└─ step",
        "   step",
        "   step",
        "   step (no answer)",
    ]


def test_texts_are_shortened_to_the_width():
    text = "word " * 1000
    lines = small(texts=["", text, text, text, "日本語" * 500]).render(width=60).splitlines()
    assert all(cells(line) <= 60 for line in lines)
    assert lines[2].endswith("w... = 7 (chosen)")
    assert cells(lines[3]) >= 59
    assert lines[3].endswith("... (cut)")


def test_control_characters_do_not_reach_the_terminal():
    text = small(texts=["", "a\x1b[31mb\r\n\tc\u202ed", "", "", ""]).render()
    assert "a\N{REPLACEMENT CHARACTER}[31mb c\N{REPLACEMENT CHARACTER}d" in text


def test_what_is_left_out_is_counted_where_it_belongs():
    # Sixteen first steps with ten children each; those of the first are solutions.
    parent = [-1, *[0] * 16, *np.repeat(np.arange(1, 17), 10)]
    status = [0] * 17 + [1] * 10 + [0] * 150
    columns = {"parent": parent, "reward": [0.5] * 177, "tokens": [0] + [1] * 176, "status": status}
    tree = SearchTree.from_columns(columns, texts=[""] + ["x"] * 176, chosen=26)
    lines = tree.render(most_nodes=5, scores=False).splitlines()
    assert lines[1:] == [
        "├─ x",
        "│  ├─ x (no answer)",
        "│  ├─ x (no answer)",
        "│  ├─ x (no answer)",
        "│  ├─ x (no answer) (chosen)",
        "│  └─ ... 6 more, 6 of them solutions",
        "└─ ... 165 more",
    ]


@given(trees(), st.integers(1, 50), st.integers(40, 120), st.booleans())
def test_lines_are_printable_and_fit(tree, most_nodes, width, scores):
    lines = tree.render(most_nodes=most_nodes, width=width, scores=scores).splitlines()
    assert all(line.isprintable() and cells(line) <= width for line in lines)


@given(trees(), st.integers(1, 50))
def test_every_node_is_shown_or_counted(tree, most_nodes):
    bare = SearchTree.from_columns(tree, chosen=tree.chosen)
    lines = bare.render(most_nodes=most_nodes).splitlines()[1:]
    counts = [int(line.split("... ")[1].split(" ")[0]) for line in lines if "... " in line]
    shown = len(lines) - len(counts)
    assert shown == min(most_nodes, len(tree) - 1)
    assert shown + sum(counts) == len(tree) - 1
    if tree.chosen is not None and tree.depth[tree.chosen] <= most_nodes:
        assert sum("(chosen)" in line for line in lines) == 1


def test_deep_trees_are_drawn_within_the_width():
    # Every other node is a leaf beside the one that is continued.
    depth = 2_000
    parent = [-1] + [2 * (node // 2) for node in range(2 * depth)]
    columns = {"parent": parent, "reward": [0.5] * len(parent), "status": [0] * len(parent)}
    columns["tokens"] = [0] + [1] * (2 * depth)
    tree = SearchTree.from_columns(columns, texts=[""] + ["step"] * (2 * depth))
    lines = tree.render(most_nodes=10_000, width=80).splitlines()
    assert len(lines) == 2 * depth + 1
    assert max(map(len, lines)) <= 80
    assert "[1,999] " in lines[-1]
    assert "step" in lines[-1]


def test_a_path_deeper_than_the_drawing_is_drawn_from_its_start():
    lines = chain(1_000_000, chosen=999_999).render(most_nodes=3).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "   ... 999,996 more, 1 of them solutions"


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"width": 39}, "width must be at least 40, got 39"),
        ({"width": "80"}, "width must be an integer"),
        ({"most_nodes": 0}, "most_nodes must be an integer of at least 1, got 0"),
    ],
)
def test_settings_of_the_drawing_are_checked(settings_, message):
    with pytest.raises(ArgumentError, match=message):
        small().render(**settings_)
