"""Time bootstrap replicates of one question's curve beside every peer and print the tables of benches/README.md.

python benches/python/run_bootstrap.py [--case NAME ...] [--rounds 5] [--json PATH] [--quick]
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

import machine
import ours
from bootstrap_contestants import CASES, OURS, Case, contestants
from peers import numba_expert, weighted_bootstrap
from rounds import Timing, interleaved
from tables import short, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WORDS = 4_000_000
LARGEST_EXACT = 1_000


def main() -> None:
    arguments = _arguments()
    chosen = [case for case in CASES if not arguments.case or case.name in arguments.case]
    report: dict[str, object] = {"machine": machine.describe(), "load_before": machine.load()}
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds")
    with threadpool_limits(limits=1):
        floor = limits(arguments.rounds)
        report["limits"] = floor
        print(f"\n### Limits\n\n{_limits_table(floor)}", flush=True)
        for case in chosen:
            timings = interleaved(contestants(case, quick=arguments.quick), arguments.rounds)
            print(f"\n### {case.title}\n\n{_table(case, timings)}", flush=True)
            report[case.name] = [_record(case, timing) for timing in timings]
    report["load_after"] = machine.load()
    print(f"\n- load average after: {machine.load()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every round's numbers here")
    parser.add_argument("--quick", action="store_true", help="few replicates: to see that it runs")
    return parser.parse_args()


def limits(rounds: int) -> dict[str, list[float]]:
    """Return nanoseconds per 64-bit word, each round, of what a draw is made of: a word made, or moved."""
    source = np.ones(WORDS, dtype=np.uint64)
    target = source.copy()
    generators = (np.random.PCG64, np.random.SFC64, np.random.Philox)
    work: dict[str, Callable[[], object]] = {
        f"NumPy's {kind.__name__}, word thrown away": partial(
            kind(0).random_raw, WORDS, output=False
        )
        for kind in generators
    }
    work["SplitMix64 in a vector loop of numba"] = lambda: numba_expert.random_words(WORDS)
    work["copied in memory"] = lambda: np.copyto(target, source)
    numba_expert.random_words(1)  # compiles
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            start = perf_counter()
            run()
            found[name].append(1e9 * (perf_counter() - start) / WORDS)
    return found


def _limits_table(found: dict[str, list[float]]) -> str:
    rows = [f"| {name} | {spread(np.array(times))} |" for name, times in found.items()]
    return "\n".join(
        ["| 64-bit word | ns, median (least to most) |", "|---|---:|", *rows],
    )


def _table(case: Case, timings: list[Timing]) -> str:
    mine = next(timing for timing in timings if timing.name == OURS)
    truth = _truth(case)
    lines = [
        "| contestant | replicates | µs per replicate, median (least to most) | ns per draw | times kcurve | off by, standard errors |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for timing in timings:
        per_draw = short(1_000 * float(np.median(timing.microseconds)) / case.most)
        ratio = "1" if timing is mine else spread(timing.times(mine))
        lines.append(
            f"| {timing.name} | {timing.units:,} | {spread(timing.microseconds)} | {per_draw} | {ratio} "
            f"| {_distance(timing, truth)} |"
        )
    return "\n".join(lines)


def _truth(case: Case) -> NDArray[np.float64]:
    """Return the expected credit [K]: exact for votes up to 1,000 draws; NaN where there is no closed form."""
    log, score = case.draw()
    truth = np.full(len(case.k), np.nan)
    if not case.weighted:
        small = case.k <= LARGEST_EXACT
        truth[small] = ours.vote_curve(ours.answer_log(log), case.k[small], replacement=True).mean
    elif case.most <= LARGEST_EXACT:
        truth = weighted_bootstrap.numba_replicates(
            log.codes[0], score[0], case.k, replicates=200_000, seed=9
        ).mean(axis=0)
    return truth


def _distance(timing: Timing, truth: NDArray[np.float64]) -> str:
    """Largest distance over k from the truth, in the greatest standard error that credits in [0, 1] can have."""
    known = np.isfinite(truth) & (truth * (1 - truth) * timing.units >= 1)
    if not known.any():
        return ""
    error = np.sqrt(truth[known] * (1 - truth[known]) / timing.units)
    return f"{np.max(np.abs(timing.curve[known] - truth[known]) / error):.1f}"


def _record(case: Case, timing: Timing) -> dict[str, object]:
    return {
        "contestant": timing.name,
        "replicates": timing.units,
        "draws_per_replicate": case.most,
        "microseconds_per_replicate": timing.microseconds.tolist(),
    }


if __name__ == "__main__":
    main()
