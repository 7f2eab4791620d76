"""A pretrained model of others, SmolLM2-135M, on a real llama.cpp server: ``make test-live-smollm2``.

Sums of two digits, with five examples before each: less than half of the samples are right. The variable KCURVE_SMOLLM2 names the model's file.
"""

import os
from math import sqrt

import pytest
from tests.servers.llama_server import LlamaServer

import kcurve as kc
from kcurve.answers import Regex
from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters
from kcurve.strategies import Generator, Sampling, run_blocking

SAMPLES = 16
PAIRS = [(3, 5), (7, 8), (9, 6), (2, 9), (8, 4), (6, 7), (5, 9), (4, 4), (9, 9), (1, 8)]
QUESTIONS = [Question(f"{a} + {b} =", str(a + b)) for a, b in PAIRS]
EXAMPLES = [(f"{a} + {b} =", f" {a + b}") for a, b in [(2, 3), (7, 1), (6, 6), (8, 5), (4, 7)]]


def vote(k, seed):
    warm = Parameters(temperature=1.0, top_p=1.0, max_tokens=4, stop="\n", seed=seed)
    generator = Generator(
        "{{question}}", parameters=warm, examples=EXAMPLES, extract=Regex(r"^\s*(\d+)")
    )
    return Sampling(kc.Vote(), k=k, generator=generator)


@pytest.fixture(scope="module")
def server():
    with LlamaServer(os.environ["KCURVE_SMOLLM2"], slots=4, context=256, threads=2) as server:
        yield server


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("smollm2") / "store.db"


def sampled(server, store, strategy):
    settings = {"endpoint": "completions", "concurrency": 8, "api_key": "none"}
    llm = LLM("SmolLM2-135M-Instruct", base_url=server.url, store=store, **settings)
    result = run_blocking(strategy, llm, QUESTIONS)
    assert result.stopped is None, result.reason
    assert not result.failed
    return result, llm.account


@pytest.fixture(scope="module")
def log(server, store):
    return sampled(server, store, vote(SAMPLES, seed=1))[0].log()


def test_its_answers_are_numbers_and_often_right(log, capsys):
    curve = kc.curve(log, kc.Vote(), k=[1, 2, 4, 8, 16])
    passing = kc.curve(log, kc.PassAtK(), k=[1, 2, 4, 8, 16])
    with capsys.disabled():
        print()  # noqa: T201 - the figures are what a person runs this for
        for name, one in (("Vote", curve), ("pass@k", passing)):
            print(name, *(f"{k}: {mean:.3f}" for k, mean in zip(one.k, one.mean, strict=True)))  # noqa: T201
    assert list(log.n_samples) == [SAMPLES] * len(QUESTIONS)
    # A guess among 2 to 18 would be right once in 17 times.
    assert curve.mean[0] > 0.15
    assert curve.mean[0] < passing.mean[3] <= passing.mean[4]


def test_what_is_stored_is_not_asked_for_again(server, store, log):
    before = server.tokens
    result, account = sampled(server, store, vote(SAMPLES, seed=1))
    assert account.sent == 0
    assert account.stored == SAMPLES * len(QUESTIONS)
    assert server.tokens == before
    assert result.log().equals(log)


def test_the_curve_foretells_fresh_votes(server, store, log):
    curve = kc.curve(log, kc.Vote(), k=[4])
    runs = [sampled(server, store, vote(4, seed=seed))[0] for seed in (2, 3)]
    accuracy = sum(one.correct for run in runs for one in run.questions) / 2 / len(QUESTIONS)
    p = curve.per_question[:, 0].clip(0, 1)
    error = sqrt(sum(curve.variance[:, 0] + p * (1 - p) / 2)) / len(QUESTIONS)
    # 3.3 standard errors: once in 1,000 times for other seeds.
    assert abs(accuracy - curve.mean[0]) < 3.3 * error
