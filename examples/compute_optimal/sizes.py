"""Which size of model is best for a budget, and the law of it: log10 C = a log10 N + b."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from budgets import DRAWS, SAMPLING, draws, interpolated, places, tabulated
from claims import Claim
from tables import markdown

from kcurve.laws import SizeLaw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from results import Results

    Floats = NDArray[np.float64]

PUBLISHED = (1.19, 2.03)
"""a and b of the paper, for the weighted vote of Pythia models on GSM8K."""

BUDGETS = 25
"""Budgets at which the sizes are compared, evenly spaced in their logarithms."""

STRATEGIES = (*SAMPLING, "REBASE")


class BestPolicy(NamedTuple):
    """The policy of least error at a budget, and in what share of draws of questions it is that."""

    strategy: str
    flops: float
    policy: str
    error: float
    share: float


class FittedSize(NamedTuple):
    """The law of a strategy, with the limits of a 95 % interval of its slope; NaN if one size is always best."""

    strategy: str
    a: float
    b: float
    low: float
    high: float


@cache
def _errors(results: Results, strategy: str) -> tuple[Floats, Floats, Floats]:
    """Return budgets [B], the error of every policy [B, S] that has been run for so much, and drawn ones [R, B, S]."""
    table = tabulated(results)
    accuracy = draws(table)
    lines = [places(table, policy=policy, strategy=strategy) for policy in results.policies]
    cost = table.mean_cost
    budgets = np.geomspace(
        min(cost[line[0]] for line in lines), max(cost[line[-1]] for line in lines), BUDGETS
    )
    error = np.full((BUDGETS, len(lines)), np.nan)
    drawn = np.full((DRAWS, BUDGETS, len(lines)), np.nan)
    for which, line in enumerate(lines):
        for place, budget in enumerate(budgets):
            if budget < cost[line[0]] * (1 - 1e-9):
                continue  # one call costs more
            # Nobody has to spend all of a budget: more of it is never worse.
            at = min(float(np.log(budget)), float(np.log(cost[line[-1]])))
            x = np.log(cost[line])
            error[place, which] = 1 - interpolated(at, x, _best_so_far(table.accuracy[line]))
            drawn[:, place, which] = 1 - interpolated(at, x, _best_so_far(accuracy[:, line]))
    return budgets, error, drawn


def _best_so_far(accuracy: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(accuracy, axis=-1))


def best_policies(results: Results) -> list[BestPolicy]:
    """Return for each strategy and budget the policy of least error."""
    rows = []
    for strategy in STRATEGIES:
        budgets, error, drawn = _errors(results, strategy)
        winners = _winners(drawn)
        for place, which in enumerate(_winners(error).tolist()):
            rows.append(
                BestPolicy(
                    strategy,
                    float(budgets[place]),
                    results.policies[which],
                    float(error[place, which]),
                    float((winners[:, place] == which).mean()),
                )
            )
    return rows


def _winners(error: Floats) -> NDArray[np.intp]:
    return np.argmin(np.where(np.isnan(error), np.inf, error), axis=-1)


def size_law(results: Results) -> list[FittedSize]:
    """Return the law of each strategy, fitted to the best size at each budget."""
    sizes = np.array([results.parameters[name] for name in results.policies], np.float64)
    fitted = []
    for strategy in STRATEGIES:
        budgets, error, drawn = _errors(results, strategy)
        best = sizes[_winners(error)]
        if len(np.unique(best)) < 2:
            fitted.append(FittedSize(strategy, *[float("nan")] * 4))
            continue
        law = SizeLaw().fit((best, budgets))
        slopes = _slopes(np.log10(sizes[_winners(drawn)]), np.log10(budgets))
        low, high = np.nanquantile(slopes, [0.025, 0.975])
        fitted.append(FittedSize(strategy, law.a, law.b, float(low), float(high)))
    return fitted


def _slopes(x: Floats, y: Floats) -> Floats:
    """Return the slopes of lines through y [B] at x [R, B]; NaN where all x are the same."""
    centred = x - x.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(spread > 0, centred @ (y - y.mean()) / spread, np.nan))


def of_second_paper(results: Results, fitted: Sequence[FittedSize]) -> Iterator[Claim]:
    """Yield what the paper says of sizes."""
    told, signs = [], []
    for strategy in STRATEGIES:
        _, error, _ = _errors(results, strategy)
        order = _winners(error)
        changes = [results.policies[order[0]]]
        changes += [results.policies[new] for old, new in pairwise(order.tolist()) if new != old]
        told.append(f"{strategy}: {', then '.join(changes)}")
        signs.append(1 if len(changes) > 1 and (np.diff(order) >= 0).all() else -1)
    yield Claim(
        "Small budgets are spent best on a small model and many samples, larger ones on a larger model.",
        "; ".join(told),
        "agrees" if min(signs) > 0 else "agrees in part" if max(signs) > 0 else "disagrees",
    )
    a = PUBLISHED[0]
    known = [one for one in fitted if not np.isnan(one.a)]
    inside = [one.low <= a <= one.high for one in known]
    yield Claim(
        f"The budget grows with the best size as log10 C = {a} log10 N + {PUBLISHED[1]}.",
        ", ".join(
            f"{one.strategy}: a = {one.a:.2f} [{one.low:.2f}, {one.high:.2f}], b = {one.b:.2f}"
            for one in known
        )
        or "one size is best for every budget",
        "agrees" if inside and all(inside) else "agrees in part" if any(inside) else "disagrees",
    )


def size_page(results: Results, best: Sequence[BestPolicy], fitted: Sequence[FittedSize]) -> str:
    """Return the part of the page that tells which size is best for which budget."""
    rows = []
    for one in fitted:
        own = [row for row in best if row.strategy == one.strategy]
        spans = []
        for policy in results.policies:
            flops = [row.flops for row in own if row.policy == policy]
            spans.append(f"{min(flops):.1e} to {max(flops):.1e}" if flops else "never")
        law = (
            "none"
            if np.isnan(one.a)
            else f"{one.a:.2f} [{one.low:.2f}, {one.high:.2f}], {one.b:.2f}"
        )
        rows.append([one.strategy, *spans, law])
    head = ["strategy", *(f"{name} is best" for name in results.policies), "a, b"]
    return (
        "The policy of least error for budgets of FLOPs per question, and the line log10 C = a log10 N + b through these "
        f"points, with the 95 % interval of its slope (paper: a = {PUBLISHED[0]}, b = {PUBLISHED[1]}). There are only "
        f"{len(results.policies)} sizes, so the line says little more than where the best size changes:\n\n"
        + markdown(head, rows)
    )
