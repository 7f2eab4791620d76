"""A store keeps what was written, changes nothing, and says what is there."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from math import isnan

import pytest

from kcurve.datasets import Question
from kcurve.errors import ArgumentError, StoreError
from kcurve.store import Purpose, Request, Sample, Store, Usage
from tests.store_rows import REQUEST, put, sample


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


def run(coroutine):
    return asyncio.run(coroutine)


def test_a_sample_comes_back_as_it_was_written(path):
    written = sample(
        1, 0, "four", finish_reason="stop", usage=Usage(7, 3, 2, 1), logprobs=[{"token": "four"}]
    )

    async def write():
        with Store(path) as store:
            found = await store.find(REQUEST, range(1))
            claim = await store.claim(found.request, 0, seed=0)
            await store.finish(claim, written, b"{}")

    run(write())
    with Store(path, read_only=True) as store:
        found = run(store.find(REQUEST, range(1)))
    assert found.samples == {0: replace(written, paid_now=False)}
    assert not found.unknown


def test_what_is_unknown_of_a_sample_stays_unknown(path):
    async def write():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            claim = await store.claim(row, 0, seed=None)
            await store.finish(claim, Sample(request=row, index=0, status="empty", text=None), b"")
            return (await store.find(REQUEST, range(1))).samples[0]

    found = run(write())
    assert found.usage == Usage()
    assert isnan(found.cost)
    assert isnan(found.latency)
    assert (found.text, found.seed, found.status) == (None, None, "empty")


def test_a_request_is_one_row_however_its_parameters_are_ordered(path):
    async def rows():
        with Store(path) as store:
            return [
                (await store.find(Request("m", "chat", "q", parameters), range(1))).request
                for parameters in (
                    {"temperature": 1.0, "top_p": 0.5},
                    {"top_p": 0.5, "temperature": 1.0},
                    {"temperature": 1.0},
                )
            ]

    first, same, other = run(rows())
    assert first == same != other


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, model="large"),
        replace(REQUEST, endpoint="chat"),
        replace(REQUEST, prompt="2 + 3 ="),
        replace(REQUEST, parameters={"temperature": 0.9}),
        replace(REQUEST, revision="b"),
    ],
)
def test_every_part_of_a_request_and_the_index_are_in_the_key(other):
    assert other.key(0) != REQUEST.key(0) != REQUEST.key(1)
    assert replace(REQUEST).key(0) == REQUEST.key(0)


def test_samples_of_a_range_only(path):
    async def ranges():
        with Store(path) as store:
            await put(store, REQUEST, "abcdef")
            return [
                list((await store.find(REQUEST, r)).samples) for r in (range(2, 4), range(5, 9))
            ]

    assert run(ranges()) == [[2, 3], [5]]


def test_a_sample_is_claimed_once(path):
    async def claims():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            first, second = await asyncio.gather(
                store.claim(row, 0, seed=1), store.claim(row, 0, seed=1)
            )
            await store.finish(first, sample(row, 0), b"")
            return first.granted, second.granted, (await store.claim(row, 0, seed=1)).granted

    assert run(claims()) == (True, False, False)


def test_after_a_failure_the_next_attempt_has_the_next_number(path):
    async def numbers():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            first = await store.claim(row, 0, seed=None)
            await store.fail(first, "timeout", "no response", status=None, final=False)
            second = await store.claim(row, 0, seed=None)
            return first.attempt, second.attempt, second.granted

    assert run(numbers()) == (1, 2, True)


def test_the_first_outcome_of_an_attempt_counts(path):
    async def write():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            claim = await store.claim(row, 0, seed=None)
            await store.fail(claim, "server_error", "oops", status=500, final=True)
            await store.fail(claim, "timeout", "late", status=None, final=False)
            return store.info()

    assert run(write()).failures == {"server_error": 1}


def test_a_cancelled_claim_does_not_stay_open(path):
    async def cancel():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            waiting = asyncio.create_task(store.claim(row, 0, seed=None))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            for _ in range(100):
                claim = await store.claim(row, 0, seed=None)
                if claim.granted:
                    return store.info()
                await asyncio.sleep(0.01)
            return None

    info = run(cancel())
    assert info is not None
    # It was never sent, so nobody can have been paid for it.
    assert (info.unknown, info.failures) == (0, {"not_sent": 1})


def test_a_skipped_sample_is_unknown_and_not_missing(path):
    async def skip():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(2))).request
            skipped = await store.skip(row, 1)
            return skipped, (await store.find(REQUEST, range(2))).samples

    skipped, samples = run(skip())
    assert samples == {1: skipped}
    assert skipped.status == "unknown"
    assert "not asked for again" in skipped.error


def test_equal_runs_and_questions_are_one_row(path):
    question = Question("2 + 2 = ?", "4", metadata={"level": "1"})
    with Store(path) as store:
        rows = [store.run({"a": 1, "b": [2]}), store.run({"b": [2], "a": 1}), store.run({"a": 2})]
        asked = [
            store.question(question),
            store.question(replace(question)),
            store.question(replace(question, id="x")),
        ]
    assert rows == [1, 1, 2]
    assert asked == [1, 1, 2]


def test_links_are_noted_once(path):
    async def link():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            purpose = Purpose(store.run({}), store.question(Question("q")))
            for _ in range(3):
                await store.link(purpose, row, range(8))
        with sqlite3.connect(path) as connection:
            return connection.execute("SELECT count(*) FROM links").fetchone()

    assert run(link()) == (1,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE responses SET text = 'x'",
        "DELETE FROM responses",
        "DELETE FROM attempts",
        "UPDATE outcomes SET kind = 'x'",
        "DELETE FROM requests",
        "DELETE FROM runs",
        "UPDATE questions SET content = x'00'",
        "DELETE FROM sessions",
        "INSERT OR REPLACE INTO requests SELECT id, hash, x'00' FROM requests",
    ],
)
def test_nothing_can_be_changed(path, change):
    async def fill():
        with Store(path) as store:
            store.run({})
            store.question(Question("q"))
            await put(store, REQUEST, "ab")

    run(fill())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA recursive_triggers = ON")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change)
    connection.close()


def test_a_store_for_reading_refuses_to_write(path):
    Store(path).close()
    with Store(path, read_only=True) as store:
        with pytest.raises(StoreError, match="open for reading only; open it without read_only"):
            store.run({"new": True})
        assert store.session is None


def test_a_closed_store_refuses_to_write(path):
    store = Store(path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match=r"runs\.db: "):
        store.run({"new": True})


def test_nothing_is_left_beside_a_closed_store(path):
    with Store(path) as store:
        store.run({})
        assert (path.parent / "runs.db.sessions").is_dir()
    assert [file.name for file in path.parent.iterdir()] == ["runs.db"]


def test_a_temporary_store_has_no_path():
    with Store(None) as store:
        assert store.path is None
        assert repr(store) == "Store(temporary)"
        assert run(store.find(REQUEST, range(1))).samples == {}


def test_durability_is_one_of_two(path):
    with pytest.raises(ArgumentError, match="durability must be"):
        Store(path, durability="none")
    with Store(path, durability="process") as store:
        assert store.run({}) == 1


def test_messages_of_servers_are_stored_without_keys(path):
    keys = ("sk-proj-abcdefgh12345678", "abc.def.ghi", "topsecret1", "hunter22")
    message = (
        f"Incorrect API key provided: {keys[0]}. Authorization: Bearer {keys[1]}, "
        f"api_key={keys[2]} at https://me:{keys[3]}@example.org/v1"
    )

    async def fail():
        with Store(path) as store:
            row = (await store.find(REQUEST, range(1))).request
            claim = await store.claim(row, 0, seed=None)
            await store.fail(claim, "unauthorised", message, status=401, final=True)

    run(fail())
    content = path.read_bytes()
    assert b"Incorrect API key provided" in content
    for key in keys:
        assert key.encode() not in content


def test_info_counts_everything(path):
    async def fill():
        with Store(path) as store:
            row = await put(store, REQUEST, "ab")
            await put(store, replace(REQUEST, model="large"), "c")
            for index, kind in ((2, "timeout"), (3, "cancelled")):
                claim = await store.claim(row, index, seed=None)
                await store.fail(claim, kind, "no", status=None, final=True)
            await store.claim(row, 4, seed=None)
            store.run({"rule": {"name": "Vote"}, "model": "small"})
            return store.info()

    info = run(fill())
    assert (info.requests, info.samples, info.attempts) == (2, 3, 6)
    assert (info.succeeded, info.failed, info.unknown, info.under_way) == (3, 1, 1, 1)
    assert info.failures == {"cancelled": 1, "timeout": 1}
    assert info.runs == {1: "Vote, small"}
    assert [(one.model, one.samples, one.tokens_out, one.cost) for one in info.models] == [
        ("large", 1, 3, 0.25),
        ("small", 2, 6, 0.5),
    ]
    assert info.to_dict()["models"][0]["model"] == "large"
    assert info.attempts == info.succeeded + info.failed + info.unknown + info.under_way


def test_duplicates_are_long_equal_samples_drawn_with_temperature(path):
    long = "This sentence is long enough not to be written twice by chance, for it has many words in it."

    async def fill():
        with Store(path) as store:
            await put(store, REQUEST, [long, "4", long, "4", long, long + "!"])
            await put(store, replace(REQUEST, parameters={"temperature": 0.0}), [long, long])
            return store.duplicates()

    found = run(fill())
    assert found
    assert (found.samples, found.surplus, found.shared_seeds) == (6, 2, 0)
    assert [(one.copies, one.first) for one in found.repeated] == [(3, 0)]


def test_independent_samples_raise_no_alarm(path):
    async def fill():
        with Store(path) as store:
            await put(store, REQUEST, [f"{i} " * 60 for i in range(20)])
            return store.duplicates()

    assert not run(fill())
