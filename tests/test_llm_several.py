"""Several samples in one call, and the probe that finds out whether a server can do that."""

from math import isnan

import pytest

from kcurve.errors import LLMError
from kcurve.llm import Price
from tests.llms import SEEDED, model
from tests.scripted_server import chat, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


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
            "prefill": None,
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
