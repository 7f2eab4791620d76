"""The probe tells servers that go on with a message of the assistant from those that begin anew."""

from __future__ import annotations

import pytest
from aiohttp import web

from kcurve.llm import Prefill
from kcurve.llm.prefill import continued, parts
from tests.llms import model
from tests.scripted_server import chat, refusal, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


STORY = [
    *("Once", "upon", "a", "time", "there", "was", "a", "lighthouse", "that", "nobody", "had"),
    *("seen", "since", "the", "great", "storm", "came"),
]


def tell(begun="", *, words):
    """Return what the storyteller says behind what was begun: the next words."""
    told = len(begun.split())
    text = " ".join(STORY[told : told + words])
    return f" {text}" if told else text


def storyteller(body, *, goes_on, repeats=False):
    """Answer in words, which are its tokens; at temperature 1 with the seed."""
    if body["temperature"]:
        return chat(*(f"seed {body['seed'] + i}" for i in range(body.get("n", 1))))
    words = body["max_tokens"]
    *_, last = body["messages"]
    begun = last["content"] if last["role"] == "assistant" and goes_on(body) else ""
    text = tell(begun, words=words)
    return chat(begun + text if repeats else text, finish_reason="length")


def flagged(body):
    return body.get("continue_final_message") is True and body["add_generation_prompt"] is False


SERVERS = {
    "goes on": (lambda body: storyteller(body, goes_on=lambda _: True), Prefill(), 8),
    "goes on and repeats": (
        lambda body: storyteller(body, goes_on=lambda _: True, repeats=True),
        Prefill(repeats=True),
        8,
    ),
    "goes on if told": (lambda body: storyteller(body, goes_on=flagged), Prefill(flags=True), 9),
    "goes on if told, and repeats": (
        lambda body: storyteller(body, goes_on=flagged, repeats=True),
        Prefill(flags=True, repeats=True),
        9,
    ),
    "begins anew": (lambda body: storyteller(body, goes_on=lambda _: False), False, 9),
}


@pytest.mark.parametrize("kind", SERVERS)
async def test_what_a_server_does_with_a_message_that_was_begun(kind):
    answer, expected, calls = SERVERS[kind]
    async with serving(answer) as server, model(server) as llm:
        found = await llm.probe()
    assert found.prefill == expected
    assert found.calls == len(server) == calls
    assert found.to_dict()["prefill"] == (expected.to_dict() if expected else False)


async def test_completions_are_not_asked():
    def answer(body):
        choices = [
            {"index": i, "text": "a", "finish_reason": "length"} for i in range(body.get("n", 1))
        ]
        return web.json_response({"choices": choices})

    async with serving(answer) as server, model(server, endpoint="completions") as llm:
        found = await llm.probe()
        assert (found.prefill, found.calls) == (None, len(server)) == (None, 6)


async def test_a_server_that_refuses_the_flags_begins_anew():
    def answer(body):
        if "continue_final_message" in body:
            return refusal(400, "what is that?")
        return storyteller(body, goes_on=lambda _: False)

    async with serving(answer) as server, model(server) as llm:
        assert (await llm.probe()).prefill is False


async def test_a_server_that_refuses_a_message_of_the_assistant_as_the_last():
    def answer(body):
        if body["messages"][-1]["role"] == "assistant":
            return refusal(400, "roles must alternate")
        return storyteller(body, goes_on=lambda _: True)

    async with serving(answer) as server, model(server) as llm:
        assert (await llm.probe()).prefill is False


@pytest.mark.parametrize("status", [500, 429])
async def test_a_failure_that_says_nothing_tells_nothing(status):
    def answer(body):
        if body["messages"][-1]["role"] == "assistant":
            return refusal(status)
        return storyteller(body, goes_on=lambda _: True)

    async with serving(answer) as server, model(server) as llm:
        assert (await llm.probe()).prefill is None


@pytest.mark.parametrize("text", ["", None, " ", "x", "ha ha ha ha ha ha ha ha"])
async def test_a_text_that_cannot_tell(text):
    async with (
        serving(lambda body: chat(*[text] * body.get("n", 1), finish_reason="length")) as server,
        model(server) as llm,
    ):
        assert (await llm.probe()).prefill is None


async def test_a_text_that_ends_by_itself_cannot_tell():
    async with serving() as server, model(server) as llm:
        found = await llm.probe()
        assert found.prefill is None
        assert found.calls == len(server) == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("89+5=64\n64+3=67\n", ("89+5=64\n", "64+3=67\n")),
        ("one two three four", ("one two three", " four")),
        ("abcdef", ("abc", "def")),
        ("ab", ("a", "b")),
        ("a", None),
        ("  a", None),
        ("", None),
    ],
)
async def test_a_text_in_two(text, expected):
    assert parts(text) == expected
    assert expected is None or "".join(expected) == text


@pytest.mark.parametrize(
    ("answer", "does"),
    [
        (" was a lighthouse", True),
        ("was a", True),  # the space was taken away
        (" was a lighthouse by the sea", True),
        ("Once upon a time there was a", True),  # what it was given included
        ("Once upon a", False),
        ("Once upon a time there", False),
        ("Certainly! Here", False),
        (" wasp", False),
        ("", False),
    ],
)
async def test_an_answer_that_goes_on(answer, does):
    assert continued(answer, "Once upon a time there", " was a lighthouse") is does


async def test_an_answer_that_goes_on_or_begins_anew():
    assert continued("ha ha", "ha ha ha", " ha ha ha") is None
    # A server that does not count tokens.
    assert continued("Once upon a time", "Once upon", " a time") is None


@pytest.mark.parametrize(
    ("text", "begun", "new"),
    [
        ("a b", "a ", "b"),
        ("a b", "a", " b"),
        ("a\n\nb", "a\n\n", "b"),
        ("a b", "a\n\n", " b"),  # the end was taken away, and written differently
        ("a\nb", "a\n\n", "b"),
        ("ab", "a\n\n", "b"),
        ("a\n\n\nb", "a\n\n", "\nb"),
        ("b", "a ", "b"),
        ("a a b", "a ", "a b"),
        ("b", "", "b"),
    ],
)
async def test_only_a_server_that_repeats_has_something_taken_away(text, begun, new):
    assert Prefill(repeats=True).continuation(text, begun=begun) == new
    assert Prefill(flags=True).continuation(text, begun=begun) == text
