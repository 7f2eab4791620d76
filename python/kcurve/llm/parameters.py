"""How a model is asked to sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kcurve._validation import number_between
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

# The fields of a body that are not for `extra`, and what sets them.
_OWN = {
    "model": "LLM(model)",
    "messages": "the prompt",
    "prompt": "the prompt",
    "n": "LLM(samples_per_request=)",
    "seed": "Parameters(seed=)",
    "stream": "nothing: responses are read whole",
    "best_of": "nothing: every sample is drawn by itself",
    "temperature": "Parameters(temperature=)",
    "top_p": "Parameters(top_p=)",
    "max_tokens": "Parameters(max_tokens=)",
    "stop": "Parameters(stop=)",
    "logprobs": "Parameters(logprobs=)",
    "top_logprobs": "Parameters(logprobs=)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    r"""Sampling parameters; what is None is not sent, so that the server's default holds.

    Parameters
    ----------
    temperature : float, optional
        At least 0.
    top_p : float, optional
        Nucleus sampling, in (0, 1].
    max_tokens : int, optional
        The most tokens that a sample may have; needed under a budget of tokens or money.
    stop : str or sequence of str, optional
        Texts that end a sample.
    seed : int, optional
        The seed that every sample's own seed is derived from, so that no two samples share one. None sends no
        seed.
    logprobs : int, optional
        Keep the log-probabilities of tokens, and of this many alternatives to each; 0 for none.
    extra : mapping, optional
        Fields of the request's body that are not above, such as ``{"top_k": 40}``.

    Raises
    ------
    ArgumentError
        If a value is out of its range, or `extra` holds a field that has a place of its own.

    Examples
    --------
    >>> Parameters(temperature=0.7, stop="\n").body()
    {'stop': ['\n'], 'temperature': 0.7}
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: str | tuple[str, ...] = ()
    seed: int | None = None
    logprobs: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check the ranges, and that nothing is set twice."""
        if self.temperature is not None:
            number_between("temperature", self.temperature, 0, float("inf"))
        if self.top_p is not None:
            number_between("top_p", self.top_p, 0, 1, low_excluded=True)
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ArgumentError(f"max_tokens must be at least 1, got {self.max_tokens}")
        if self.logprobs is not None and self.logprobs < 0:
            raise ArgumentError(f"logprobs must be at least 0, got {self.logprobs}")
        for name in self.extra:
            if name in _OWN:
                raise ArgumentError(f"extra must not hold {name!r}; it is set by {_OWN[name]}")
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)
        object.__setattr__(self, "stop", stop)

    def body(self) -> dict[str, object]:
        """Return what was given, by the names of the protocol, in the order of these names."""
        given: dict[str, object] = dict(self.extra)
        for name in ("temperature", "top_p", "max_tokens", "seed", "logprobs"):
            if (value := getattr(self, name)) is not None:
                given[name] = value
        if self.stop:
            given["stop"] = list(self.stop)
        return dict(sorted(given.items()))
