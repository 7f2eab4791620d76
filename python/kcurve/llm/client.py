"""The openai SDK's client, asked for raw bytes, with no retries of its own."""

from __future__ import annotations

import os
from importlib import import_module
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from kcurve.errors import LLMError
from kcurve.llm.failures import Failure, failure_of_status
from kcurve.llm.scores import SCORING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kcurve.store.records import Asked

OPENAI = "https://api.openai.com/v1"
_PATHS: dict[str, str] = {"chat": "/chat/completions", "completions": "/completions"}


class Client:
    """One server.

    Parameters
    ----------
    base_url : str or None
        Where it is; None for the variable OPENAI_BASE_URL, or OpenAI itself.
    api_key : str or None
        The key; None for the variable OPENAI_API_KEY. Servers other than OpenAI are used without one if there
        is none.
    """

    __slots__ = ("_client", "_key", "_response", "_secrets", "_url")

    def __init__(self, base_url: str | None, api_key: str | None) -> None:
        url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            shown = _without_credentials(url)
            raise LLMError(
                f"base_url must be an http or https address, such as http://localhost:8000/v1, got {shown!r}"
            )
        self._url = url
        self._key = api_key or os.environ.get("OPENAI_API_KEY") or ""
        if not self._key and self.is_openai:
            raise LLMError(
                "OpenAI needs a key; set the variable OPENAI_API_KEY, or pass base_url of another server"
            )
        # Shorter ones are fillers such as "none" or "EMPTY", which a response may well contain.
        self._secrets = tuple(
            secret for secret in (self._key, parts.password) if secret and len(secret) >= 8
        )
        self._client: Any = None
        self._response: Any = None

    @property
    def is_openai(self) -> bool:
        """Whether the server is OpenAI's own."""
        return urlsplit(self._url).hostname == "api.openai.com"

    @property
    def url(self) -> str:
        """The address, without credentials."""
        return _without_credentials(self._url)

    def redacted(self, text: str) -> str:
        """Return a text without the secrets of this client."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text

    async def send(self, endpoint: Asked, body: bytes) -> tuple[bytes, Mapping[str, str]]:
        """Send one request, once, and return body and headers of the response; `open` comes first.

        Raises
        ------
        Failure
            If the connection breaks, or the status is not 200.
        """
        import openai  # noqa: PLC0415 - imported by now

        try:
            response = await self._client.post(
                self._path(endpoint), content=body, cast_to=self._response
            )
        except openai.APIStatusError as error:
            answer = error.response
            failure = failure_of_status(
                error.status_code, answer.content, answer.headers, now=time()
            )
            failure.message = self.redacted(failure.message)
            raise failure from None
        except openai.APIConnectionError as error:
            # The layers in between call every broken connection a time-out; the first cause knows better.
            reason: BaseException = error
            while reason.__cause__ is not None:
                reason = reason.__cause__
            message = f"{type(reason).__name__}: {reason}"
            raise Failure("connection", self.redacted(message)[:300]) from None
        content = response.content
        for secret in self._secrets:
            # A server that repeats the key must not bring it into the store.
            content = content.replace(secret.encode(), b"[secret]")
        return content, response.headers

    def _path(self, endpoint: Asked) -> str:
        """Return the path of a call; those for numbers are beside the protocol's version, not under it."""
        if endpoint not in SCORING:
            return _PATHS[endpoint]
        parts = urlsplit(self._url)
        root = parts.path.rstrip("/").removesuffix("/v1")
        return urlunsplit(parts._replace(path=f"{root}/{endpoint}"))

    def open(self) -> None:
        """Import the SDK, which takes more than a second, and make its client, if that is still to be done."""
        if self._client is not None:
            return
        import openai  # noqa: PLC0415 - heavy

        # The library below the SDK changed its name with version 3.
        below = "httpx2" if int(openai.__version__.split(".")[0]) >= 3 else "httpx"
        self._response = import_module(below).Response
        # Calls have a deadline of their own; this is for hosts that never answer.
        timeout = openai.Timeout(None, connect=10.0)
        self._client = openai.AsyncOpenAI(
            # The SDK wants a key, and sends it; servers without keys ignore it.
            api_key=self._key or "none",
            base_url=self._url,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAioHttpClient(timeout=timeout),
        )

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
