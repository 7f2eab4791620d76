"""Measure a store of responses: durable samples a second, samples read a second, memory over a million samples.

python benches/python/run_store.py [SAMPLES]
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from kcurve.store import Request, Sample, Store, Usage

PER_REQUEST = 64
AT_ONCE = 64
TEXT = "A step of reasoning, and another one. " * 8
BODY = b'{"choices": [{"text": "' + TEXT.encode() * 2 + b'"}]}'


def request(number):
    return Request("model", "chat", f"question {number}", {"max_tokens": 500, "temperature": 0.7})


async def write(store, samples):
    """Journal, commit and acknowledge samples as an LLM does, so many at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(row, index):
        async with turns:
            claim = await store.claim(row, index, seed=index)
            sample = Sample(
                request=row, index=index, status="ok", text=TEXT, usage=Usage(50, 90), cost=1e-5
            )
            await store.finish(claim, sample, BODY)

    for number in range(samples // PER_REQUEST):
        found = await store.find(request(number), range(PER_REQUEST))
        await asyncio.gather(*(one(found.request, index) for index in range(PER_REQUEST)))


async def read(store, samples):
    return sum(
        [
            len((await store.find(request(number), range(PER_REQUEST))).samples)
            for number in range(samples // PER_REQUEST)
        ]
    )


def timed(work):
    start = time.perf_counter()
    asyncio.run(work)
    return time.perf_counter() - start


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def plain_rows(path, rows):
    """Seconds for the least anybody can do: one durable commit per row of the same size."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE plain (body BLOB)")
    start = time.perf_counter()
    for _ in range(rows):
        connection.execute("INSERT INTO plain VALUES (?)", (TEXT.encode() + BODY,))
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def main():
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 64_000
    with tempfile.TemporaryDirectory() as folder:
        plain = 5_000 / plain_rows(Path(folder) / "plain.db", 5_000)
        print("| what | samples a second | peak of the process, MiB |\n|---|---:|---:|")
        print(
            f"| one commit per row of the same size, plain sqlite3 | {plain:,.0f} | {peak():,.0f} |"
        )
        for durability in ("power", "process"):
            path = Path(folder) / f"{durability}.db"
            with Store(path, durability=durability) as store:
                rate = samples / timed(write(store, samples))
                print(
                    f"| journalled and committed, {durability}, {samples:,} samples | {rate:,.0f} | {peak():,.0f} |",
                    flush=True,
                )
            with Store(path, read_only=True) as store:
                rate = samples / timed(read(store, samples))
            print(f"| read | {rate:,.0f} | {peak():,.0f} |", flush=True)
        print(f"\n{path.stat().st_size / samples:,.0f} bytes per sample on disk")


if __name__ == "__main__":
    main()
