"""Finding out what a server can do, with a few small calls."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from kcurve.errors import LLMError
from kcurve.llm.attempt import Group
from kcurve.llm.capabilities import Capabilities
from kcurve.llm.parameters import Parameters
from kcurve.llm.prefill import Prefill, continued, parts
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
_FEW_TOKENS = 3
"""Of a continuation: too few to come to the middle of a text of 16."""
_PLAIN = Parameters(temperature=1.0, max_tokens=_TOKENS)
_VERBOSE = Parameters(temperature=1.0, max_tokens=_TOKENS, logprobs=1)
_GREEDY = Parameters(temperature=0.0, max_tokens=_TOKENS)


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
    asking = _Asking(sender, model, endpoint, revision)
    prompt = checked_prompt(_TEXT, endpoint)
    plain = _Question(asking, prompt, _PLAIN)
    verbose = _Question(asking, prompt, _VERBOSE)
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
    prefill = await _prefill(asking) if endpoint == "chat" else None
    return Capabilities(
        n=pair.failure is None,
        seed=None if again.failure else again.samples[0].text == text,
        seeds_differ=any(other != text for other in texts) if texts else None,
        logprobs=has_logprobs,
        usage=first.usage.completion is not None,
        usage_of_all=_counts_all(pair),
        prefill=prefill,
        calls=asking.calls,
    )


async def _prefill(asking: _Asking) -> Prefill | Literal[False] | None:
    """Return how a chat whose last message was begun is continued, False if it is not, None if nobody can tell."""
    alone = {"role": "user", "content": _TEXT}
    whole = await _Question(asking, (alone,), _GREEDY).ask(0, seed=_SEED)
    if whole.failure is not None or whole.samples[0].status != "truncated":
        return None  # a text that ends sooner than the continuation may tells nothing
    two = parts(whole.samples[0].text or "")
    if two is None:
        return None
    begun, rest = two
    told = True
    for way in (Prefill(), Prefill(flags=True)):
        parameters = replace(_GREEDY, max_tokens=_FEW_TOKENS, extra=way.extra)
        messages = (alone, {"role": "assistant", "content": begun})
        outcome = await _Question(asking, messages, parameters).ask(0, seed=_SEED)
        if outcome.failure is not None:
            told = told and not outcome.failure.retried  # a refusal is an answer
            continue
        text = outcome.samples[0].text or ""
        does = continued(text, begun, rest)
        if does:
            return replace(way, repeats=text.startswith(begun))
        told = told and does is False
    return False if told else None


@dataclass(slots=True)
class _Asking:
    """Who is asked, and how often it was."""

    sender: Sender
    model: str
    endpoint: Endpoint
    revision: str
    calls: int = 0


class _Question:
    """A request that is asked with seeds of our choice, once each."""

    def __init__(
        self, asking: _Asking, prompt: Prompt | Mapping[str, object], parameters: Parameters
    ) -> None:
        request = Request(asking.model, asking.endpoint, prompt, parameters.body(), asking.revision)
        self._asking = asking
        self._call = Call(request, parameters)

    async def ask(self, index: int, *, seed: int, n: int = 1) -> Outcome:
        sender = self._asking.sender
        indices = list(range(index, index + n))
        found = await sender.store.find(self._call.request, range(index, index + n))
        group = Group(self._call, found.request, indices, seed=seed, attempts=1)
        self._asking.calls += 1
        return await sender.attempt(group, lambda _: True)


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
