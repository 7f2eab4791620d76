"""Time ``import kcurve`` beyond the ``import numpy`` that it needs, in fresh processes.

python benches/python/run_import_time.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import numpy as np

PROGRAMME = """
from time import perf_counter
start = perf_counter()
import numpy
middle = perf_counter()
import kcurve
end = perf_counter()
import sys
heavy = {"scipy", "rich", "cyclopts", "pyarrow", "pandas", "matplotlib"} & set(sys.modules)
print(1e3 * (middle - start), 1e3 * (end - middle), ",".join(sorted(heavy)) or "none")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    # The first process finds the files on disk, the others in memory: it is left out.
    lines = [_fresh_process() for _ in range(rounds + 1)][1:]
    times = np.array([[float(field) for field in line[:2]] for line in lines])
    print("| import | ms, median (least to most) |\n|---|---:|")
    for name, column in zip(("numpy", "kcurve after numpy"), times.T, strict=True):
        print(f"| {name} | {np.median(column):.0f} ({column.min():.0f} to {column.max():.0f}) |")
    print(f"\nheavy packages loaded: {lines[-1][2]}")


def _fresh_process() -> list[str]:
    command = [sys.executable, "-c", PROGRAMME]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


if __name__ == "__main__":
    main()
