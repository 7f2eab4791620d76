"""Sampling over real HTTP: what is sent, what is paid for, what is told of errors."""

import asyncio
import sqlite3
from contextlib import closing
from math import isnan

import pytest
from aiohttp import web

from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters, Price, RetryPolicy
from tests.scripted_server import chat, echo, one_after_another, refusal, serving

QUICK = RetryPolicy(attempts=4, backoff=0.001, longest_wait=1.0)
SEEDED = Parameters(seed=1, max_tokens=8)


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


def model(server, **settings):
    return LLM("m", base_url=server.url, **{"api_key": "k", "retry": QUICK, **settings})


def balanced(account):
    return account.sent == account.succeeded + sum(account.failed.values()) + account.unknown


async def test_samples_come_in_the_order_of_their_indices():
    async with serving() as server, model(server) as llm:
        samples = await llm.sample("2 + 2 = ?", until=30, parameters=SEEDED)
        assert [sample.index for sample in samples] == list(range(30))
        assert [sample.text for sample in samples] == [f"seed {s.seed}" for s in samples]
        assert len(server) == 30


async def test_every_sample_has_a_seed_of_its_own():
    async with serving() as server, model(server) as llm:
        await llm.sample("2 + 2 = ?", until=50, parameters=SEEDED)
        assert len(set(server.seeds)) == 50


async def test_without_a_seed_none_is_sent():
    async with serving() as server, model(server) as llm:
        await llm.sample("2 + 2 = ?", until=2)
        assert server.seeds == [None, None]


async def test_the_body_is_that_of_the_protocol():
    parameters = Parameters(
        temperature=0.5, top_p=0.9, max_tokens=7, stop="\n", logprobs=2, extra={"top_k": 40}
    )
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=1, parameters=parameters)
    assert server.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 7,
            "stop": ["\n"],
            "logprobs": True,
            "top_logprobs": 2,
            "top_k": 40,
        }
    ]


async def test_completions_take_the_text_as_it_is():
    def answer(_body):
        return web.json_response({"choices": [{"index": 0, "text": " 4", "finish_reason": "stop"}]})

    async with serving(answer) as server, model(server, endpoint="completions") as llm:
        (sample,) = await llm.sample("2 + 2 =", until=1, parameters=Parameters(logprobs=3))
    assert sample.text == " 4"
    assert server.bodies == [{"model": "m", "prompt": "2 + 2 =", "logprobs": 3}]


async def test_messages_are_sent_as_they_are():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    async with serving() as server, model(server) as llm:
        await llm.sample(messages, until=1)
    assert server.bodies[0]["messages"] == messages


async def test_only_what_the_store_lacks_is_paid_for():
    async with serving() as server, model(server) as llm:
        first = await llm.sample("hi", until=4, parameters=SEEDED)
        second = await llm.sample("hi", until=6, parameters=SEEDED)
        assert len(server) == 6
        assert [sample.text for sample in second[:4]] == [sample.text for sample in first]
        assert [sample.paid_now for sample in second] == [False] * 4 + [True] * 2
        assert (llm.account.samples, llm.account.stored) == (6, 4)


async def test_another_temperature_is_another_request():
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=2, parameters=Parameters(temperature=0.5))
        await llm.sample("hi", until=2, parameters=Parameters(temperature=0.6))
        assert len(server) == 4


async def test_another_revision_is_another_model(tmp_path):
    async with serving() as server:
        for revision in ("", "a", "a"):
            async with model(server, revision=revision, store=tmp_path / "s.db") as llm:
                await llm.sample("hi", until=2)
        assert len(server) == 4


async def test_samples_may_start_anywhere():
    async with serving() as server, model(server) as llm:
        samples = await llm.sample("hi", start=3, until=5)
        assert [sample.index for sample in samples] == [3, 4]
        assert await llm.sample("hi", start=5, until=5) == []
        assert len(server) == 2


async def test_equal_requests_at_once_are_sent_once():
    async with serving() as server, model(server) as llm:
        together = await asyncio.gather(
            *(llm.sample("hi", until=5, parameters=SEEDED) for _ in range(4))
        )
        assert len(server) == 5
        assert len({tuple(sample.text for sample in samples) for samples in together}) == 1


async def test_no_more_calls_at_once_than_allowed():
    under_way = most = 0

    async def answer(body):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return echo(body)

    async with serving(answer) as server, model(server, concurrency=3) as llm:
        await asyncio.gather(*(llm.sample(f"question {i}", until=5) for i in range(5)))
    assert most == 3
    assert len(server) == 25


async def test_a_million_samples_do_not_make_a_million_tasks():
    tasks = []

    def answer(_body):
        tasks.append(len(asyncio.all_tasks()))
        return refusal(401) if len(tasks) > 200 else chat("x")

    async with serving(answer) as server, model(server, concurrency=8) as llm:
        with pytest.raises(LLMError):
            await llm.sample("hi", until=1_000_000)
    assert max(tasks) < 60


async def test_a_rate_is_kept():
    async with serving() as server, model(server, requests_per_minute=300) as llm:
        clock = asyncio.get_running_loop().time
        start = clock()
        await llm.sample("hi", until=8)
    # Five at once are a second's worth; the other three follow every fifth of a second.
    assert clock() - start >= 0.6
    assert len(server) == 8


async def test_tokens_that_a_call_did_not_need_are_given_back_to_the_rate():
    parameters = Parameters(max_tokens=1_000_000)
    async with serving() as server, model(server, tokens_per_minute=6000) as llm:
        await llm.sample("hi", until=4, parameters=parameters)
        # As reserved, the second call would have to wait for hours.
        assert len(server) == 4


def test_an_llm_may_be_used_from_one_event_loop_after_another():
    async def work(llm, until):
        async with serving() as server:
            llm._client._url = server.url
            async with llm:
                return len(await llm.sample("hi", until=until)), len(server)

    llm = LLM("m", base_url="http://localhost:1/v1", retry=QUICK)
    assert asyncio.run(work(llm, 4)) == (4, 4)
    assert asyncio.run(work(llm, 6)) == (6, 2)


# Failures


async def test_what_fails_is_asked_again_with_the_same_seed():
    answer = one_after_another(refusal(500), refusal(503), None)
    async with serving(answer) as server, model(server) as llm:
        (sample,) = await llm.sample("hi", until=1, parameters=SEEDED)
        assert (sample.status, sample.attempts) == ("ok", 4)
        assert len(set(server.seeds)) == 1
        assert llm.account.failed == {"http_500": 1, "http_503": 1, "connection": 1}
        assert (llm.account.sent, llm.account.retried) == (4, 3)
        assert balanced(llm.account)


async def test_a_sample_whose_attempts_all_failed_is_a_failed_sample():
    async with serving(lambda _: refusal(500, "out of order")) as server, model(server) as llm:
        samples = await llm.sample("hi", until=2)
        assert [sample.status for sample in samples] == ["failed", "failed"]
        assert samples[0].error == "http_500: out of order"
        assert samples[0].text is None
        assert len(server) == 8
        assert balanced(llm.account)


async def test_one_failed_sample_does_not_keep_others_from_coming():
    async with serving() as server, model(server) as llm:
        bad = (await llm.sample("hi", until=5, parameters=SEEDED))[2].seed

    def answer(body):
        return refusal(500) if body["seed"] == bad else echo(body)

    async with serving(answer) as server, model(server) as llm:
        samples = await llm.sample("hi", until=5, parameters=SEEDED)
        assert [sample.status for sample in samples] == ["ok", "ok", "failed", "ok", "ok"]
        assert len(server) == 4 + 4


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "check the parameters"),
        (401, "OPENAI_API_KEY"),
        (403, "may not use"),
        (404, "name of the model"),
        (422, "check the parameters"),
    ],
)
async def test_what_no_retry_can_mend_is_told_at_once(status, remedy):
    async with serving(lambda _: refusal(status)) as server, model(server) as llm:
        with pytest.raises(LLMError, match=remedy):
            await llm.sample("hi", until=1)
        assert len(server) == 1
        assert balanced(llm.account)


async def test_an_exhausted_quota_is_told_at_once():
    answer = lambda _: refusal(429, "You exceeded your quota", code="insufficient_quota")  # noqa: E731
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(LLMError, match=r"exceeded your quota; .* go on with the same store"):
            await llm.sample("hi", until=1)
        assert len(server) == 1


async def test_after_an_error_calls_under_way_end_and_are_kept():
    release = asyncio.Event()

    async def answer(body):
        if len(server) == 4:
            asyncio.get_running_loop().call_later(0.05, release.set)
            return refusal(401)
        await release.wait()
        return echo(body)

    async with serving(answer) as server, model(server, concurrency=4) as llm:
        with pytest.raises(LLMError):
            await llm.sample("hi", until=100)
        assert (len(server), llm.account.succeeded) == (4, 3)
        assert balanced(llm.account)
        release.set()
        found = await llm.store.find(call_of(llm), range(100))
        assert len(found.samples) == 3


def call_of(llm):
    return llm._call("hi", Parameters()).request


async def test_retry_after_is_waited():
    times = []

    def answer(body):
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            return refusal(429, headers={"Retry-After": "0.2"})
        return echo(body)

    async with serving(answer) as server, model(server) as llm:
        await llm.sample("hi", until=1)
    assert times[1] - times[0] >= 0.2


async def test_one_refusal_among_successes_stops_nobody_else():
    answer = one_after_another(refusal(429, headers={"Retry-After": "0.5"}))
    async with serving(answer) as server, model(server, concurrency=2) as llm:
        first = asyncio.create_task(llm.sample("hi", until=1))
        while len(server) < 1:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        await llm.sample("others", until=20)
        assert not first.done()
        assert (await first)[0].attempts == 2


async def test_refusals_one_after_another_stop_everybody():
    times = []

    def answer(body):
        times.append(asyncio.get_running_loop().time())
        return refusal(429, headers={"Retry-After": "0.3"}) if len(times) <= 4 else echo(body)

    async with serving(answer) as server, model(server, concurrency=4) as llm:
        await llm.sample("hi", until=12)
    assert len(times) == 16
    assert times[4] - times[1] >= 0.3


async def test_a_longer_wait_than_allowed_ends_the_call_and_keeps_the_sample_open():
    answer = one_after_another(refusal(429, headers={"Retry-After": "3600"}))
    async with serving(answer) as server, model(server) as llm:
        with pytest.raises(
            LLMError, match=r"3600 seconds, longer than RetryPolicy\(longest_wait=1"
        ):
            await llm.sample("hi", until=1)
        assert len(server) == 1
        (sample,) = await llm.sample("hi", until=1)
        assert (sample.status, sample.attempts) == ("ok", 2)


async def test_a_call_has_a_deadline():
    async def answer(body):
        if len(server) == 1:
            await asyncio.sleep(10)
        return echo(body)

    async with serving(answer) as server, model(server, timeout=0.5) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert (sample.status, sample.attempts) == ("ok", 2)
        assert llm.account.failed == {"timeout": 1}


async def test_no_attempt_starts_after_the_deadline_of_all():
    policy = RetryPolicy(attempts=1000, backoff=0.02, jitter=0.0, deadline=0.1)
    async with serving(lambda _: refusal(500)) as server, model(server, retry=policy) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.status == "failed"
        # Waits of 20 and 40 ms fit, one of 80 ms more does not.
        assert len(server) <= 3


async def test_a_server_that_is_not_there_is_a_failed_connection():
    async with LLM("m", base_url="http://127.0.0.1:9/v1", api_key="k", retry=QUICK) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.error.startswith("connection: ")
        assert llm.account.failed == {"connection": 4}


@pytest.mark.parametrize("per_call", [1, 2])
async def test_a_call_cut_off_is_journalled_as_unknown(tmp_path, per_call):
    async def answer(_body):
        await asyncio.sleep(10)

    path = tmp_path / "s.db"
    settings = {"store": path, "samples_per_request": per_call, "grace": 0.01}
    async with serving(answer) as server, model(server, **settings) as llm:
        task = asyncio.create_task(llm.sample("hi", until=3 * per_call))
        while len(server) < 3:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (llm.account.sent, llm.account.unknown) == (3, 3)
        assert balanced(llm.account)
    with closing(sqlite3.connect(path)) as connection:
        kinds = connection.execute("SELECT kind FROM attempts LEFT JOIN outcomes ON id = attempt")
        assert kinds.fetchall() == [("cancelled",)] * 3 * per_call


async def test_when_cancelled_calls_under_way_end_and_no_other_is_sent():
    let_go = asyncio.Event()

    async def answer(_body):
        await let_go.wait()
        return chat("late")

    async with serving(answer) as server, model(server, concurrency=2) as llm:
        task = asyncio.create_task(llm.sample("hi", until=10))
        while len(server) < 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(server) == 2
        assert (llm.account.succeeded, llm.account.unknown) == (2, 0)
        kept = await llm.sample("hi", until=2)
        assert [sample.paid_now for sample in kept] == [False, False]


async def test_closing_lets_calls_under_way_end_and_tells_who_waits():
    let_go = asyncio.Event()

    async def answer(_body):
        await let_go.wait()
        return chat("late")

    async with serving(answer) as server, model(server, concurrency=2) as llm:
        task = asyncio.create_task(llm.sample("hi", until=10))
        while len(server) < 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.05, let_go.set)
        await llm.close()
        with pytest.raises(LLMError, match="was closed"):
            await task
        assert (len(server), llm.account.succeeded) == (2, 2)


# Several samples per request


async def test_a_call_can_ask_for_several_samples():
    async with serving() as server, model(server, samples_per_request=4) as llm:
        samples = await llm.sample("hi", until=10, parameters=SEEDED)
        assert sorted(body.get("n", 1) for body in server.bodies) == [2, 4, 4]
        assert [sample.text for sample in samples] == [f"seed {s.seed}" for s in samples]
        assert len({sample.seed for sample in samples}) == 10


async def test_tokens_of_several_samples_are_unknown_without_a_probe():
    async with serving() as server, model(server, samples_per_request=4) as llm:
        samples = await llm.sample("hi", until=4)
        assert {sample.usage.completion for sample in samples} == {None}
        assert isnan(samples[0].cost)


async def test_a_probe_lets_tokens_of_several_samples_be_shared():
    def answer(body):
        n = body.get("n", 1)
        text = f"seed {body.get('seed')}"
        return chat(*[text] * n, finish_reason="length", usage=(10, 16 * n))

    prices = {"m": Price(input=1.0, output=1.0)}
    async with (
        serving(answer) as server,
        model(server, samples_per_request=4, prices=prices) as llm,
    ):
        assert (await llm.probe()).usage_of_all is True
        samples = await llm.sample("hi", until=4)
        assert [sample.usage.completion for sample in samples] == [16] * 4
        assert sum(sample.usage.prompt for sample in samples) == 10
        assert sum(sample.cost for sample in samples) == pytest.approx(74e-6)


async def test_a_server_that_ignores_n_is_not_believed():
    async with serving(lambda _: chat("x")) as server, model(server, samples_per_request=4) as llm:
        samples = await llm.sample("hi", until=4)
        assert {sample.status for sample in samples} == {"failed"}
        assert "samples_per_request=1" in samples[0].error
        assert len(server) == 4


# Probe


async def test_a_probe_finds_what_a_server_can_do():
    def answer(body):
        n = body.get("n", 1)
        fields = {}
        if body.get("logprobs"):
            fields["logprobs"] = {"content": [{"token": "a", "logprob": -1.0}] * 3}
        texts = [f"seed {body['seed'] + i}" for i in range(n)]
        return chat(*texts, usage=(5, 3 * n), **fields)

    async with serving(answer) as server, model(server) as llm:
        found = await llm.probe()
        assert found.to_dict() == {
            "n": True,
            "seed": True,
            "seeds_differ": True,
            "logprobs": True,
            "usage": True,
            "usage_of_all": True,
            "calls": len(server),
        }
        assert llm.account.sent == len(server)
        assert llm.capabilities == found


async def test_a_probe_finds_what_a_server_cannot_do():
    texts = iter(range(100))

    def answer(body):
        if body.get("logprobs"):
            return refusal(400)
        return chat(f"text {next(texts)}")

    async with serving(answer) as server, model(server) as llm:
        found = await llm.probe()
    assert (found.n, found.seed, found.logprobs, found.usage) == (False, False, False, False)
    assert found.usage_of_all is None


async def test_a_probe_finds_that_only_one_choice_is_counted():
    def answer(body):
        return chat(*["x"] * body.get("n", 1), finish_reason="length", usage=(5, 16))

    async with serving(answer) as server, model(server) as llm:
        assert (await llm.probe()).usage_of_all is False


async def test_a_second_probe_asks_again():
    async with serving() as server, model(server) as llm:
        await llm.probe()
        calls = len(server)
        await llm.probe()
        assert len(server) == 2 * calls


async def test_a_server_that_does_not_answer_cannot_be_probed():
    async with serving(lambda _: refusal(404)) as server, model(server) as llm:
        with pytest.raises(LLMError, match="cannot be probed"):
            await llm.probe()


# Budget and prices


async def test_a_budget_of_calls_is_kept_to_the_call():
    async with serving() as server, model(server, budget=Budget(calls=7)) as llm:
        with pytest.raises(BudgetError, match="7 of 7 are spent"):
            await llm.sample("hi", until=20)
        assert (len(server), llm.account.samples) == (7, 7)


async def test_failed_calls_are_calls():
    answer = one_after_another(refusal(500), refusal(500))
    async with serving(answer) as server, model(server, budget=Budget(calls=3)) as llm:
        await llm.sample("hi", until=1)
        with pytest.raises(BudgetError):
            await llm.sample("hi", until=2)
        assert len(server) == 3


async def test_a_budget_of_tokens_is_never_overspent():
    def answer(body):
        return chat("x", usage=(10, body["max_tokens"]))

    async with serving(answer) as server, model(server, budget=Budget(tokens=1000)) as llm:
        with pytest.raises(BudgetError, match="tokens"):
            await llm.sample("hi", until=100, parameters=SEEDED)
        account = llm.account
        assert 900 < account.prompt + account.completion <= 1000
        assert balanced(account)


async def test_a_budget_of_money_is_never_overspent():
    prices = {"m": Price(input=1.0, output=100.0)}
    budget = Budget(money=0.01)
    async with serving() as server, model(server, prices=prices, budget=budget) as llm:
        with pytest.raises(BudgetError, match="money"):
            await llm.sample("hi", until=100, parameters=SEEDED)
        assert 0.009 < llm.account.money <= 0.01


async def test_a_time_out_may_have_been_paid_for():
    async def answer(_body):
        await asyncio.sleep(10)

    budget = Budget(tokens=200)
    once = RetryPolicy(attempts=1)
    async with (
        serving(answer) as server,
        model(server, budget=budget, timeout=0.5, retry=once) as llm,
    ):
        parameters = Parameters(max_tokens=100)
        await llm.sample("hi", until=1, parameters=parameters)
        with pytest.raises(BudgetError):
            await llm.sample("hi", until=2, parameters=parameters)
        assert len(server) == 1


async def test_stored_samples_count_if_the_budget_says_so():
    async with serving() as server, model(server) as llm:
        await llm.sample("hi", until=5)
        study = Budget(calls=7, stored=True)
        async with model(server, store=llm.store, budget=study) as again:
            with pytest.raises(BudgetError):
                await again.sample("hi", until=10)
        async with model(server, store=llm.store, budget=Budget(calls=7)) as session:
            assert len(await session.sample("hi", until=10)) == 10
        assert len(server) == 10


async def test_the_cost_of_a_sample_is_that_of_its_tokens():
    prices = {"m": Price(input=2.0, output=4.0)}
    async with serving() as server, model(server, prices=prices) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.cost == pytest.approx((10 * 2 + 5 * 4) / 1e6)
        assert llm.account.money == sample.cost


async def test_a_model_without_a_price_costs_nan():
    async with serving() as server, model(server) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert isnan(sample.cost)
        assert llm.account.unpriced == 1


# Secrets


async def test_the_key_is_sent_and_shown_to_nobody_else(tmp_path):
    key = "sk-very-secret"
    path = tmp_path / "s.db"

    def answer(_body):
        if len(server) == 1:
            return refusal(500, f"I know {key}")
        return chat(f"your key is {key}") if len(server) == 2 else refusal(401, f"wrong: {key}")

    async with serving(answer) as server, model(server, api_key=key, store=path) as llm:
        (sample,) = await llm.sample("hi", until=1)
        assert sample.text == "your key is [secret]"
        with pytest.raises(LLMError, match="wrong: ") as caught:
            await llm.sample("hi", until=2)
        shown = f"{llm!r} {llm.account!r} {caught.value} {vars(llm)!r}"
    assert {header["Authorization"] for header in server.headers} == {f"Bearer {key}"}
    assert key not in shown
    for file in tmp_path.iterdir():
        assert key.encode() not in file.read_bytes()


def test_credentials_of_the_address_are_not_shown():
    llm = LLM("m", base_url="http://user:pass-word@localhost:1/v1")
    assert "pass-word" not in f"{llm!r}"
    assert "http://localhost:1/v1" in f"{llm!r}"


def test_openai_needs_a_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(LLMError, match="OPENAI_API_KEY"):
        LLM("gpt-4.1")


async def test_key_and_address_come_from_the_environment(monkeypatch):
    async with serving() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        async with LLM("m") as llm:
            await llm.sample("hi", until=1)
    assert server.headers[0]["Authorization"] == "Bearer from-the-environment"


# Mistakes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"endpoint": "responses"}, "endpoint must be one of 'chat', 'completions'"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout": 0}, "timeout"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"samples_per_request": 129}, "at most 128"),
        ({"unknown": "guess"}, "'resend', 'skip'"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ArgumentError, match=message):
        LLM("m", base_url="http://localhost:1/v1", **settings)


def test_an_address_without_a_scheme_is_refused():
    with pytest.raises(LLMError, match="base_url must be"):
        LLM("m", base_url="localhost:8000")


@pytest.mark.parametrize(
    ("endpoint", "prompt", "message"),
    [
        ("completions", [{"role": "user", "content": "hi"}], "takes a text, got messages"),
        ("chat", "", "must not be empty"),
        ("chat", [], "at least one message"),
        ("chat", [{"content": "hi"}], "role and content"),
        ("chat", {"role": "user", "content": "hi"}, "a list of messages"),
        ("chat", [{"role": "user", "content": object()}], "plain JSON"),
    ],
)
async def test_prompts_that_do_not_fit_are_refused(endpoint, prompt, message):
    async with serving() as server, model(server, endpoint=endpoint) as llm:
        with pytest.raises(ArgumentError, match=message):
            await llm.sample(prompt, until=1)
        assert len(server) == 0


@pytest.mark.parametrize("name", ["n", "seed", "stream", "model", "messages", "best_of"])
async def test_what_has_a_place_of_its_own_is_not_taken_from_extra(name):
    async with serving() as server, model(server) as llm:
        with pytest.raises(ArgumentError, match=f"extra must not hold '{name}'"):
            await llm.sample("hi", until=1, parameters=Parameters(extra={name: 1}))


async def test_more_samples_than_there_are_seeds_are_refused_before_any_is_paid_for():
    async with serving() as server, model(server) as llm:
        with pytest.raises(ArgumentError, match="at most 16777215 samples"):
            await llm.sample("hi", start=16_777_214, until=16_777_217, parameters=SEEDED)
        assert len(server) == 0


async def test_a_range_that_is_none_is_refused():
    async with serving() as server, model(server) as llm:
        with pytest.raises(ArgumentError, match="start must be between 0 and until=3, got 4"):
            await llm.sample("hi", start=4, until=3)
