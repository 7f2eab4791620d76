"""Numbers of pooling, classification and scoring endpoints are samples like all others: stored, journalled, paid for once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from math import isnan

import pytest
from aiohttp import web

from kcurve.answers import VectorScore
from kcurve.datasets import Question
from kcurve.errors import ArgumentError, BudgetError, LLMError
from kcurve.llm import LLM, Budget, Parameters, Price, RetryPolicy
from kcurve.llm.failures import Failure
from kcurve.llm.scores import decoded_scores
from kcurve.store import Store
from kcurve.strategies import Generator
from tests.llms import QUICK, balanced
from tests.servers.answers import share_right
from tests.servers.fault_server import FaultServer
from tests.servers.plan import NUMBERS, RETRIED, Plan, evenly

ENDPOINTS = ("pooling", "classify", "score")
TEXT = "2 + 2?\n\nIt is 4."
PAIR = {"text_1": "2 + 2?", "text_2": "It is 4."}
PROMPTS = {"pooling": TEXT, "classify": TEXT, "score": PAIR}
SEEN = {"pooling": TEXT, "classify": TEXT, "score": "2 + 2?\nIt is 4."}
"""What the server takes for the prompt."""


def model(server, endpoint, **settings):
    return LLM("m", base_url=server.url, endpoint=endpoint, retry=QUICK, **settings)


def numbers(server, endpoint, prompt=None, *, parameters=None, **settings):
    """Ask once, and return the sample and the account."""

    async def work():
        async with model(server, endpoint, **settings) as llm:
            [sample] = await llm.sample(
                PROMPTS[endpoint] if prompt is None else prompt,
                until=1,
                parameters=parameters or Parameters(),
            )
            return sample, llm.account

    return asyncio.run(work())


def bodies(server):
    return [json.loads(body) for body in server.counts.received]


EXPECTED = {
    "pooling": [[1 - share_right(text), share_right(text)] for text in ("2 + 2?", TEXT)],
    "classify": [1 - share_right(TEXT), share_right(TEXT)],
    "score": [share_right(SEEN["score"])],
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_text_of_a_sample_is_the_json_of_the_numbers(endpoint):
    with FaultServer() as server:
        sample, account = numbers(server, endpoint)
        [body] = bodies(server)
    assert json.loads(sample.text) == EXPECTED[endpoint]
    assert " " not in sample.text
    assert (sample.status, sample.finish_reason, sample.seed) == ("ok", None, None)
    assert (sample.usage.prompt, sample.usage.completion) == (len(SEEN[endpoint]) // 4, 0)
    assert VectorScore()(sample.text) == share_right(SEEN[endpoint])
    assert body == {"model": "m", **(PAIR if endpoint == "score" else {"input": TEXT})}
    assert balanced(account)


@pytest.mark.parametrize("endpoint", ["pooling", "classify"])
def test_messages_go_as_messages(endpoint):
    messages = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]
    with FaultServer() as server:
        sample, _ = numbers(server, endpoint, messages)
        [body] = bodies(server)
    assert body == {"model": "m", "messages": messages}
    assert VectorScore()(sample.text) == share_right("2 + 2?\n4")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
@pytest.mark.parametrize("root", ["", "/behind/a/proxy"])
def test_the_calls_are_beside_the_version_of_the_protocol(root, path):
    asked = []

    async def work():
        async def answer(request):
            asked.append((request.path, request.headers["Authorization"]))
            return web.json_response({"data": [{"score": 0.5}]})

        app = web.Application()
        app.router.add_post("/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}{root}{path}"
            async with LLM("m", base_url=url, api_key="secret", endpoint="score") as llm:
                return await llm.sample(PAIR, until=1)
        finally:
            await runner.cleanup()

    [sample] = asyncio.run(work())
    assert asked == [(f"{root}/score", "Bearer secret")]
    assert sample.text == "[0.5]"
    assert (sample.usage.prompt, sample.usage.completion) == (None, None)


def test_fields_of_the_endpoint_go_with_it():
    with FaultServer() as server:
        numbers(server, "classify", parameters=Parameters(extra={"use_activation": False}))
        [body] = bodies(server)
    assert body == {"model": "m", "input": TEXT, "use_activation": False}


def test_numbers_are_paid_for_once(tmp_path):
    path = tmp_path / "store.db"
    prices = {"m": Price(input=1e6, output=1e9)}
    with FaultServer() as server:
        first, spent = numbers(server, "pooling", store=path, prices=prices)
        again, saved = numbers(server, "pooling", store=path, prices=prices)
        other, _ = numbers(server, "classify", store=path)
        assert server.counts.received.total() == 2
    assert (again.text, again.paid_now) == (first.text, False)
    assert other.text != first.text
    assert (spent.sent, saved.sent, saved.stored) == (1, 0, 1)
    assert spent.money == first.cost == len(TEXT) // 4
    assert (spent.prompt, spent.completion) == (len(TEXT) // 4, 0)
    with Store(path, read_only=True) as store:
        assert store.verify().sound


def test_numbers_of_several_texts_at_once_differ():
    async def work(url):
        async with LLM("m", base_url=url, endpoint="pooling", concurrency=4) as llm:
            texts = [f"Step {i}" for i in range(20)]
            return texts, await asyncio.gather(*(llm.sample(text, until=1) for text in texts))

    with FaultServer(latency=0.01) as server:
        texts, samples = asyncio.run(work(server.url))
        assert server.counts.most_at_once <= 4
    assert [VectorScore()(sample.text) for [sample] in samples] == [
        share_right(text) for text in texts
    ]


KINDS = {
    "rate_limited": "rate_limited",
    "http_500": "http_500",
    "reset_before": "connection",
    "reset_within": "connection",
    "truncated_body": "connection",
    "malformed_json": "invalid_body",
    "html": "invalid_body",
    "error_body": "error_body",
    "no_choices": "no_choices",
    "empty_choices": "no_choices",
    "wrong_n": "wrong_n",
    "nan_logprobs": "invalid_body",
    "nan_numbers": "invalid_body",
    "null_numbers": "invalid_body",
}


@pytest.mark.parametrize("fault", KINDS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_fault_costs_one_request_more(endpoint, fault):
    with FaultServer(Plan(scripts={SEEN[endpoint]: [fault]}), retry_after=0.01) as server:
        sample, account = numbers(server, endpoint)
        assert server.counts.received.total() == 2
    assert (sample.status, sample.attempts) == ("ok", 2)
    assert json.loads(sample.text) == EXPECTED[endpoint]
    assert account.failed == {KINDS[fault]: 1}


@pytest.mark.parametrize("fault", NUMBERS)
def test_numbers_that_never_come_are_a_failed_sample(fault):
    with FaultServer(Plan(scripts={SEEN["score"]: [fault] * 100})) as server:
        sample, account = numbers(server, "score")
        assert server.counts.received.total() == QUICK.attempts
    assert (sample.status, sample.text) == ("failed", None)
    assert sample.error.startswith("invalid_body")
    assert isnan(VectorScore()(sample.text))
    assert account.failed == {"invalid_body": QUICK.attempts}


def test_what_no_retry_can_mend_is_an_error():
    with FaultServer(Plan(scripts={TEXT: ["unauthorized"]})) as server:
        with pytest.raises(LLMError, match="check the key"):
            numbers(server, "pooling")
        assert server.counts.received.total() == 1


def test_an_answer_without_usage_is_one_all_the_same():
    with FaultServer(Plan(scripts={TEXT: ["no_usage"]})) as server:
        sample, _ = numbers(server, "pooling", prices={"m": Price(input=1.0, output=1.0)})
    assert sample.status == "ok"
    assert sample.usage.prompt is None
    assert isnan(sample.cost)


def test_a_run_with_a_fault_in_five_has_all_numbers_and_equal_books(tmp_path):
    path = tmp_path / "store.db"
    policy = RetryPolicy(attempts=12, backoff=0.002, longest_wait=2.0)
    kinds = [kind for kind in (*RETRIED, *NUMBERS) if kind != "rate_limited_date"]
    texts = [f"Step {i}" for i in range(300)]

    async def work(url):
        settings = {"base_url": url, "store": path, "retry": policy, "concurrency": 16}
        async with LLM("m", endpoint="pooling", **settings) as llm:
            return await asyncio.gather(*(llm.sample(t, until=1) for t in texts)), llm.account

    plan = Plan(shares=evenly(0.2, kinds), repeats=None)
    with FaultServer(plan, retry_after=0.01) as server:
        samples, account = asyncio.run(work(server.url))
        counts = server.counts
    assert [VectorScore()(sample.text) for [sample] in samples] == [share_right(t) for t in texts]
    assert account.samples == account.succeeded == 300
    assert account.sent == counts.received.total() == 300 + sum(account.failed.values())
    assert sum(account.failed.values()) == counts.faults.total() > 30
    assert balanced(account)
    with closing(sqlite3.connect(path)) as connection:
        journal = dict(connection.execute("SELECT kind, count(*) FROM outcomes GROUP BY kind"))
    assert journal == {"ok": 300, **account.failed}


def test_a_budget_of_tokens_counts_the_prompt_alone():
    with FaultServer() as server:
        # A pair is sent as JSON: that is its worst case.
        size = len(json.dumps(PAIR, separators=(",", ":")))
        numbers(server, "score", budget=Budget(tokens=size))
        with pytest.raises(BudgetError, match=f"{size} tokens"):
            numbers(server, "score", budget=Budget(tokens=size - 1))
        assert server.counts.received.total() == 1


@pytest.mark.parametrize(
    ("endpoint", "prompt", "message"),
    [
        ("score", "a text", "takes a pair of texts"),
        ("score", {"text_1": "a"}, "takes a pair of texts"),
        ("score", {"text_1": "a", "text_2": ""}, "neither empty"),
        ("score", {"text_1": "a", "text_2": "b", "text_3": "c"}, "takes a pair of texts"),
        ("score", {"text_1": "a", "text_2": ["b"]}, "takes a pair of texts"),
        ("score", [{"role": "user", "content": "a"}], "takes a pair of texts"),
        ("pooling", PAIR, "must be a text or a list of messages"),
        ("classify", "", "must not be empty"),
        ("classify", [], "at least one message"),
        ("chat", PAIR, "must be a text or a list of messages"),
        ("completions", PAIR, "takes a text"),
    ],
)
def test_a_prompt_of_another_endpoint_is_refused(endpoint, prompt, message):
    llm = LLM("m", base_url="http://localhost:1/v1", endpoint=endpoint)
    with pytest.raises(ArgumentError, match=message):
        asyncio.run(llm.sample(prompt, until=1))
    assert llm.account.sent == 0


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nothing_is_sampled_from_numbers(endpoint):
    llm = LLM("m", base_url="http://localhost:1/v1", endpoint=endpoint)

    def sample(until=1, **parameters):
        asyncio.run(llm.sample(PROMPTS[endpoint], until=until, parameters=Parameters(**parameters)))

    with pytest.raises(ArgumentError, match=f"'{endpoint}' .* until must be at most 1, got 2"):
        sample(until=2)
    with pytest.raises(ArgumentError, match="leave seed, temperature out of the parameters"):
        sample(temperature=0.0, seed=1)
    with pytest.raises(ArgumentError, match="leave stop out"):
        sample(stop="\n")
    name = next(iter(PAIR if endpoint == "score" else {"input": TEXT}))
    with pytest.raises(ArgumentError, match=f"extra must not hold '{name}'"):
        sample(extra={name: "x"})
    with pytest.raises(ArgumentError, match="writes nothing that could be probed"):
        asyncio.run(llm.probe())
    with pytest.raises(ArgumentError, match="samples_per_request must be 1, got 2"):
        LLM("m", base_url="http://localhost:1/v1", endpoint=endpoint, samples_per_request=2)
    with pytest.raises(ArgumentError, match=f"'{endpoint}' writes no text"):
        Generator("{{question}}").prompt(Question("2 + 2?"), endpoint=llm.endpoint)
    assert llm.account.sent == 0


@pytest.mark.parametrize(
    ("endpoint", "body", "text"),
    [
        ("pooling", {"data": [{"data": [0.1, 2]}]}, "[0.1,2]"),
        ("pooling", {"data": [{"data": [[-3.25]], "index": 0}]}, "[[-3.25]]"),
        ("classify", {"data": [{"probs": [0.25, 0.75], "label": None}]}, "[0.25,0.75]"),
        ("score", {"data": [{"score": 1e-30}], "usage": None}, "[1e-30]"),
        ("score", {"data": [{"score": 1}], "error": None}, "[1]"),
    ],
)
def test_what_servers_send(endpoint, body, text):
    [choice] = decoded_scores(json.dumps(body).encode(), endpoint).choices
    assert choice.text == text


@pytest.mark.parametrize(
    ("endpoint", "body", "kind"),
    [
        ("pooling", '{"data": [{"data": [[1, 2], []]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [[1, 2], 3]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [3, [1, 2]]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [[[1]]]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": []}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": "AAAA"}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [true]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [1e999]}]}', "invalid_body"),
        ("pooling", '{"data": [{"data": [-Infinity]}]}', "invalid_body"),
        ("pooling", '{"data": [{"embedding": [1.0]}]}', "invalid_body"),
        ("pooling", '{"data": [1.0]}', "invalid_body"),
        ("classify", '{"data": [{"probs": [[0.5]]}]}', "invalid_body"),
        ("score", '{"data": [{"score": [0.5]}]}', "invalid_body"),
        ("score", '{"data": [{"score": "0.5"}]}', "invalid_body"),
        ("score", '{"data": []}', "no_choices"),
        ("score", '{"data": null}', "no_choices"),
        ("score", "{}", "no_choices"),
        ("score", '{"data": [{"score": 1.0}, {"score": 1.0}]}', "wrong_n"),
        ("score", '{"error": {"message": "no", "code": 503}}', "http_503"),
        ("score", "[" * 100_000, "invalid_body"),
    ],
)
def test_what_is_not_believed(endpoint, body, kind):
    with pytest.raises(Failure) as caught:
        decoded_scores(body.encode(), endpoint)
    assert caught.value.kind == kind
    assert caught.value.retried
