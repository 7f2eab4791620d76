"""A llama.cpp server of one model, in a process of its own, on a free port of loopback.

``with Server(path) as server`` gives ``server.url``. It ends with the process that started it, however that ends.
"""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT = 60.0
"""Seconds in which a model must have been loaded."""

SLOTS = 16
"""How many requests a server works on at once."""

CONTEXT = 256
"""Tokens of a request, its response included."""


class Server:
    """A server of one model, started and ended as a context.

    Attributes
    ----------
    url
        Where it listens, as an OpenAI client takes it.
    """

    def __init__(self, model: Path) -> None:
        """Remember which model."""
        self._model = model
        self.url = ""

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        command = [sys.executable, str(Path(__file__).resolve()), str(self._model.resolve())]
        self._process = subprocess.Popen(  # noqa: S603 - this very file
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        address = self._process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"the server of {self._model} ended with {self._process.wait()}")
        self.url = f"{address}/v1"
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            # It refuses connections at first, and answers 503 while it loads the model.
            with suppress(URLError), urlopen(f"{address}/health", timeout=10):  # noqa: S310 - loopback
                return self
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError(f"the server of {self._model} was not ready after {TIMEOUT:g} s")

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()

    import xllamacpp  # noqa: PLC0415 - only in this process

    settings = xllamacpp.CommonParams()
    settings.model.path = str(given.model)
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    settings.n_parallel = SLOTS
    settings.n_ctx = CONTEXT * SLOTS
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.verbosity = -1
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)  # noqa: T201 - for whoever started it
    sys.stdin.read()


if __name__ == "__main__":
    main()
