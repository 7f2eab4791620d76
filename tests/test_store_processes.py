"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from kcurve.store import Store, sessions
from tests.store_rows import REQUEST, put, sample

ROOT = Path(__file__).resolve().parent.parent

# Samples what is free, and says which samples it has committed.
WORKER = """
import asyncio, sys
from kcurve.store import Store
from tests.store_rows import REQUEST, sample

path, first, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

async def main():
    with Store(path) as store:
        row = (await store.find(REQUEST, range(0))).request
        turns = asyncio.Semaphore(8)

        async def one(index):
            async with turns:
                claim = await store.claim(row, index, seed=index)
                if claim.granted:
                    await asyncio.sleep(0.002)
                    await store.finish(claim, sample(row, index), b"x" * 500)
                    sys.stdout.write(f"{index}\\n")
                    sys.stdout.flush()

        await asyncio.gather(*(one(index) for index in range(first, n)))

asyncio.run(main())
"""

# Waits for a word when everything is imported, and takes a second for 400 samples if it is alone.
WAITING = WORKER.replace("asyncio.sleep(0.002)", "asyncio.sleep(0.02)").replace(
    "asyncio.run(main())",
    'print("ready", flush=True)\nsys.stdin.readline()\nasyncio.run(main())',
)


def start(path, n, first=0, program=WORKER):
    return subprocess.Popen(
        [sys.executable, "-c", program, path, str(first), str(n)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def let_go(workers):
    """Wait until all are ready, and give them the word."""
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()


def finished(worker):
    out, err = worker.communicate(timeout=60)
    assert worker.returncode == 0, err
    return [int(line) for line in out.split()]


def attempts(path):
    with Store(path, read_only=True) as store:
        return store.info().attempts


def test_processes_that_start_together_share_one_store(tmp_path):
    """They make the file at the same time, and then sample each index once."""
    path = tmp_path / "runs.db"
    with ExitStack() as stack:
        workers = [stack.enter_context(start(path, 400, program=WAITING)) for _ in range(3)]
        let_go(workers)
        done = [finished(worker) for worker in workers]
    assert sorted(index for indices in done for index in indices) == list(range(400))
    assert attempts(path) == 400
    assert sum(1 for indices in done if indices) >= 2, "only one of them did any work"


OPENING = """
import sys
from kcurve.store import Store

print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    with Store(f"{sys.argv[1]}.{number // 4}"):
        pass
"""


def test_processes_that_open_and_close_stores_do_not_hinder_each_other(tmp_path):
    with ExitStack() as stack:
        workers = [stack.enter_context(start(tmp_path / "s", 0, program=OPENING)) for _ in range(4)]
        let_go(workers)
        assert [finished(worker) for worker in workers] == [[]] * 4


def test_a_live_process_keeps_its_attempt_and_a_dead_one_does_not(tmp_path):
    path = tmp_path / "runs.db"
    program = WORKER.replace("asyncio.sleep(0.002)", "asyncio.sleep(60)")
    with (
        subprocess.Popen(
            [sys.executable, "-c", program, path, "0", "1"], cwd=ROOT, stderr=subprocess.DEVNULL
        ) as other,
        ExitStack() as stack,
    ):
        stack.callback(other.kill)
        store = stack.enter_context(Store(path))
        deadline = time.monotonic() + 30
        while not store.info().under_way:
            assert time.monotonic() < deadline
            time.sleep(0.02)

        async def look():
            found = await store.find(REQUEST, range(1))
            return found.unknown, await store.claim(found.request, 0, seed=0)

        unknown, claim = asyncio.run(look())
        assert not unknown
        assert not claim.granted
        other.kill()
        other.wait()
        assert (store.info().unknown, store.info().under_way) == (1, 0)
        unknown, claim = asyncio.run(look())
        assert claim.granted
        assert claim.attempt == 2
        facts = unknown[0]
        assert (facts["sample"], facts["attempt"], facts["seed"]) == (0, 1, 0)


def test_thirty_kills_lose_nothing_that_was_committed(tmp_path):
    path = tmp_path / "runs.db"
    chance = random.Random(7)  # noqa: S311 - when to kill
    acknowledged: set[int] = set()
    kills = 0
    Store(path).close()
    while kills < 30:
        # Again from where the last one may have left gaps.
        first = max(0, len(acknowledged) - 100)
        with start(path, first + 2000, first) as worker:
            assert worker.stdout is not None
            lines = [worker.stdout.readline()]  # it has begun
            time.sleep(chance.uniform(0.0, 0.08))
            worker.send_signal(signal.SIGKILL)
            lines += worker.stdout.readlines()
            kills += 1
        committed = {int(line) for line in lines if line.endswith("\n")}
        assert committed, "it was killed before it did anything"
        assert not committed & acknowledged, "a sample that was committed was drawn again"
        acknowledged |= committed
    with Store(path) as store:
        found = asyncio.run(store.find(REQUEST, range(100_000)))
        assert acknowledged <= set(found.samples)
        assert store.verify().sound
        info = store.info()
        assert info.attempts == info.succeeded + info.unknown
        assert 0 < info.unknown <= 8 * 30, "at most those under way when it was killed"
        assert info.succeeded == info.samples
        # What was cut off is asked for again, once.
        cut_off = [index for index in found.unknown if index not in found.samples]

        async def again():
            for index in cut_off:
                claim = await store.claim(found.request, index, seed=index)
                await store.finish(claim, sample(found.request, index), b"")
            return await store.find(REQUEST, range(max(found.samples) + 1))

        whole = asyncio.run(again())
        assert sorted(whole.samples) == list(range(max(found.samples) + 1))
    assert [file.name for file in tmp_path.iterdir()] == ["runs.db"], "locks of the dead are left"


def test_readers_see_what_is_committed_while_another_writes(tmp_path):
    path = tmp_path / "runs.db"

    async def main():
        with Store(path) as store, Store(path, read_only=True) as reader:
            seen = []
            for index in range(20):
                await put(store, REQUEST, "x", start=index)
                seen.append(len((await reader.find(REQUEST, range(100))).samples))
            return seen

    assert asyncio.run(main()) == list(range(1, 21))


def test_two_stores_of_one_process_do_not_share_claims(tmp_path):
    path = tmp_path / "runs.db"

    async def main():
        with Store(path) as one, Store(path) as other:
            row = (await one.find(REQUEST, range(1))).request
            claims = await asyncio.gather(
                one.claim(row, 0, seed=None), other.claim(row, 0, seed=None)
            )
            return sorted(claim.granted for claim in claims)

    assert asyncio.run(main()) == [False, True]


def test_a_lock_that_is_cleared_away_while_it_is_taken_is_taken_anew(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    take = sessions.FileLock.acquire
    cleared = []

    def acquire(lock, *args, **kwargs):
        taken = take(lock, *args, **kwargs)
        if not cleared:
            cleared.append(lock.lock_file)
            Path(lock.lock_file).unlink()  # as by a writer that ends at this moment
        return taken

    monkeypatch.setattr(sessions.FileLock, "acquire", acquire)
    session = sessions.Session(path)
    monkeypatch.undo()
    assert session.id not in cleared[0]
    assert sessions.alive(path, session.id)
    session.end()
    assert not sessions.alive(path, session.id)
    assert not sessions.folder_of(path).exists()
