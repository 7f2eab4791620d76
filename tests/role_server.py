"""A server on loopback that plays every role of a network with known quality.

Prompts say which role is asked, and candidates what they answer:

    ROLE generator
    QUESTION 17, the answer is (A)

What it replies follows from prompt and seed alone, so that a run can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from contextlib import asynccontextmanager

from aiohttp import web

ANSWER = re.compile(r"answer is \((\w)\)")


class RoleServer:
    """Right answers are (A), wrong ones (B).

    Parameters
    ----------
    p : mapping of str to float
        Chance that a generator is right, by the role it is asked as.
    s : float
        Chance that a judge prefers the right one of two; a list is judged by odds.
    keep_right, fix_wrong : float
        What a rewriter does.
    keeps : (float, float)
        Chance that a verifier finds a right, and a wrong one correct.
    together : sequence of str
        Roles whose first requests are held until all of them have asked.
    """

    def __init__(
        self, *, p=0.5, s=0.7, keep_right=0.9, fix_wrong=0.3, keeps=(0.8, 0.4), together=()
    ):
        self.p, self.s, self.keep_right, self.fix_wrong = p, s, keep_right, fix_wrong
        self.keeps = keeps
        self.requests = Counter()
        self.roles = Counter()
        self.open, self.most_open = 0, 0
        self._together = set(together)
        self._arrived = set()
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
        role = re.search(r"ROLE ([\w-]+)", prompt)[1]
        self.requests[hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()] += 1
        self.roles[role] += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._meet(role)
            text = self._reply(role, prompt, _Luck(prompt, body.get("seed")))
        except LookupError as error:
            return web.json_response({"error": {"message": str(error)}}, status=400)
        finally:
            self.open -= 1
            async with self._progress:
                self._done += 1
                self._progress.notify_all()
        return web.json_response(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 0,
                "model": body["model"],
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": text},
                    }
                ],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }
        )

    async def _meet(self, role):
        """Hold the roles that must be open together until all of them are."""
        if role in self._together:
            self._arrived.add(role)
            if self._arrived == self._together:
                self._all_here.set()
            await asyncio.wait_for(self._all_here.wait(), 10)

    def _reply(self, role, prompt, luck):
        said = ANSWER.findall(prompt)
        if role.startswith("generator"):
            p = self.p if isinstance(self.p, float) else self.p[role]
            return self._answer("A" if luck() < p else "B", luck)
        if role == "critic":
            return f"Step {luck.number()} is doubtful."
        if role == "rewriter":
            chance = self.keep_right if said[-1] == "A" else self.fix_wrong
            return self._answer("A" if luck() < chance else "B", luck)
        if role == "verifier":
            keep = luck() < self.keeps[said[-1] != "A"]
            return "[[correct]]" if keep else "[[wrong]]"
        if role == "pair":
            first_right = said[-2] == "A"
            return f"best answer id is {int((luck() < self.s) != first_right)}"
        if role == "list":
            right = [place for place, answer in enumerate(said) if answer == "A"]
            wrong = [place for place, answer in enumerate(said) if answer != "A"]
            odds = self.s * len(right) / (self.s * len(right) + (1 - self.s) * len(wrong))
            pool = right if luck() < odds else wrong
            return f"best answer id is {pool[luck.number() % len(pool)]}"
        raise LookupError(f"nobody plays {role}")

    @staticmethod
    def _answer(letter, luck):
        return f"By way {luck.number()}: the answer is ({letter})."


class _Luck:
    """Numbers that follow from a prompt and a seed."""

    def __init__(self, prompt, seed):
        self._state = hashlib.sha256(f"{seed}\0{prompt}".encode()).digest()

    def __call__(self):
        return self.number() / 2**48

    def number(self):
        self._state = hashlib.sha256(self._state).digest()
        return int.from_bytes(self._state[:6], "big")
