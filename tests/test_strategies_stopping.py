"""Stopping rules in a live vote, over real HTTP: which candidates are drawn, and what is decided."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, strategies as st

import kcurve as kc
from kcurve.answers import AnswerIs, SameExpression, SameNumber, SameText, classes
from kcurve.datasets import Question
from kcurve.errors import ArgumentError
from kcurve.llm import Parameters
from kcurve.stopping import (
    AdaptiveConsistency,
    AnytimeValid,
    BestOfInfinity,
    DifficultyAdaptive,
    EarlyStopping,
    replay,
)
from kcurve.strategies import Generator, Mixture, Sampling, run
from kcurve.strategies.adaptive import GrowingClasses
from tests.known_models import GENERATOR, VERIFIER, questions, respond, text_of, uniform
from tests.llms import model
from tests.scripted_server import chat, refusal, serving


@dataclass(frozen=True)
class Lead:
    """Stop when an answer has so many votes more than any other."""

    votes: int

    @property
    def label(self):
        return f"lead {self.votes}"

    @property
    def least_calls(self):
        return self.votes

    def stops(self, codes):
        counts = [n for _, n in Counter(code for code in codes if code != -1).most_common(2)]
        return bool(counts) and counts[0] - (counts[1:] or [0])[0] >= self.votes


@dataclass(frozen=True)
class Watched:
    """The rule `inner`, which notes what it is shown."""

    inner: object
    seen: list

    label = "watched"

    @property
    def least_calls(self):
        return self.inner.least_calls

    def stops(self, codes):
        self.seen.append(list(codes))
        return self.inner.stops(codes)


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio

MOST = 24


def vote(stopping=None, *, k=MOST, rule=None, generator=GENERATOR, **settings):
    return Sampling(rule or kc.Vote(), k=k, generator=generator, stopping=stopping, **settings)


def first_stop(rule, codes, *, batch=1):
    """Return at which number of candidates drawing ends, and whether the rule ended it."""
    stop = next((n for n in range(len(codes)) if rule.stops(codes[:n])), len(codes))
    end = max(batch, rule.least_calls)
    while end < stop:
        end += batch
    return min(end, len(codes)), end < len(codes)


def codes_of(solution, equivalence=None):
    answers = [candidate.answer for candidate in solution.candidates]
    return classes(answers, equivalence=equivalence).codes.tolist()


@pytest.mark.parametrize("batch", [None, 3, 7])
@pytest.mark.parametrize("rule", [EarlyStopping(window=4), Lead(6)], ids=lambda rule: rule.label)
async def test_it_draws_the_first_candidates_of_the_vote_until_the_rule_stops(rule, batch):
    asked = [*questions("easy", 6), *questions("hard", 6)]
    async with serving(respond) as full, model(full) as llm:
        whole = await asyncio.gather(*(vote().solve(llm, question) for question in asked))
    async with serving(respond) as server, model(server) as llm:
        strategy = vote(rule, batch=batch)
        found = await asyncio.gather(*(strategy.solve(llm, question) for question in asked))
    ends = [first_stop(rule, codes_of(one), batch=batch or 1) for one in whole]
    assert [(one.drawn, one.stopped_early) for one in found] == ends
    assert len(server) == sum(n for n, _ in ends)
    for one, longer in zip(found, whole, strict=True):
        assert one.candidates == longer.candidates[: one.drawn]
        assert one.spent.calls == one.spent.new == one.drawn
        assert (one.spent.tokens_in, one.spent.tokens_out) == (10 * one.drawn, 5 * one.drawn)
        votes = Counter(candidate.answer for candidate in one.candidates)
        assert one.votes == votes
        assert votes[one.answer] == max(votes.values())
        assert longer.stopped_early is None
    assert {stopped for _, stopped in ends} == {True, False}
    assert len({n for n, _ in ends}) > 2


RULES = [
    AdaptiveConsistency(confidence=0.9),
    AnytimeValid(error=0.2),
    BestOfInfinity(bayes_factor=20),
    DifficultyAdaptive(extension=3),
    EarlyStopping(),
    Lead(4),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
async def test_every_rule_stops_where_it_stops_in_the_whole_vote(rule):
    asked = [*questions("easy", 8), *questions("hard", 8)]
    async with serving(respond) as server, model(server) as llm:
        found = await run(vote(rule), llm, asked)
        assert len(server) == found.spent.calls
        whole = await run(vote(), llm, asked)
        log = whole.log()
    ends = {}
    for place, name in enumerate(log.question):
        rows = slice(*log.offsets[place : place + 2])
        codes = log.codes[rows][np.argsort(log.sample[rows])].tolist()
        ends[name] = first_stop(rule, codes)
    assert {one.question: (one.spent.calls, one.stopped_early) for one in found.questions} == ends
    assert len(set(ends.values())) > 3


async def test_a_replay_of_one_order_is_the_live_vote():
    """Where all orders of the samples are the same, nothing is left to chance."""

    def answer(body):
        text = text_of(body)
        return chat("the answer is (A)" if "easy" in text else f"the answer is ({body['seed']})")

    asked = [*questions("easy", 3), *questions("hard", 3)]
    async with serving(answer) as server, model(server) as llm:
        log = (await run(vote(k=16), llm, asked)).log()
        for rule in RULES[:-1]:
            told = replay(log, rule, orders=4)
            live = await run(vote(rule, k=16), llm, asked)
            ends = {one.question: one for one in live.questions}
            for name, calls, stopped in zip(log.question, told.calls, told.stopped, strict=True):
                assert ends[name].spent.calls == calls
                assert ends[name].stopped_early == stopped
        assert len(server) == 16 * 6


async def test_the_rule_is_shown_every_prefix_once_and_never_the_most():
    seen = []
    async with serving(respond) as server, model(server) as llm:
        [question] = questions("hard", 1)
        never = Watched(Lead(99), seen)
        with pytest.raises(ArgumentError, match="it never stops"):
            vote(never, k=9)
        solution = await vote(Watched(EarlyStopping(window=3), seen), k=9, rule=kc.Vote()).solve(
            llm, question
        )
    codes = codes_of(solution)
    assert [len(one) for one in seen] == list(range(3, min(solution.drawn, 8) + 1))
    assert len(seen) > 1
    for prefix in seen:
        assert partition(prefix) == partition(codes[: len(prefix)])


async def test_the_first_candidates_are_drawn_at_once_and_questions_at_the_same_time():
    under_way = most = 0

    async def answer(body):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1
        return respond(body)

    asked = questions("easy", 6)
    async with serving(answer) as server, model(server) as llm:
        await vote(EarlyStopping(window=5)).solve(llm, asked[0])
        assert most == 5
        await run(vote(Lead(1)), llm, asked[1:])
        assert most == 5
        await run(vote(Lead(1), generator=replace(GENERATOR, system="new")), llm, asked, at_once=2)
        assert most == 5
        most = 0
        await run(vote(Lead(1), generator=replace(GENERATOR, system="2")), llm, asked, at_once=2)
        assert most == 2


async def test_equal_answers_are_united_as_they_are_for_the_decision():
    spellings = ("1/2", "0.5", ".50", "2/4")

    def answer(body):
        return chat(f"the answer is ({spellings[int(uniform(body['seed']) * 4)]})")

    question = Question("half?", "0.5", id="h", dataset="known")
    rule = EarlyStopping(window=6)
    async with serving(answer) as server, model(server) as llm:
        for equivalence, drawn in ((SameText(), 24), (SameNumber(), 6), (SameExpression(), 6)):
            generator = replace(GENERATOR, equivalence=equivalence)
            solution = await vote(rule, generator=generator).solve(llm, question)
            assert solution.drawn == drawn
            assert len({one.answer for one in solution.candidates}) > 1
            assert (solution.stopped_early, solution.correct) == (
                drawn < 24,
                drawn < 24 or solution.correct,
            )
    assert len(server) == 24


NUMBERS = st.sampled_from(["1", "1.0", "2/2", "2", "4/2", "x", "X", " x", None])


@given(
    st.lists(st.lists(NUMBERS, max_size=5), max_size=5),
    st.one_of(NUMBERS, st.none()),
    st.sampled_from(["text", "number", "close", "odd"]),
)
def test_classes_that_grow_are_those_of_all_answers_together(parts, reference, name):
    equivalence = {
        "text": SameText(),
        "number": SameNumber(),
        # Neither is transitive, and one is not symmetric: the order of the comparisons matters.
        "close": lambda left, right: abs(len(left) - len(right)) <= 1,
        "odd": lambda left, right: left <= right,
    }[name]
    growing = GrowingClasses(equivalence, reference)
    known = []
    for part in parts:
        known += part
        codes = classes(known, equivalence=equivalence, reference=reference).codes.tolist()
        assert partition(growing.add(part)) == partition(codes)


def partition(codes):
    """Return codes numbered as they come up."""
    numbers = {-1: -1}
    return [numbers.setdefault(code, len(numbers) - 1) for code in codes]


async def test_no_two_spellings_are_compared_twice():
    compared = Counter()

    def same(left, right):
        compared[frozenset((left, right))] += 1
        return False

    growing = GrowingClasses(same, "7")
    random = Random(1)  # noqa: S311 - no secret
    for _ in range(60):
        growing.add([str(random.randint(0, 12))])
    assert set(compared.values()) == {1}


async def test_a_candidate_whose_call_failed_has_no_answer():
    seen = []

    def answer(body):
        return refusal(500) if uniform(body["seed"]) < 0.4 else chat("the answer is (A)")

    [question] = questions("easy", 1)
    async with serving(answer) as server, model(server) as llm:
        solution = await vote(Watched(Lead(6), seen)).solve(llm, question)
        lost = [one.number for one in solution.candidates if one.status == "failed"]
        assert seen[-1] == [-1 if number in lost else 0 for number in range(solution.drawn)]
        assert solution.drawn - len(lost) == 6
        assert lost
        assert solution.votes == {"A": 6}
        assert solution.spent.calls == solution.drawn
        assert solution.spent.failures == {"http_500": len(lost)}
        failing = await run(vote(Lead(2), k=4), llm, [Question("x", "A")])
        assert failing.mean_calls == failing.questions[0].spent.calls


async def test_a_question_of_which_all_calls_fail_has_failed():
    async with serving(lambda _: refusal(500)) as server, model(server) as llm:
        result = await run(vote(Lead(2), k=4), llm, questions("easy", 1))
    [question] = result.questions
    assert question.error.startswith("no_candidate")
    assert (question.stopped_early, result.stopped_early) == (None, None)
    assert result.to_dict()["mean_calls"] is None


@pytest.mark.parametrize("no_answer", ["ignore", "vote", "drop"])
async def test_no_answer_stops_a_vote_only_where_it_has_a_vote(no_answer):
    async with serving(lambda _: chat("no idea")) as server, model(server) as llm:
        rule = kc.Vote(no_answer=no_answer)
        solution = await vote(Lead(3), rule=rule, k=8).solve(llm, questions("easy", 1)[0])
    assert solution.drawn == (3 if no_answer == "vote" else 8)
    assert solution.stopped_early == (no_answer == "vote")
    assert solution.answer is None


async def test_a_second_run_draws_nothing_and_decides_the_same(tmp_path):
    path = tmp_path / "store.db"
    asked = [*questions("easy", 8), *questions("hard", 8)]
    async with serving(respond) as server:
        async with model(server, store=path) as llm:
            first = await run(vote(Lead(3)), llm, asked)
            sent = len(server)
        async with model(server, store=path) as llm:
            again = await run(vote(Lead(3)), llm, asked)
            assert again.spent.new == again.sent == 0
            assert again.run == first.run
            assert kept(again) == kept(first)
            assert again.log().equals(first.log())
            assert len(server) == sent == first.spent.calls

            # Another rule is another run, of the same samples.
            stricter = await run(vote(Lead(5)), llm, asked)
            batches = await run(vote(Lead(3), batch=4), llm, asked)
            whole = await run(vote(), llm, asked)
            assert len({first.run, stricter.run, batches.run, whole.run}) == 4
            assert len(server) == whole.spent.calls == 16 * MOST
            assert stricter.spent.calls > first.spent.calls
            more = await run(vote(Lead(3), k=2 * MOST), llm, asked)
            assert more.run == first.run
            log = more.log()
    ends = {one.question: one.spent.calls for one in more.questions}
    assert dict(zip(log.question, log.n_samples.tolist(), strict=True)) == ends


def kept(result):
    """Return what is known of each question, without what was paid when, in words: unknown costs are not equal."""
    return [repr(one._replace(spent=replace(one.spent, new=0))) for one in result.questions]


async def test_the_summary_tells_mean_calls_and_how_many_were_stopped():
    asked = [*questions("easy", 6), *questions("hard", 6)]
    async with serving(respond) as server, model(server) as llm:
        result = await run(vote(Lead(4), k=10), llm, asked)
        plain = await run(vote(k=10), llm, asked)
    calls = [one.spent.calls for one in result.questions]
    early = [one.stopped_early for one in result.questions]
    assert early == [n < 10 for n in calls]
    assert 0 < sum(early) < 12
    assert result.mean_calls == sum(calls) / 12
    told = result.to_dict()
    assert (told["stopped_early"], told["mean_calls"]) == (sum(early), result.mean_calls)
    assert f"{sum(early)} stopped early, {result.mean_calls:.4g} calls a question" in repr(result)
    assert result.to_arrow()["stopped_early"].to_pylist() == early
    assert (plain.stopped_early, plain.mean_calls) == (None, 10)
    assert plain.to_dict()["stopped_early"] is None
    assert "stopped early" not in repr(plain)
    assert plain.to_arrow()["stopped_early"].to_pylist() == [None] * 12


@pytest.mark.parametrize("weights", [None, [3, 1]])
@pytest.mark.parametrize("batch", [None, 3])
async def test_a_mixture_is_stopped_at_the_first_candidates_of_the_whole_mixture(weights, batch):
    def answer(body):
        hot = body["temperature"] == 1.0
        return chat(
            f"the answer is ({'A' if uniform(body['seed']) < (0.4 if hot else 0.8) else 'B'})"
        )

    members = [
        Generator(parameters=Parameters(temperature=t, seed=1), extract=AnswerIs())
        for t in (0.25, 1.0)
    ]
    mixture = Mixture(members, weights=weights)
    asked = questions("easy", 5)
    async with serving(answer) as server, model(server) as llm:
        found = [
            await vote(Lead(3), generator=mixture, batch=batch).solve(llm, one) for one in asked
        ]
        sent = len(server)
        assert sent == sum(one.drawn for one in found)
        log = llm.store.log()
        whole = [await vote(generator=mixture).solve(llm, one) for one in asked]
        assert len(server) == 5 * MOST
    for one, longer in zip(found, whole, strict=True):
        assert one.candidates == longer.candidates[: one.drawn]
        assert (one.drawn, one.stopped_early) == first_stop(
            Lead(3), codes_of(longer), batch=batch or 1
        )
    assert {one.drawn for one in found} != {MOST}
    assert log.n_samples.tolist() == [one.drawn for one in found]
    for place, one in enumerate(found):
        rows = slice(*log.offsets[place : place + 2])
        order = np.argsort(log.sample[rows])
        assert log.sample[rows][order].tolist() == list(range(one.drawn))
        assert partition(log.codes[rows][order].tolist()) == partition(codes_of(one))


async def test_the_run_in_the_store_says_which_rule_stopped_it():
    async with serving(respond) as server, model(server) as llm:
        described = vote(EarlyStopping(window=4), batch=2).description(llm, "d")
        assert described["stopping"] == {"name": "EarlyStopping", "window": 4}
        assert described["batch"] == 2
        assert vote(EarlyStopping(window=4)).description(llm, "d")["batch"] == 1
        own = vote(Named()).description(llm, "d")["stopping"]
        assert own == {"name": "Named", "label": "by name"}
        assert not {"stopping", "batch"} & set(vote().description(llm, "d"))
        assert len(server) == 0


class Named:
    """A rule that is no dataclass."""

    label = "by name"
    least_calls = 2

    def stops(self, codes):
        return len(codes) > 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"rule": kc.FilterVote(), "verifier": VERIFIER},
            r"says nothing about FilterVote; use Vote\(\)",
        ),
        ({"stopping": "early"}, r"such as AdaptiveConsistency\(\), got 'early'"),
        ({"stopping": Lead}, "such as AdaptiveConsistency"),
        ({"batch": 0}, "batch must be an integer of at least 1, got 0"),
        ({"batch": True}, "batch must be an integer"),
        ({"stopping": None, "batch": 4}, "batch=4 goes with a stopping rule"),
        ({"k": 3}, "looks at 3 candidates at least, so with k=3 .* use k=4 or more"),
    ],
)
async def test_what_cannot_be_stopped_is_refused(settings, message):
    with pytest.raises(ArgumentError, match=message):
        vote(**{"stopping": Lead(3), **settings})


async def test_a_rule_that_fails_fails_its_question_only():
    class Failing(Named):
        def stops(self, codes):  # noqa: ARG002 - as rules take them
            raise ZeroDivisionError("no rule")

    async with serving(respond) as server, model(server) as llm:
        result = await run(vote(Failing()), llm, questions("easy", 2))
    assert [one.error for one in result.questions] == ["ZeroDivisionError: no rule"] * 2
    assert len(server) == 4
