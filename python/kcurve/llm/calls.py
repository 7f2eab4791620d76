"""The calls of a model: requests and their bytes, kept for texts that are sampled again and again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from kcurve.llm.prompts import Call, checked_prompt
from kcurve.store.records import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcurve.llm.parameters import Parameters
    from kcurve.store.records import Asked

_KEPT = 1024


class Calls:
    """The calls of one model by one endpoint.

    Parameters
    ----------
    model, endpoint, revision : str
        What every request of it holds.
    """

    __slots__ = ("_endpoint", "_kept", "_model", "_revision")

    def __init__(self, model: str, endpoint: Asked, revision: str) -> None:
        self._model = model
        self._endpoint = endpoint
        self._revision = revision
        self._kept: OrderedDict[tuple[str, Parameters], Call] = OrderedDict()

    def call(
        self,
        prompt: str | Sequence[Mapping[str, object]] | Mapping[str, str],
        parameters: Parameters,
    ) -> Call:
        """Return the call for a prompt; ArgumentError if it does not fit the endpoint."""
        key = (prompt, parameters) if isinstance(prompt, str) else None
        if key is not None and (call := self._kept.get(key)) is not None:
            return call
        request = Request(
            self._model,
            self._endpoint,
            checked_prompt(prompt, self._endpoint),
            parameters.body(),
            self._revision,
        )
        call = Call(request, parameters)
        if key is not None:
            self._kept[key] = call
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return call
