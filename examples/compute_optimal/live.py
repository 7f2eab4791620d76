"""The live part: samples and searches of every policy, all of them in one store.

What the store has is not asked for again, so an interrupted run goes on where it was.
"""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

from results import Searched
from server import Server

import kcurve as kc
from kcurve.search import MCTS, Limits, Rebase
from kcurve.store import Store
from kcurve.strategies import Sampling, TreeSearch, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from reasoners import Family
    from scale import Scale

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies import RunResult, Strategy

LIMITS = Limits(depth=12)
"""A response has a line for each operation, at most seven, and one for the answer."""

BALANCE_TEMPERATURE = 0.1
"""Of REBASE, as the paper has it."""


def asked(
    family: Family, questions: Sequence[Question], scale: Scale, path: Path
) -> tuple[dict[str, kc.AnswerLog], list[Searched], int]:
    """Return the scored samples of each policy, what its searches brought, and how many calls were made.

    Parameters
    ----------
    family
        Who is asked.
    questions
        What is asked.
    scale
        How much.
    path
        The file of the store.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    logs: dict[str, kc.AnswerLog] = {}
    searched: list[Searched] = []
    calls = 0

    async def ask(store: Store, judge_url: str) -> None:
        nonlocal calls
        async with family.reward.llm(judge_url, store) as judge:
            for policy in family.policies:
                with Server(policy.path) as server:
                    async with policy.llm(server.url, store) as llm:
                        sampling = _sampling(family, judge, scale)
                        result = await _finished(sampling, llm, questions)
                        logs[policy.name] = result.log()
                        for size, search in _searches(family, judge, scale):
                            result = await _finished(search, llm, questions)
                            searched.extend(_rows(result, search.search.label, size))
                        calls += llm.account.sent
            calls += judge.account.sent

    with Store(path) as store, Server(family.reward.path) as judging:
        asyncio.run(ask(store, judging.url))
    return logs, searched, calls


def _sampling(family: Family, judge: LLM, scale: Scale) -> Sampling:
    """Return what draws whole responses, each with the score of its last line."""
    return Sampling(
        kc.BestOfN(),
        k=scale.samples,
        generator=family.generator(),
        reward=family.judge(judge, "outcome"),
    )


def _searches(family: Family, judge: LLM, scale: Scale) -> Iterator[tuple[int, TreeSearch]]:
    """Yield the searches with their sizes, the largest first: most steps of the others are among its own."""
    settings = {
        "generator": family.step_generator(),
        "reward": family.judge(judge, "process"),
        "rule": kc.WeightedVote(),
    }
    for width in sorted(scale.widths, reverse=True):
        search = Rebase(width, temperature=BALANCE_TEMPERATURE, limits=LIMITS)
        yield width, TreeSearch(search, **settings)
    for expansions in sorted(scale.expansions, reverse=True):
        # The paper has 4, 8 and 16 first steps for 32, 64 and 128 expansions.
        search = MCTS(expansions, root_children=max(4, expansions // 8), limits=LIMITS)
        yield expansions, TreeSearch(search, **settings)


def _rows(result: RunResult, strategy: str, size: int) -> Iterator[Searched]:
    for one in result.questions:
        spent, reward = one.spent, one.reward_spent
        yield Searched(
            result.model,
            strategy,
            size,
            one.question,
            bool(one.correct),
            spent.calls - reward.calls,
            spent.tokens_out - reward.tokens_out,
        )


async def _finished(strategy: Strategy, llm: LLM, questions: Sequence[Question]) -> RunResult:
    """Return the result of a run that came to its end.

    Raises
    ------
    RuntimeError
        If it did not.
    """
    began = time.perf_counter()
    result = await run(strategy, llm, questions)
    if result.stopped is not None or result.failed:
        reason = result.reason or result.failed[0].error
        raise RuntimeError(f"{strategy.label} of {llm.model} did not come to its end: {reason}")
    print(  # noqa: T201 - how far it is
        f"{llm.model:8} {strategy.label:26} {result.accuracy().value:.3f} right, "
        f"{result.spent.calls:7,} calls, {result.spent.new:7,} of them new, "
        f"{time.perf_counter() - began:6.1f} s",
        file=sys.stderr,
        flush=True,
    )
    return result
