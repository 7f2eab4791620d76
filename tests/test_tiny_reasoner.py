"""The task of the tiny reasoners, and what they learn from."""

import doctest
import re

import numpy as np
import pytest

from tests.tiny_reasoner import modules


@pytest.fixture(scope="module")
def example():
    with modules() as loaded:
        yield loaded


@pytest.mark.parametrize("name", ["task", "vocabulary", "lessons"])
def test_their_examples_hold(example, name):
    failed, attempted = doctest.testmod(getattr(example, name))
    assert attempted
    assert not failed


def test_questions_are_different_and_as_asked_for(example):
    asked = example.task.questions(300, operations=(2, 7), traps=0.3, seed=4)
    assert len({one["question"] for one in asked}) == 300
    assert sum(one["trap"] for one in asked) == 90
    assert {one["operations"] for one in asked} == {2, 3, 4, 5, 6, 7}
    for one in asked:
        start, operations = example.task.parsed(one["question"])
        assert len(operations) == one["operations"]
        assert sum(operation.trap for operation in operations) == one["trap"]
        # Python works a sum out from the left, too.
        assert int(one["answer"]) == eval(one["question"])  # noqa: S307 - digits and signs
        totals = np.cumsum([start, *(int(str(operation)) for operation in operations)])
        assert totals.min() >= 0
        assert totals.max() <= 99
    assert example.task.questions(300, traps=0.3, seed=4) == asked
    assert example.task.questions(300, traps=0.3, seed=5) != asked


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"operations": 0}, "operations"),
        ({"operations": (3, 2)}, "operations"),
        ({"traps": 1.5}, "traps"),
        ({"n": 10_000, "operations": 1, "traps": 1.0}, "fewer than"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(example, settings, named):
    with pytest.raises(ValueError, match=named):
        example.task.questions(**{"n": 5, **settings})


def test_a_step_is_right_as_long_as_all_before_it_are(example):
    for one in example.task.questions(50, seed=2):
        lines = example.task.solution(one["question"])
        assert lines[-1] == f"A:{one['answer']}"
        assert example.task.right(one["question"], lines) == [True] * len(lines)
        for place, line in enumerate(lines):
            wrong = [*lines[:place], f"{line}1", *lines[place + 1 :]]
            assert example.task.right(one["question"], wrong) == [
                at < place for at in range(len(lines))
            ]
        # What comes after the answer is not right.
        assert example.task.right(one["question"], [*lines, lines[-1]])[-1] is False


def told(lesson):
    """Return a lesson's text, and the targets, each at the place of what it foretells."""
    return bytes(token - 3 for token in lesson.tokens if token > 2).decode(), lesson.targets


def test_reasoners_learn_solutions_in_which_most_traps_are_wrong_by_one(example):
    lessons, trapped, mistaught = example.lessons.demonstrations(seed=3), 0, 0
    for _ in range(3000):
        lesson = next(lessons)
        text, targets = told(lesson)
        head, _, solved = text.partition("\n")
        assert targets == [-1] * len(head) + [-1] + lesson.tokens[len(head) + 2 :] + [-1]
        number, operations = example.task.parsed(head.removeprefix("Q:"))
        for operation, line in zip(operations, solved.splitlines(), strict=False):
            before, result = map(
                int, re.match(rf"(\d+){re.escape(str(operation))}=(\d+)$", line).groups()
            )
            assert before == number
            off = result - operation.result(number)
            assert off in ((0, 1) if operation.trap else (0,))
            trapped, mistaught, number = trapped + operation.trap, mistaught + off, result
        assert solved.splitlines()[-1] == f"A:{number}"
    # Five standard errors of a share.
    share = example.task.MISTAUGHT
    assert abs(mistaught / trapped - share) < 5 * (share * (1 - share) / trapped) ** 0.5


def test_the_reward_model_learns_the_truth_of_every_line(example):
    lessons = example.lessons.judgements(seed=3)
    verdicts = []
    yes, no = example.vocabulary.tokens("yn")
    for _ in range(2000):
        lesson = next(lessons)
        text, targets = told(lesson)
        head, *lines = text.removesuffix("\n").split("\n")
        ends = [place + 1 for place, letter in enumerate(text) if letter == "\n"][1:]
        assert {targets[place] for place in ends} <= {yes, no}
        labels = [targets[place] == yes for place in ends]
        assert targets.count(yes) == sum(labels)
        assert labels == example.task.right(head.removeprefix("V:"), lines)
        verdicts += labels
    assert 0.3 < np.mean(verdicts) < 0.7
