"""kill -9 at random moments: nothing committed is lost, nothing committed is asked for again."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from itertools import pairwise

import pyarrow as pa
import pytest

from kcurve.llm import LLM
from kcurve.store import Store
from tests.sampler import TOTAL, asked_of, run, slowly
from tests.sampling_process import PARAMETERS, QUESTIONS, SAMPLES, sample_all
from tests.scripted_server import serving

KILLS = 32
SEED = 7


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The lives of a sampler that was killed again and again, its store, and what the server saw."""
    path = tmp_path_factory.mktemp("killed") / "store.db"

    async def work():
        async with serving(slowly) as server:
            lives = await run(server.url, path, SEED, KILLS)
            return lives, asked_of(server)

    lives, asked = asyncio.run(work())
    return lives, path, asked


def rows(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sentence).fetchall()


def test_the_sampler_was_killed_often_enough_while_it_worked(killed):
    lives, _, _ = killed
    killed_before_the_end = [
        len(life["responses"])
        for life in lives
        if life["exit"] == -9 and len(life["responses"]) < TOTAL
    ]
    assert len(killed_before_the_end) >= 30
    assert len(set(killed_before_the_end)) >= 8
    assert lives[-1]["exit"] == 0
    assert len(lives[-1]["responses"]) == TOTAL


def test_no_committed_response_is_lost(killed):
    lives, _, _ = killed
    for before, after in pairwise(lives):
        assert before["responses"].items() <= after["responses"].items()


def test_no_request_is_repeated_whose_response_was_committed(killed):
    _, path, asked = killed
    open_attempts = Counter(
        dict(
            rows(
                path,
                "SELECT seed, count(*) FROM attempts LEFT JOIN outcomes ON attempts.id = attempt "
                "WHERE attempt IS NULL OR kind = 'cancelled' GROUP BY seed",
            )
        )
    )
    assert len(asked) == TOTAL
    assert sum(open_attempts.values()) > 0
    for (_, seed), times in asked.items():
        assert times <= 1 + open_attempts[seed]


def test_every_request_that_the_server_saw_is_in_the_journal(killed):
    _, path, asked = killed
    journalled = dict(rows(path, "SELECT seed, count(*) FROM attempts GROUP BY seed"))
    for (_, seed), times in asked.items():
        assert times <= journalled[seed]


def test_the_samples_are_those_of_a_run_without_a_death(killed, tmp_path):
    _, path, _ = killed

    async def both():
        async with serving(slowly) as server:
            undisturbed = await sample_all(server.url, tmp_path / "undisturbed.db")
            sent = len(server)
            again = await sample_all(server.url, path)
            assert len(server) == sent
            return undisturbed, again

    undisturbed, again = asyncio.run(both())
    assert [[sample.text for sample in samples] for samples in again] == [
        [sample.text for sample in samples] for samples in undisturbed
    ]


def test_the_log_is_that_of_a_run_without_a_death(killed, tmp_path):
    _, path, _ = killed
    undisturbed = tmp_path / "undisturbed.db"

    async def sample():
        async with serving(slowly) as server:
            await sample_all(server.url, undisturbed)

    asyncio.run(sample())
    order = [("question_id", "ascending"), ("sample_index", "ascending")]
    logs = []
    for file in (path, undisturbed):
        with Store(file, read_only=True) as store:
            logs.append(pa.table(store.log()).drop_columns("latency").sort_by(order))
    assert logs[0].num_rows == TOTAL
    assert logs[0] == logs[1]


def test_an_attempt_cut_off_by_a_crash_can_be_left_out(killed):
    # The store of the killed has open attempts only of samples that came later; so make one that did not.
    _, path, _ = killed
    told = []

    async def work():
        async with serving(slowly) as server:
            async with LLM("m", base_url=server.url, store=path) as llm:
                found = await llm.store.find(
                    llm._calls.call(QUESTIONS[0], PARAMETERS).request, range(1)
                )
                row = found.request
            leave_open(path, row, SAMPLES)

            def policy(facts):
                told.append(facts)
                return "skip"

            async with LLM("m", base_url=server.url, store=path, unknown=policy) as llm:
                samples = await llm.sample(QUESTIONS[0], until=SAMPLES + 1, parameters=PARAMETERS)
                assert llm.account.abandoned == 1
            assert len(server) == 0
            return samples[-1]

    sample = asyncio.run(work())
    assert (sample.status, sample.text) == ("unknown", None)
    assert [facts["sample"] for facts in told] == [SAMPLES]


def leave_open(path, request, index):
    """Journal an attempt as a process that then died would have."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (session,) = connection.execute("SELECT id FROM sessions LIMIT 1").fetchone()
        connection.execute(
            "INSERT INTO attempts (request, sample, number, session, seed, sent) VALUES (?, ?, 1, ?, 5, 0)",
            (request, index, session),
        )
