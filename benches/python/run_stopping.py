"""Time replays of stopping rules, and allocations of calls, beside plain Python.

python benches/python/run_stopping.py [--rounds 5] [--questions 10000] [--orders 16] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np
from kcurve.planning import allocation
from kcurve.stopping import (
    AdaptiveConsistency,
    AnytimeValid,
    BestOfInfinity,
    DifficultyAdaptive,
    EarlyStopping,
    replay,
)

import machine
from peers import plain_stopping
from rounds import interleaved
from tables import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from kcurve.stopping import StoppingRule
    from numpy.typing import NDArray

    Pair = tuple[StoppingRule, plain_stopping.Stops]

SAMPLES, ANSWERS = 100, 4
PLAIN_QUESTIONS = 40
RULES: tuple[Pair, ...] = (
    (AdaptiveConsistency(), plain_stopping.adaptive_consistency(0.95)),
    (EarlyStopping(), plain_stopping.early_stopping(5)),
    (DifficultyAdaptive(), plain_stopping.difficulty_adaptive(0.95, 4, 4)),
    (BestOfInfinity(), plain_stopping.best_of_infinity(100, 0.3)),
    (AnytimeValid(), plain_stopping.anytime_valid(0.05)),
)


@dataclass(frozen=True)
class Contestant:
    name: str
    units: int
    task: Callable[[], tuple[float, float]]

    def run(self) -> NDArray[np.float64]:
        return np.array(self.task())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--orders", type=int, default=16)
    parser.add_argument("--json", type=Path, help="also write every round's numbers here")
    arguments = parser.parse_args()
    report: dict[str, object] = {"machine": machine.describe("numpy"), "load": machine.load()}
    print(report)
    codes = drawn(arguments.questions)
    log = kc.AnswerLog.from_codes(codes, correct=[0] * len(codes))
    plain = [row.tolist() for row in codes[:PLAIN_QUESTIONS]]
    print(f"\n{len(codes):,} questions x {SAMPLES} samples, {arguments.orders} orders\n")
    print("| rule | accuracy | mean calls | seconds | ns per call | plain Python is slower by |")
    print("|---|---:|---:|---:|---:|---:|")
    for rule, stops in RULES:
        ours, theirs = interleaved(
            [
                Contestant(
                    "kcurve",
                    len(codes) * arguments.orders,
                    lambda rule=rule: _ours(log, rule, arguments.orders),  # type: ignore[misc]
                ),
                Contestant(
                    "plain Python",
                    len(plain),
                    lambda stops=stops: plain_stopping.replayed(plain, 0, stops, orders=1, seed=1),  # type: ignore[misc]
                ),
            ],
            arguments.rounds,
        )
        accuracy, calls = ours.curve
        seconds = ours.microseconds * ours.units / 1e6
        print(
            f"| {rule!r} | {accuracy:.4f} | {calls:.2f} | {spread(seconds)} "
            f"| {spread(1e3 * ours.microseconds / calls)} | {spread(theirs.times(ours))} |",
            flush=True,
        )
        report[rule.label] = [ours.microseconds.tolist(), theirs.microseconds.tolist()]
    values = kc.curve(log, interval=None).per_question
    (timing,) = interleaved(
        [Contestant("allocation", 1, lambda: _allocated(values))], arguments.rounds
    )
    print(f"\nallocation of {values.shape} options: {spread(timing.microseconds / 1e6)} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def drawn(questions: int) -> NDArray[np.int64]:
    """Draw answers of questions from easy to hard, [Q, n]; answer 0 is right."""
    generator = np.random.default_rng(7)
    shares = generator.dirichlet([2.0, 0.7, 0.5, 0.3], size=questions)
    uniform = generator.random((questions, SAMPLES, 1))
    return (uniform > np.cumsum(shares, axis=1)[:, None, :-1]).sum(axis=2)


def _ours(log: kc.AnswerLog, rule: StoppingRule, orders: int) -> tuple[float, float]:
    found = replay(log, rule, orders=orders)
    return found.accuracy, found.mean_calls


def _allocated(values: NDArray[np.float64]) -> tuple[float, float]:
    found = allocation(values, np.arange(1, SAMPLES + 1), 10 * len(values))
    return found.value, found.spent


if __name__ == "__main__":
    main()
