"""Finding out what a server can do, with a few small calls."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from kcurve.errors import LLMError
from kcurve.llm.attempt import Group
from kcurve.llm.capabilities import Capabilities
from kcurve.llm.parameters import Parameters
from kcurve.llm.prompts import Call, checked_prompt
from kcurve.store.records import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.llm.attempt import Outcome, Sender
    from kcurve.store.records import Endpoint, Prompt, Sample

_TEXT = "Tell a long story about a lighthouse, a storm and a lost dog."
_TOKENS = 16
_SEED = 20_261
_OTHERS = (40_961, 61_441)
_PLAIN = Parameters(temperature=1.0, max_tokens=_TOKENS)
_VERBOSE = Parameters(temperature=1.0, max_tokens=_TOKENS, logprobs=1)


async def probed(sender: Sender, model: str, endpoint: Endpoint) -> Capabilities:
    """Return what a few calls show; each is journalled, and counted in the sender's account.

    The first call is the plainest one, and its failure is raised: a server that does not answer it cannot be
    probed. Of the others a failure means that the server cannot do what they ask.

    Raises
    ------
    LLMError
        If the first call fails.
    """
    # Another revision each time: an earlier probe's answers must not come from the store.
    revision = f"probe {secrets.token_hex(8)}"
    plain = _Question(sender, Request(model, endpoint, _prompt(endpoint), _PLAIN.body(), revision))
    verbose = _Question(
        sender, Request(model, endpoint, _prompt(endpoint), _VERBOSE.body(), revision)
    )
    first = await plain.ask(0, seed=_SEED)
    if first.failure is not None:
        raise LLMError(
            f"the server cannot be probed: {first.failure.message} "
            f"({first.failure.kind}, {sender.client.url})"
        )
    again = await plain.ask(1, seed=_SEED)
    others = [await plain.ask(2 + i, seed=seed) for i, seed in enumerate(_OTHERS)]
    measured = await verbose.ask(0, seed=_SEED)
    has_logprobs = any(sample.logprobs is not None for sample in measured.samples)
    pair = await (verbose if has_logprobs else plain).ask(4, seed=_SEED, n=2)
    texts = [other.samples[0].text for other in others if other.failure is None]
    text = first.samples[0].text
    return Capabilities(
        n=pair.failure is None,
        seed=None if again.failure else again.samples[0].text == text,
        seeds_differ=any(other != text for other in texts) if texts else None,
        logprobs=has_logprobs,
        usage=first.usage.completion is not None,
        usage_of_all=_counts_all(pair),
        calls=plain.calls + verbose.calls,
    )


def _prompt(endpoint: Endpoint) -> Prompt | Mapping[str, object]:
    return checked_prompt(_TEXT, endpoint)


class _Question:
    """A request that is asked with seeds of our choice, once each."""

    def __init__(self, sender: Sender, request: Request) -> None:
        parameters = _VERBOSE if "logprobs" in request.parameters else _PLAIN
        self._sender = sender
        self._call = Call(request, parameters)
        self.calls = 0

    async def ask(self, index: int, *, seed: int, n: int = 1) -> Outcome:
        indices = list(range(index, index + n))
        found = await self._sender.store.find(self._call.request, range(index, index + n))
        group = Group(self._call, found.request, indices, seed=seed, attempts=1)
        self.calls += 1
        return await self._sender.attempt(group, lambda _: True)


def _counts_all(pair: Outcome) -> bool | None:
    """Return whether the tokens counted are those of both choices, None if it cannot be told."""
    counted = pair.usage.completion
    if counted is None:
        return None
    lengths = [_length(sample) for sample in pair.samples]
    if None in lengths:
        # No single choice can be longer than this.
        return True if counted > _TOKENS else None
    return counted == sum(length for length in lengths if length is not None)


def _length(sample: Sample) -> int | None:
    """Return the number of tokens of a choice, if its log-probabilities or its end tell."""
    if isinstance(sample.logprobs, dict):
        tokens = sample.logprobs.get("content") or sample.logprobs.get("tokens")
        if isinstance(tokens, list):
            return len(tokens)
    return _TOKENS if sample.status == "truncated" else None
