"""Every fault of a server, with the exact number of requests it may cost."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from kcurve.errors import LLMError
from kcurve.llm import LLM, Parameters, RetryPolicy
from tests.servers.fault_server import FaultServer
from tests.servers.plan import RETRIED, Plan, evenly

PROMPT = "Which one?"
QUICK = RetryPolicy(attempts=4, backoff=0.002, longest_wait=2.0)
PARAMETERS = Parameters(seed=1, temperature=1.0, max_tokens=20, logprobs=0)

KINDS = {
    "rate_limited": "rate_limited",
    "rate_limited_date": "rate_limited",
    "rate_limited_ms": "rate_limited",
    "http_500": "http_500",
    "http_503": "http_503",
    "reset_before": "connection",
    "reset_within": "connection",
    "hang": "timeout",
    "truncated_body": "connection",
    "malformed_json": "invalid_body",
    "html": "invalid_body",
    "error_body": "error_body",
    "no_choices": "no_choices",
    "empty_choices": "no_choices",
    "wrong_n": "wrong_n",
    "nan_logprobs": "invalid_body",
}


def sampled(server, *, until=1, prompt=PROMPT, **settings):
    """Sample, and return samples and account."""

    async def work():
        given = {"retry": QUICK, "timeout": 5.0, **settings}
        async with LLM("m", base_url=server.url, **given) as llm:
            return await llm.sample(prompt, until=until, parameters=PARAMETERS), llm.account

    return asyncio.run(work())


def requests(server):
    return server.counts.received.total()


@pytest.mark.parametrize("fault", KINDS)
def test_a_fault_costs_one_request_more(fault):
    settings = {"timeout": 0.2} if fault == "hang" else {}
    with FaultServer(Plan(scripts={PROMPT: [fault]})) as server:
        (sample,), account = sampled(server, **settings)
        assert requests(server) == 2
        assert len(server.counts.received) == 1
    assert (sample.status, sample.attempts) == ("ok", 2)
    assert account.failed == {KINDS[fault]: 1}


@pytest.mark.parametrize("fault", ["http_500", "malformed_json", "reset_before", "wrong_n"])
def test_a_fault_that_stays_costs_all_attempts_and_no_more(fault):
    with FaultServer(Plan(scripts={PROMPT: [fault] * 100})) as server:
        (sample,), account = sampled(server)
        assert requests(server) == QUICK.attempts
    assert sample.status == "failed"
    assert sample.error.startswith(KINDS[fault])
    assert account.failed == {KINDS[fault]: QUICK.attempts}


@pytest.mark.parametrize("fault", ["quota", "unauthorized", "bad_request"])
def test_what_no_retry_can_mend_costs_one_request(fault):
    with FaultServer(Plan(scripts={PROMPT: [fault] * 100})) as server:
        with pytest.raises(LLMError):
            sampled(server)
        assert requests(server) == 1


@pytest.mark.parametrize(
    ("oddity", "status"),
    [("slow_body", "ok"), ("null_content", "empty"), ("no_usage", "ok"), ("duplicates", "ok")],
)
def test_an_odd_response_is_a_sample_all_the_same(oddity, status):
    with FaultServer(Plan(scripts={PROMPT: [oddity]}), slowness=0.05) as server:
        (sample,), account = sampled(server)
        assert requests(server) == 1
    assert sample.status == status
    assert account.succeeded == 1


def test_a_slow_body_past_the_deadline_is_a_time_out():
    with FaultServer(Plan(scripts={PROMPT: ["slow_body"]}), slowness=1.0) as server:
        (sample,), account = sampled(server, timeout=0.3)
        assert requests(server) == 2
    assert sample.status == "ok"
    assert account.failed == {"timeout": 1}


def test_of_two_hundred_samples_no_more_are_under_way_than_allowed():
    # Answers slow enough that a busy machine, too, has sent its sixteen before the first returns.
    with FaultServer(latency=0.1) as server:
        sampled(server, until=200, concurrency=16)
        assert server.counts.most_at_once == 16


def test_a_run_with_a_fault_in_five_ends_complete_with_all_books_equal(tmp_path):
    path = tmp_path / "store.db"
    policy = RetryPolicy(attempts=12, backoff=0.002, longest_wait=2.0)
    # Dates to wait for have a resolution of a second: they have a test of their own.
    kinds = [kind for kind in RETRIED if kind != "rate_limited_date"]
    plan = Plan(shares=evenly(0.2, kinds), repeats=None)
    prompts = [f"Question {i}?" for i in range(100)]

    async def work(url):
        async with LLM("m", base_url=url, store=path, retry=policy) as llm:
            together = asyncio.Semaphore(8)

            async def one(prompt):
                async with together:
                    return await llm.sample(prompt, until=16, parameters=PARAMETERS)

            return await asyncio.gather(*map(one, prompts)), llm.account

    with FaultServer(plan, retry_after=0.01) as server:
        samples, account = asyncio.run(work(server.url))
        counts = server.counts
    assert {sample.status for some in samples for sample in some} == {"ok"}
    assert account.samples == account.succeeded == 1600
    assert account.sent == account.succeeded + sum(account.failed.values())
    assert account.sent == counts.received.total()
    assert max(counts.received.values()) <= policy.attempts
    assert sum(account.failed.values()) == sum(counts.faults.values()) > 200
    with closing(sqlite3.connect(path)) as connection:
        journal = dict(connection.execute("SELECT kind, count(*) FROM outcomes GROUP BY kind"))
    assert journal == {"ok": 1600, **account.failed}
    assert Counter(KINDS[fault] for fault in counts.faults.elements()) == account.failed
