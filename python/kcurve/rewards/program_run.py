"""One run of a program with its tests: a process, its limits, its end."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

_RUNNER = Path(__file__).with_name("program_runner.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What a run may take.

    Attributes
    ----------
    timeout : float
        Seconds, by the clock; and as many of the processor, rounded up.
    memory : int
        Bytes of address space of each of its processes.
    file_size : int
        Bytes of each file it writes.
    processes : int
        Processes and threads that it may have besides its own.
    """

    timeout: float
    memory: int
    file_size: int
    processes: int


async def passes(program: str, tests: str, limits: RunLimits) -> bool:
    """Run a program and its tests, and tell whether the end of the tests was reached.

    Whatever happens, also if this is cancelled, no process of its session is left.

    Raises
    ------
    OSError
        If no process can be started.
    """
    token = secrets.token_hex(16)
    order = {
        "program": program,
        "tests": tests,
        "token": token,
        "seconds": ceil(limits.timeout),
        "memory": limits.memory,
        "file_size": limits.file_size,
        "processes": limits.processes,
    }
    with (
        TemporaryDirectory(prefix="kcurve-program-", ignore_cleanup_errors=True) as folder,
        TemporaryFile() as told,
    ):
        told.write(json.dumps(order).encode())
        told.seek(0)
        # Not by asyncio, which would take note of the end by itself: until `wait`, the number of the process
        # stands for this program alone, even if the process has ended.
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - at once; the interpreter that runs this
            [sys.executable, "-I", "-X", "utf8", str(_RUNNER)],
            stdin=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"HOME": folder, "TMPDIR": folder},
            start_new_session=True,
        )
        try:
            said = b""
            if process.stdout is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(limits.timeout):
                        said = await _read(process.stdout, len(token))
            return said == token.encode()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def _read(pipe: IO[bytes], length: int) -> bytes:
    """Return so many bytes, or all that come until the pipe is closed."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=length)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        return error.partial
    finally:
        transport.close()
