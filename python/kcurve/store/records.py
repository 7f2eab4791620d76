"""What the store holds: requests, the samples that answer them, and what each was drawn for."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from math import nan
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

Endpoint: TypeAlias = Literal["chat", "completions"]
"""Which of the two calls of an OpenAI-compatible server for a text is made."""

ScoringEndpoint: TypeAlias = Literal["pooling", "classify", "score"]
"""Which call of a server like vLLM for numbers is made."""

Asked: TypeAlias = Endpoint | ScoringEndpoint | Literal["function"]
"""What a request asks: a model for a text, a model for numbers, or a function of the program for a score."""

Message: TypeAlias = "Mapping[str, object]"
"""One message of a chat: role and content, and whatever else the server takes."""

Prompt: TypeAlias = "str | tuple[Message, ...]"
"""The text of a completion, or the messages of a chat."""

Status: TypeAlias = Literal["ok", "truncated", "empty", "failed", "unknown"]
"""How a sample ended.

``"ok"``: the model finished. ``"truncated"``: it ran into a limit of tokens. ``"empty"``: it finished without
text. ``"failed"``: the last attempt that the retry policy allows failed. ``"unknown"``: an attempt was cut off by a
crash, and the policy is not to send it again.
"""

_TAG = b"kcurve.sample.v1\0"


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that determines what a model is asked; equal requests share their samples.

    Parameters
    ----------
    model : str
        The name the server knows the model by.
    endpoint : {"chat", "completions", "pooling", "classify", "score", "function"}
        Which call is made.
    prompt : str, sequence of messages, or mapping
        A text for completions, messages for a chat, a mapping for a pair of texts or the arguments of a function.
    parameters : mapping, optional
        What is sent besides: temperature, max_tokens, stop, ... The seed among them is the one the
        seeds of the samples are derived from.
    revision : str, optional
        Tells models apart that different servers serve under one name.

    Examples
    --------
    >>> request = Request("small", "completions", "2 + 2 =", {"temperature": 1.0})
    >>> request.key(0) == request.key(1)
    False
    """

    model: str
    endpoint: Asked
    prompt: Prompt | Mapping[str, object]
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)
    revision: str = ""

    def canonical(self) -> bytes:
        """Return the request as JSON with sorted keys: equal requests give equal bytes."""
        return msgspec.json.encode(
            {
                "endpoint": self.endpoint,
                "model": self.model,
                "parameters": dict(self.parameters),
                "prompt": self.prompt,
                "revision": self.revision,
            },
            order="sorted",
        )

    def key(self, sample: int) -> bytes:
        """Return the name of one sample of the request: a tagged SHA-256, 32 bytes."""
        return sample_key(self.canonical(), sample)


def sample_key(canonical: bytes, sample: int) -> bytes:
    """Return the key of a sample of the request with this canonical form."""
    return sha256(_TAG + canonical + b"\0" + str(sample).encode()).digest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one sample, each counted once; None where the server does not say.

    Attributes
    ----------
    prompt : int or None
        Tokens read, cached ones included.
    completion : int or None
        Tokens written, reasoning included.
    reasoning : int or None
        How many of `completion` were reasoning.
    cached : int or None
        How many of `prompt` came from the server's cache.
    """

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sampled response, or the reason why there is none.

    Attributes
    ----------
    request : int
        The row of its request in the store.
    index : int
        Which sample of the request it is, from 0.
    status : {"ok", "truncated", "empty", "failed", "unknown"}
        How it ended.
    text : str or None
        What the model wrote; None if the sample failed.
    finish_reason : str or None
        Why the server stopped.
    usage : Usage
        Its tokens.
    cost : float
        Money, in the unit of the price table; NaN where unknown.
    latency : float
        Seconds from sending the attempt that succeeded to its response; NaN where there is none.
    seed : int or None
        The seed sent.
    logprobs : object or None
        Log-probabilities of tokens as the server sent them, if they were asked for.
    attempts : int
        How many times it was sent, by any process.
    error : str or None
        The error of the last attempt, if it failed.
    paid_now : bool
        Whether this process paid for it; False if it was in the store already.
    """

    request: int
    index: int
    status: Status
    text: str | None = None
    finish_reason: str | None = None
    usage: Usage = Usage()
    cost: float = nan
    latency: float = nan
    seed: int | None = None
    logprobs: object = None
    attempts: int = 1
    error: str | None = None
    paid_now: bool = True


@dataclass(frozen=True, slots=True)
class Purpose:
    """What samples are drawn for, so that a run can be read back from the store.

    Samples `start`, `start + 1`, ... of a request become candidates `candidate`, `candidate + stride`, ...
    of a question in a run.

    Attributes
    ----------
    run : int
        The run, a row of the store.
    question : int
        The question, a row of the store.
    role : str
        Which part of the system asks: "generator", "filter", or the name of a node.
    candidate : int
        The number of the first candidate within question and role.
    stride : int
        The distance between the numbers of neighbouring candidates.
    """

    run: int
    question: int
    role: str = "generator"
    candidate: int = 0
    stride: int = 1
