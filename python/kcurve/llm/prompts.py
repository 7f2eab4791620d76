"""What is sent: the prompt checked, and the body of the call, encoded once for all samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import msgspec

from kcurve.errors import ArgumentError
from kcurve.llm.scores import SCORING, checked_pair, prompt_fields
from kcurve.llm.seeds import sample_seed, seed_offset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.llm.parameters import Parameters
    from kcurve.store.records import Asked, Prompt, Request


def checked_prompt(
    prompt: str | Sequence[Mapping[str, object]] | Mapping[str, object], endpoint: Asked
) -> Prompt | Mapping[str, object]:
    """Return the prompt in the form of the endpoint: a text, a tuple of messages, or a pair of texts.

    Raises
    ------
    ArgumentError
        If it is empty, no message has a role, or it is of the form of another endpoint.
    """
    if endpoint == "score":
        return checked_pair(prompt)
    if isinstance(prompt, str):
        if not prompt:
            raise ArgumentError("prompt must not be empty")
        return ({"content": prompt, "role": "user"},) if endpoint == "chat" else prompt
    if endpoint == "completions":
        raise ArgumentError(
            f"endpoint 'completions' takes a text, got messages: {prompt!r:.80}; "
            "use LLM(endpoint='chat'), or join them into one text"
        )
    if isinstance(prompt, Mapping):
        raise ArgumentError(f"prompt must be a text or a list of messages, got {prompt!r:.80}")
    messages = tuple(prompt)
    if not messages:
        raise ArgumentError("prompt must hold at least one message, got none")
    for message in cast("tuple[object, ...]", messages):
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise ArgumentError(
                f"a message must be a mapping with role and content, got {message!r:.80}"
            )
    return messages


class Call:
    """A request and the bytes that ask for samples of it.

    Parameters
    ----------
    request : Request
        What is asked.
    parameters : Parameters
        How; its values are those of the request.
    """

    __slots__ = ("_offset", "_start", "canonical", "most_tokens", "prompt_bytes", "request")

    def __init__(self, request: Request, parameters: Parameters) -> None:
        self.request = request
        try:
            self.canonical = request.canonical()
        except TypeError as error:
            raise ArgumentError(f"the prompt and extra must be plain JSON: {error}") from None
        self._offset = None if parameters.seed is None else seed_offset(self.canonical)
        body: dict[str, object] = {"model": request.model}
        scoring = request.endpoint in SCORING
        if scoring:
            fields = prompt_fields(request.prompt)
            if taken := sorted(fields.keys() & parameters.extra.keys()):
                raise ArgumentError(f"extra must not hold {taken[0]!r}; it is set by the prompt")
            body |= fields
        else:
            body["messages" if request.endpoint == "chat" else "prompt"] = request.prompt
        self.prompt_bytes = len(msgspec.json.encode(request.prompt))
        body.update(parameters.body())
        body.pop("seed", None)
        if request.endpoint == "chat" and parameters.logprobs is not None:
            body["logprobs"] = True
            if parameters.logprobs:
                body["top_logprobs"] = parameters.logprobs
        self._start = msgspec.json.encode(body)[:-1]
        most = (
            0 if scoring else parameters.max_tokens or parameters.extra.get("max_completion_tokens")
        )
        self.most_tokens = most if isinstance(most, int) else None

    def seed(self, index: int) -> int | None:
        """Return the seed that a request for samples from `index` on sends."""
        return None if self._offset is None else sample_seed(self._offset, index)

    def body(self, seed: int | None, n: int = 1) -> bytes:
        """Return the body that asks for `n` samples."""
        start = self._start if n == 1 else self._start + b',"n":%d' % n
        return start + (b"}" if seed is None else b',"seed":%d}' % seed)
