"""kill -9 of a process that asks the tiny model, and what it leaves."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path


def kill_after(module, server, store, *, responses):
    """Run a module with the server and the store, and kill it once so many responses are in the store."""
    command = [sys.executable, "-m", module, server.url, str(store)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        while len(committed(store)) < responses:
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def committed(store):
    """Return the texts in the store by request and sample; none before its tables are made."""
    if not store.exists():
        return {}
    with closing(sqlite3.connect(store)) as connection:
        try:
            rows = connection.execute("SELECT request, sample, text FROM responses").fetchall()
        except sqlite3.OperationalError:
            return {}
    return {(request, sample): text for request, sample, text in rows}
