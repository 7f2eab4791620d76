"""Judge the incomplete beta function beside scipy's, for accuracy and for speed, and print the tables of benches/README.md.

python benches/python/run_beta.py [--points 10000] [--rounds 7] [--json PATH] [--quick]
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.special
from kcurve import theory
from threadpoolctl import threadpool_limits

import machine
from rounds import interleaved
from tables import spread

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.oracles.beta import tails
from tests.oracles.beta_points import points

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Function = Callable[..., NDArray[np.float64]]

LEAST = 1e-290
SIZE = 200_000


@dataclass(frozen=True)
class Contestant:
    """One library's function on one case."""

    name: str
    function: Function
    arguments: tuple[float | NDArray[np.float64], ...]
    units: int

    def run(self) -> NDArray[np.float64]:
        return self.function(*self.arguments)


def main() -> None:
    arguments = _arguments()
    report: dict[str, object] = {"machine": machine.describe("numpy", "scipy", "mpmath")}
    print("\n".join(f"- {name}: {value}" for name, value in report["machine"].items()))
    print(f"- load average before: {machine.load()}")
    count = 200 if arguments.quick else arguments.points
    report["accuracy"] = _accuracy(count)
    report["speed"] = _speed(1_000 if arguments.quick else SIZE, arguments.rounds)
    print(f"\n- load average after: {machine.load()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    parser.add_argument("--quick", action="store_true", help="few points: to see that it runs")
    return parser.parse_args()


def _accuracy(count: int) -> list[dict[str, object]]:
    a, b, x = points(count, seed=20_26)
    exact = [tails(*point) for point in zip(a.tolist(), b.tolist(), x.tolist(), strict=True)]
    print(f"\n### Relative errors at {count:,} points, values above {LEAST:g}\n")
    print(
        "| function | values | kcurve: greatest | 99% | scipy: greatest | 99% | kcurve off by more |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    records = []
    for which, name in enumerate(("betainc", "betaincc")):
        kept = np.array([bool(pair[which] > LEAST) for pair in exact])
        values = [pair[which] for pair, keep in zip(exact, kept, strict=True) if keep]
        where = a[kept], b[kept], x[kept]
        ours, theirs = (
            np.array(
                [float(abs(got / value - 1)) for got, value in zip(found, values, strict=True)]
            )
            for found in (
                getattr(module, name)(*where).tolist() for module in (theory, scipy.special)
            )
        )
        worse = int((ours > np.maximum(theirs, 2e-15)).sum())
        cells = [ours.max(), np.quantile(ours, 0.99), theirs.max(), np.quantile(theirs, 0.99)]
        shown = " | ".join(f"{cell:.1e}" for cell in cells)
        print(f"| {name} | {len(values):,} | {shown} | {worse} |", flush=True)
        records.append(
            {"function": name, "errors": [float(cell) for cell in cells], "worse": worse}
        )
    print(
        "\nThe last column counts the points where kcurve is off by more than scipy and by more than 2e-15."
    )
    return records


def _cases(size: int) -> dict[str, tuple[float | NDArray[np.float64], ...]]:
    rng = np.random.default_rng(0)
    x = rng.random(size)

    def near(a: NDArray[np.float64] | float, b: NDArray[np.float64] | float) -> NDArray[np.float64]:
        mean = a / (a + b)
        deviation = np.sqrt(mean * (1 - mean) / (a + b + 1))
        return np.clip(mean + deviation * rng.normal(size=size), 1e-9, 1 - 1e-9)

    a, b = np.exp(rng.uniform(np.log(0.5), np.log(1000), (2, size)))
    cases: dict[str, tuple[float | NDArray[np.float64], ...]] = {
        "a, b from 0.5 to 1000, x anywhere": (a, b, x),
        "a, b from 0.5 to 1000, x near the mean": (a, b, near(a, b)),
    }
    for shapes in ((2.0, 3.0), (10.0, 12.0), (51.0, 51.0), (500.0, 600.0), (1e5, 1e6)):
        name = "a = {:g}, b = {:g}".format(*shapes)
        cases[f"{name}, x anywhere"] = (*shapes, x)
        cases[f"{name}, x near the mean"] = (*shapes, near(*shapes))
    a, b = 10 ** rng.uniform(-10, 15, (2, size))
    cases["a, b from 1e-10 to 1e15, x anywhere"] = (a, b, x)
    return cases


def _speed(size: int, rounds: int) -> list[dict[str, object]]:
    print(f"\n### betainc, arrays of {size:,}, one thread, {rounds} interleaved rounds\n")
    print("| arguments | kcurve, ns, median (least to most) | scipy, ns | times as fast |")
    print("|---|---:|---:|---:|")
    records = []
    with threadpool_limits(limits=1):
        for title, arguments in _cases(size).items():
            ours, theirs = interleaved(
                [
                    Contestant("kcurve", theory.betainc, arguments, size),
                    Contestant("scipy", scipy.special.betainc, arguments, size),
                ],
                rounds,
            )
            spent = [spread(1e3 * timing.microseconds) for timing in (ours, theirs)]
            print(
                f"| {title} | {spent[0]} | {spent[1]} | {spread(theirs.times(ours))} |", flush=True
            )
            records.append(
                {
                    "arguments": title,
                    "kcurve_ns": (1e3 * ours.microseconds).tolist(),
                    "scipy_ns": (1e3 * theirs.microseconds).tolist(),
                }
            )
    return records


if __name__ == "__main__":
    main()
