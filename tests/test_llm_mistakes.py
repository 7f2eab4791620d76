"""Secrets that are kept, and mistakes that are told before anything is sent."""

import pytest

from kcurve.errors import ArgumentError, LLMError
from kcurve.llm import LLM, Parameters
from tests.llms import SEEDED, model
from tests.scripted_server import chat, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


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
    with pytest.raises(ArgumentError, match=f"extra must not hold '{name}'"):
        Parameters(extra={name: 1})


async def test_more_samples_than_there_are_seeds_are_refused_before_any_is_paid_for():
    async with serving() as server, model(server) as llm:
        with pytest.raises(ArgumentError, match="at most 16777215 samples"):
            await llm.sample("hi", start=16_777_214, until=16_777_217, parameters=SEEDED)
        assert len(server) == 0


async def test_a_range_that_is_none_is_refused():
    async with serving() as server, model(server) as llm:
        with pytest.raises(ArgumentError, match="start must be between 0 and until=3, got 4"):
            await llm.sample("hi", start=4, until=3)
