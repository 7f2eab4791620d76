"""A server on loopback that answers as a test tells it to, and keeps every request it got."""

import asyncio
import json
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET

from aiohttp import web


@dataclass
class Seen:
    """The requests of one server, in the order they came."""

    url: str = ""
    bodies: list = field(default_factory=list)
    headers: list = field(default_factory=list)

    def __len__(self):
        return len(self.bodies)

    @property
    def seeds(self):
        return [body.get("seed") for body in self.bodies]


def chat(*texts, finish_reason="stop", usage=None, **fields):
    """Return a response of the chat endpoint with these choices."""
    choices = [
        {
            "index": i,
            "finish_reason": finish_reason,
            "message": {"role": "assistant", "content": text},
            **fields,
        }
        for i, text in enumerate(texts)
    ]
    body = {"object": "chat.completion", "choices": choices}
    if usage is not None:
        prompt, completion = usage
        body["usage"] = {"prompt_tokens": prompt, "completion_tokens": completion}
    return web.json_response(body)


def echo(body):
    """Answer with the seed, as often as asked: the same request gives the same response."""
    n = body.get("n", 1)
    first = body.get("seed") or 0
    return chat(*(f"seed {first + i}" for i in range(n)), usage=(10, 5 * n))


def refusal(status, message="no", *, headers=None, **error):
    """Return an error as OpenAI's server words it."""
    return web.json_response(
        {"error": {"message": message, **error}}, status=status, headers=headers
    )


@asynccontextmanager
async def serving(answer=echo):
    """Serve both endpoints; `answer` is given the body of a request, and the number of requests seen if it takes it.

    It may be a coroutine function, and returns a response, or None for a connection that is reset.
    """
    seen = Seen()

    async def handle(request):
        body = json.loads(await request.read())
        seen.bodies.append(body)
        seen.headers.append(dict(request.headers))
        response = answer(body)
        if asyncio.iscoroutine(response):
            response = await response
        if response is None:
            reset(request)
            return web.Response()
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", handle)
    app.router.add_post("/v1/completions", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        seen.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield seen
    finally:
        await runner.cleanup()


def reset(request):
    """Break the connection of a request the hard way."""
    socket = request.transport.get_extra_info("socket")
    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def one_after_another(*answers):
    """Return an answer that plays these, and echoes from then on."""
    left = list(answers)

    def answer(body):
        if not left:
            return echo(body)
        step = left.pop(0)
        return step(body) if callable(step) else step

    return answer
