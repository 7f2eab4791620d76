"""A server on loopback that plays every role of a network with known quality.

Prompts say which role is asked, and candidates what they answer:

    ROLE generator
    QUESTION 17, the answer is (A)

What is replied follows from prompt and seed alone, so that a run can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from tests.servers.answers import response

ANSWER = re.compile(r"answer is \((\w)\)")


@dataclass(kw_only=True)
class Roles:
    """Who replies: right answers are (A), wrong ones (B).

    Attributes
    ----------
    p : float, or mapping of str to float
        Chance that a generator is right; by the role that it is asked as.
    s : float
        Chance that a judge prefers the right one of two; a list is judged by odds.
    keep_right, fix_wrong : float
        What a rewriter does.
    keeps : (float, float)
        Chance that a verifier finds a right, and a wrong one correct.
    """

    p: object = 0.5
    s: float = 0.7
    keep_right: float = 0.9
    fix_wrong: float = 0.3
    keeps: tuple[float, float] = (0.8, 0.4)

    def __call__(self, prompt, seed, choice=0):
        """Return the reply to a prompt under a seed."""
        role, luck = role_of(prompt), _Luck(f"{seed}\0{choice}\0{prompt}")
        said = ANSWER.findall(prompt)
        if role.startswith("generator"):
            chance = self.p if isinstance(self.p, float) else self.p[role]
            return self.answer("A" if luck() < chance else "B", luck)
        if role == "critic":
            return f"Step {luck.number()} is doubtful."
        if role == "rewriter":
            chance = self.keep_right if said[-1] == "A" else self.fix_wrong
            return self.answer("A" if luck() < chance else "B", luck)
        if role == "verifier":
            return "[[correct]]" if luck() < self.keeps[said[-1] != "A"] else "[[wrong]]"
        if role == "pair":
            return f"best answer id is {int((luck() < self.s) != (said[-2] == 'A'))}"
        if role == "list":
            return f"best answer id is {self._of_many(said, luck)}"
        raise LookupError(f"nobody plays {role}")

    def answer(self, letter, luck):
        """Return a response with this answer, different each time."""
        return f"By way {luck.number()}: the answer is ({letter})."

    def _of_many(self, said, luck):
        right = [place for place, answer in enumerate(said) if answer == "A"]
        wrong = [place for place, answer in enumerate(said) if answer != "A"]
        odds = self.s * len(right) / (self.s * len(right) + (1 - self.s) * len(wrong))
        pool = right if luck() < odds else wrong
        return pool[luck.number() % len(pool)]


def role_of(prompt):
    """Return which role a prompt asks for."""
    return re.search(r"ROLE ([\w-]+)", prompt)[1]


class RoleServer:
    """Serves a cast, counts what it is asked, and can hold requests until others have come.

    Parameters
    ----------
    roles : Roles
        Who replies.
    together : sequence of str
        Roles whose first requests are held until all of them have asked.
    """

    def __init__(self, roles=None, *, together=()):
        self.roles = roles or Roles()
        self.requests, self.by_role = Counter(), Counter()
        self.open, self.most_open = 0, 0
        self._together, self._arrived = set(together), set()
        self._all_here = asyncio.Event()
        self._progress, self._done = asyncio.Condition(), 0
        self.url = ""

    async def answered(self, n):
        """Wait until so many requests have been answered."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._done >= n)

    @asynccontextmanager
    async def running(self):
        """Serve on a free port of loopback."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _chat(self, request):
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        role = role_of(prompt)
        self.requests[json.dumps(body, sort_keys=True)] += 1
        self.by_role[role] += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._meet(role)
            text = self.roles(prompt, body["seed"])
        except LookupError as error:
            return web.json_response({"error": {"message": str(error)}}, status=400)
        finally:
            self.open -= 1
            async with self._progress:
                self._done += 1
                self._progress.notify_all()
        return web.json_response(response(body, [text], chat=True))

    async def _meet(self, role):
        """Hold the roles that must be open together until all of them are."""
        if role in self._together:
            self._arrived.add(role)
            if self._arrived == self._together:
                self._all_here.set()
            await asyncio.wait_for(self._all_here.wait(), 10)


class _Luck:
    """Numbers that follow from a text."""

    def __init__(self, text):
        self._state = text.encode()

    def __call__(self):
        return self.number() / 2**48

    def number(self):
        self._state = hashlib.sha256(self._state).digest()
        return int.from_bytes(self._state[:6], "big")
