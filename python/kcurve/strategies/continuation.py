"""Whether a model can take up a response where it was left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kcurve.errors import LLMError

if TYPE_CHECKING:
    from kcurve.llm import LLM
    from kcurve.llm.capabilities import Capabilities

_PROBES: WeakKeyDictionary[LLM, asyncio.Future[Capabilities]] = WeakKeyDictionary()


async def check_continuation(llm: LLM) -> None:
    """Fail unless the model continues the text it is given: for a chat the server is probed, once for each LLM.

    Raises
    ------
    LLMError
        If the server begins a message anew instead of continuing it.
    """
    if llm.endpoint == "completions":
        return
    found = llm.capabilities
    if found is None:
        probe = _PROBES.get(llm)
        if probe is None:
            probe = _PROBES[llm] = asyncio.ensure_future(llm.probe())
        try:
            found = await asyncio.shield(probe)
        except Exception:
            _PROBES.pop(llm, None)  # it may go better next time
            raise
    if not found.prefill:
        raise LLMError(
            f"the server does not continue a message of the assistant, as a search needs for {llm.model!r} "
            "in a chat; use LLM(endpoint='completions')",
            kind="no_prefill",
        )
