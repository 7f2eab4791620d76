"""Sampling with a reward over real HTTP, against a server whose answers and scores are known."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan

import numpy as np
import pytest

import kcurve as kc
from kcurve.answers import AnswerIs, NumberScore
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, LLMError
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.rewards import FunctionReward, PromptedReward
from kcurve.store import Store
from kcurve.strategies import Generator, Mixture, Sampling, Verifier, run
from kcurve.strategies.decision import decide
from tests.known_models import GENERATOR, questions, respond, text_of, uniform
from tests.scripted_server import chat, refusal, serving

QUICK = RetryPolicy(attempts=2, backoff=0.001)
OUTCOME = PromptedReward("Score: {{response}}", read=NumberScore())
THREE = PromptedReward("Score: {{response}}", read=NumberScore(), votes=3)
PROCESS = PromptedReward("Score: {{response}}", kind="process", read=NumberScore())
RULES = [
    kc.BestOfN(),
    kc.WeightedVote(),
    kc.WeightedVote(weight="borda", top=0.5),
    kc.FilterVote(calls="candidates", threshold=0.5),
]


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def model(server, **settings):
    return LLM("m", base_url=server.url, **{"api_key": "k", "retry": QUICK, **settings})


def score_of(text: str) -> float:
    """Return the score of a response: those of the right answer are a little better."""
    better = 0.05 if text.rstrip().endswith("(A).") else 0.0
    return round(0.8 * uniform("score", text) + better, 2)


def asked_for(body) -> str | None:
    """Return the response that is to be scored, None if a candidate is asked for."""
    text = text_of(body)
    return text.removeprefix("Score: ") if text.startswith("Score: ") else None


def scored(body):
    """Answer as the known models do, and score what is to be scored."""
    response = asked_for(body)
    return respond(body) if response is None else chat(f"{score_of(response)}", usage=(30, 3))


@pytest.mark.parametrize("rule", RULES)
async def test_the_rule_decides_by_the_scores_of_the_candidates(rule):
    asked = questions("hard", 8)
    strategy = Sampling(rule, k=9, generator=GENERATOR, reward=OUTCOME)
    async with serving(scored) as server, model(server) as llm:
        solutions = [await strategy.solve(llm, question) for question in asked]
        assert len(server) == 8 * 18 == sum(one.spent.new for one in solutions)
    for one in solutions:
        scores = [score_of(candidate.text) for candidate in one.candidates]
        assert [candidate.score for candidate in one.candidates] == scores
        assert {candidate.step_scores for candidate in one.candidates} == {None}
        names = ["A", "B"]
        codes = [names.index(candidate.answer) for candidate in one.candidates]
        expected = decide(rule, codes, scores=scores)
        assert one.tied == expected.tied
        assert one.tied or one.answer == names[expected.code]
        assert dict(one.votes) == {names[code]: vote for code, vote in expected.votes.items()}
        assert one.reward_spent.calls == 9
        assert (one.spent.tokens_in, one.reward_spent.tokens_in) == (9 * 10 + 9 * 30, 9 * 30)
        assert (one.spent.tokens_out, one.reward_spent.tokens_out) == (9 * 5 + 9 * 3, 9 * 3)
    assert {one.answer for one in solutions} == {"A", "B"}


async def test_a_process_reward_scores_every_step_in_the_light_of_those_before():
    generator = Generator("Solve: {{question}}", parameters=Parameters(seed=1), extract=AnswerIs())

    def answer(body):
        response = asked_for(body)
        if response is not None:
            return chat(f"{score_of(response)}")
        n = 1 + int(3 * uniform(body["seed"]))
        steps = [f"Step {i} of {n}." for i in range(1, n + 1)]
        return chat("\n\n".join([*steps, f"So the answer is ({'AB'[n % 2]})."]))

    combined = {"last": lambda s: s[-1], "min": min, "prod": np.prod, "mean": np.mean}
    async with serving(answer) as server, model(server) as llm:
        for aggregation, of_steps in combined.items():
            strategy = Sampling(
                kc.WeightedVote(),
                k=12,
                generator=generator,
                reward=PROCESS,
                aggregation=aggregation,
            )
            solution = await strategy.solve(llm, Question("q?", "A", id="q"))
            for one in solution.candidates:
                parts = one.text.split("\n\n")
                begun = ["\n\n".join(parts[: i + 1]) + "\n\n" for i in range(len(parts) - 1)]
                scores = [score_of(text) for text in [*begun, one.text]]
                assert one.step_scores == tuple(scores)
                assert one.score == pytest.approx(of_steps(scores), rel=1e-12)
        # 12 candidates, of which there are three kinds, of two to four steps: each beginning is scored once.
        assert len(server) == 12 + 2 + 3 + 4


async def test_candidates_of_equal_text_share_a_score_that_is_paid_once(tmp_path):
    def answer(body):
        response = asked_for(body)
        if response is not None:
            return chat(f"{score_of(response)}")
        return chat(f"the answer is ({'A' if uniform(body['seed']) < 0.5 else 'B'}).")

    strategy = Sampling(kc.BestOfN(), k=10, generator=GENERATOR, reward=OUTCOME)
    async with serving(answer) as server:
        async with model(server, store=tmp_path / "runs.db") as llm:
            solution = await strategy.solve(llm, questions("easy", 1)[0])
            assert len(server) == 12 == solution.spent.calls
        async with model(server, store=tmp_path / "runs.db") as llm:
            again = await strategy.solve(llm, questions("easy", 1)[0])
        assert (len(server), again.spent.new, again.reward_spent.new) == (12, 0, 0)
    assert again.candidates == solution.candidates


@pytest.mark.parametrize("missing", ["drop", 0.99])
async def test_a_candidate_without_a_score_has_none_or_the_one_that_stands_in(missing):
    def answer(body):
        response = asked_for(body)
        if response is not None and uniform("lost", response) < 0.4:
            return refusal(500)
        if response is None and uniform("lost", body["seed"]) < 0.2:
            return refusal(500)
        return scored(body)

    strategy = Sampling(
        kc.WeightedVote(), k=16, generator=GENERATOR, reward=OUTCOME, missing=missing
    )
    async with serving(answer) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("hard", 1)[0])
        assert len(server) == solution.spent.calls + solution.spent.failures["http_500"]
    stand_in = None if missing == "drop" else missing
    lost = [
        one for one in solution.candidates if one.text is None or uniform("lost", one.text) < 0.4
    ]
    assert {one.text is None for one in lost} == {True, False}
    for one in solution.candidates:
        if one.text is None:
            assert one.score is None  # nothing stands in for a candidate that is not there
        else:
            assert one.score == (stand_in if one in lost else score_of(one.text))
    claims = {"A": 0.0, "B": 0.0}
    for one in solution.candidates:
        if one.answer is not None:
            claims[one.answer] += one.score or 0.0
    assert solution.votes == pytest.approx(claims)
    assert solution.answer == max(claims, key=claims.get)


async def test_a_missing_score_can_be_an_error():
    def answer(body):
        return chat("no idea") if asked_for(body) is not None else respond(body)

    strategy = Sampling(kc.BestOfN(), k=3, generator=GENERATOR, reward=OUTCOME, missing="error")
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(
            LLMError, match=r"candidate 0 .* has no score: there is no score in 'no idea'"
        ):
            await strategy.solve(llm, questions("hard", 1)[0])


async def test_a_function_scores_like_a_model_and_costs_nothing():
    calls = []

    def length(_, text):
        calls.append(text)
        return len(text)

    reward = FunctionReward(length, kind="outcome", name="length")
    strategy = Sampling(kc.BestOfN(), k=7, generator=GENERATOR, reward=reward)
    async with serving(respond) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("hard", 1)[0])
        await strategy.solve(llm, questions("hard", 1)[0])
        assert len(server) == len(calls) == 7
    assert [one.score for one in solution.candidates] == [
        len(one.text) for one in solution.candidates
    ]
    assert solution.reward_spent.tokens_out == 0


REWARDS = {
    "outcome": OUTCOME,
    "process": PROCESS,
    "three votes": THREE,
    "function": FunctionReward(lambda _, text: score_of(text), kind="outcome", name="known score"),
}


@pytest.mark.parametrize("kind", REWARDS)
@pytest.mark.parametrize("rule", [kc.BestOfN(), kc.WeightedVote()])
async def test_the_curve_of_the_log_ends_where_the_live_rule_decided(kind, rule, tmp_path):
    def answer(body):
        response = asked_for(body)
        if response is not None:
            return chat(f"{score_of(response)}")
        return chat(
            f"Seed {body['seed']}.\n\n"
            + json.loads(respond(body).text)["choices"][0]["message"]["content"]
        )

    strategy = Sampling(rule, k=6, generator=GENERATOR, reward=REWARDS[kind], aggregation="prod")
    asked = questions("hard", 12)
    async with serving(answer) as server, model(server, store=tmp_path / "runs.db") as llm:
        result = await run(strategy, llm, asked)
        solutions = [await strategy.solve(llm, question) for question in asked]
    # From the description of the run alone, and with the strategy's own reader.
    with Store(tmp_path / "runs.db", read_only=True) as store:
        assert store.log() == result.log()
    log = result.log()
    live = {one.question: one for one in solutions}
    scores = np.split(log.score, np.cumsum(log.n_samples)[:-1])
    for question, found in zip(log.question, scores, strict=True):
        expected = [one.score for one in live[question].candidates]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    method = None if rule == kc.BestOfN() else kc.Bootstrap(n_resamples=256, replacement=False)
    curve = kc.curve(log, rule, k=[6], method=method, interval=None)
    for question, credit in zip(log.question, curve.per_question[:, 0], strict=True):
        assert live[question].tied or credit == live[question].correct
    assert sum(not one.tied for one in solutions) >= 11
    assert {one.correct for one in solutions} == {True, False}


async def test_candidates_of_a_mixture_are_scored_alike():
    members = [
        GENERATOR,
        Generator("Solve it: {{question}}", parameters=GENERATOR.parameters, extract=AnswerIs()),
    ]
    strategy = Sampling(kc.BestOfN(), k=6, generator=Mixture(members), reward=OUTCOME)
    async with serving(scored) as server, model(server) as llm:
        solution = await strategy.solve(llm, questions("hard", 1)[0])
    assert [one.generator for one in solution.candidates] == [0, 1, 0, 1, 0, 1]
    best = max(solution.candidates, key=lambda one: one.score)
    assert solution.answer == best.answer


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": kc.Vote(), "reward": OUTCOME}, "Vote has no use for a reward"),
        (
            {"rule": kc.FilterVote(), "reward": OUTCOME, "verifier": Verifier()},
            "no use for a reward",
        ),
        (
            {"rule": kc.BestOfN(), "reward": OUTCOME, "verifier": Verifier()},
            "no use for a verifier",
        ),
        ({"rule": kc.FilterVote(threshold=0.5), "verifier": Verifier()}, "leave threshold out"),
        ({"rule": kc.FilterVote(threshold=0.5), "reward": PROCESS}, "calls='candidates'"),
        ({"rule": kc.FilterVote(threshold=0.5), "reward": THREE}, "several calls for a candidate"),
        ({"rule": kc.WeightedVote()}, "needs a score for each candidate"),
        ({"rule": kc.BestOfN(), "reward": "judge"}, "reward must be a reward model"),
        ({"rule": kc.BestOfN(), "reward": OUTCOME, "aggregation": "max"}, "aggregation must be"),
        ({"rule": kc.BestOfN(), "reward": OUTCOME, "missing": nan}, "missing must be"),
        ({"rule": kc.BestOfN(), "reward": OUTCOME, "step_end": ""}, "step_end must not be empty"),
    ],
)
async def test_a_strategy_that_cannot_run_is_refused(settings, message):
    rule = settings.pop("rule")
    with pytest.raises(ArgumentError, match=message):
        Sampling(rule, k=4, generator=GENERATOR, **settings)


@pytest.mark.parametrize("renewed", ["policy", "reward"])
async def test_new_weights_under_an_old_name_are_a_run_of_their_own(renewed, tmp_path):
    asked = questions("hard", 3)
    for revision, letter, score in (("first", "A", 0.25), ("second", "B", 0.75)):

        def answering(body, letter=letter, score=score):
            if asked_for(body) is None:
                return chat(f"The answer is ({letter}).", usage=(30, 3))
            return chat(f"{score}", usage=(30, 3))

        revisions = {"policy": "", "reward": "", renewed: revision}
        async with (
            serving(answering) as server,
            model(server, store=tmp_path / "s.db", revision=revisions["policy"]) as llm,
            model(server, store=llm.store, revision=revisions["reward"]) as judge,
        ):
            reward = replace(OUTCOME, llm=judge)
            strategy = Sampling(kc.BestOfN(), k=5, generator=GENERATOR, reward=reward)
            result = await run(strategy, llm, asked)
            log = result.log()
        # Responses of a policy that stayed come from the store.
        expected = letter if renewed == "policy" else "A"
        assert log.n_samples.tolist() == [5, 5, 5]
        assert {log.answer(question, 4) for question in range(3)} == {expected}
        assert set(log.score) == {score}
