"""A real llama.cpp server in a process of its own, on a free port of loopback.

In a test: ``with LlamaServer(path) as server`` gives ``server.url``; from a shell:
``python -m tests.servers.llama_server tests/live/tiny_arithmetic.gguf --port 8000``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT = 60.0
"""Seconds in which a model must have been loaded."""


class LlamaServer:
    """A server of one model, started and ended as a context; it ends with this process, however that ends.

    Parameters
    ----------
    model
        Path of a GGUF file.
    slots
        How many requests it works on at once.
    context
        Tokens of a slot.
    threads
        Threads it computes with.
    """

    def __init__(self, model: Path | str, *, slots: int = 16, context: int = 128, threads: int = 1):
        self._command = [sys.executable, "-m", "tests.servers.llama_server", str(model)]
        self._command += ["--slots", str(slots), "--context", str(context)]
        self._command += ["--threads", str(threads), "--with-parent"]
        self.url = ""

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        address = self._process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"the server ended with code {self._process.wait()}")
        self.url = f"{address}/v1"
        self._wait_until_healthy()
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def tokens(self) -> int:
        """The tokens it has read, reused and written since it started: they grow with every request."""
        page = self._page("metrics")
        names = ("prompt_tokens_total", "prompt_tokens_cached_total", "tokens_predicted_total")
        return sum(
            int(float(re.search(rf"^llamacpp:{name} (\S+)$", page, re.MULTILINE)[1]))
            for name in names
        )

    def _page(self, name):
        with urlopen(self.url.removesuffix("v1") + name, timeout=10) as answered:  # noqa: S310 - loopback
            return answered.read().decode()

    def _wait_until_healthy(self):
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            # It refuses connections at first, and answers 503 while it loads the model.
            with suppress(URLError):
                self._page("health")
                return
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError(f"the server at {self.url} was not ready after {TIMEOUT:g} s")


def main():
    parser = argparse.ArgumentParser(prog="tests.servers.llama_server", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0: any free one; its URL is printed")
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--context", type=int, default=128, help="tokens of a slot")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--with-parent", action="store_true", help="end when stdin does")
    given = parser.parse_args()

    import xllamacpp  # noqa: PLC0415 - only in this process

    settings = xllamacpp.CommonParams()
    settings.model.path = str(given.model.resolve())
    settings.hostnames = ["127.0.0.1"]
    settings.port = given.port
    settings.n_parallel = given.slots
    settings.n_ctx = given.context * given.slots
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = given.threads
    settings.endpoint_metrics = True
    settings.verbosity = -1
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)  # noqa: T201 - for whoever started it
    if given.with_parent:
        sys.stdin.read()
        return
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
