"""The tiny reasoners: their task, and what the trained models do on a real llama.cpp server."""

import asyncio
import hashlib
import importlib
import itertools
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import kcurve as kc
from kcurve.llm import LLM
from kcurve.rewards import response_scores, split_steps
from kcurve.strategies import Sampling
from tests.servers.llama_server import LlamaServer

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "tiny_reasoner"
MODULES = ("task", "vocabulary", "lessons", "family", "asking")


@pytest.fixture(scope="module")
def example():
    """The modules of the example, which lie in a folder of their own and import each other."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(FOLDER))
        for name in MODULES:
            del sys.modules[name]


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


def test_the_files_are_those_that_are_described(example):
    facts = example.family.facts()
    names = list(example.family.models())
    assert len(names) >= 3
    sizes = [example.family.parameters(name) for name in names]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 4 * sizes[0]
    assert example.family.reward_model().name not in {
        path.name for path in example.family.models().values()
    }
    for one in facts.values():
        content = (example.family.WEIGHTS / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        # Two bytes a number, and little else.
        assert one["parameters_with_embeddings"] < len(content) / 2
        assert one["training"]["FLOPs"] == 6 * one["parameters"] * one["training"]["tokens"]


SAMPLES = 8


@pytest.fixture(scope="module")
def asked(example):
    plain = example.task.questions(18, operations=(3, 6), traps=0.0, seed=8)
    return plain + example.task.questions(12, operations=(2, 3), traps=1.0, seed=8)


def solutions(example, asked, name):
    """Return what a vote brought to each question, on a server of its own."""
    strategy = Sampling(kc.Vote(), k=SAMPLES, generator=example.asking.generator(seed=3))

    async def solved(url):
        async with LLM(
            name, base_url=url, api_key="none", endpoint="completions", concurrency=16
        ) as llm:
            questions = example.asking.dataset(asked)
            return await asyncio.gather(*(strategy.solve(llm, one) for one in questions))

    with LlamaServer(example.family.models()[name], context=256) as server:
        return asyncio.run(solved(server.url))


@pytest.fixture(scope="module")
def brought(example, asked):
    return {name: solutions(example, asked, name) for name in example.family.models()}


def rates(asked, brought):
    """Return the share of right samples of each question."""
    return np.array(
        [
            np.mean([candidate.answer == one["answer"] for candidate in solution.candidates])
            for one, solution in zip(asked, brought, strict=True)
        ]
    )


def test_every_size_answers_step_by_step(asked, brought):
    for of_model in brought.values():
        texts = [one.text for solution in of_model for one in solution.candidates]
        assert len(texts) == SAMPLES * len(asked)
        formed = [re.fullmatch(r"(\d+[+-]\d+=\d+\n)+A:\d+\n", text) is not None for text in texts]
        assert np.mean(formed) > 0.95


def test_larger_ones_are_right_more_often(asked, brought):
    plain = ~np.array([one["trap"] for one in asked])
    means = [rates(asked, of_model)[plain].mean() for of_model in brought.values()]
    assert means[0] > 0.05
    assert all(larger > smaller + 0.05 for smaller, larger in itertools.pairwise(means))


def test_the_largest_learnt_what_it_was_mistaught(asked, brought):
    """Most of its answers to a trap are those of the one wrong step, so that votes are wrong."""
    *_, largest = brought.values()
    trap = np.array([one["trap"] for one in asked])
    right = rates(asked, largest)
    assert right[~trap].mean() > right[trap].mean() + 0.2
    trapped = [
        candidate.answer == str(int(one["answer"]) + 1)
        for one, solution in zip(asked, largest, strict=True)
        for candidate in solution.candidates
        if one["trap"]
    ]
    assert np.mean(trapped) > right[trap].mean()


def test_the_reward_model_tells_right_steps_from_wrong_ones(example, asked, brought):
    _, of_medium, *_ = brought.values()

    async def scores(url):
        async with LLM(
            "reward", base_url=url, api_key="none", endpoint="completions", concurrency=16
        ) as llm:
            reward = example.asking.process_reward()
            run = llm.store.run(reward.description("reward"))
            return await asyncio.gather(
                *(
                    response_scores(
                        reward,
                        llm,
                        question,
                        [split_steps(one.text, "\n") for one in solution.candidates],
                        run=run,
                        question_row=llm.store.question(question),
                    )
                    for question, solution in zip(
                        example.asking.dataset(asked), of_medium, strict=True
                    )
                )
            )

    with LlamaServer(example.family.reward_model(), context=256) as server:
        scored = asyncio.run(scores(server.url))
    right, wrong = [], []
    for one, solution, of_question in zip(asked, of_medium, scored, strict=True):
        for candidate, score in zip(solution.candidates, of_question, strict=True):
            verdicts = example.task.right(one["question"], split_steps(candidate.text, "\n"))
            # Up to the first mistake: nothing after it is right.
            judged = list(zip(verdicts, score.steps, strict=True))[: sum(verdicts) + 1]
            for verdict, value in judged:
                (right if verdict else wrong).append(value)
    assert len(right) > 100
    assert len(wrong) > 50
    assert 0 <= min(right + wrong) <= max(right + wrong) <= 1
    above = np.array(right)[:, None] - np.array(wrong)
    assert np.mean((above > 0) + (above == 0) / 2) > 0.85
