"""Two processes on one store, and one that is interrupted."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing

from tests.sampler import ROOT, TOTAL, asked_of, run, slowly
from tests.scripted_server import serving


def test_two_processes_on_one_store_ask_for_each_sample_once(tmp_path):
    async def both():
        async with serving(slowly) as server:
            path = tmp_path / "shared.db"
            await asyncio.gather(run(server.url, path, 1, 0), run(server.url, path, 2, 0))
            asked = asked_of(server)
            assert len(asked) == TOTAL
            assert set(asked.values()) == {1}

    asyncio.run(both())


PROGRAMME = """
import asyncio, sys
from tests.sampling_process import sample_all
asyncio.run(sample_all(*sys.argv[1:]))
"""


def test_ctrl_c_lets_calls_under_way_end_and_leaves_no_attempt_open(tmp_path):
    path = tmp_path / "store.db"

    async def work():
        async with serving(slowly) as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", PROGRAMME, server.url, str(path),
                cwd=ROOT, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            while len(server) < 30:  # noqa: ASYNC110 - the server sets no event
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, told = await process.communicate()
            return len(server), told.decode()

    asked, told = asyncio.run(work())
    assert told.rstrip().endswith("KeyboardInterrupt")
    with closing(sqlite3.connect(path)) as connection:
        journal = dict(
            connection.execute(
                "SELECT kind, count(*) FROM attempts LEFT JOIN outcomes ON id = attempt GROUP BY kind"
            )
        )
    # What was under way had time to end; what was about to be sent was withdrawn.
    assert set(journal) <= {"ok", "cancelled"}
    assert journal["ok"] == asked
