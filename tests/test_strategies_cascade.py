"""Cascades over real HTTP: who is asked, what is decided and spent, and what the theory of known models says."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from math import comb, isclose

import numpy as np
import pytest
from scipy.stats import binom

import kcurve as kc
from kcurve.answers import AnswerIs
from kcurve.cost import Tokens
from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm import LLM, Parameters
from kcurve.planning import cascades
from kcurve.stopping import EarlyStopping
from kcurve.store import Store
from kcurve.strategies import Cascade, Generator, Mixture, Sampling, Spent, run
from kcurve.theory import vote_accuracy
from tests.known_models import VERIFIER, drawn, text_of, uniform
from tests.llms import QUICK
from tests.scripted_server import chat, refusal, serving

SHARES = {
    "small": {"A": 0.6, "B": 0.3, "C": 0.1},
    "middle": {"A": 0.5, "B": 0.5},
    "large": {"A": 0.8, "B": 0.2},
}
"""How often each model gives which answer; A is right."""

TOKENS = {"small": 5, "middle": 9, "large": 50}

SLIP = 1e-6
"""How likely a correct cascade falls out of a band."""


def respond(body):
    share = uniform(text_of(body), body["model"], body["seed"])
    answer = drawn(SHARES[body["model"]], share)
    return chat(f"the answer is ({answer})", usage=(10, TOKENS[body["model"]]))


def questions(n):
    return [Question(f"question {i}", "A", id=f"q{i:03}", dataset="known") for i in range(n)]


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


@asynccontextmanager
async def models(server, path=None):
    """The LLMs by name, which share a store."""
    with Store(path) as store:
        made = {
            name: LLM(name, base_url=server.url, api_key="k", retry=QUICK, store=store)
            for name in SHARES
        }
        try:
            yield made
        finally:
            for llm in made.values():
                await llm.close()


def vote(llm, k, **settings):
    generator = Generator(
        "{{question}}", parameters=Parameters(seed=1), extract=AnswerIs(), llm=llm
    )
    return Sampling(settings.pop("rule", kc.Vote()), k=k, generator=generator, **settings)


def is_clear(solution, *, lead=None, threshold=None):
    votes = sorted(Counter(one.answer for one in solution.candidates if one.answer).values())
    first, second = (*reversed(votes), 0, 0)[:2]
    if lead is not None:
        return first - second >= lead
    return first > second and first / solution.drawn >= threshold


@pytest.mark.parametrize("standing", [{"lead": 3}, {"threshold": 0.6}, {"threshold": 0.8}], ids=str)
async def test_the_second_model_is_asked_only_where_the_first_vote_is_close(standing):
    asked = questions(24)
    async with serving(respond) as server, models(server) as llms:
        cascade = Cascade([vote(None, 5), vote(llms["large"], 7)], **standing)
        found = [await cascade.solve(llms["small"], question) for question in asked]
        by_model = Counter(body["model"] for body in server.bodies)
        whole = [
            [
                await vote(llms[name], k).solve(llms["small"], one)
                for name, k in (("small", 5), ("large", 7))
            ]
            for one in asked
        ]
    clear = [is_clear(first, **standing) for first, _ in whole]
    assert 3 < sum(clear) < 21
    assert by_model == {"small": 5 * 24, "large": 7 * (24 - sum(clear))}
    for one, stands, (first, second) in zip(found, clear, whole, strict=True):
        decided = first if stands else second
        assert (one.answer, one.correct, one.votes) == (
            decided.answer,
            decided.correct,
            decided.votes,
        )
        assert one.candidates == decided.candidates
        assert [stage.candidates for stage in one.stages] == [
            stage.candidates for stage in ([first] if stands else [first, second])
        ]
        assert [stage.calls for stage in one.stages] == ([5] if stands else [5, 7])
        assert one.calls == one.spent.new == (5 if stands else 12)
        assert one.spent.tokens_out == 5 * 5 + (0 if stands else 7 * 50)


def chances(shares, k, *, lead):
    """Return how likely a vote is clear, and clear and right, by all ways that k answers may fall."""
    clear = right = 0.0
    for counts in product(range(k + 1), repeat=len(shares)):
        if sum(counts) != k:
            continue
        ways, left = 1.0, k
        for count, share in zip(counts, shares, strict=True):
            ways *= comb(left, count) * share**count
            left -= count
        first, second = sorted(counts, reverse=True)[:2]
        if first - second >= lead:
            clear += ways
            right += ways * (counts[0] == first)
    return clear, right


async def test_a_cascade_is_as_accurate_and_as_dear_as_theory_says():
    n, k1, k2, lead = 80, 4, 5, 2
    small, large = (list(SHARES[name].values()) for name in ("small", "large"))
    clear, right = chances(small, k1, lead=lead)
    score = right + (1 - clear) * vote_accuracy(large, k2)
    assert isclose(chances(small, k1, lead=0)[0], 1)
    async with serving(respond) as server, models(server) as llms:
        cascade = Cascade([vote(None, k1), vote(llms["large"], k2)], lead=lead)
        result = await run(cascade, llms["small"], questions(n))
    first, second = result.stages
    assert first.questions == n
    within_band(second.questions, n, 1 - clear)
    within_band(sum(one.correct for one in result.questions), n, score)
    assert (first.spent.calls, second.spent.calls) == (k1 * n, k2 * second.questions)
    assert (first.spent.tokens_out, second.spent.tokens_out) == (
        5 * k1 * n,
        50 * k2 * second.questions,
    )
    assert result.spent.calls == k1 * n + k2 * second.questions
    assert result.mean_calls == result.spent.calls / n
    told = result.to_dict()["stages"]
    assert [(one["questions"], one["calls"]) for one in told] == [
        (n, k1 * n), (second.questions, k2 * second.questions),
    ]  # fmt: skip
    assert f"questions by stage: {n} ({k1 * n} calls), {second.questions} (" in repr(result)
    # The band tells a cascade from its first stage alone.
    low, _ = binom.ppf([SLIP / 2, 1 - SLIP / 2], n, 1 - clear)
    assert low > 0


async def test_the_live_cascade_is_the_planned_one_where_the_logs_hold_the_same_samples():
    k1, k2, lead = 5, 5, 2
    async with serving(respond) as server, models(server) as llms:
        stages = [vote(None, k1), vote(llms["large"], k2)]
        result = await run(Cascade(stages, lead=lead), llms["small"], questions(40))
        logs = {
            name: (await run(stage, llms["small"], questions(40))).log()
            for name, stage in zip(("small", "large"), stages, strict=True)
        }
    # A log of k samples has one draw of k: what is planned is what happens.
    plan = cascades(logs, cost={"small": Tokens(), "large": Tokens()}, calls=k1, leads=lead, k=[k2])
    assert len(plan.rule) == 1
    spent = {one.question: one.spent.tokens_out for one in result.questions}
    live = {one.question: one for one in result.questions}
    for key, score, cost in zip(plan.question, plan.score[:, 0], plan.cost[:, 0], strict=True):
        name = key if isinstance(key, str) else key[-1]
        assert cost == pytest.approx(spent[name])
        assert live[name].tied or score == pytest.approx(float(live[name].correct))
    assert sum(not one.tied for one in result.questions) > 35


def within_band(found, n, p):
    low, high = binom.ppf([SLIP / 2, 1 - SLIP / 2], n, p)
    assert low <= found <= high


async def test_three_stages_with_a_number_for_each():
    asked = questions(30)
    async with serving(respond) as server, models(server) as llms:
        stages = [vote(None, 3), vote(llms["middle"], 4), vote(llms["large"], 5)]
        result = await run(Cascade(stages, lead=[3, 4]), llms["small"], asked)
        counts = Counter(body["model"] for body in server.bodies)
        again = await run(Cascade(stages, lead=[3, 4]), llms["small"], asked)
        assert len(server) == counts.total()
        other = await run(Cascade(stages, lead=[3, 2]), llms["small"], asked)
    first, second, third = result.stages
    assert 30 == first.questions > second.questions > third.questions > 0
    assert counts == {"small": 90, "middle": 4 * second.questions, "large": 5 * third.questions}
    assert again.spent.new == 0
    assert [one.answer for one in again.questions] == [one.answer for one in result.questions]
    assert other.run != result.run == again.run
    assert [stage.questions for stage in other.stages[:2]] == [30, second.questions]


async def test_a_cascade_goes_on_where_it_was_and_shares_its_samples_with_votes(tmp_path):
    path = tmp_path / "store.db"
    asked = questions(12)
    async with serving(respond) as server:
        async with models(server, path) as llms:
            await run(vote(None, 5), llms["small"], asked[:6])
            assert len(server) == 30
        async with models(server, path) as llms:
            cascade = Cascade([vote(None, 5), vote(llms["large"], 7)], lead=3)
            result = await run(cascade, llms["small"], asked)
            sent = len(server)
            assert result.spent.new == sent - 30
        async with models(server, path) as llms:
            cascade = Cascade([vote(None, 5), vote(llms["large"], 7)], lead=3)
            again = await run(cascade, llms["small"], asked)
            assert (again.spent.new, again.sent, len(server)) == (0, 0, sent)
            assert (again.run, again.log().equals(result.log())) == (result.run, True)
        assert [one.answer for one in again.questions] == [one.answer for one in result.questions]
    first, second = result.log(), result.log(role="stage 2")
    assert first.n_samples.tolist() == [5] * 12
    hard = [one.question for one in result.questions if len(one.stage_spent) == 2]
    assert second.question.tolist() == hard
    assert second.n_samples.tolist() == [7] * len(hard)
    assert first.tokens_out.tolist() == [5] * 60
    assert set(second.tokens_out.tolist()) == {50}


async def test_a_stage_may_have_a_stopping_rule():
    async with serving(respond) as server, models(server) as llms:
        early = vote(None, 9, stopping=EarlyStopping(window=3))
        cascade = Cascade([early, vote(llms["large"], 3)], threshold=0.9)
        solutions = [await cascade.solve(llms["small"], one) for one in questions(8)]
        alone = [await early.solve(llms["small"], one) for one in questions(8)]
        assert cascade.label == "maj@9, early stopping > maj@3"
        assert cascade.calls_per_question == 1
    assert [one.stages[0].drawn for one in solutions] == [one.drawn for one in alone]
    assert {one.stages[0].stopped_early for one in solutions} == {True, False}
    # A vote that was stopped by its first window is unanimous.
    assert all(len(one.stages) == 1 for one in solutions if one.stages[0].drawn == 3)


@pytest.mark.parametrize("no_answer", ["ignore", "vote", "drop"])
async def test_candidates_without_an_answer_count_among_those_drawn(no_answer):
    """Of 6 candidates of the small model 3 say A; the calls of the others fail or say nothing."""

    def answer(body):
        if body["model"] == "large":
            return chat("the answer is (B)")
        place = order.setdefault(body["seed"], len(order))
        if place == 5:
            return refusal(500)
        return chat("the answer is (A)" if place % 2 == 0 else "no idea")

    rule = kc.Vote(no_answer=no_answer)
    found = {}
    for standing in (
        {"threshold": 0.5},
        {"threshold": 0.75},
        {"lead": 1},
        {"lead": 3},
        {"lead": 4},
    ):
        order = {}
        async with serving(answer) as server, models(server) as llms:
            cascade = Cascade([vote(None, 6, rule=rule), vote(llms["large"], 1)], **standing)
            solution = await cascade.solve(llms["small"], questions(1)[0])
            assert len(order) == 6
        found[str(standing)] = solution.answer
    # Where no answer votes it is level with A, and a tie never stands.
    stands = {
        "ignore": ["A", "B", "A", "A", "B"],
        "vote": ["B", "B", "B", "B", "B"],
        "drop": ["A", "A", "A", "A", "B"],
    }
    assert list(found.values()) == stands[no_answer]


async def test_a_first_stage_of_which_all_calls_fail_is_followed_by_the_second():
    def answer(body):
        return refusal(500) if body["model"] == "small" else respond(body)

    async with serving(answer) as server, models(server) as llms:
        cascade = Cascade([vote(None, 2), vote(llms["large"], 3)], threshold=0.5)
        result = await run(cascade, llms["small"], questions(2))
        assert [one.answer is not None for one in result.questions] == [True, True]
        assert result.spent.failures == {"http_500": 4}
        turned = Cascade([vote(llms["large"], 2), vote(None, 2)], threshold=1)
        failed = await run(turned, llms["small"], questions(6))
        assert {one.error is None for one in failed.questions} == {True, False}
        assert "no_candidate" in failed.to_dict()["errors"]


async def test_models_with_stores_of_their_own_are_refused():
    async with serving(respond) as server, models(server) as llms, models(server) as others:
        cascade = Cascade([vote(None, 2), vote(others["large"], 2)], lead=2)
        with pytest.raises(ArgumentError, match="share one store"):
            await cascade.solve(llms["small"], questions(1)[0])
        assert len(server) == 0


OTHER = Generator("Other: {{question}}")


@pytest.mark.parametrize(
    ("stages", "settings", "message"),
    [
        ([vote(None, 4)], {"lead": 2}, "at least 2 stages, got 1"),
        ([vote(None, 4), vote(None, 8)], {"lead": 2}, "send the same requests"),
        (
            [
                vote(None, 4),
                replace(vote(None, 8), generator=Mixture([OTHER, vote(None, 1).generator])),
            ],
            {"lead": 2},
            "send the same requests",
        ),
        (
            [
                vote(None, 4),
                Sampling(kc.FilterVote(), k=4, generator=OTHER, verifier=VERIFIER),
            ],
            {"lead": 2},
            r"vote, got FilterVote; use Vote\(\)",
        ),
        (None, {}, "was given neither"),
        (None, {"lead": 2, "threshold": 0.5}, "was given both"),
        (None, {"lead": 5}, "lead must be at most the calls of its stage, 4, got 5"),
        (None, {"lead": 0}, "lead must be an integer of at least 1"),
        (None, {"lead": [1, 2]}, "one for each of the 1 stages before the last, got 2"),
        (None, {"threshold": 1.5}, "threshold must be greater than 0 and at most 1, got 1.5"),
        (None, {"threshold": 0}, "threshold must be"),
    ],
)
async def test_a_cascade_that_cannot_run_is_refused(stages, settings, message):
    known = [vote(None, 4), Sampling(kc.Vote(), k=4, generator=OTHER)]
    with pytest.raises(ArgumentError, match=message):
        Cascade(known if stages is None else stages, **settings)


async def test_its_description_and_its_solution_are_plain():
    async with serving(respond) as server, models(server) as llms:
        cascade = Cascade([vote(None, 4), vote(llms["large"], 6)], lead=4)
        described = cascade.description(llms["small"], "d")
        assert [stage["k"] for stage in described["stages"]] == [4, 6]
        assert [stage["generators"][0]["model"] for stage in described["stages"]] == [
            "small chat",
            "large chat",
        ]
        assert (described["lead"], described["threshold"]) == ((4,), None)
        solutions = [await cascade.solve(llms["small"], one) for one in questions(6)]
        name = llms["small"].store.info().runs
    assert list(name.values()) == ["Cascade, small, known"]
    for one in solutions:
        told = one.to_dict()
        assert [stage["drawn"] for stage in told["stages"]] == [4, 6][: len(one.stages)]
        assert told["spent"]["calls"] == sum(stage["spent"]["calls"] for stage in told["stages"])
    assert {len(one.stages) for one in solutions} == {1, 2}
    assert np.isnan(solutions[0].cost)
    assert solutions[0].reward_spent == Spent()
