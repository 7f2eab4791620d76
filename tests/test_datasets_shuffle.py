"""The order of choices."""

from collections import Counter

import pytest
from hypothesis import given, strategies as st

from kcurve.datasets import load
from kcurve.datasets.formats import FORMATS
from kcurve.datasets.shuffle import permutation
from tests.question_rows import GPQA_ROW, TRUTHFULQA_ROW, WRONG, right_text, the_one, written


@pytest.mark.parametrize(
    ("row", "gold"),
    [(GPQA_ROW, "It is yellow."), (TRUTHFULQA_ROW, "Stones do not dream.")],
    ids=["gpqa", "truthfulqa"],
)
def test_where_gold_comes_first_choices_are_shuffled_by_default(tmp_path, row, gold):
    column = "Question" if "Question" in row else "question"
    rows = [row | {column: f"{row[column]} ({number})", "Record ID": ""} for number in range(400)]
    path = written(tmp_path / "q.jsonl", *rows)
    questions = list(load(path))
    assert all(right_text(question) == gold for question in questions)
    n = len(questions[0].choices)
    letters = Counter(question.reference for question in questions)
    # 400 / n of each letter are expected; five standard deviations are 43 for n = 4, 47 for n = 3.
    assert all(abs(letters[letter] - 400 / n) < 48 for letter in "ABCD"[:n])
    assert [question.reference for question in load(path, shuffle_choices=0)] == [
        question.reference for question in questions
    ]
    assert [question.reference for question in load(path, shuffle_choices=1)] != [
        question.reference for question in questions
    ]


def test_the_seed_and_the_order_are_stored(tmp_path):
    path = written(tmp_path / "q.jsonl", GPQA_ROW)
    plain, shuffled = the_one(path, shuffle_choices=False), the_one(path, shuffle_choices=7)
    assert plain.reference == "A"
    assert plain.choices == ("It is yellow.", *WRONG)
    assert "choices_seed" not in plain.metadata
    assert shuffled.id == plain.id == "rec1"
    assert shuffled.metadata["choices_seed"] == "7"
    order = [int(position) for position in shuffled.metadata["choices_order"].split()]
    assert tuple(plain.choices[position] for position in order) == shuffled.choices
    assert order == list(permutation(7, "rec1", 4))


def test_shuffling_does_not_change_the_name_of_a_question(tmp_path):
    path = written(tmp_path / "q.jsonl", TRUTHFULQA_ROW)
    assert len({the_one(path, shuffle_choices=seed).id for seed in (False, 0, 1, 2)}) == 1


def test_permutations_are_pinned():
    assert [permutation(seed, "q", 5) for seed in range(3)] == [
        (4, 3, 0, 1, 2),
        (3, 2, 1, 4, 0),
        (3, 0, 4, 2, 1),
    ]


@given(st.integers(), st.text(), st.integers(0, 26))
def test_a_shuffle_is_a_permutation(seed, name, n):
    order = permutation(seed, name, n)
    assert sorted(order) == list(range(n))
    assert order == permutation(seed, name, n)


@given(
    st.integers(),
    st.lists(st.text("abcde", min_size=1), min_size=2, max_size=9, unique=True),
    st.data(),
)
def test_the_letter_follows_the_right_choice(seed, choices, data):
    right = data.draw(st.integers(0, len(choices) - 1))
    row = {"question": "Which?", "choices": choices, "answer": right}
    question = FORMATS["mmlu"].draft(row).question(dataset="", seed=seed)
    assert right_text(question) == choices[right]
    assert sorted(question.choices) == sorted(choices)


def test_all_orders_are_equally_likely():
    counts = Counter(permutation(0, f"q{number}", 3) for number in range(6000))
    assert len(counts) == 6
    # Chi-square with 5 degrees of freedom: 25.7 is exceeded once in 10,000 seeds.
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 25.7
