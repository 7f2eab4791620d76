"""Search live on the tiny arithmetic model behind llama.cpp: what a search itself takes of the wall time.

python benches/python/run_live_search.py [--questions 8] [--width 16] [--rounds 3]

Three figures, in one run, each as a share of the wall time of the live run. *Own code*: time in `kcurve.strategies` and `kcurve.search`, as a
profiler has it, which makes it larger than it is. *Replay*: the same run again, out of the store; it is all that a search does besides calls, with
the reading of what was stored. *Nobody asked*: time in which no call is under way, from the times that the store has of every attempt and
response; most of it is the client's, preparing requests and committing responses while others wait for them.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

from machine import describe, load

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kcurve.answers import Contains, Regex, Verdict  # noqa: E402 - the tests' server is not installed
from kcurve.llm import LLM, Parameters  # noqa: E402
from kcurve.rewards import PromptedReward  # noqa: E402
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Rebase  # noqa: E402
from kcurve.strategies import StepGenerator, TreeSearch, run  # noqa: E402
from tests.live.arithmetic import ALL_TOKENS, questions  # noqa: E402
from tests.servers.llama_server import LlamaServer  # noqa: E402

STEPS = StepGenerator(
    "Q:{{question}}\n",
    parameters=Parameters(temperature=1.2, top_p=1.0, max_tokens=32, seed=1, extra=ALL_TOKENS),
    step_end="\n",
    extract=Regex(r"A:(\d+)"),
)
REWARD = PromptedReward(
    "V:{{step}}?",
    read=Verdict(Contains("y")),
    parameters=Parameters(temperature=0.0, max_tokens=5, stop="\n"),
)


def searches(width: int) -> list[object]:
    """Return the searches that are measured."""
    return [
        IndependentPaths(width),
        BeamSearch(width),
        DVTS(width),
        Rebase(width),
        MCTS(2 * width, root_children=4),
    ]


async def measured(url: str, strategy: TreeSearch, asked: list, store: Path) -> tuple[float, int]:
    """Return the seconds of a run, and the calls that were sent."""
    async with LLM(
        "tiny", base_url=url, api_key="none", endpoint="completions", concurrency=24, store=store
    ) as llm:
        await llm.sample("Q:1+1\n", until=1)  # connections open, and the SDK is imported
        begin = perf_counter()
        result = await run(strategy, llm, asked)
        seconds = perf_counter() - begin
        if result.stopped or result.failed:
            raise RuntimeError(result.reason or result.failed[0].error)
        return seconds, result.sent


def own_code(url: str, strategy: TreeSearch, asked: list, store: Path) -> float:
    """Return the seconds that a live run spends in the code of strategies and searches, profiled."""
    profile = cProfile.Profile()
    profile.enable()
    asyncio.run(measured(url, strategy, asked, store))
    profile.disable()
    rooms = ("kcurve/strategies/", "kcurve/search/")
    return sum(
        entry.inlinetime
        for entry in profile.getstats()
        if any(room in getattr(entry.code, "co_filename", "") for room in rooms)
        or "kcurve._core.Search" in str(entry.code)
    )


def idle(store: Path) -> tuple[float, float]:
    """Return the seconds in which no call was under way, and those from the first call to the end of the last."""
    with closing(sqlite3.connect(store)) as connection:
        spans = connection.execute(
            "SELECT sent, sent + latency FROM attempts JOIN responses ON responses.attempt = attempts.id "
            "ORDER BY sent"
        ).fetchall()[1:]
    first, until = spans[0]
    gaps = 0.0
    for sent, ended in spans:
        gaps += max(0.0, sent - until)
        until = max(until, ended)
    return gaps, until - first


def main() -> None:
    """Print a row for each search."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    asked = questions(options.questions, steps=5, seed=3)
    print(describe())
    print(
        f"{options.questions} questions, width {options.width}, medians of {options.rounds} rounds\n"
    )
    print("| search | calls | seconds | own code | replay | nobody asked |")
    print("|---|---|---|---|---|---|")
    with LlamaServer(ROOT / "tests" / "live" / "tiny_arithmetic.gguf") as server:
        for search in searches(options.width):
            strategy = TreeSearch(search, generator=STEPS, reward=REWARD)
            rows = []
            for _ in range(options.rounds):
                with tempfile.TemporaryDirectory() as folder:
                    store = Path(folder) / "runs.db"
                    live, calls = asyncio.run(measured(server.url, strategy, asked, store))
                    gaps, busy = idle(store)
                    again, sent = asyncio.run(measured(server.url, strategy, asked, store))
                    assert sent == 0, "a replay sends nothing"
                    own = own_code(server.url, strategy, asked, Path(folder) / "profiled.db")
                    rows.append((live, calls, own / live, again / live, gaps / busy))
            seconds, calls, *shares = (
                sorted(column)[len(rows) // 2] for column in zip(*rows, strict=True)
            )
            told = " | ".join(f"{share:.1%}" for share in shares)
            print(
                f"| {strategy.label.partition(',')[0]} | {calls} | {seconds:.2f} | {told} |",
                flush=True,
            )
    print(f"\n{load()}")


if __name__ == "__main__":
    main()
