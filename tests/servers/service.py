"""The application of the fault server: what it answers, how it fails, and what it counts."""

from __future__ import annotations

import asyncio
import json
import struct
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from math import ceil
from socket import SO_LINGER, SOL_SOCKET
from time import time

from aiohttp import web

from tests.servers.answers import letter, prompt_text, response, scored, share_right
from tests.servers.plan import ACCEPTED, Plan

_PIECES = 8
_SCORING = ("pooling", "classify", "score")


@dataclass(slots=True)
class Counts:
    """What a server got and gave; a request is named by the JSON of its body with sorted keys.

    Attributes
    ----------
    received
        How often each request came.
    completed
        How often it was answered by something that a client has to take for its sample.
    faults
        How many faults there were of each kind.
    most_at_once
        The most requests under way at once.
    """

    received: Counter = field(default_factory=Counter)
    completed: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    most_at_once: int = 0

    @property
    def seeds(self) -> Counter:
        """How often each seed came."""
        seeds = Counter()
        for body, count in self.received.items():
            seeds[json.loads(body).get("seed")] += count
        return seeds

    def to_dict(self) -> dict:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, fields: dict) -> Counts:
        counters = {name: Counter(fields[name]) for name in ("received", "completed", "faults")}
        return cls(**counters, most_at_once=fields["most_at_once"])


@dataclass(kw_only=True)
class Service:
    """The application: settings, and counts."""

    plan: Plan = field(default_factory=Plan)
    answer: object = letter
    score: object = share_right
    latency: float = 0.0
    slowness: float = 0.4
    retry_after: float = 0.05
    counts: Counts = field(default_factory=Counts)
    _under_way: int = 0

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._counted)
        app.router.add_post("/v1/completions", self._counted)
        for endpoint in _SCORING:
            app.router.add_post(f"/{endpoint}", self._counted)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/counts", self._counts)
        return app

    async def _models(self, _request):
        return web.json_response({"object": "list", "data": [{"id": "model", "object": "model"}]})

    async def _counts(self, _request):
        return web.json_response(self.counts.to_dict())

    async def _counted(self, request):
        content = await request.read()
        try:
            body = json.loads(content)
        except ValueError:
            return _refusal(400, "the body is not JSON")
        name = json.dumps(body, sort_keys=True)
        seen = self.counts.received[name]
        self.counts.received[name] += 1
        self._under_way += 1
        self.counts.most_at_once = max(self.counts.most_at_once, self._under_way)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            kind = self.plan.fault(name.encode(), prompt_text(body), seen)
            if kind is not None:
                self.counts.faults[kind] += 1
            if kind is None or kind in ACCEPTED:
                # Before the last byte: whoever has read the response finds it counted.
                self.counts.completed[name] += 1
            return await self._respond(request, body, kind, seen)
        finally:
            self._under_way -= 1

    def _content(self, request, body, kind, seen):
        """Return the fields of a response with status 200."""
        if request.path[1:] in _SCORING:
            return self._numbers(body, request.path[1:], kind)
        prompt, n = prompt_text(body), int(body.get("n") or 1)
        # A client that sends no seed wants another text each time.
        seed = body["seed"] if body.get("seed") is not None else -1 - seen
        texts = [self.answer(prompt, seed, choice) for choice in range(n + (kind == "wrong_n"))]
        if kind == "null_content":
            texts = [None] * n
        elif kind == "duplicates":
            texts = [self.answer(prompt, 0, 0)] * n
        elif kind == "empty_choices":
            texts = []
        if kind == "nan_logprobs":
            body = {**body, "logprobs": True}
        content = response(body, texts, chat=request.path.endswith("/chat/completions"))
        if kind == "no_usage":
            del content["usage"]
        elif kind == "no_choices":
            del content["choices"]
        elif kind == "nan_logprobs":
            _spoil(content)
        elif kind == "error_body":
            content = {"error": {"message": "out of memory", "code": None}}
        return content

    def _numbers(self, body, endpoint, kind):
        results = {"wrong_n": 2, "empty_choices": 0}.get(kind, 1)
        content = scored(body, endpoint, self.score, results=results)
        if kind == "no_usage":
            del content["usage"]
        elif kind == "no_choices":
            del content["data"]
        elif kind == "error_body":
            content = {"error": {"message": "out of memory", "code": None}}
        elif kind in {"nan_numbers", "null_numbers", "nan_logprobs"}:
            [result] = content["data"]
            wrong = None if kind == "null_numbers" else float("nan")
            result |= {
                "pooling": {"data": [[0.5, 0.5], [wrong, 0.5]]},
                "classify": {"probs": [wrong, 0.5]},
                "score": {"score": wrong},
            }[endpoint]
        return content

    async def _respond(self, request, body, kind, seen):
        refusal = self._refusal_of(kind)
        if refusal is not None:
            return refusal
        if kind == "html":
            return web.Response(text="<html><body>Welcome</body></html>", content_type="text/html")
        if kind == "hang":
            await asyncio.sleep(3600)
        if kind == "reset_before":
            _reset(request)
            return web.Response()
        data = json.dumps(self._content(request, body, kind, seen)).encode()
        if kind == "malformed_json":
            data = data[: len(data) // 2] + b"}"
        if kind in {"slow_body", "reset_within", "truncated_body"}:
            return await self._in_pieces(request, data, kind)
        return web.Response(body=data, content_type="application/json")

    def _refusal_of(self, kind):
        match kind:
            case "rate_limited":
                wait = {"Retry-After": f"{self.retry_after:g}"}
                return _refusal(429, "slow down", headers=wait)
            case "rate_limited_date":
                date = formatdate(ceil(time() + self.retry_after), usegmt=True)
                return _refusal(429, "slow down", headers={"Retry-After": date})
            case "rate_limited_ms":
                wait = {"retry-after-ms": f"{1000 * self.retry_after:g}"}
                return _refusal(429, "slow down", headers=wait)
            case "quota":
                return _refusal(429, "you have no money left", code="insufficient_quota")
            case "http_500":
                return _refusal(500, "something broke")
            case "http_503":
                return _refusal(503, "too busy")
            case "unauthorized":
                return _refusal(401, "the key is wrong", code="invalid_api_key")
            case "bad_request":
                return _refusal(400, "the prompt is too long", code="context_length_exceeded")
        return None

    async def _in_pieces(self, request, data, kind):
        stream = web.StreamResponse(headers={"Content-Type": "application/json"})
        stream.content_length = len(data)
        await stream.prepare(request)
        size = ceil(len(data) / _PIECES)
        for piece in range(_PIECES):
            if kind != "slow_body" and piece == _PIECES // 2:
                if kind == "reset_within":
                    _reset(request)
                else:
                    request.transport.close()
                return stream
            await stream.write(data[piece * size : (piece + 1) * size])
            if kind == "slow_body":
                await asyncio.sleep(self.slowness / _PIECES)
        await stream.write_eof()
        return stream


def _refusal(status, message, *, headers=None, code=None):
    error = {"message": message, "type": "error", "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


def _reset(request):
    """Break the connection so that the other side gets a reset, not an end."""
    if request.transport is not None:
        socket = request.transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


def _spoil(content):
    for choice in content["choices"]:
        measured = choice["logprobs"]
        if "content" in measured:
            measured["content"][-1]["logprob"] = float("nan")
        else:
            measured["token_logprobs"][-1] = float("nan")
