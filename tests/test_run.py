"""Runs over many questions: bounded, resumable, and usable whenever they end."""

from __future__ import annotations

import asyncio
import re

import pytest

import kcurve as kc
from kcurve.errors import ArgumentError, StoreError
from kcurve.llm import LLM, Budget, RetryPolicy
from kcurve.store import Store
from kcurve.strategies import RunState, Sampling, run, run_blocking
from tests.known_models import GENERATOR, VERIFIER, questions, respond, text_of
from tests.scripted_server import chat, refusal, serving

QUICK = RetryPolicy(attempts=2, backoff=0.001)


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def model(server, **settings):
    return LLM("m", base_url=server.url, **{"api_key": "k", "retry": QUICK, **settings})


def vote(k):
    return Sampling(kc.Vote(), k=k, generator=GENERATOR)


def as_rows(log):
    """Everything of a log that does not depend on when its samples were drawn."""
    keep = [None] * len(log.codes) if log.keep is None else log.keep.tolist()
    rows = []
    for q, name in enumerate(log.question):
        span = slice(log.offsets[q], log.offsets[q + 1])
        answers = list(log.answers)[log.answer_offsets[q] : log.answer_offsets[q + 1]]
        rows += [
            (name, int(sample), None if code < 0 else answers[code], bool(right), kept)
            for sample, code, right, kept in zip(
                log.sample[span],
                log.codes[span],
                log.correct[span],
                keep[span],
                strict=True,
            )
        ]
    return sorted(rows)


async def test_a_second_run_pays_for_nothing_and_more_samples_only_for_what_is_missing(tmp_path):
    asked = questions("easy", 4)
    path = tmp_path / "runs.db"
    async with serving(respond) as server:
        async with model(server, store=path) as llm:
            few = await run(vote(8), llm, asked)
        assert (len(server), few.spent.new) == (32, 32)
        async with model(server, store=path) as llm:
            again = await run(vote(8), llm, asked)
        assert (len(server), again.spent.new, again.spent.calls) == (32, 0, 32)
        assert again.questions[0].answer == few.questions[0].answer
        async with model(server, store=path) as llm:
            many = await run(vote(32), llm, asked)
        assert (len(server), many.spent.new) == (4 * 32, 4 * 24)
    assert few.run == many.run
    # The store is closed by now, and the log is to be had all the same.
    assert many.log().n_samples.tolist() == [32] * 4
    # 4 questions x 32 samples, numbered 0 to 31 in each.
    assert sorted(many.log().sample[:32].tolist()) == list(range(32))


async def test_a_budget_ends_a_run_with_what_was_finished_and_it_can_go_on(tmp_path):
    asked = questions("easy", 8)
    path = tmp_path / "runs.db"
    async with serving(respond) as server:
        async with model(server, store=path, budget=Budget(calls=18)) as llm:
            part = await run(vote(4), llm, asked, at_once=2)
        assert (part.stopped, len(server)) == ("budget", 18)
        assert 3 <= len(part.questions) <= 4
        assert "raise Budget(calls=)" in part.reason
        assert "stopped: budget" in repr(part)
        assert sum(part.log().n_samples) == 18
        async with model(server, store=path) as llm:
            whole = await run(vote(4), llm, asked)
        assert (whole.stopped, whole.spent.new, len(server)) == (None, 14, 32)
    async with serving(respond) as server, model(server) as llm:
        straight = await run(vote(4), llm, asked)
        assert as_rows(whole.log()) == as_rows(straight.log())
    assert [one.answer for one in whole.questions] == [one.answer for one in straight.questions]


async def test_a_server_that_refuses_stops_the_run():
    refuse = lambda _: refusal(401, "bad key")  # noqa: E731
    async with serving(refuse) as server, model(server, concurrency=4) as llm:
        result = await run(vote(3), llm, questions("easy", 50), at_once=10)
    assert (result.stopped, result.questions) == ("refused", ())
    assert "bad key" in result.reason
    assert "same store" in result.reason
    assert len(server) <= 8  # those under way, and those that took their places meanwhile


async def test_a_question_that_the_server_refuses_does_not_stop_the_others():
    def answer(body):
        return refusal(400, "too long") if "easy 2" in text_of(body) else respond(body)

    async with serving(answer) as server, model(server) as llm:
        result = await run(vote(3), llm, questions("easy", 6))
    assert result.stopped is None
    assert [one.question for one in result.failed] == ["easy-2"]
    assert result.failed[0].error.startswith("http_400: too long")
    assert sum(one.correct is not None for one in result.questions) == 5
    assert [one.question for one in result.questions] == [f"easy-{i}" for i in range(6)]


async def test_a_question_whose_reading_fails_does_not_stop_the_others():
    def extract(text):
        if "wrong" in text:
            raise ZeroDivisionError("a slip of the extractor")
        return "A"

    def answer(body):
        return chat("wrong" if "easy 1" in text_of(body) else "right")

    strategy = Sampling(kc.Vote(), k=2, generator=type(GENERATOR)("{{question}}", extract=extract))
    async with serving(answer) as server, model(server) as llm:
        result = await run(strategy, llm, questions("easy", 3))
    assert [one.error for one in result.questions] == [
        None,
        "ZeroDivisionError: a slip of the extractor",
        None,
    ]
    assert result.to_dict()["errors"] == {"ZeroDivisionError": 1}


async def test_a_run_of_which_every_question_fails_is_stopped():
    async with LLM("m", base_url="http://127.0.0.1:9/v1", api_key="k", retry=QUICK) as llm:
        result = await run(vote(2), llm, questions("easy", 100), at_once=1)
    assert result.stopped == "refused"
    assert len(result.failed) == 8
    assert result.failed[0].error.startswith("no_candidate: ")
    assert "2 connection" in result.failed[0].error


async def test_questions_are_taken_when_they_are_begun():
    taken = finished = most = 0

    def asked():
        nonlocal taken, most
        for question in questions("easy", 30):
            taken += 1
            most = max(most, taken - finished)
            yield question

    class Counted(Sampling):
        __slots__ = ()

        async def solve(self, *arguments, **settings):
            nonlocal finished
            solution = await super().solve(*arguments, **settings)
            finished += 1
            return solution

    async with serving(respond) as server, model(server) as llm:
        result = await run(Counted(kc.Vote(), k=2, generator=GENERATOR), llm, asked(), at_once=3)
    assert len(result.questions) == 30
    assert most <= 3
    assert not any("thinks" in str(one) for one in result.questions)  # no texts are kept


async def test_questions_that_cannot_be_read_are_an_error_after_what_was_begun():
    def asked():
        yield from questions("easy", 2)
        raise ValueError("line 3 is no question")

    async with serving(respond) as server, model(server) as llm:
        with pytest.raises(ValueError, match="line 3"):
            await run(vote(2), llm, asked())
        assert llm.store.log().n_samples.tolist() == [2, 2]


async def test_a_cancelled_run_lets_calls_end_and_can_go_on():
    let_go = asyncio.Event()

    async def answer(body):
        if len(server) > 10:
            await let_go.wait()
        return respond(body)

    strategy = Sampling(
        kc.FilterVote(calls="candidates"), k=4, generator=GENERATOR, verifier=VERIFIER
    )
    asked = questions("easy", 5)
    async with serving(answer) as server, model(server, concurrency=3) as llm:
        task = asyncio.create_task(run(strategy, llm, asked, at_once=2))
        while len(server) < 13:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        let_go.set()
        with pytest.raises(asyncio.CancelledError) as error:
            await task
        assert "same store" in error.value.__notes__[0]
        assert (len(server), llm.account.succeeded) == (13, 13)
        whole = await run(strategy, llm, asked)
        assert len(server) == 40
    async with serving(respond) as fresh, model(fresh) as llm:
        straight = await run(strategy, llm, asked)
        assert as_rows(whole.log()) == as_rows(straight.log())


async def test_an_event_stops_a_run_with_a_result():
    stop = asyncio.Event()

    def answer(body):
        if len(server) == 6:
            stop.set()
        return respond(body)

    async with serving(answer) as server, model(server, concurrency=2) as llm:
        result = await run(vote(2), llm, questions("easy", 40), at_once=2, stop=stop)
        sent = len(server)
        assert result.stopped == "interrupted"
        assert "same store" in result.reason
        assert 6 <= sent < 12
        assert sum(result.log().n_samples) == sent
        assert llm.account.unknown == 0


async def test_progress_is_told_from_beginning_to_end():
    states: list[RunState] = []
    async with serving(respond) as server, model(server) as llm:
        await run(vote(3), llm, questions("easy", 10), progress=states.append)
        again: list[RunState] = []
        await run(vote(3), llm, iter(questions("easy", 10)), progress=again.append)
    assert states[0].done == 0
    assert states[0].remaining_seconds is None
    last = states[-1]
    assert (last.done, last.total, last.calls, last.stored) == (10, 10, 30, 0)
    assert (last.tokens, last.graded, last.remaining_seconds) == (450, 10, 0)
    assert (again[-1].calls, again[-1].stored, again[-1].total) == (0, 30, None)
    assert [state.done for state in states] == sorted(state.done for state in states)


async def test_an_error_of_what_watches_is_raised():
    def watch(_state):
        raise RuntimeError("cannot draw")

    async with serving(respond) as server, model(server) as llm:
        with pytest.raises(RuntimeError, match="cannot draw"):
            await run(vote(3), llm, questions("easy", 10), progress=watch)


async def test_a_store_that_cannot_be_written_stops_the_run_before_anything_is_sent(tmp_path):
    Store(tmp_path / "runs.db").close()
    async with serving(respond) as server:
        with Store(tmp_path / "runs.db", read_only=True) as store:
            async with model(server, store=store) as llm:
                result = await run(vote(2), llm, questions("easy", 3))
    assert result.stopped == "store"
    assert len(server) == 0
    with pytest.raises(StoreError):
        result.log()


async def test_a_result_as_plain_values_and_as_a_table():
    async with serving(respond) as server, model(server) as llm:
        result = await run(vote(3), llm, questions("easy", 5))
    plain = result.to_dict()
    assert (plain["questions"], plain["calls"], plain["cost"]) == (5, 15, None)
    assert plain["low"] < plain["accuracy"] <= plain["high"]
    table = result.to_arrow()
    assert table.num_rows == 5
    assert table["calls"].to_pylist() == [3] * 5
    assert re.fullmatch(
        r"RunResult\(maj@3 on 'm': 5 questions, accuracy [\d.]+ \[[\d.]+, [\d.]+\], "
        r"15 calls \(15 new\), 225 tokens\)",
        repr(result),
    )


async def test_within_an_event_loop_the_synchronous_door_says_what_to_use():
    async with serving(respond) as server, model(server) as llm:
        with pytest.raises(ArgumentError, match="await run"):
            run_blocking(vote(2), llm, questions("easy", 1))


async def test_code_without_an_event_loop_can_run_a_strategy():
    async with serving(respond) as server:
        llm = model(server)
        # Another thread has no event loop, and its own asyncio.run.
        result = await asyncio.to_thread(run_blocking, vote(2), llm, questions("easy", 3))
    assert (len(server), len(result.questions)) == (6, 3)
    assert result.log().n_samples.tolist() == [2, 2, 2]
