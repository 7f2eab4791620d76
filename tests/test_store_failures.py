"""Files that cannot be used: a clear error, and nothing lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kcurve.errors import StoreError
from kcurve.store import Store
from kcurve.store.schema import VERSION
from tests.store_rows import REQUEST, put, sample

VERSION_1 = Path(__file__).parent / "golden" / "store_version_1.sql"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


@pytest.fixture
def filled(path):
    async def fill():
        with Store(path) as store:
            await put(store, REQUEST, [f"{i} " * 500 for i in range(100)])

    asyncio.run(fill())
    return path


def read(path):
    with Store(path, read_only=True) as store:
        return asyncio.run(store.find(REQUEST, range(1000))).samples


def test_a_full_disk_is_said_and_what_was_committed_stays(path):
    """A real limit on the size of files, in a process of its own."""
    program = """
import asyncio, resource, signal, sys
from kcurve.errors import StoreError
from kcurve.store import Store
from tests.store_rows import REQUEST, sample

async def main():
    with Store(sys.argv[1]) as store:
        row = (await store.find(REQUEST, range(0))).request
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, resource.RLIM_INFINITY))
        for index in range(10_000):
            try:
                claim = await store.claim(row, index, seed=index)
                await store.finish(claim, sample(row, index, "x" * 2000), b"y" * 2000)
            except StoreError as error:
                print(error)
                break
            print(index, flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        claim = await store.claim(row, 20_000, seed=1)
        print("again", claim.granted)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    *acknowledged, error, again = done.stdout.splitlines()
    assert str(path) in error
    assert "disk" in error
    assert again == "again True"
    assert len(acknowledged) > 10
    assert set(map(int, acknowledged)) <= set(read(path))
    with Store(path) as store:
        assert store.verify().sound


def test_a_store_in_a_folder_that_may_not_be_written_to(filled):
    """As another user, for the superuser may write everywhere."""
    if os.getuid() != 0:
        filled.chmod(0o444)
        filled.parent.chmod(0o555)
        with pytest.raises(StoreError, match=r"runs\.db: .*(read_only=True|folder)"):
            Store(filled)
        filled.parent.chmod(0o755)
        return
    for folder in (filled.parent, *filled.parent.parents[:-2]):
        folder.chmod(0o755)
    filled.chmod(0o444)
    program = """
import sys
from kcurve.errors import StoreError
from kcurve.store import Store
import os
os.setuid(65534)
try:
    Store(sys.argv[1])
except StoreError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, filled],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{filled}: ")
    assert "read_only=True" in done.stdout or "folder" in done.stdout
    assert len(read(filled)) == 100


def test_a_file_that_is_no_database(path):
    path.write_bytes(b"question_id,answer\n1,2\n" * 200)
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"runs\.db: .*no store.*give another path"):
            Store(path, read_only=read_only)
    assert path.read_bytes() == before


def test_the_database_of_another_program(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="database of another program"):
        Store(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    connection.close()


def test_a_file_that_is_not_there(path):
    with pytest.raises(StoreError, match="there is no such file; check the path"):
        Store(path, read_only=True)
    with pytest.raises(StoreError, match="cannot be opened; check that the folder exists"):
        Store(path / "deeper.db")
    assert not path.exists()


def test_a_store_of_a_newer_package_is_left_alone(filled):
    connection = sqlite3.connect(filled)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = filled.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match=f"its version is 99, this one reads up to {VERSION}"):
            Store(filled, read_only=read_only)
    assert filled.read_bytes() == before


def test_a_store_of_version_1_becomes_current_with_all_it_holds(path):
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    connection.close()
    with pytest.raises(StoreError, match=r"its version is 1.*open it once for writing"):
        Store(path, read_only=True)
    with Store(path) as store:
        found = asyncio.run(store.find(REQUEST, range(3)))
        assert [found.samples[i].text for i in range(2)] == ["4", "5"]
        assert set(found.unknown) == {2}, "an attempt that its process left open"
        assert asyncio.run(store.skip(found.request, 2)).status == "unknown"
        assert store.verify().sound
        assert store.info().version == VERSION


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_damaged_file_is_found_out(filled, share):
    with filled.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(int(size * share) // 4096 * 4096)
        file.write(b"\xff" * 8192)
    try:
        with Store(filled, read_only=True) as store:
            found = store.verify()
    except StoreError as error:
        assert str(filled) in str(error)  # noqa: PT017 - either way it is said
    else:
        assert not found.sound
        assert found.problems


def test_a_changed_response_is_found_out(filled):
    connection = sqlite3.connect(filled)
    connection.execute("DROP TRIGGER responses_keep_on_update")
    connection.execute("UPDATE responses SET key = randomblob(32) WHERE sample = 7")
    connection.execute("DROP TRIGGER requests_keep_on_update")
    connection.commit()
    connection.close()
    with Store(filled, read_only=True) as store:
        (problem,) = store.verify().problems
    assert problem == "sample 7 of request 1 is not what its key says"


def test_a_changed_request_is_found_out(filled):
    connection = sqlite3.connect(filled)
    connection.execute("DROP TRIGGER requests_keep_on_update")
    connection.execute(
        "UPDATE requests SET canonical = CAST(replace(canonical, 'small', 'large') AS BLOB)"
    )
    connection.commit()
    connection.close()
    with Store(filled, read_only=True) as store:
        problems = store.verify().problems
    assert problems[0] == "request 1 is not what its hash says"


def test_an_error_of_one_write_is_not_the_others_fault(path):
    async def main():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            good, bad = await asyncio.gather(
                store.claim(row, 0, seed=None), store.claim(row, 1, seed=None)
            )
            results = await asyncio.gather(
                store.finish(good, sample(row, 0), b""),
                store.finish(bad, sample(row, 1, text=object()), b""),
                return_exceptions=True,
            )
            found = await store.find(REQUEST, range(2))
            return results, list(found.samples), found.unknown, await store.claim(row, 1, seed=None)

    (fine, error), stored, unknown, again = asyncio.run(main())
    assert fine is None
    assert isinstance(error, StoreError)
    assert stored == [0]
    # The response was paid for and could not be kept: its attempt is unknown, and another may be made at once.
    assert set(unknown) == {1}
    assert (again.granted, again.attempt) == (True, 2)
