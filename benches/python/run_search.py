"""Time the books of tree searches beside the reference rule in NumPy and treequest, and print the tables of benches/README.md.

python benches/python/run_search.py [--rounds 5] [--most 1000000] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import machine
from peak_memory import peak_increase
from peers import reference_rebase
from rounds import interleaved
from search_contestants import (
    TEMPERATURE,
    Steps,
    aggregations,
    allocations,
    begun_mcts,
    climbed,
    climbs,
    searched,
    whole_climbs,
    whole_searches,
)
from tables import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rounds import Timing
    from search_contestants import Contestant

SIZES = (1_000, 10_000, 100_000, 1_000_000)
# Steps of treequest in a tree of so many nodes; with a million nodes one takes seconds.
TREEQUEST_STEPS = {1_000: 50, 10_000: 20, 100_000: 5}
FEWER_ROUNDS = 3


def main() -> None:
    arguments = _arguments()
    if arguments.memory:
        print(_peak(*arguments.memory))
        return
    torch = ["torch"] if find_spec("torch") else []
    facts = machine.describe("numpy", "treequest", *torch)
    report: dict[str, object] = {"machine": facts, "load_before": machine.load()}
    print("\n".join(f"- {name}: {value}" for name, value in facts.items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds")
    sizes = [size for size in SIZES if size <= arguments.most]
    for title, unit, cases in _tables(sizes):
        print(f"\n### {title}\n\n{_header(unit)}", flush=True)
        for size, contestants in cases:
            rounds = min(arguments.rounds, FEWER_ROUNDS) if size >= SIZES[-1] else arguments.rounds
            timings = interleaved(contestants(), rounds)
            print(_rows(size, timings), flush=True)
            report[f"{title}, {size}"] = [_record(timing) for timing in timings]
    print("\n### Peak memory, each in a fresh process\n")
    print("| search | nodes | bytes per node |\n|---|---:|---:|")
    for name in MEMORY:
        nodes, found = _in_fresh_process(name, str(min(arguments.most, 1_000_000))).split()
        print(f"| {name} | {int(nodes):,} | {float(found):,.0f} |", flush=True)
    report["load_after"] = machine.load()
    print(f"\n- load average after: {machine.load()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest number of nodes")
    parser.add_argument("--json", type=Path, help="also write every round's numbers here")
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def _tables(
    sizes: list[int],
) -> Iterator[tuple[str, str, list[tuple[int, Callable[[], list[Contestant]]]]]]:
    """Give title, unit, and per size who takes part; the steps of a size are drawn when it is its turn."""
    yield (
        "Whole REBASE searches, asked and told depth by depth",
        "node",
        [(size, lambda size=size: whole_searches(size)) for size in sizes],  # type: ignore[misc]
    )
    yield (
        "The allocation alone, one child per candidate on average",
        "candidate",
        [(size, lambda size=size: allocations(size)) for size in (10, 100, *sizes)],  # type: ignore[misc]
    )
    yield (
        "Scores of all solutions: last, min, prod and mean",
        "solution",
        [(size, lambda size=size: aggregations(size)) for size in sizes],  # type: ignore[misc]
    )
    yield "MCTS from the root on", "node", [(SIZES[0], lambda: whole_climbs(SIZES[0]))]
    yield (
        "MCTS in a tree of that size",
        "node",
        [
            (size, lambda size=size: climbs(size, treequest=TREEQUEST_STEPS.get(size, 0)))  # type: ignore[misc]
            for size in sizes
        ],
    )


def _header(unit: str) -> str:
    return (
        f"| size | contestant | {unit}s | µs per {unit}, median (least to most) | times kcurve |\n"
        "|---:|---|---:|---:|---:|"
    )


def _rows(size: int, timings: list[Timing]) -> str:
    ours = timings[0]
    return "\n".join(
        f"| {size:,} | {timing.name} | {timing.units:,} | {spread(timing.microseconds)} "
        f"| {'1' if timing is ours else spread(timing.times(ours))} |"
        for timing in timings
    )


def _record(timing: Timing) -> dict[str, object]:
    return {
        "contestant": timing.name,
        "units": timing.units,
        "microseconds_per_unit": timing.microseconds.tolist(),
    }


def _rebase(nodes: int) -> tuple[Callable[[], int], object]:
    steps = Steps(nodes)
    found = []

    def run() -> int:
        found.append(searched(steps))
        return len(found[0])

    _ = steps.rewards, steps.tokens, steps.ends
    return run, found


def _mcts(nodes: int) -> tuple[Callable[[], int], object]:
    rewards = np.random.default_rng(5).uniform(size=nodes)
    state = begun_mcts()

    def run() -> int:
        climbed(state, rewards, nodes)
        return len(state)

    return run, state


def _reference(nodes: int) -> tuple[Callable[[], int], object]:
    steps = Steps(nodes)
    given = steps.lists
    found = []

    def run() -> int:
        found.append(
            reference_rebase.search(
                steps.width, TEMPERATURE, *given, allocate=reference_rebase.double_widths
            )
        )
        return len(found[0].nodes)

    return run, found


MEMORY: dict[str, Callable[[int], tuple[Callable[[], int], object]]] = {
    "kcurve, REBASE": _rebase,
    "kcurve, MCTS": _mcts,
    "reference rule in NumPy": _reference,
}


def _peak(name: str, nodes: str) -> str:
    """Return the nodes made, and the bytes per node by which memory grew at its highest."""
    # What is imported or compiled on first use is not counted.
    MEMORY[name](1_000)[0]()
    run, _kept = MEMORY[name](int(nodes))
    made = []
    kibibytes = peak_increase(lambda: made.append(run()))
    return f"{made[0]} {kibibytes * 1024 / made[0]}"


def _in_fresh_process(name: str, nodes: str) -> str:
    command = [sys.executable, __file__, "--memory", name, nodes]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
