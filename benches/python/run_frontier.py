"""Whether a frontier's probabilities and crossings are true, on simulated systems with known truth.

python benches/python/run_frontier.py [--worlds 200] [--questions 100 1000] [--samples 32] [--kinds apart close]

How well the best choice at a cost is found is measured by run_plan.py, which asks the same of `Frontier.best_at`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
from kcurve.cost import Tokens
from kcurve.planning import frontier
from kcurve.planning.envelope import envelope, unbeaten

import machine
from plan_worlds import KINDS, World

BINS = (0.0, 0.05, 0.3, 0.7, 0.95, 1.01)


@dataclass(frozen=True)
class Outcome:
    probability: np.ndarray
    member: np.ndarray
    system_probability: np.ndarray
    system_member: np.ndarray
    covered: np.ndarray
    below: np.ndarray
    crossings: int
    crossed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--questions", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=("apart", "close"))
    arguments = parser.parse_args()
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(
        "\n| worlds | questions | points on it: stated, true | by stated probability: points, stated, true"
        " | systems on it: stated, true | envelope covered | crossings covered | s a frontier |\n|"
        + "---|" * 8
    )
    for kind in arguments.kinds:
        for questions in arguments.questions:
            began = time.perf_counter()
            found = [
                _outcome(seed, kind, questions, arguments.samples)
                for seed in range(arguments.worlds)
            ]
            print(_row(kind, questions, found, time.perf_counter() - began), flush=True)


def _outcome(seed: int, kind: str, questions: int, samples: int) -> Outcome:
    world = World.of(seed, kind=kind, questions=questions, samples=samples)
    made = frontier(world.logs, cost=Tokens(), rng=seed, k=[1, 3, 5, 7, 11, 15, 21, 31])
    table = made.points
    names = np.array(table.system)
    truth, cost = np.empty(len(table)), np.empty(len(table))
    for name, system in world.systems.items():
        own = names == name
        truth[own] = system.accuracy(table.k[own])
        cost[own] = system.tokens * table.k[own]
    member = unbeaten(truth[None], cost[None])[0]
    budgets = np.geomspace(cost.min() * 1.3, cost.max(), 9)
    mean, low, high = made.accuracy_at(budgets)
    true = envelope(truth[None], cost[None], budgets)[0]
    payable = ~np.isnan(mean) & ~np.isnan(true)
    crossings = crossed = 0
    for behind, ahead in permutations(world.systems, 2):
        found = made.crossing(behind, ahead)
        there = _crossing(truth, cost, names == behind, names == ahead)
        if np.isfinite(there):
            crossings += 1
            crossed += bool(found.low * (1 - 1e-9) <= there <= found.high * (1 + 1e-9))
    return Outcome(
        probability=made.probability,
        member=member,
        system_probability=np.array(list(made.system_probability.values())),
        system_member=np.array([member[names == name].any() for name in made.points.systems]),
        covered=((low <= true) & (true <= high))[payable],
        below=(true < low)[payable],
        crossings=crossings,
        crossed=crossed,
    )


def _crossing(truth: np.ndarray, cost: np.ndarray, behind: np.ndarray, ahead: np.ndarray) -> float:
    grid = np.geomspace(
        max(cost[behind].min(), cost[ahead].min()), max(cost[behind].max(), cost[ahead].max()), 4000
    )
    gap = (
        envelope(truth[None, ahead], cost[None, ahead], grid)
        - envelope(truth[None, behind], cost[None, behind], grid)
    )[0]
    last = np.flatnonzero(~(gap > 1e-12))
    if not len(last):
        return float("inf")  # ahead from the start: nothing is crossed
    return float("inf") if last[-1] == len(grid) - 1 else float(grid[last[-1] + 1])


def _row(kind: str, questions: int, found: list[Outcome], seconds: float) -> str:
    stated = np.concatenate([each.probability for each in found])
    member = np.concatenate([each.member for each in found])
    groups = []
    for low, high in pairwise(BINS):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            groups.append(f"{inside.sum()}: {stated[inside].mean():.2f} {member[inside].mean():.2f}")
    systems = np.concatenate([each.system_probability for each in found])
    on = np.concatenate([each.system_member for each in found])
    covered = np.concatenate([each.covered for each in found])
    below = np.concatenate([each.below for each in found])
    crossings = sum(each.crossings for each in found)
    cells = (
        kind,
        f"{questions}",
        f"{stated.mean():.3f}, {member.mean():.3f}",
        "; ".join(groups),
        f"{systems.mean():.3f}, {on.mean():.3f}",
        f"{covered.mean():.1%} ({below.mean():.1%} below)",
        f"{sum(each.crossed for each in found)} of {crossings}",
        f"{seconds / len(found):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
