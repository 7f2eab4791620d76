"""The fault server keeps its word: answers by rule, faults by plan, counts of all."""

import asyncio
import json
from collections import Counter

import aiohttp
import openai
import pytest

from tests.servers.answers import letter, right_letter, share_right
from tests.servers.fault_server import FaultServer, FaultServerProcess
from tests.servers.plan import ACCEPTED, KINDS, RETRIED, Plan, evenly

STATUS = {
    "rate_limited": 429,
    "rate_limited_date": 429,
    "rate_limited_ms": 429,
    "quota": 429,
    "http_500": 500,
    "http_503": 503,
    "unauthorized": 401,
    "bad_request": 400,
}


def asked(url, *bodies, path="/completions", timeout=5.0):
    """Return (status, headers, body) of each request, or the exception, one after another."""

    async def ask(session, body):
        try:
            async with session.post(url + path, json=body) as answered:
                return answered.status, answered.headers, await answered.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return error

    async def ask_all():
        limit = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(timeout=limit) as session:
            return [await ask(session, body) for body in bodies]

    return asyncio.run(ask_all())


def body(prompt="2 + 2?", seed=1, **fields):
    return {"model": "model", "prompt": prompt, "seed": seed, **fields}


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_answers_depend_on_prompt_seed_and_choice_alone():
    with FaultServer() as server:
        [(status, _, first)] = asked(server.url, body(n=3))
    with FaultServer() as server:
        [(_, _, again)] = asked(server.url, body(n=3))
    texts = [choice["text"] for choice in json.loads(first)["choices"]]
    assert status == 200
    assert first == again
    assert texts == [letter("2 + 2?", 1, i) for i in range(3)]
    assert len(set(texts)) == 3


def test_letters_are_right_as_often_as_their_prompt_says():
    for prompt in ("easy", "hard", "another"):
        ending = f"({right_letter(prompt)})."
        right = sum(letter(prompt, seed, 0).endswith(ending) for seed in range(4000))
        p = share_right(prompt)
        # Six standard deviations: chance exceeds them once in 5e8 times.
        assert abs(right / 4000 - p) < 6 * (p * (1 - p) / 4000) ** 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_what_it_is_called_and_the_next_attempt_succeeds(kind):
    script = Plan(scripts={"2 + 2?": [kind]})
    with FaultServer(script, slowness=0.2) as server:
        first, second = asked(server.url, body(), body(), timeout=0.5 if kind == "hang" else 5.0)
        counts = server.counts
    if kind in STATUS:
        assert first[0] == STATUS[kind]
    elif kind == "hang":
        assert isinstance(first, TimeoutError)
    elif kind in {"reset_before", "reset_within", "truncated_body"}:
        assert isinstance(first, aiohttp.ClientError)
    else:
        assert first[0] == 200
    assert second[0] == 200
    assert json.loads(second[2])["choices"][0]["text"] == letter("2 + 2?", 1, 0)
    assert counts.faults == {kind: 1}
    assert counts.received.total() == 2
    assert counts.completed.total() == (2 if kind in ACCEPTED else 1)


def test_bodies_of_faults():
    kinds = {
        "malformed_json": lambda text: not is_json(text),
        "html": lambda text: text.startswith(b"<html>"),
        "error_body": lambda text: "choices" not in json.loads(text) and json.loads(text)["error"],
        "no_choices": lambda text: "choices" not in json.loads(text),
        "empty_choices": lambda text: json.loads(text)["choices"] == [],
        "wrong_n": lambda text: len(json.loads(text)["choices"]) == 2,
        "null_content": lambda text: json.loads(text)["choices"][0]["text"] is None,
        "no_usage": lambda text: "usage" not in json.loads(text),
        "nan_logprobs": lambda text: b"NaN" in text,
    }
    with FaultServer(Plan(scripts={kind: [kind] for kind in kinds})) as server:
        answers = asked(server.url, *(body(kind) for kind in kinds))
    for (kind, holds), (status, _, text) in zip(kinds.items(), answers, strict=True):
        assert status == 200
        assert holds(text), kind


def test_duplicates_have_one_text_whatever_their_seed():
    with FaultServer(Plan(shares={"duplicates": 1.0})) as server:
        answers = asked(server.url, *(body(seed=seed) for seed in range(5)))
    assert len({json.loads(text)["choices"][0]["text"] for _, _, text in answers}) == 1


def test_a_share_of_requests_fails_once_and_the_same_ones_each_time():
    plan = Plan(shares=evenly(0.3, ("http_500", "html")), seed=7)
    bodies = [body(seed=seed) for seed in range(400)]
    runs = []
    for _ in range(2):
        with FaultServer(plan) as server:
            answers = asked(server.url, *bodies, *bodies)
            runs.append((server.counts, [answer[0] for answer in answers]))
    (counts, statuses), (counts_again, statuses_again) = runs
    assert statuses == statuses_again
    assert counts == counts_again
    assert set(statuses[400:]) == {200}
    # Binomial with 400 x 0.3 = 120 expected: six standard deviations are 55.
    assert abs(counts.faults.total() - 120) < 55
    assert set(counts.faults) == {"http_500", "html"}
    assert set(counts.received.values()) == {2}
    failed = counts.faults.total()
    assert Counter(counts.completed.values()) == {1: failed, 2: 400 - failed}


def test_without_repeats_every_attempt_is_drawn_anew():
    plan = Plan(shares={"http_500": 0.5}, repeats=None)
    with FaultServer(plan) as server:
        statuses = [answer[0] for answer in asked(server.url, *[body()] * 60)]
    assert set(statuses) == {200, 500}


def test_a_server_in_a_process_of_its_own_counts_the_same():
    plan = Plan(shares=evenly(0.5), scripts={"no": ["unauthorized"]})
    bodies = [body("no"), *(body(seed=seed) for seed in range(30))]
    counts = []
    for kind in (FaultServer, FaultServerProcess):
        with kind(plan, retry_after=0.01) as server:
            asked(server.url, *bodies)
            counts.append(server.counts)
    assert counts[0] == counts[1]
    assert counts[0].received.total() == 31
    assert counts[0].seeds[1] == 2


def test_latency_makes_requests_wait_side_by_side():
    async def ask(url):
        async with aiohttp.ClientSession() as session:

            async def one(seed):
                async with session.post(url + "/completions", json=body(seed=seed)) as answered:
                    await answered.read()

            await asyncio.gather(*(one(seed) for seed in range(20)))

    with FaultServer(latency=0.2) as server:
        asyncio.run(ask(server.url))
        assert server.counts.most_at_once == 20


def test_the_client_of_openai_understands_it():
    async def ask(url):
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
            models = await client.models.list()
            answered = await client.chat.completions.create(
                model=models.data[0].id,
                messages=[{"role": "user", "content": "2 + 2?"}],
                n=2,
                seed=3,
                logprobs=True,
            )
            with pytest.raises(openai.AuthenticationError):
                await client.completions.create(model="model", prompt="no")
            return answered

    with FaultServer(Plan(scripts={"no": ["unauthorized"]})) as server:
        answered = asyncio.run(ask(server.url))
    texts = [choice.message.content for choice in answered.choices]
    assert texts == [letter("2 + 2?", 3, i) for i in range(2)]
    tokens = sum(len(choice.logprobs.content) for choice in answered.choices)
    assert answered.usage.completion_tokens == tokens


def test_unknown_kinds_and_shares_above_one_are_refused():
    with pytest.raises(ValueError, match="flood"):
        Plan(shares={"flood": 0.1})
    with pytest.raises(ValueError, match="at most 1"):
        Plan(shares=evenly(1.2, RETRIED))
