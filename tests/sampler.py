"""The server and the processes of tests that kill or interrupt samplers."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from tests.sampling_process import QUESTIONS, SAMPLES, WARM_UP
from tests.scripted_server import echo

ROOT = Path(__file__).resolve().parent.parent
TOTAL = len(QUESTIONS) * SAMPLES


async def slowly(body):
    """Answer by the seed, after 20 to 60 ms that depend on it too."""
    await asyncio.sleep(0.02 + body["seed"] % 41 / 1000)
    return echo(body)


async def run(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.sampling_process", *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def asked_of(server):
    """Count the requests by question and seed."""
    asked = Counter((body["messages"][0]["content"], body["seed"]) for body in server.bodies)
    return Counter({key: times for key, times in asked.items() if key[0] != WARM_UP})
