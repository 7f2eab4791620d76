"""kill -9 at random moments of votes that a rule stops, and of cascades: nothing is lost, and they end where they end."""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.known_models import respond, text_of
from tests.sampler import ROOT
from tests.scripted_server import serving
from tests.stopping_process import QUESTIONS, STRATEGIES, WARM_UP, plain, solve_all

KILLS = 12
SEED = 5


async def slowly(body):
    """Answer after 20 to 60 ms that depend on the seed: candidates do not come in their order."""
    await asyncio.sleep(0.02 + body["seed"] % 41 / 1000)
    return respond(body)


class Killed(NamedTuple):
    """What became of votes that were killed again and again, and what the server saw of them."""

    lives: list
    solutions: list
    path: object
    asked: Counter


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    path = tmp_path_factory.mktemp("killed") / "store.db"

    async def work():
        async with serving(slowly) as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.stopping_process", server.url, str(path), str(SEED), str(KILLS),
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
            )  # fmt: skip
            out, _ = await process.communicate()
            assert process.returncode == 0
            return [json.loads(line) for line in out.splitlines()], asked_of(server)

    (*lives, solutions), asked = asyncio.run(work())
    return Killed(lives, solutions, path, asked)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The solutions of votes that nobody killed, and what the server saw of them."""
    path = tmp_path_factory.mktemp("undisturbed") / "store.db"

    async def work():
        async with serving(slowly) as server:
            return await solve_all(server.url, path), asked_of(server)

    return asyncio.run(work())


def asked_of(server):
    """Count the requests by prompt and seed."""
    bodies = [body for body in server.bodies if WARM_UP.text not in text_of(body)]
    return Counter((text_of(body), body["seed"]) for body in bodies)


def counted(path, sentence):
    with closing(sqlite3.connect(path)) as connection:
        return Counter(dict(connection.execute(sentence).fetchall()))


def test_the_votes_were_killed_often_enough_while_they_drew(killed):
    *before, last = killed.lives
    at_death = [len(life["responses"]) for life in before if life["exit"] == -9]
    assert sum(n < len(last["responses"]) for n in at_death) >= 10
    assert len(set(at_death)) >= 6


def test_no_committed_response_is_lost_and_none_asked_for_again(killed):
    for before, after in pairwise(killed.lives):
        assert before["responses"].items() <= after["responses"].items()
    open_attempts = counted(
        killed.path,
        "SELECT seed, count(*) FROM attempts LEFT JOIN outcomes ON attempts.id = attempt "
        "WHERE attempt IS NULL OR kind = 'cancelled' GROUP BY seed",
    )
    assert open_attempts.total() > 0
    assert len({seed for _, seed in killed.asked}) == len(killed.asked)
    for (_, seed), times in killed.asked.items():
        assert times <= 1 + open_attempts[seed]


def test_the_same_candidates_are_drawn_and_the_same_is_decided_as_without_a_death(
    killed, undisturbed
):
    solutions, asked = undisturbed
    # No candidate beyond the one that stops was asked for, however often the drawing began anew.
    assert set(asked.values()) == {1}
    assert set(killed.asked) == set(asked)
    assert killed.solutions == [plain(one) for one in solutions]
    assert len(solutions) == len(STRATEGIES) * len(QUESTIONS)
    assert {one.stopped_early for one in solutions} == {True, False, None}
    assert {len(one.stages) for one in solutions} == {0, 1, 2}


def test_the_votes_again_send_nothing(killed, undisturbed):
    async def work():
        async with serving(slowly) as server:
            return await solve_all(server.url, killed.path), len(server)

    again, sent = asyncio.run(work())
    assert sent == 0
    assert [plain(one) for one in again] == [plain(one) for one in undisturbed[0]]
