"""A run over a server of which a fifth of the requests fail: complete, every failure accounted for, none asked too often."""

import asyncio

import kcurve as kc
from kcurve.answers import AnswerIs
from kcurve.datasets import Question
from kcurve.llm import LLM, Parameters, RetryPolicy
from kcurve.strategies import Generator, Sampling, run
from tests.servers.answers import right_letter
from tests.servers.fault_server import FaultServerProcess
from tests.servers.plan import ACCEPTED, RETRIED, Plan, evenly

N_QUESTIONS, K, SHARE = 40, 16, 0.2
KINDS = {
    "rate_limited": "rate_limited",
    "rate_limited_ms": "rate_limited",
    "http_500": "http_500",
    "http_503": "http_503",
    "reset_before": "connection",
    "reset_within": "connection",
    "truncated_body": "connection",
    "malformed_json": "invalid_body",
    "html": "invalid_body",
    "error_body": "error_body",
    "no_choices": "no_choices",
    "empty_choices": "no_choices",
    "wrong_n": "wrong_n",
    "nan_logprobs": "invalid_body",  # NaN is no JSON
}
"""What the account calls each fault of the server."""


def sampled(plan, store, n_questions, k):
    """Return the result of a run, its account, and what the server counted."""
    texts = [f"Question {number}?" for number in range(n_questions)]
    generator = Generator(
        "{{question}}", parameters=Parameters(temperature=1.0, seed=1), extract=AnswerIs()
    )

    async def main(url):
        retry = RetryPolicy(backoff=0.01)
        async with LLM("model", base_url=url, api_key="none", store=store, retry=retry) as llm:
            questions = [
                Question(text, right_letter(generator.prompt(Question(text))[0]["content"]))
                for text in texts
            ]
            return await run(
                Sampling(kc.Vote(), k=k, generator=generator), llm, questions
            ), llm.account

    with FaultServerProcess(plan, retry_after=0.01) as server:
        result, account = asyncio.run(main(server.url))
        return result, account, server.counts


def check(result, account, counts, n):
    """Hold a run with one fault per unlucky request to what it must be."""
    assert result.stopped is None
    assert not result.failed
    # Each sample was completed once, and asked for once more for each fault of its own.
    assert set(counts.completed.values()) == {1}
    assert len(counts.completed) == len(counts.received) == n
    assert max(counts.received.values()) == 2
    rejected = {kind: count for kind, count in counts.faults.items() if kind not in ACCEPTED}
    expected = {}
    for kind, count in rejected.items():
        expected[KINDS[kind]] = expected.get(KINDS[kind], 0) + count
    assert dict(account.failed) == expected
    assert account.retried == sum(rejected.values())
    assert account.sent == counts.received.total() == n + account.retried
    assert account.succeeded == account.samples == n
    assert account.unknown == 0
    assert max(counts.seeds.values()) <= 2


def test_a_run_with_a_fifth_of_faults_is_complete_and_accounted_for(tmp_path):
    kinds = [kind for kind in RETRIED if kind in KINDS]
    plan = Plan(shares={**evenly(SHARE, kinds), "no_usage": 0.02})
    n = N_QUESTIONS * K
    result, account, counts = sampled(plan, tmp_path / "faulty.db", N_QUESTIONS, K)
    check(result, account, counts, n)
    # Binomial: six standard deviations around the share.
    assert abs(account.retried - SHARE * n) < 6 * (n * SHARE * (1 - SHARE)) ** 0.5

    smooth, _, _ = sampled(Plan(), tmp_path / "smooth.db", N_QUESTIONS, K)
    logs = [one.log() for one in (result, smooth)]
    assert list(logs[0].answers) == list(logs[1].answers)
    assert list(logs[0].codes) == list(logs[1].codes)
    assert [one.answer for one in result.questions] == [one.answer for one in smooth.questions]
