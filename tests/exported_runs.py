"""Runs to be exported: their descriptions, questions, samples and failures."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import kcurve as kc
from kcurve.answers import (
    Contains,
    LastNumber,
    NumberScore,
    SameNumber,
    describe,
)
from kcurve.store import Purpose
from tests.store_rows import REQUEST, put

DESCRIPTION = {
    "rule": {"name": "Vote"},
    "model": "small",
    "extractor": describe(LastNumber()),
    "equivalence": describe(SameNumber()),
}
SCORED = DESCRIPTION | {
    "reward": {"reward": "PromptedReward"},
    "score": describe(NumberScore()),
    "aggregation": "last",
}
FILTERED = DESCRIPTION | {"verdict": describe(Contains("[correct]"))}
SUM = kc.Question("2 + 2 = ?", "4", dataset="sums", id="sum")
PRODUCT = kc.Question("2 * 3 = ?", "6", dataset="sums", id="product")


def drawn(
    store, run, question, texts, *, role="generator", start=0, candidate=0, stride=1, name=None
):
    """Put samples for a question into the store, and note what they are for."""
    request = replace(REQUEST, prompt=f"{name or question.id} {role} {candidate}")

    async def main():
        row = await put(store, request, texts, start=start)
        purpose = Purpose(run, store.question(question), role, candidate, stride)
        await store.link(purpose, row, range(start + len(texts)))

    asyncio.run(main())
    return request


def lost(store, request, index, kind="timeout"):
    async def main():
        row = (await store.find(request, range(1))).request
        claim = await store.claim(row, index, seed=None)
        await store.fail(claim, kind, "no", status=None, final=True)

    asyncio.run(main())
