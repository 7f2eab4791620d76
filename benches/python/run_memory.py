"""Measure the peak memory of every contestant, each in a fresh process, and of a large log.

python benches/python/run_memory.py
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import ours
from contestants import CASES, contestants
from logs import draw_log
from peak_memory import peak_increase

LARGE = "large"


def main() -> None:
    if len(sys.argv) > 1:
        print(_measure(*sys.argv[1:]))
        return
    for case in CASES:
        print(f"\n### {case.title}\n")
        print("| contestant | questions | peak above the log, MiB |\n|---|---:|---:|")
        for one in contestants(case, case.draw()):
            mebibytes = int(_in_fresh_process(case.name, one.name)) / 1024
            print(f"| {one.name} | {one.log.n_questions:,} | {mebibytes:,.1f} |", flush=True)
    print(
        "\n### kcurve alone, 1,000,000 questions x 10 samples, without replacement, k = 1..10, default band\n"
    )
    print(_in_fresh_process(LARGE))


def _in_fresh_process(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _measure(name: str, contestant: str = "") -> str:
    if name == LARGE:
        return _measure_large()
    case = next(case for case in CASES if case.name == name)
    chosen = next(one for one in contestants(case, case.draw()) if one.name == contestant)
    # Compilation and lazy imports happen on a small twin, so that only the work itself is counted.
    twin = next(one for one in contestants(case, case.draw(), quick=True) if one.name == contestant)
    twin.run()
    return str(peak_increase(chosen.run))


def _measure_large() -> str:
    drawn = draw_log(1_000_000, 10, 4, seed=1)
    tables = []
    made = peak_increase(lambda: tables.append(ours.answer_log(drawn)))
    k = np.arange(1, 11)
    spent = peak_increase(
        lambda: ours.vote_curve(tables[0], k, replacement=False, interval="combined")
    )
    codes = drawn.codes.nbytes // 1024
    return (
        f"codes given {codes / 1024:,.0f} MiB; AnswerLog.from_codes peaks at {made / 1024:,.0f} MiB above them; "
        f"the curve peaks at {spent / 1024:,.0f} MiB above the log"
    )


if __name__ == "__main__":
    main()
