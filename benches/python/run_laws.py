"""Time the fit of the exponential law beside the published way, and compare the sums of squares.

python benches/python/run_laws.py [--questions 100000] [--peer 200] [--restarts 300] [--rounds 5]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np
from kcurve import _core
from kcurve.laws import ExponentialLaw

import machine
from peers import scipy_laws
from rounds import interleaved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

POINTS = np.array([2.0, 5, 10, 20, 50, 100])
ANSWERS, SAMPLES = 5, 40


@dataclass(frozen=True)
class Ours:
    """The batch fit."""

    curves: Floats
    limits: Floats
    threads: int

    @property
    def name(self) -> str:
        return f"kcurve, {self.threads} thread{'s' if self.threads > 1 else ''}"

    @property
    def units(self) -> int:
        return len(self.curves)

    def run(self) -> Floats:
        return _core.fit_exponential(POINTS, self.curves, self.limits, 1e-6, self.threads)[1]


@dataclass(frozen=True)
class Peer:
    """One question after the other."""

    curves: Floats
    limits: Floats
    name: str = "scipy minimize, one start"

    @property
    def units(self) -> int:
        return len(self.curves)

    def run(self) -> Floats:
        pairs = zip(self.curves, self.limits, strict=True)
        return np.array([scipy_laws.fit(POINTS, curve, limit) for curve, limit in pairs])


def draw(questions: int) -> tuple[kc.AnswerLog, Floats, Floats]:
    """Return a log of questions that all differ, their exact curves, and what their votes tend to."""
    rng = np.random.default_rng(0)
    chances = rng.dirichlet(np.full(ANSWERS, 0.7), questions)
    codes = (rng.uniform(size=(questions, SAMPLES, 1)) > chances.cumsum(axis=1)[:, None, :-1]).sum(
        axis=2
    )
    log = kc.AnswerLog.from_codes(codes, correct=np.zeros(questions, int))
    method = kc.Exact(replacement=True)
    curves = kc.curve(log, k=POINTS.astype(int), method=method, interval=None).per_question
    limits = ExponentialLaw().fit(log).limits
    # Equal counts are fitted once: a change in the tenth digit makes every question its own.
    curves = curves + rng.uniform(-1e-10, 1e-10, curves.shape)
    return log, curves, limits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--peer", type=int, default=200)
    parser.add_argument("--restarts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    facts = machine.describe("numpy", "scipy")
    print("\n".join(f"- {name}: {value}" for name, value in facts.items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds, interleaved")
    log, curves, limits = draw(arguments.questions)
    chosen = np.random.default_rng(1).choice(len(curves), arguments.peer, replace=False)
    contestants = [
        Ours(curves, limits, 1),
        Ours(curves, limits, 2),
        Peer(curves[chosen], limits[chosen]),
    ]
    timings = interleaved(contestants, arguments.rounds)
    print(f"\n### Fit of {len(curves):,} distinct questions at K = 2, 5, 10, 20, 50, 100\n")
    print("| contestant | questions | us per question, median (least to most) | times kcurve |")
    print("|---|---:|---:|---:|")
    for timing in timings:
        spent = timing.microseconds
        ratio = np.median(timing.times(timings[0]))
        print(
            f"| {timing.name} | {timing.units:,} | {np.median(spent):,.2f}"
            f" ({spent.min():,.2f} to {spent.max():,.2f}) | {ratio:,.2f} |"
        )
    start = perf_counter()
    ExponentialLaw().fit(log)
    print(f"\nFrom the log to the law, curves included: {perf_counter() - start:.1f} s.")
    ours = timings[0].curve
    peer = timings[2].curve
    worse = peer - ours[chosen]
    print(
        f"One start of the optimiser leaves a sum of squares more than 1e-12 above ours for "
        f"{np.mean(worse > 1e-12):.0%} of the questions (median of those {np.median(worse[worse > 1e-12]):.1e}, "
        f"most {worse.max():.1e}), below ours by at most {max(-worse.min(), 0):.1e}."
    )
    rng = np.random.default_rng(2)
    some = (
        chosen[: arguments.restarts]
        if arguments.restarts <= len(chosen)
        else rng.choice(len(curves), arguments.restarts, replace=False)
    )
    best = np.array([scipy_laws.best_of_restarts(POINTS, curves[q], limits[q], rng) for q in some])
    gap = ours[some] - best
    print(
        f"Best of 20 random starts, {len(some)} questions: ours is above it by at most "
        f"{max(gap.max(), 0):.1e}, below it by more than 1e-12 for {np.mean(gap < -1e-12):.0%}."
    )
    print(f"\n- load average after: {machine.load()}")


if __name__ == "__main__":
    main()
