"""What tests of live sampling share: an LLM in front of a test's own server, and how its books are checked."""

from kcurve.llm import LLM, Parameters, RetryPolicy

QUICK = RetryPolicy(attempts=4, backoff=0.001, longest_wait=1.0)
SEEDED = Parameters(seed=1, max_tokens=8)


def model(server, **settings):
    """Return an LLM that asks this server, and does not wait long before it asks again."""
    return LLM("m", base_url=server.url, **{"api_key": "k", "retry": QUICK, **settings})


def balanced(account):
    """Tell whether every call sent has an outcome, or is known to have none."""
    return account.sent == account.succeeded + sum(account.failed.values()) + account.unknown
