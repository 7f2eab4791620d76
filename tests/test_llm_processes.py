"""Two processes on one store."""

import asyncio

from tests.scripted_server import serving
from tests.test_llm_kill import TOTAL, asked_of, run, slowly


def test_two_processes_on_one_store_ask_for_each_sample_once(tmp_path):
    async def both():
        async with serving(slowly) as server:
            path = tmp_path / "shared.db"
            await asyncio.gather(run(server.url, path, 1, 0), run(server.url, path, 2, 0))
            asked = asked_of(server)
            assert len(asked) == TOTAL
            assert set(asked.values()) == {1}

    asyncio.run(both())
