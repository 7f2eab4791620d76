"""Strategies over real HTTP, against a server whose answers have a known distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

import kcurve as kc
from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.store import Store
from kcurve.strategies import Generator, Greedy, Mixture, Sampling, StepVerifier, Verifier, run
from kcurve.theory import filter_vote_accuracy, vote_accuracy
from tests.known_models import (
    ANSWERS,
    GENERATOR,
    KEEPS,
    VERIFIER,
    questions,
    respond,
    text_of,
    uniform,
)
from tests.scripted_server import chat, refusal, serving

QUICK = RetryPolicy(attempts=2, backoff=0.001)
SLIP = 1e-6
"""How likely a correct strategy falls out of a band."""


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def model(server, **settings):
    return LLM("m", base_url=server.url, **{"api_key": "k", "retry": QUICK, **settings})


def within_band(right: int, n: int, p: float) -> bool:
    low, high = binom.ppf([SLIP / 2, 1 - SLIP / 2], n, p)
    return low <= right <= high


async def test_a_live_vote_is_as_accurate_as_theory_says():
    n, k = 60, 7
    expected = vote_accuracy(list(ANSWERS["easy"].values()), k)
    async with serving(respond) as server, model(server) as llm:
        result = await run(Sampling(kc.Vote(), k=k, generator=GENERATOR), llm, questions("easy", n))
        assert len(server) == n * k == result.spent.calls == result.spent.new
    right = sum(one.correct for one in result.questions)
    assert within_band(right, n, expected)
    # The band is narrow enough to tell a vote from a single call, and from a vote for the worst.
    assert not within_band(right, n, 0.6)
    assert result.accuracy().value == right / n
    assert result.spent.tokens_in == 10 * n * k
    assert result.spent.tokens_out == 5 * n * k


async def test_live_filter_vote_is_as_accurate_as_theory_says_in_both_accountings():
    n = 60
    answers = ANSWERS["hard"]
    p, s = np.array(list(answers.values())), np.array([KEEPS[a] for a in answers])
    asked = questions("hard", n)
    async with serving(respond) as server, model(server) as llm:
        by_candidates = Sampling(
            kc.FilterVote(calls="candidates"), k=8, generator=GENERATOR, verifier=VERIFIER
        )
        result = await run(by_candidates, llm, asked)
        assert len(server) == n * 16 == result.spent.calls
        right = sum(one.correct for one in result.questions)
        expected = filter_vote_accuracy(p * s, p * (1 - s), 8, calls="candidates")
        assert within_band(right, n, expected)
        assert not within_band(right, n, vote_accuracy(p, 8))

        # 16 calls of the paper's accounting buy the same 8 candidates; 9 buy 4 of them; all are in the store.
        paper = Sampling(kc.FilterVote(), k=16, generator=GENERATOR, verifier=VERIFIER)
        same = await run(paper, llm, asked)
        assert [one.answer for one in same.questions] == [one.answer for one in result.questions]
        less = await run(
            Sampling(kc.FilterVote(), k=9, generator=GENERATOR, verifier=VERIFIER), llm, asked
        )
        assert less.spent.calls == n * 8
        assert (same.spent.new, less.spent.new, len(server)) == (0, 0, n * 16)
        fewer = sum(one.correct for one in less.questions)
        assert within_band(fewer, n, filter_vote_accuracy(p * s, p * (1 - s), 9))

        # Where there is no tie, the exact curve of the log at its last k is the live decision.
        log = result.log()
        curve = kc.curve(log, kc.FilterVote(calls="candidates"), k=[8])
        live = {one.question: one for one in result.questions}
        for question, credit in zip(log.question, curve.per_question[:, 0], strict=True):
            one = live[question]
            assert one.tied or credit == one.correct
        assert sum(not one.tied for one in live.values()) > n / 2


async def test_candidates_that_are_the_same_text_are_judged_independently():
    def answer(body):
        if text_of(body).startswith("Judge"):
            return chat("[[correct]]" if uniform(body["seed"]) < 0.5 else "[[wrong]]")
        return chat("the answer is (A)")

    strategy = Sampling(
        kc.FilterVote(calls="candidates"), k=20, generator=GENERATOR, verifier=VERIFIER
    )
    async with serving(answer) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("easy", 1)[0])
        assert len(server) == 40
    # 20 fair coins are all alike with a probability of 2e-6.
    assert {candidate.kept for candidate in solution.candidates} == {True, False}


async def test_if_the_verifier_keeps_nothing_all_candidates_vote():
    def answer(body):
        return chat("[[wrong]]") if text_of(body).startswith("Judge") else respond(body)

    asked = questions("easy", 6)
    strategy = Sampling(
        kc.FilterVote(calls="candidates"), k=5, generator=GENERATOR, verifier=VERIFIER
    )
    async with serving(answer) as server, model(server) as llm:
        filtered = await run(strategy, llm, asked)
        voted = await run(Sampling(kc.Vote(), k=5, generator=GENERATOR), llm, asked)
    assert all(one.fell_back for one in filtered.questions)
    assert [one.answer for one in filtered.questions] == [one.answer for one in voted.questions]


async def test_verdicts_and_candidates_that_fail_are_not_kept():
    def answer(body):
        if text_of(body).startswith("Judge"):
            return refusal(500) if "(B)" in text_of(body) else chat("[[correct]]")
        return refusal(500) if uniform(body["seed"]) < 0.3 else respond(body)

    strategy = Sampling(
        kc.FilterVote(calls="candidates"), k=12, generator=GENERATOR, verifier=VERIFIER
    )
    async with serving(answer) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("hard", 1)[0])
        log = llm.store.log()
    lost = [one for one in solution.candidates if one.status == "failed"]
    refused = [one for one in solution.candidates if one.answer == "B"]
    assert lost
    assert refused
    assert not any(one.kept for one in lost + refused)
    assert solution.spent.failures == {"http_500": len(lost) + len(refused)}
    assert log.keep.tolist() == [one.kept for one in solution.candidates]


async def test_steps_are_judged_one_by_one_and_all_must_be_right():
    def answer(body):
        text = text_of(body)
        if text.startswith("Step:"):
            return chat("[[wrong]]" if "slip" in text.partition("|")[0] else "[[correct]]")
        slips = uniform(body["seed"]) < 0.5
        return chat("first\n" + ("a slip\n" if slips else "fine\n") + "the answer is (A)")

    strategy = Sampling(
        kc.FilterVote(calls="candidates"),
        k=8,
        generator=GENERATOR,
        verifier=StepVerifier("Step: {{step}}|{{previous}}", parameters=Parameters(seed=3)),
    )
    async with serving(answer) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("easy", 1)[0])
        assert len(server) == 8 * 4
        log = llm.store.log()
    assert [one.kept for one in solution.candidates] == [
        "slip" not in one.text for one in solution.candidates
    ]
    assert log.keep.tolist() == [one.kept for one in solution.candidates]
    with pytest.raises(ArgumentError, match="calls='candidates'"):
        Sampling(kc.FilterVote(), k=8, generator=GENERATOR, verifier=StepVerifier())


@pytest.mark.parametrize("weights", [None, [3, 1]])
async def test_any_first_candidates_of_a_live_mixture_are_a_fair_mixture(weights):
    def answer(body):
        return chat(f"the answer is ({body['temperature']}/{body['model']})")

    async with serving(answer) as server:
        store = Store(None)
        async with model(server, store=store) as llm:
            other = LLM("other", base_url=server.url, api_key="k", store=store)
            members = [
                Generator(parameters=Parameters(temperature=0.25, seed=1)),
                Generator(parameters=Parameters(temperature=1.0, seed=1), llm=other),
            ]
            mixture = Mixture(members, weights=weights)
            few = await Sampling(kc.Vote(), k=5, generator=mixture).solve(
                llm, questions("easy", 1)[0]
            )
            many = await Sampling(kc.Vote(), k=13, generator=mixture).solve(
                llm, questions("easy", 1)[0]
            )
            assert (few.spent.new, many.spent.new, len(server)) == (5, 8, 13)
            assert many.candidates[:5] == few.candidates
            assert [one.generator for one in many.candidates] == mixture.turns(13)
            names = ["0.25/m", "1.0/other"]
            assert [one.answer for one in many.candidates] == [
                names[member] for member in mixture.turns(13)
            ]
            log = store.log()
            assert log.n_samples.tolist() == [13]
            codes = [log.codes[i] for i in np.argsort(log.sample)]
            assert [code == codes[0] for code in codes] == [
                member == mixture.turns(1)[0] for member in mixture.turns(13)
            ]
            await other.close()
        store.close()


async def test_greedy_asks_once_at_temperature_zero():
    async with serving(respond) as server, model(server) as llm:
        solution = await Greedy(GENERATOR).solve(llm, questions("easy", 1)[0])
        assert [body["temperature"] for body in server.bodies] == [0]
    assert (solution.calls, len(solution.candidates)) == (1, 1)


async def test_few_shot_examples_are_sent_as_turns():
    generator = Generator(
        "{{question}}",
        system="Be brief.",
        examples=[("1+1?", "the answer is (2)")],
        parameters=Parameters(seed=1, temperature=1.0),
    )
    async with serving(respond) as server, model(server) as llm:
        await Sampling(kc.Vote(), k=1, generator=generator).solve(llm, Question("easy", "A"))
        roles = [message["role"] for message in server.bodies[0]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


async def test_models_of_a_strategy_share_one_store():
    async with serving(respond) as server, model(server) as llm, model(server) as other:
        strategy = Sampling(kc.FilterVote(), k=4, generator=GENERATOR, verifier=Verifier(llm=other))
        with pytest.raises(ArgumentError, match="share one store"):
            await strategy.solve(llm, questions("easy", 1)[0])
        assert len(server) == 0


async def test_ties_and_missing_answers_are_told():
    def answer(body):
        asked = text_of(body)
        if "tie" in asked:
            return chat("the answer is (A)" if body["seed"] in first else "the answer is (B)")
        return chat("no idea")

    async with serving(answer) as server, model(server) as llm:
        # The seeds of two samples of the question, to answer them differently.
        probe = Sampling(kc.Vote(), k=2, generator=GENERATOR)
        first: set[int] = set()
        question = Question("tie", "A", id="t")
        await probe.solve(llm, question)
        first.add(server.seeds[0])
    async with serving(answer) as server, model(server) as llm:
        solution = await probe.solve(llm, question)
        assert solution.tied
        assert solution.votes == {"A": 1, "B": 1}
        again = await probe.solve(llm, question)
        assert again.answer == solution.answer
        drawn = {(await probe.solve(llm, question, rng=seed)).answer for seed in range(30)}
        assert drawn == {"A", "B"}  # but for one chance in 5e8
        strict = Sampling(kc.Vote(ties="wrong"), k=2, generator=GENERATOR)
        lost = await strict.solve(llm, question)
        assert (lost.answer, lost.correct, lost.tied) == (None, False, True)
        silent = await probe.solve(llm, Question("silence", "A"))
        assert (silent.answer, silent.correct, silent.votes) == (None, False, {})
        unknown = await probe.solve(llm, Question("tie"))
        assert unknown.correct is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": kc.FilterVote(), "k": 4}, "needs a verifier"),
        ({"rule": kc.FilterVote(), "k": 1, "verifier": VERIFIER}, "k must be at least 2"),
        ({"rule": kc.Vote(), "k": 4, "verifier": VERIFIER}, "no use for a verifier"),
        ({"rule": kc.Vote(), "k": 0}, "k must be an integer of at least 1"),
        ({"rule": kc.BestOfN(), "k": 4}, "needs a score"),
        ({"rule": kc.PassAtK(), "k": 4}, "chooses no answer"),
    ],
)
async def test_a_strategy_that_cannot_run_is_refused(settings, message):
    rule = settings.pop("rule")
    with pytest.raises(ArgumentError, match=message):
        Sampling(rule, generator=GENERATOR, **settings)
