"""Sample from a local server that answers at once: kcurve.llm beside the bare SDK, from the store, and under faults.

python benches/python/run_live.py [--rounds 7] [--calls 1000] [--concurrency 64] [--faults]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import openai
from kcurve.llm import LLM, Parameters, RetryPolicy

from machine import describe, load
from tables import spread

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = "A train leaves at 9:40 and arrives at 12:05. How many minutes does it travel?"
PARAMETERS = Parameters(temperature=1.0, max_tokens=256, seed=1)
QUICK = RetryPolicy(attempts=12, backoff=0.01, longest_wait=0.2)

SERVER = """
import asyncio, json, sys
from hashlib import sha256
from aiohttp import web

share = float(sys.argv[1])
counts = {}

def faulty(body, times):
    draw = sha256(f"{body['messages'][0]['content']} {body.get('seed')} {times}".encode()).digest()
    return int.from_bytes(draw[:4]) < share * 2**32, draw[4] % 4

async def chat(request):
    body = json.loads(await request.read())
    key = (body["messages"][0]["content"], body.get("seed"))
    times = 0
    if share:
        times = counts[key] = counts.get(key, 0) + 1
    fails, kind = faulty(body, times) if share else (False, 0)
    if fails and kind == 0:
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"retry-after-ms": "5"})
    if fails and kind == 1:
        return web.json_response({"error": {"message": "out of order"}}, status=500)
    if fails and kind == 2:
        return web.Response(body=ANSWER[: len(ANSWER) // 2], content_type="application/json")
    if fails:
        request.transport.abort()
    return web.Response(body=ANSWER, content_type="application/json")

ANSWER = json.dumps({
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "local",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content":
        "From 9:40 to 12:00 are 140 minutes, and 5 more make 145. The answer is: 145. " * 8}}],
    "usage": {"prompt_tokens": 31, "completion_tokens": 210, "total_tokens": 241},
}).encode()

async def total(request):
    return web.json_response({"requests": sum(counts.values()), "most": max(counts.values(), default=0)})

async def main():
    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/total", total)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def serving(faults: float = 0.0) -> Iterator[str]:
    """Run the server in a process of its own."""
    command = [sys.executable, "-c", SERVER, str(faults)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def bare(url: str, calls: int, concurrency: int) -> float:
    """Return the calls per second of the SDK alone: gather over create(), bounded by a semaphore."""
    async with openai.AsyncOpenAI(
        base_url=f"{url}/v1",
        api_key="none",
        max_retries=0,
        http_client=openai.DefaultAioHttpClient(),
    ) as client:
        places = asyncio.Semaphore(concurrency)

        async def one(seed: int) -> str | None:
            async with places:
                completion = await client.chat.completions.create(
                    model="local",
                    messages=[{"role": "user", "content": QUESTION}],
                    temperature=1.0,
                    max_tokens=256,
                    seed=seed,
                )
                return completion.choices[0].message.content

        await asyncio.gather(*(one(seed) for seed in range(concurrency)))
        start = perf_counter()
        await asyncio.gather(*(one(seed) for seed in range(calls)))
        return calls / (perf_counter() - start)


async def ours(url: str, calls: int, concurrency: int, path: Path) -> float:
    """Return the samples per second of LLM.sample, every one committed to a new store on disk."""
    async with LLM("local", base_url=f"{url}/v1", concurrency=concurrency, store=path) as llm:
        await llm.sample("Warm up.", until=concurrency)
        start = perf_counter()
        samples = await llm.sample(QUESTION, until=calls, parameters=PARAMETERS)
        seconds = perf_counter() - start
    assert {sample.status for sample in samples} == {"ok"}
    return calls / seconds


async def warm(url: str, questions: int, each: int, path: Path) -> float:
    """Return samples per second from the store, `each` a call."""
    async with LLM("local", base_url=f"{url}/v1", store=path) as llm:
        prompts = [f"{QUESTION} ({i})" for i in range(questions)]
        for prompt in prompts:
            await llm.sample(prompt, until=each, parameters=PARAMETERS)
        sent = llm.account.sent
        start = perf_counter()
        for prompt in prompts:
            samples = await llm.sample(prompt, until=each, parameters=PARAMETERS)
            assert len(samples) == each
        rate = questions * each / (perf_counter() - start)
        assert llm.account.sent == sent
    return rate


async def faults(url: str, questions: int, each: int, path: Path) -> dict[str, object]:
    """Sample all questions from a server that fails one call in five, and hold the books against its own."""
    import aiohttp  # noqa: PLC0415 - comes with the SDK

    async with LLM("local", base_url=f"{url}/v1", retry=QUICK, store=path) as llm:
        start = perf_counter()
        waiting = asyncio.Semaphore(8)

        async def one(i: int) -> int:
            async with waiting:
                samples = await llm.sample(f"{QUESTION} ({i})", until=each, parameters=PARAMETERS)
                assert len(samples) == each
                return sum(sample.status == "ok" for sample in samples)

        complete = sum(await asyncio.gather(*(one(i) for i in range(questions))))
        seconds = perf_counter() - start
        account = llm.account
        async with aiohttp.ClientSession() as session, session.get(f"{url}/total") as answer:
            counted = await answer.json()
    assert counted["requests"] == account.sent
    assert counted["most"] <= QUICK.attempts
    assert account.sent == account.succeeded + sum(account.failed.values()) + account.unknown
    return {
        "samples": questions * each,
        "complete": complete,
        "requests seen by the server": counted["requests"],
        "sent": account.sent,
        "failed": dict(account.failed),
        "most requests for one sample": counted["most"],
        "seconds": round(seconds, 1),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--questions", type=int, default=1000, help="of the run under faults")
    parser.add_argument("--faults", action="store_true", help="only the run under faults")
    chosen = parser.parse_args()
    print(json.dumps(describe("openai", "aiohttp", "msgspec"), indent=2))
    with tempfile.TemporaryDirectory() as folder:
        if not chosen.faults:
            compare(Path(folder), chosen.rounds, chosen.calls, chosen.concurrency)
        else:
            with serving(0.2) as url:
                books = asyncio.run(faults(url, chosen.questions, 64, Path(folder) / "faults.db"))
            for name, value in books.items():
                print(f"{name}: {value}")


def compare(folder: Path, rounds: int, calls: int, concurrency: int) -> None:
    """Print calls per second of both, in turn, and of a warm run."""
    rates = np.zeros((rounds, 2))
    with serving() as url:
        for i in range(rounds):
            rates[i, 0] = asyncio.run(bare(url, calls, concurrency))
            rates[i, 1] = asyncio.run(ours(url, calls, concurrency, folder / f"{i}.db"))
        stored = asyncio.run(warm(url, 50, 64, folder / "warm.db"))
    print(f"\n{calls} calls, {concurrency} at once, {rounds} rounds; load {load()}\n")
    print("| | per second: median (least to most) |\n|---|---:|")
    print(f"| the SDK alone, gather over create() | {spread(rates[:, 0])} |")
    print(f"| LLM.sample, store on disk | {spread(rates[:, 1])} |")
    print(f"| ratio in the same round | {spread(rates[:, 1] / rates[:, 0])} |")
    print(f"| LLM.sample, all in the store, 64 a call | {stored:,.0f} |")


if __name__ == "__main__":
    main()
