"""Time `scan_log` beside polars on one thread, each run in a fresh process, with its peak memory.

python benches/python/run_scan.py [--rows 100000000] [--rounds 3] [--folder DIR] [--layout NAME ...]

The files are written to a temporary directory first, and removed in the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np

import machine
from scan_data import LAYOUTS, write

OURS, DECODING, PEER = "kcurve", "pyarrow, decoding only", "polars streaming group-by"


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        print(_measure(sys.argv[2], Path(sys.argv[3])))
        return
    arguments = _arguments()
    print(
        "\n".join(
            f"- {name}: {value}" for name, value in machine.describe("polars", "pyarrow").items()
        )
    )
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds, interleaved")
    print(f"\n### {arguments.rows:,} rows, one thread\n")
    print("| rows | contestant | s, median (least to most) | ns per row | times kcurve | peak MB |")
    print("|---|---|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for layout in LAYOUTS:
            if arguments.layout and layout.name not in arguments.layout:
                continue
            path = Path(folder, f"{layout.name}.parquet")
            write(path, layout, arguments.rows)
            _report(layout.name, path, arguments)
            path.unlink()
    print(f"\n- load average after: {machine.load()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to make the temporary directory")
    parser.add_argument("--layout", action="append", choices=[one.name for one in LAYOUTS])
    return parser.parse_args()


def _report(name: str, path: Path, arguments: argparse.Namespace) -> None:
    seconds: dict[str, list[float]] = {OURS: [], DECODING: [], PEER: []}
    peaks = dict.fromkeys(seconds, 0.0)
    counted = {}
    for _ in range(arguments.rounds):
        for contestant, times in seconds.items():
            spent, peak, *found = _in_fresh_process(contestant, path)
            times.append(spent)
            peaks[contestant] = max(peaks[contestant], peak)
            counted[contestant] = found
    if counted[OURS] != counted[PEER]:
        message = f"{name}: the counts differ: {counted}"
        raise SystemExit(message)
    for contestant, times in seconds.items():
        ratios = np.divide(times, seconds[OURS])
        print(
            f"| {name} | {contestant} | {np.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"
            f" | {np.median(times) / arguments.rows * 1e9:.1f} | {np.median(ratios):.2f}"
            f" | {peaks[contestant]:,.0f} |",
            flush=True,
        )


def _in_fresh_process(contestant: str, path: Path) -> list[float]:
    command = [sys.executable, __file__, "--measure", contestant, str(path)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return [float(word) for word in done.stdout.split()]


def _measure(contestant: str, path: Path) -> str:
    """Return seconds, the peak of the whole process in MB, and the entries and rows counted."""
    if contestant == OURS:
        import kcurve as kc  # noqa: PLC0415 - only what is measured is loaded

        start = time.perf_counter()
        log = kc.scan_log(path, threads=1)
        found = len(log.codes), log.n_rows
    elif contestant == PEER:
        from peers.polars_group_by import count  # noqa: PLC0415

        start = time.perf_counter()
        found = count(path)
    else:
        import pyarrow.parquet as pq  # noqa: PLC0415

        file = pq.ParquetFile(path)
        start = time.perf_counter()
        batches = file.iter_batches(batch_size=65_536, use_threads=False)
        found = 0, sum(len(batch) for batch in batches)
    spent = time.perf_counter() - start
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1e3
    return f"{spent} {peak} {found[0]} {found[1]}"


if __name__ == "__main__":
    main()
