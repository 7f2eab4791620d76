"""kill -9 at random moments of searches: nothing committed is lost or asked for again, and the trees are the same."""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.sampler import ROOT
from tests.scripted_server import serving
from tests.scripted_steps import Steps, is_score
from tests.search_process import QUESTIONS, SEARCHES, WARM_UP, search_all

KILLS = 16
SEED = 11


def slowly():
    """Answer after 20 to 60 ms that depend on the seed: steps do not end in their order."""
    return Steps(latency=lambda body: 0.02 + body["seed"] % 41 / 1000)


class Killed(NamedTuple):
    """What became of searches that were killed again and again, and what the server saw of them."""

    lives: list
    trees: list
    path: object
    asked: Counter


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    path = tmp_path_factory.mktemp("killed") / "store.db"

    async def work():
        async with serving(slowly()) as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.search_process", server.url, str(path), str(SEED), str(KILLS),
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
            )  # fmt: skip
            out, _ = await process.communicate()
            assert process.returncode == 0
            return [json.loads(line) for line in out.splitlines()], asked_of(server)

    (*lives, trees), asked = asyncio.run(work())
    return Killed(lives, trees, path, asked)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The store and the solutions of searches that nobody killed, and what the server saw of them."""
    path = tmp_path_factory.mktemp("undisturbed") / "store.db"

    async def work():
        async with serving(slowly()) as server:
            return await search_all(server.url, path), asked_of(server)

    return path, *asyncio.run(work())


def asked_of(server):
    """Count the requests by prompt and seed."""
    bodies = [body for body in server.bodies if WARM_UP.text not in body["prompt"]]
    return Counter((body["prompt"], body["seed"]) for body in bodies)


def rows(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sentence).fetchall()


def committed(path):
    """Return the text of every sample of every request."""
    found = rows(
        path,
        "SELECT hash, sample, text FROM responses JOIN requests ON requests.id = request",
    )
    return {(request, sample): text for request, sample, text in found}


def test_the_searches_were_killed_often_enough_while_they_grew(killed):
    *before, last = killed.lives
    total = len(last["responses"])
    at_death = [len(life["responses"]) for life in before if life["exit"] == -9]
    assert sum(n < total for n in at_death) >= 12
    assert len({n for n in at_death if 0 < n < total}) >= 8


def test_no_committed_response_is_lost(killed):
    for before, after in pairwise(killed.lives):
        assert before["responses"].items() <= after["responses"].items()


def test_no_call_is_repeated_that_was_committed(killed):
    open_attempts = Counter(
        dict(
            rows(
                killed.path,
                "SELECT seed, count(*) FROM attempts LEFT JOIN outcomes ON attempts.id = attempt "
                "WHERE attempt IS NULL OR kind = 'cancelled' GROUP BY seed",
            )
        )
    )
    journalled = dict(rows(killed.path, "SELECT seed, count(*) FROM attempts GROUP BY seed"))
    assert open_attempts.total() > 0
    assert len({seed for _, seed in killed.asked}) == len(killed.asked)
    for (_, seed), times in killed.asked.items():
        assert times <= journalled[seed]
        assert times <= 1 + open_attempts[seed]
    # Calls for scores, too, were cut off and not repeated otherwise.
    assert killed.asked.total() <= len(killed.asked) + open_attempts.total()


def test_what_was_asked_and_stored_is_that_of_searches_without_a_death(killed, undisturbed):
    path, _, asked = undisturbed
    assert set(asked.values()) == {1}
    assert set(killed.asked) == set(asked)
    assert any(is_score({"prompt": prompt}) for prompt, _ in asked)
    assert committed(killed.path) == committed(path)
    assert len(committed(path)) == len(asked)


def test_the_trees_are_those_of_searches_without_a_death(killed, undisturbed):
    _, solutions, _ = undisturbed
    assert killed.trees == [solution.tree.to_dict() for solution in solutions]
    assert len(solutions) == len(SEARCHES) * len(QUESTIONS)
    assert min(len(solution.tree) for solution in solutions) > 10


def test_the_searches_again_send_nothing(killed, undisturbed):
    _, solutions, _ = undisturbed

    async def work():
        async with serving(slowly()) as server:
            return await search_all(server.url, killed.path), len(server)

    again, sent = asyncio.run(work())
    assert sent == 0
    assert [one.candidates for one in again] == [one.candidates for one in solutions]
    assert [(one.answer, one.votes) for one in again] == [
        (one.answer, one.votes) for one in solutions
    ]
