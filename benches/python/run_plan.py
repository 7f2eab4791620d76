"""Whether plans find the best choice, and whether they know how sure they may be.

python benches/python/run_plan.py [--worlds 200] [--questions 100 300 1000] [--samples 64] [--kinds apart close saturated]

Simulated systems with known accuracy at every k and known cost; a plan is made of one log of each.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from kcurve.cost import Tokens
from kcurve.planning import plan

import machine
from plan_worlds import KINDS, World

TOLERANCE = 0.002
BINS = (0.0, 0.6, 0.8, 0.95, 1.01)


@dataclass(frozen=True)
class Outcome:
    regret: float
    confidence: float
    covered: bool
    bias: float
    raw_bias: float
    width: float
    budget_kept: float
    within_budget: bool
    saved_loss: float


def main() -> None:
    arguments = _arguments()
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(
        "\n| worlds | questions | within 0.2 points | stated | by stated confidence: worlds, stated, true"
        " | mean loss, points | interval covers | half-width, points | bias measured | bias expected"
        " | budget kept | stated | s a plan |\n|" + "---|" * 13
    )
    for kind in arguments.kinds:
        for questions in arguments.questions:
            began = time.perf_counter()
            found = [
                _outcome(seed, kind, questions, arguments.samples)
                for seed in range(arguments.worlds)
            ]
            print(_row(kind, questions, found, time.perf_counter() - began), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--questions", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    return parser.parse_args()


def _outcome(seed: int, kind: str, questions: int, samples: int) -> Outcome:
    world = World.of(seed, kind=kind, questions=questions, samples=samples)
    advice = plan(world.logs, cost=Tokens(), budget=world.budget, tolerance=TOLERANCE, rng=seed)
    table = advice.points
    truth, cost = np.empty(len(table)), np.empty(len(table))
    for name, system in world.systems.items():
        own = np.array([each == name for each in table.system])
        truth[own] = system.accuracy(table.k[own])
        cost[own] = system.tokens * table.k[own]
    chosen = advice.choice.point
    best = max(truth[cost <= world.budget].max(initial=0.0), truth[chosen])
    return Outcome(
        regret=best - truth[chosen],
        confidence=advice.confidence,
        covered=advice.low <= truth[chosen] <= advice.high,
        bias=advice.accuracy - truth[chosen],
        raw_bias=advice.choice.measured - truth[chosen],
        width=(advice.high - advice.low) / 2,
        budget_kept=advice.budget_kept,
        within_budget=cost[chosen] <= world.budget,
        saved_loss=best - truth[advice.saved.point],
    )


def _row(kind: str, questions: int, found: list[Outcome], seconds: float) -> str:
    hit = np.array([each.regret <= TOLERANCE for each in found])
    stated = np.array([each.confidence for each in found])
    groups = []
    for low, high in pairwise(BINS):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            groups.append(f"{inside.sum()}: {stated[inside].mean():.2f} {hit[inside].mean():.2f}")
    mean = {
        name: float(np.mean([getattr(each, name) for each in found]))
        for name in Outcome.__dataclass_fields__
    }
    cells = (
        kind,
        f"{questions}",
        f"{hit.mean():.1%}",
        f"{stated.mean():.1%}",
        "; ".join(groups),
        f"{100 * mean['regret']:.3f}",
        f"{mean['covered']:.1%}",
        f"{100 * mean['width']:.2f}",
        f"{100 * mean['raw_bias']:+.3f}",
        f"{100 * mean['bias']:+.3f}",
        f"{mean['within_budget']:.1%}",
        f"{mean['budget_kept']:.1%}",
        f"{seconds / len(found):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
