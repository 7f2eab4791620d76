"""A server of the OpenAI protocol on loopback that answers by rule, fails by plan, and counts.

In a thread of this process, or in a process of its own::

    with FaultServer(Plan(shares=evenly(0.2))) as server:
        ...  # server.url, server.counts
    with FaultServerProcess(Plan(shares=evenly(0.2))) as server:
        ...  # server.url, server.counts asks it

From a shell: ``python -m tests.servers.fault_server --port 8000 --plan '{"shares": {"http_500": 0.2}}'``; the counts are
under ``/counts``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from urllib.request import urlopen

from aiohttp import web

from tests.servers.plan import Plan
from tests.servers.service import Counts, Service


class FaultServer:
    """The server in a thread of this process, with its own event loop."""

    def __init__(self, plan: Plan | None = None, **settings):
        self.service = Service(plan=plan or Plan(), **settings)
        self.url = ""

    @property
    def counts(self) -> Counts:
        return self.service.counts

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run, name="fault server", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self):
        def ready(url):
            self.url = url
            self._ready.set()

        try:
            self._loop.run_until_complete(_serve(self.service, 0, ready, self._stop))
        except OSError as error:
            self._error = error
            self._ready.set()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


class FaultServerProcess:
    """The server in a process of its own, which ends with this one; it answers by `letter`."""

    def __init__(self, plan: Plan | None = None, *, port: int = 0, **settings):
        self._command = [sys.executable, "-m", "tests.servers.fault_server", "--with-parent"]
        self._command += ["--port", str(port), "--plan", json.dumps(asdict(plan or Plan()))]
        for name, value in settings.items():
            self._command += [f"--{name.replace('_', '-')}", str(value)]
        self.url = ""

    @property
    def counts(self) -> Counts:
        """What it got and gave up to now; it is asked."""
        with urlopen(f"{self.url.removesuffix('/v1')}/counts", timeout=30) as answered:  # noqa: S310 - loopback
            return Counts.from_dict(json.load(answered))

    def __enter__(self):
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            self._command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the server ended with code {self._process.wait()}")
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


async def _serve(service, port, ready, stop):
    runner = web.AppRunner(service.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
        ready(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _serve_until_parent_ends(service, port, *, with_parent):
    stop = asyncio.Event()
    if with_parent:
        loop = asyncio.get_running_loop()

        def wait():
            sys.stdin.read()
            loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=wait, daemon=True).start()
    await _serve(service, port, lambda url: print(url, flush=True), stop)  # noqa: T201 - for whoever started it


def main():
    parser = argparse.ArgumentParser(prog="tests.servers.fault_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one; its URL is printed")
    parser.add_argument("--plan", type=json.loads, default={}, help="the fields of Plan as JSON")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--slowness", type=float, default=0.4, help="seconds a slow body takes")
    parser.add_argument("--retry-after", type=float, default=0.05, help="seconds a 429 asks for")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin does")
    given = parser.parse_args()
    service = Service(
        plan=Plan(**given.plan),
        latency=given.latency,
        slowness=given.slowness,
        retry_after=given.retry_after,
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_parent_ends(service, given.port, with_parent=given.with_parent))


if __name__ == "__main__":
    main()
