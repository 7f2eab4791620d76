"""Plans made from half the samples of real logs, judged on the other half.

python benches/python/run_plan_real.py FOLDER [--halves 10]

FOLDER holds epoch_otis.parquet (ten models, 45 questions of competitions, 8 samples, tokens), pot_svamp.parquet (one model, 999
questions, 30 samples) and humaneval_codegen16b.parquet (one model, 164 questions, 100 samples, scores). The samples of every
question are halved at random. Loss is accuracy on the other half: that of the best choice there (in hindsight), less that of
the plan, or of whoever always takes the most calls that the budget pays for, of the model that is best at one call.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np
from kcurve.cost import Calls, CostModel, Tokens
from kcurve.log.selection import take_samples_recoded
from kcurve.planning import Plan, Points, cascades, plan, points

import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kcurve.rules import Rule


@dataclass(frozen=True)
class Case:
    name: str
    file: str
    cost: CostModel
    budgets: tuple[float, ...]
    rules: tuple[Rule, ...] = (kc.Vote(),)
    cascades: bool = False


CASES = (
    Case("SVAMP", "pot_svamp.parquet", Calls(), (3, 7, 15)),
    Case("HumanEval", "humaneval_codegen16b.parquet", Calls(), (3, 10, 50), (kc.BestOfN(),)),
    Case("OTIS", "epoch_otis.parquet", Tokens(), (3e3, 1e4, 3e4, 1e5)),
    Case("OTIS, cascades", "epoch_otis.parquet", Tokens(), (3e3, 1e4, 3e4, 1e5), cascades=True),
)


@dataclass(frozen=True)
class Outcome:
    planned: float
    expected: float
    covered: bool
    confidence: float
    near: bool
    best: float
    largest: float
    saved: float
    spared: float
    kept: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--halves", type=int, default=10)
    arguments = parser.parse_args()
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(
        "\n| log | budget | accuracy of the plan | loss of the plan | of always the most calls | of the saving choice,"
        " cost spared | expected | in its interval | sure | within 0.2 points | budget kept |\n|"
        + "---|"
        * 11
    )
    for case in CASES:
        log = kc.read_log(
            arguments.folder / case.file,
            **({"tokens_out": "tokens"} if isinstance(case.cost, Tokens) else {}),
        )
        halves = [tuple(_halves(log, seed)) for seed in range(arguments.halves)]
        for budget in case.budgets:
            found = [_outcome(case, budget, *each, seed) for seed, each in enumerate(halves)]
            print(_row(case, budget, found), flush=True)


def _halves(log: kc.AnswerLog, seed: int) -> Iterator[dict[str, kc.AnswerLog]]:
    random = np.random.default_rng(seed)
    question = np.repeat(np.arange(log.n_questions), log.n_samples)
    order = np.lexsort((random.random(len(question)), question))
    rank = np.arange(len(order)) - np.repeat(log.offsets[:-1], log.n_samples)
    first = log.n_samples // 2
    early = rank < np.repeat(first, log.n_samples)
    yield take_samples_recoded(log, order[early], first).by("model")
    yield take_samples_recoded(log, order[~early], log.n_samples - first).by("model")


def _outcome(
    case: Case,
    budget: float,
    first: dict[str, kc.AnswerLog],
    second: dict[str, kc.AnswerLog],
    seed: int,
) -> Outcome:
    table, other = (_points(case, half) for half in (first, second))
    place = {key: i for i, key in enumerate(_keys(other))}
    # Two models of nearly the same price may make a cascade in either order: only what both halves have.
    table = table.select(np.array([key in place for key in _keys(table)]))
    shared = [place[key] for key in _keys(table)]
    advice = plan(table, budget=budget, rng=seed)
    affordable = [i for i in shared if other.mean_cost[i] <= budget]
    best = float(other.accuracy[affordable].max())
    chosen = shared[advice.choice.point]
    mine, saved = (float(other.accuracy[i]) for i in (chosen, shared[advice.saved.point]))
    return Outcome(
        planned=mine,
        expected=advice.accuracy,
        covered=advice.low <= mine <= advice.high,
        confidence=advice.confidence,
        near=mine >= best - advice.tolerance,
        best=best,
        largest=float(other.accuracy[shared[_largest(advice, case.rules[0])]]),
        saved=saved,
        spared=1 - advice.saved.cost / advice.choice.cost,
        kept=bool(other.mean_cost[chosen] <= budget),
    )


def _points(case: Case, half: dict[str, kc.AnswerLog]) -> Points:
    table = points(half, cost=case.cost, rules=case.rules)
    return table.joined(cascades(half, cost=case.cost)) if case.cascades else table


def _keys(table: Points) -> list[tuple[str, Rule, int]]:
    return list(zip(table.system, table.rule, table.k.tolist(), strict=True))


def _largest(advice: Plan, rule: Rule) -> int:
    """The most calls that the budget pays for, of the system that is best at one call."""
    table: Points = advice.points
    own_rule = np.array([each == rule for each in table.rule])
    affordable = own_rule & (table.mean_cost <= advice.budget)
    once = np.flatnonzero(affordable & (table.k == 1))
    model = table.system[once[np.argmax(table.accuracy[once])]]
    own = [i for i in np.flatnonzero(affordable) if table.system[i] == model]
    return int(own[np.argmax(table.k[own])])


def _row(case: Case, budget: float, found: list[Outcome]) -> str:
    mean = {
        name: float(np.mean([getattr(each, name) for each in found]))
        for name in Outcome.__dataclass_fields__
    }

    def loss(name: str) -> str:
        lost = np.array([each.best - getattr(each, name) for each in found])
        return f"{100 * lost.mean():.2f} (at most {100 * lost.max():.2f})"

    cells = (
        case.name,
        f"{budget:g} {case.cost.unit}",
        f"{mean['planned']:.1%}",
        loss("planned"),
        loss("largest"),
        f"{loss('saved')}, {mean['spared']:.0%}",
        f"{mean['expected']:.1%}",
        f"{sum(each.covered for each in found)} of {len(found)}",
        f"{mean['confidence']:.0%}",
        f"{sum(each.near for each in found)} of {len(found)}",
        f"{sum(each.kept for each in found)} of {len(found)}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
