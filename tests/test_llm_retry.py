"""When an attempt is repeated, and after how long."""

from email.utils import formatdate

import msgspec
import pytest
from hypothesis import given, strategies as st

from kcurve.errors import ArgumentError
from kcurve.llm import RetryPolicy
from kcurve.llm.failures import failure_of_status
from kcurve.llm.retry import exhausted_for, requested_wait

NOW = 1_800_000_000.0


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_retried(status):
    assert failure_of_status(status, b"").retried


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 418, 422])
def test_what_stays_wrong_is_not_retried(status):
    failure = failure_of_status(status, b'{"error": {"message": "no"}}')
    assert not failure.retried
    assert failure.message.startswith("no; ")


@pytest.mark.parametrize(
    "error",
    [{"code": "insufficient_quota"}, {"type": "insufficient_quota"}],
    ids=["code", "type"],
)
def test_an_exhausted_quota_is_no_rate_limit(error):
    failure = failure_of_status(429, msgspec.json.encode({"error": {"message": "pay", **error}}))
    assert (failure.kind, failure.retried) == ("quota", False)


def test_a_refusal_is_not_paid_for_but_a_gateway_that_gave_up_may_be():
    paid = {status: failure_of_status(status, b"").paid for status in (408, 429, 500, 503, 504)}
    assert paid == {408: True, 429: False, 500: False, 503: False, 504: True}


@given(st.integers(1, 3000), st.binary(max_size=8))
def test_waits_stay_between_none_and_the_longest(attempt, key):
    wait = RetryPolicy(backoff=0.5, longest_wait=60.0, jitter=0.5).wait(attempt, key=key)
    whole = min(60.0, 0.5 * 2 ** min(attempt - 1, 100))
    assert whole / 2 < wait <= whole


def test_waits_are_the_same_on_every_run_and_differ_between_samples():
    policy = RetryPolicy()
    waits = [policy.wait(1, key=bytes([sample])) for sample in range(100)]
    assert waits == [policy.wait(1, key=bytes([sample])) for sample in range(100)]
    assert len(set(waits)) == 100


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, 90.0),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(headers, seconds):
    assert requested_wait(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1s", 1.0), ("250ms", 0.25), ("0m12s", 12.0), ("6m0s", 60.0), ("1h0m0s", 60.0), ("?", 0.0)],
)
def test_exhausted_rates_are_waited_out_for_at_most_a_minute(reset, seconds):
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset}
    assert exhausted_for(headers) == seconds
    assert exhausted_for({**headers, "x-ratelimit-remaining-requests": "1"}) == 0.0


@pytest.mark.parametrize(
    "settings",
    [{"attempts": 0}, {"backoff": -1}, {"longest_wait": -1}, {"jitter": 2}, {"deadline": 0}],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ArgumentError, match=next(iter(settings))):
        RetryPolicy(**settings)
