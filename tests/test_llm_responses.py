"""Bodies with status 200: what is believed, and what is not."""

import msgspec
import pytest

from kcurve.llm.failures import Failure
from kcurve.llm.responses import decoded


def body(*choices, **fields):
    return msgspec.json.encode({"choices": list(choices), **fields})


def chat(text="four", index=0, finish_reason="stop", **fields):
    message = {"role": "assistant", "content": text}
    return {"index": index, "finish_reason": finish_reason, "message": message, **fields}


def kind(raw, endpoint="chat", n=1):
    with pytest.raises(Failure) as caught:
        decoded(raw, endpoint, n)
    return caught.value.kind


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        (chat("four"), "ok"),
        (chat("fo", finish_reason="length"), "truncated"),
        (chat(""), "empty"),
        (chat(None), "empty"),
        (chat("", finish_reason="length"), "truncated"),
    ],
    ids=["ok", "truncated", "empty text", "no text", "nothing before the limit"],
)
def test_how_a_sample_ended_is_read_from_its_choice(choice, status):
    assert decoded(body(choice), "chat", 1).choices[0].status == status


def test_a_completion_has_its_text_in_another_place():
    raw = body({"index": 0, "text": " 4", "finish_reason": "stop"})
    assert decoded(raw, "completions", 1).choices[0].text == " 4"


def test_choices_come_in_the_order_of_their_numbers():
    raw = body(chat("b", 1), chat("c", 2), chat("a", 0))
    assert [choice.text for choice in decoded(raw, "chat", 3).choices] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>busy</html>", body(chat())[:-9], b"[]", b'{"choices": 4}', b"\xff\xfe", b"null"],
    ids=["empty", "html", "cut off", "list", "number", "not UTF-8", "null"],
)
def test_what_is_no_response_is_not_believed(raw):
    assert kind(raw) == "invalid_body"


@pytest.mark.parametrize("raw", [b"{}", b'{"choices": []}', b'{"choices": null}'])
def test_a_response_without_choices_is_not_believed(raw):
    assert kind(raw) == "no_choices"


def test_a_choice_without_a_message_is_not_believed():
    assert kind(body({"index": 0, "finish_reason": "stop"})) == "invalid_body"


@pytest.mark.parametrize(
    ("choices", "n"),
    [
        ((chat(),), 2),
        ((chat(), chat(index=1)), 1),
        ((chat(), chat()), 2),
        ((chat(index=1), chat(index=2)), 2),
    ],
    ids=["too few", "too many", "same number", "numbered from 1"],
)
def test_other_choices_than_asked_for_are_not_believed(choices, n):
    assert kind(body(*choices), n=n) == "wrong_n"


def test_an_error_with_status_200_is_an_error():
    assert kind(b'{"error": {"message": "overloaded"}}') == "error_body"


def test_an_error_with_status_200_is_judged_by_its_code():
    with pytest.raises(Failure) as caught:
        decoded(b'{"error": {"message": "bad key", "code": 401}}', "chat", 1)
    assert (caught.value.kind, caught.value.retried) == ("http_401", False)


def test_an_empty_error_beside_choices_is_none():
    assert decoded(body(chat(), error=None), "chat", 1).choices[0].text == "four"


LITERAL = body(chat(logprobs={"content": [{"token": "four", "logprob": -0.5}]}))


def test_log_probabilities_are_kept():
    logprobs = decoded(LITERAL, "chat", 1).choices[0].logprobs
    assert logprobs == {"content": [{"token": "four", "logprob": -0.5}]}


def test_a_log_probability_written_nan_is_not_believed():
    assert kind(LITERAL.replace(b"-0.5", b"NaN")) == "invalid_body"


def test_a_log_probability_that_is_missing_is_not_believed():
    assert kind(LITERAL.replace(b"-0.5", b"null")) == "invalid_logprobs"


def completion(values):
    return body({"index": 0, "text": "ab", "logprobs": {"token_logprobs": values}})


def test_only_the_first_token_of_a_text_may_lack_its_log_probability():
    assert decoded(completion([None, -1.0]), "completions", 1).choices[0].text == "ab"
    assert kind(completion([-1.0, None]), "completions") == "invalid_logprobs"
