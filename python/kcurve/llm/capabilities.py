"""What a server can do, as a few small calls showed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kcurve.llm.prefill import Prefill


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a server was seen to do; None where the calls could not tell.

    Attributes
    ----------
    n : bool
        It returns as many choices as are asked for in one call.
    seed : bool or None
        The same seed gave the same text twice.
    seeds_differ : bool or None
        Different seeds gave different texts.
    logprobs : bool
        It returns log-probabilities when asked.
    usage : bool
        It counts tokens.
    usage_of_all : bool or None
        With several choices in a call it counts the tokens of all; False if only of some.
    prefill : Prefill, False or None
        How it continues a chat whose last message is the beginning of the assistant's; False if it begins a new
        message. None for completions, which always continue.
    calls : int
        What it took to find out.

    Examples
    --------
    What llama.cpp was seen to do: the tokens of several choices are those of the first.

    >>> llama = Capabilities(
    ...     n=True,
    ...     seed=True,
    ...     seeds_differ=True,
    ...     logprobs=True,
    ...     usage=True,
    ...     usage_of_all=False,
    ...     calls=6,
    ... )
    >>> llama.to_dict()["usage_of_all"]
    False
    """

    n: bool
    seed: bool | None
    seeds_differ: bool | None
    logprobs: bool
    usage: bool
    usage_of_all: bool | None
    calls: int
    prefill: Prefill | Literal[False] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the findings by name."""
        return asdict(self)
