"""How a model takes up a response where it was left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kcurve.errors import LLMError
from kcurve.llm import Prefill

if TYPE_CHECKING:
    from kcurve.llm import LLM, Capabilities

_PROBES: WeakKeyDictionary[LLM, asyncio.Future[Capabilities]] = WeakKeyDictionary()


async def prefill_of(llm: LLM) -> Prefill:
    """Return how a model continues a text that it is given: for a chat the server is probed, once for each LLM.

    Raises
    ------
    LLMError
        If the server begins a message anew instead of continuing it, or that cannot be told.
    """
    if llm.endpoint != "chat":
        return Prefill()
    found = llm.capabilities or await _probed(llm)
    if not isinstance(found.prefill, Prefill):
        what = (
            "does not continue a message of the assistant"
            if found.prefill is False
            else "may or may not continue a message of the assistant: its answers do not tell"
        )
        raise LLMError(
            f"the server of {llm.model!r} {what}, as a search in a chat needs; use LLM(endpoint='completions') "
            "(--endpoint completions), or say how it does: StepGenerator(prefill=Prefill())",
            kind="no_prefill",
        )
    return found.prefill


async def _probed(llm: LLM) -> Capabilities:
    """Return what the probe finds, one probe for all questions that wait for it."""
    probe = _PROBES.get(llm)
    if probe is None:
        probe = _PROBES[llm] = asyncio.ensure_future(llm.probe())
    try:
        return await asyncio.shield(probe)
    finally:
        if probe.done():
            # The LLM keeps what was found; what went wrong may go better next time.
            _PROBES.pop(llm, None)
