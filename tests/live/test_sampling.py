"""Sampling a real llama.cpp server: what it can do, resume, top-up, kill -9, several samples in a call, a network."""

import asyncio

import pytest
from openai import AsyncOpenAI
from tests.live import killed
from tests.live.arithmetic import ALL_TOKENS, generator, questions, verifier
from tests.live.conversation import live_run, tiny_llm
from tests.live.death import committed, kill_after

import kcurve as kc
from kcurve.errors import LLMError
from kcurve.llm import LLM, Parameters, Prefill
from kcurve.networks import Filter, Generate, Network, Select
from kcurve.strategies import Greedy, Sampling

QUESTIONS = questions(6, steps=4, seed=3)
PROMPT = f"Q:{QUESTIONS[0].text}\n"
WILD = Parameters(temperature=5.0, top_p=1.0, max_tokens=32, seed=2, extra=ALL_TOKENS)
"""So hot that no text comes twice by chance."""


def vote(k):
    return Sampling(kc.Vote(), k=k, generator=generator(seed=1))


def drawn(server, prompt, *, until, parameters=WILD, **settings):
    async def main():
        async with tiny_llm(server, **settings) as llm:
            return await llm.sample(prompt, until=until, parameters=parameters), llm.account

    return asyncio.run(main())


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_the_probe_finds_what_llama_cpp_does(tiny, endpoint):
    async def main():
        async with tiny_llm(tiny, endpoint=endpoint) as llm:
            return await llm.probe(), llm.account

    found, account = asyncio.run(main())
    assert found.n
    assert found.seed
    assert found.seeds_differ
    assert found.logprobs
    assert found.usage
    assert found.usage_of_all is False
    # The answer of a chat is the whole message, what it was given included.
    assert found.prefill == (Prefill(repeats=True) if endpoint == "chat" else None)
    assert found.calls == account.sent <= 9


def test_a_message_that_was_begun_is_continued_as_the_probe_says(tiny):
    parameters = Parameters(temperature=0.0, max_tokens=64)
    asked = {"role": "user", "content": f"Q:{QUESTIONS[0].text}"}

    async def main():
        async with tiny_llm(tiny, endpoint="chat") as llm:
            prefill = (await llm.probe()).prefill
            [whole] = await llm.sample([asked], until=1, parameters=parameters)
            lines = whole.text.splitlines(keepends=True)
            continued = []
            for taken in range(1, len(lines)):
                begun = "".join(lines[:taken])
                messages = [asked, {"role": "assistant", "content": begun}]
                [sample] = await llm.sample(messages, until=1, parameters=parameters)
                continued.append(begun + prefill.continuation(sample.text, begun=begun))
            return whole.text, continued

    whole, continued = asyncio.run(main())
    assert len(continued) > 2
    assert set(continued) == {whole}


def test_choices_of_one_call_have_consecutive_seeds_and_count_the_tokens_of_the_first(tiny):
    settings = {"model": "tiny", "prompt": PROMPT, "temperature": 1.6, "max_tokens": 64}
    settings["extra_body"] = ALL_TOKENS

    async def main():
        async with AsyncOpenAI(base_url=tiny.url, api_key="none", max_retries=0) as client:
            together = await client.completions.create(seed=100, n=4, **settings)
            apart = [await client.completions.create(seed=100 + i, **settings) for i in range(4)]
            return together, apart

    together, apart = asyncio.run(main())
    assert [one.text for one in together.choices] == [one.choices[0].text for one in apart]
    assert together.usage.completion_tokens == apart[0].usage.completion_tokens


def test_several_samples_in_a_call_do_not_repeat_those_of_the_next(tiny):
    one_by_one, account = drawn(tiny, PROMPT, until=64)
    assert account.sent == 64
    by_fours, account = drawn(tiny, PROMPT, until=64, samples_per_request=4)
    assert account.sent == 16
    assert len(by_fours) == 64
    # With seeds one apart, the 16 calls would bring 19 different texts at most.
    for samples in (one_by_one, by_fours):
        assert len({sample.text for sample in samples}) == 64
    assert all(sample.usage.completion is None for sample in by_fours)
    assert all(sample.usage.completion > 0 for sample in one_by_one)


def test_log_probabilities_come_with_the_samples_on_request(tiny):
    warm = Parameters(temperature=1.0, max_tokens=16, seed=2, logprobs=1)
    [sample], _ = drawn(tiny, PROMPT, until=1, parameters=warm)
    tokens = sample.logprobs["content"]
    assert len(tokens) == sample.usage.completion
    assert all(token["logprob"] <= 0 for token in tokens)


def test_a_chat_gives_the_model_the_same_question(tiny):
    messages = f"Q:{QUESTIONS[0].text}"
    [sample], _ = drawn(
        tiny,
        messages,
        until=1,
        endpoint="chat",
        parameters=Parameters(temperature=0.0, max_tokens=64, seed=2),
    )
    assert sample.status == "ok"
    assert sample.text.strip().endswith(f"A:{QUESTIONS[0].reference}")


def test_greedy_answers_are_right(tiny):
    result, account = live_run(tiny, Greedy(generator(seed=1)), QUESTIONS)
    assert account.sent == len(QUESTIONS)
    assert sum(one.correct for one in result.questions) >= len(QUESTIONS) - 1


def test_a_second_run_asks_nothing_and_a_larger_one_only_for_the_rest(tiny, tmp_path):
    store = tmp_path / "store.db"
    first, account = live_run(tiny, vote(8), QUESTIONS, store=store)
    assert account.sent == first.spent.calls == 8 * len(QUESTIONS)

    tokens = tiny.tokens
    again, account = live_run(tiny, vote(8), QUESTIONS, store=store)
    assert account.sent == 0
    assert account.stored == 8 * len(QUESTIONS)
    assert tiny.tokens == tokens
    assert [one.answer for one in again.questions] == [one.answer for one in first.questions]

    larger, account = live_run(tiny, vote(12), QUESTIONS, store=store)
    assert account.sent == 4 * len(QUESTIONS)
    assert tiny.tokens > tokens
    assert larger.log().first(8).equals(first.log().first(8))
    assert set(larger.log().n_samples) == {12}


def test_a_killed_run_goes_on_where_it_was(tiny, tmp_path):
    store = tmp_path / "store.db"
    kill_after("tests.live.killed", tiny, store, responses=100)
    before = committed(store)
    result, sent = asyncio.run(killed.finished(tiny.url, store))
    after = committed(store)
    assert result.stopped is None
    assert len(result.questions) == len(killed.QUESTIONS)
    # Nothing is lost, and what was there was not asked for again.
    assert before.items() <= after.items()
    assert sent == len(after) - len(before)
    log = result.log()
    assert set(log.n_samples) == {killed.STRATEGY.k}
    assert kc.curve(log, killed.STRATEGY.rule, k=[16]).mean[0] > 0.8


def test_a_network_is_as_good_as_its_log_says(tiny, tmp_path):
    """Drafts, filtered by the model, and the most frequent: a Filter-Vote, whose exact score a log knows."""
    hot = generator(seed=11, temperature=1.6)
    asked = questions(10, steps=5, seed=21)
    network = Network(
        Generate("draft", 4, hot),
        Filter("check", "draft", verifier=verifier()),
        Select("answer", "check"),
    )
    store = tmp_path / "store.db"
    result, _ = live_run(tiny, network, asked, store=store)
    again, account = live_run(tiny, network, asked, store=store)
    assert account.sent == 0
    assert [one.answer for one in again.questions] == [one.answer for one in result.questions]

    rule = kc.FilterVote(calls="candidates")
    other = generator(seed=12, temperature=1.6)
    log = live_run(tiny, Sampling(rule, k=16, generator=other, verifier=verifier()), asked)[0].log()
    curve = kc.curve(log, rule, k=[4])
    p = curve.per_question[:, 0].clip(0, 1)
    error = (sum(curve.variance[:, 0]) + sum(p * (1 - p))) ** 0.5 / len(asked)
    accuracy = sum(one.correct for one in result.questions) / len(asked)
    # 3.3 standard errors: once in 1,000 times for other seeds.
    assert abs(accuracy - curve.mean[0]) < 3.3 * error


def test_a_server_that_is_gone_is_an_error_that_says_so():
    async def main():
        async with LLM("tiny", base_url="http://127.0.0.1:9/v1", api_key="none") as llm:
            await llm.probe()

    with pytest.raises(LLMError, match=r"cannot be probed.*127\.0\.0\.1:9"):
        asyncio.run(main())
