"""The trained tiny reasoners and their reward model, on a real llama.cpp server."""

import asyncio
import hashlib
import itertools
import re

import numpy as np
import pytest
from tests.servers.llama_server import LlamaServer
from tests.tiny_reasoner import modules

import kcurve as kc
from kcurve.llm import LLM
from kcurve.rewards import response_scores, split_steps
from kcurve.strategies import Sampling


@pytest.fixture(scope="module")
def example():
    with modules() as loaded:
        yield loaded


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
    assert np.mean((above > 0) + (above == 0) / 2) > 0.9
