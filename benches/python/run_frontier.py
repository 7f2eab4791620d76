"""Whether frontiers find the best choice for every budget, and whether their probabilities are true.

python benches/python/run_frontier.py [--worlds 200] [--questions 300 1000] [--samples 48] [--kinds apart close]

Simulated systems with known accuracy at every k and known cost, each with votes and filtered votes; a
frontier is made of one log of each, and judged by the true one at several budgets.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from itertools import pairwise

import kcurve as kc
import numpy as np
from kcurve.cost import Flops
from kcurve.planning import Points, frontier
from kcurve.simulate import Filter

import machine
from plan_worlds import KINDS, World

TOLERANCE = 0.002
BUDGETS = 4
BINS = (0.0, 0.1, 0.4, 0.6, 0.8, 0.95, 1.01)
CALLS = (*range(1, 9), 9, 11, 13, 15, 19, 23, 27, 31, 39, 47)
RULES = (kc.Vote(), kc.FilterVote(calls="candidates"))


@dataclass(frozen=True)
class Outcome:
    """Pairs of what was stated and what is true, for every budget, point or crossing of a world."""

    regret: list[float]
    confidence: list[float]
    system: list[tuple[float, bool]]
    member: list[tuple[float, bool]]
    accuracy: list[bool]
    crossing: list[bool]
    overtakes: list[tuple[float, bool]]


def main() -> None:
    arguments = _arguments()
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    columns = (
        "worlds",
        "questions",
        "within 0.2 points",
        "confidence",
        "by stated confidence: number, stated, true",
        "best system: stated, true",
        "on the frontier: stated, true",
        "by stated probability: number, stated, true",
        "accuracy intervals cover",
        "crossing intervals cover",
        "overtakes: stated, true",
        "s a frontier",
    )
    print("\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for kind in arguments.kinds:
        for questions in arguments.questions:
            began = time.perf_counter()
            found = [
                outcome(seed, kind, questions, arguments.samples)
                for seed in range(arguments.worlds)
            ]
            print(_row(kind, questions, found, time.perf_counter() - began), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--questions", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--samples", type=int, default=48)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS[:2])
    return parser.parse_args()


def outcome(seed: int, kind: str, questions: int, samples: int) -> Outcome:
    """Make a frontier of a world's logs, and judge it by the world's truth."""
    world = World.of(seed, kind=kind, questions=questions, samples=samples)
    random = np.random.default_rng([seed, 1])
    keep = Filter(keep_right=random.uniform(0.5, 1), keep_wrong=random.uniform(0.3, 0.9))
    # A token of every system costs the same; the filter is a model of another size.
    cost = Flops(0.5, reward_parameters=float(np.exp(random.uniform(-3, 0))))
    logs = {
        name: replace(log, keep=keep.flags(log.correct, log.codes >= 0, random))
        for name, log in world.logs.items()
    }
    calls = [k for k in CALLS if k <= samples]
    found = frontier(logs, cost=cost, rules=RULES, k=calls, rng=seed)
    true = frontier(_truth(world, found.points, keep, cost), resamples=1)
    first, last = true.cost.min(), true.cost.max()
    budgets = np.exp(random.uniform(np.log(1.5 * first), np.log(0.8 * last), BUDGETS))
    result = Outcome([], [], [], [], [], [], [])
    _, low, high = found.accuracy_at(budgets)
    for budget, below, above, best in zip(
        budgets, low, high, true.accuracy_at(budgets)[0], strict=True
    ):
        advice = found.best_at(float(budget))
        payable = true.cost <= budget
        chosen = advice.choice.point
        top = max(true.accuracy[payable].max(initial=0.0), true.accuracy[chosen])
        result.regret.append(top - true.accuracy[chosen])
        result.confidence.append(advice.confidence)
        names = np.array(found.points.system)
        own = names == advice.choice.system
        leads = true.accuracy[payable & own].max(initial=0.0) >= top - 1e-12
        result.system.append((float(advice.best[own].sum()), bool(leads)))
        result.accuracy.append(bool(below <= best <= above))
    on = np.zeros(len(true.points), dtype=bool)
    on[true.members] = True
    result.member.extend(zip(found.probability.tolist(), on.tolist(), strict=True))
    for behind, ahead in pairwise(
        sorted(world.systems, key=lambda name: world.systems[name].tokens)
    ):
        stated, real = found.crossing(behind, ahead), true.crossing(behind, ahead)
        result.crossing.append(stated.low <= real.cost <= stated.high)
        result.overtakes.append((stated.probability, bool(np.isfinite(real.cost))))
    return result


def _truth(world: World, points: Points, keep: Filter, cost: Flops) -> Points:
    """The same points with what they score and cost in truth, as one question."""
    score, price = np.empty(len(points)), np.empty(len(points))
    reward = np.zeros(len(points))
    for name, system in world.systems.items():
        for rule in RULES:
            own = np.array(
                [each == (name, rule) for each in zip(points.system, points.rule, strict=True)]
            )
            k = points.k[own]
            score[own] = system.accuracy(k, rule, keep)
            price[own] = 2 * cost.parameters * system.tokens * k
            if rule == RULES[1]:
                reward[own] = 2 * cost.reward_parameters * system.tokens * k
    return Points(
        system=points.system,
        rule=points.rule,
        k=points.k.copy(),
        score=score[None],
        cost=(price + reward)[None],
        reward_cost=reward[None],
        question=(("", "truth"),),
        unit_of=np.zeros(1, np.int64),
        cost_unit=points.cost_unit,
    )


def _row(kind: str, questions: int, found: list[Outcome], seconds: float) -> str:
    regret = np.concatenate([each.regret for each in found])
    hit = regret <= TOLERANCE
    confidence = np.concatenate([each.confidence for each in found])

    def both(name: str) -> tuple[np.ndarray, np.ndarray]:
        pairs = [pair for each in found for pair in getattr(each, name)]
        return np.array([stated for stated, _ in pairs]), np.array([true for _, true in pairs])

    def share(name: str) -> str:
        return f"{np.mean([value for each in found for value in getattr(each, name)]):.1%}"

    system, member, overtakes = (both(name) for name in ("system", "member", "overtakes"))
    cells = (
        kind,
        f"{questions}",
        f"{hit.mean():.1%}",
        f"{confidence.mean():.1%}",
        _bins(confidence, hit),
        f"{system[0].mean():.1%} {system[1].mean():.1%}",
        f"{member[0].mean():.1%} {member[1].mean():.1%}",
        _bins(*member),
        share("accuracy"),
        share("crossing"),
        f"{overtakes[0].mean():.1%} {overtakes[1].mean():.1%}",
        f"{seconds / len(found):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


def _bins(stated: np.ndarray, true: np.ndarray) -> str:
    groups = []
    for low, high in pairwise(BINS):
        inside = (stated >= low) & (stated < high)
        if inside.any():
            groups.append(f"{inside.sum()}: {stated[inside].mean():.2f} {true[inside].mean():.2f}")
    return "; ".join(groups)


if __name__ == "__main__":
    main()
