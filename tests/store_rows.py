"""Requests and samples to fill stores with."""

import asyncio

from kcurve.store import Request, Sample, Usage

REQUEST = Request("small", "completions", "2 + 2 =", {"temperature": 1.0})


def sample(row, index, text="4", **fields):
    fields = {"usage": Usage(7, 3), "latency": 0.5, "cost": 0.25, "seed": index} | fields
    return Sample(request=row, index=index, status="ok", text=text, **fields)


async def put(store, request, texts, *, start=0):
    """Sample a text for each index from `start`, as an LLM would; the row of the request."""
    row = (await store.find(request, range(0))).request

    async def one(index, text):
        claim = await store.claim(row, index, seed=index)
        assert claim.granted
        await store.finish(claim, sample(row, index, text), b'{"raw": true}')

    await asyncio.gather(*(one(start + i, text) for i, text in enumerate(texts)))
    return row
