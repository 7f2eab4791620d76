"""Time exact vote curves beside every peer and print the tables of benches/README.md.

python benches/python/run_exact_curves.py [--case NAME ...] [--rounds 5] [--json PATH] [--quick]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

import machine
import ours
from contestants import CASES, OURS, Case, contestants
from rounds import Timing, interleaved
from tables import spread

if TYPE_CHECKING:
    from logs import DrawnLog


def main() -> None:
    arguments = _arguments()
    chosen = [case for case in CASES if not arguments.case or case.name in arguments.case]
    report: dict[str, object] = {"machine": machine.describe(), "load_before": machine.load()}
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds")
    # Nobody gets threads that were not asked for.
    with threadpool_limits(limits=1):
        for case in chosen:
            log = case.draw()
            everyone = contestants(case, log, quick=arguments.quick)
            timings = interleaved(everyone, arguments.rounds)
            errors = [
                _error(case, one.log, timing) for one, timing in zip(everyone, timings, strict=True)
            ]
            print(f"\n### {case.title}\n\n{_table(timings, errors)}", flush=True)
            report[case.name] = [
                _record(timing, error) for timing, error in zip(timings, errors, strict=True)
            ]
    report["load_after"] = machine.load()
    print(f"\n- load average after: {machine.load()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every round's numbers here")
    parser.add_argument("--quick", action="store_true", help="few questions: to see that it runs")
    return parser.parse_args()


def _error(case: Case, log: DrawnLog, timing: Timing) -> float:
    """Return the largest distance of a curve from the exact one of the same questions."""
    exact = ours.vote_curve(ours.answer_log(log), case.k, replacement=case.replacement).mean
    return float(np.abs(timing.curve - exact).max())


def _table(timings: list[Timing], errors: list[float]) -> str:
    reference = next(timing for timing in timings if timing.name == OURS)
    lines = [
        "| contestant | questions | µs per question, median (least to most) | times kcurve | off by |",
        "|---|---:|---:|---:|---:|",
    ]
    for timing, error in zip(timings, errors, strict=True):
        spent = spread(timing.microseconds)
        ratio = spread(timing.times(reference)) if timing is not reference else "1"
        lines.append(f"| {timing.name} | {timing.units:,} | {spent} | {ratio} | {error:.0e} |")
    return "\n".join(lines)


def _record(timing: Timing, error: float) -> dict[str, object]:
    return {
        "contestant": timing.name,
        "questions": timing.units,
        "microseconds_per_question": timing.microseconds.tolist(),
        "off_by": error,
    }


if __name__ == "__main__":
    main()
