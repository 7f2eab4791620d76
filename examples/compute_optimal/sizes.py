"""Which size of model is best for a budget, and the law of it: log10 C = a log10 N + b."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import isnan, nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from budgets import SAMPLING, places, tabulated
from claims import Claim
from tables import markdown

from kcurve.planning import ComputeOptimal, compute_optimal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from results import Results

PUBLISHED = (1.19, 2.03)
"""a and b of the paper, for the weighted vote of Pythia models on GSM8K."""

STRATEGIES = (*SAMPLING, "REBASE")


class BestPolicy(NamedTuple):
    """The policy of least error for a budget, and how probable it is that it is that on fresh questions."""

    strategy: str
    flops: float
    policy: str
    error: float
    probability: float


class FittedSize(NamedTuple):
    """The law of a strategy, with the limits of 95 % intervals; NaN if one size is best for every budget."""

    strategy: str
    a: float
    a_low: float
    a_high: float
    b: float
    b_low: float
    b_high: float


@cache
def optimum(results: Results, strategy: str) -> ComputeOptimal:
    """Return what is best for every amount of compute under a strategy."""
    table = tabulated(results)
    return compute_optimal(
        table.select(np.array(places(table, strategy=strategy))),
        sizes={name: float(results.parameters[name]) for name in results.policies},
    )


def best_policies(results: Results) -> list[BestPolicy]:
    """Return for each strategy and budget the policy of least error."""
    rows = []
    for strategy in STRATEGIES:
        found = optimum(results, strategy)
        names = [found.frontier.points.system[point] for point in found.point]
        order = list(found.sizes)
        rows += [
            BestPolicy(strategy, flops, name, error, float(shares[order.index(name)]))
            for flops, name, error, shares in zip(
                found.compute.tolist(), names, found.error.tolist(), found.probability, strict=True
            )
        ]
    return rows


def size_laws(results: Results) -> list[FittedSize]:
    """Return the law of each strategy."""
    fitted = []
    for strategy in STRATEGIES:
        found = optimum(results, strategy)
        law, limits = found.size_law, found.law_intervals
        a, b = (nan, nan) if law is None else (law.a, law.b)
        fitted.append(FittedSize(strategy, a, *limits["a"], b, *limits["b"]))
    return fitted


def of_second_paper(results: Results, fitted: Sequence[FittedSize]) -> Iterator[Claim]:
    """Yield what the paper says of sizes."""
    told, signs = [], []
    for strategy in STRATEGIES:
        names = [row.policy for row in best_policies(results) if row.strategy == strategy]
        changes = [names[0], *(new for old, new in pairwise(names) if new != old)]
        told.append(f"{strategy}: {', then '.join(changes)}")
        rank = [results.policies.index(name) for name in names]
        signs.append(1 if len(changes) > 1 and rank == sorted(rank) else -1)
    yield Claim(
        "Small budgets are spent best on a small model and many samples, larger ones on a larger model.",
        "; ".join(told),
        "agrees" if min(signs) > 0 else "agrees in part" if max(signs) > 0 else "disagrees",
    )
    a = PUBLISHED[0]
    known = [one for one in fitted if not isnan(one.a_low)]
    inside = [one.a_low <= a <= one.a_high for one in known]
    yield Claim(
        f"The budget grows with the best size as log10 C = {a} log10 N + {PUBLISHED[1]}.",
        "; ".join(f"{one.strategy}: {_law(one)}" for one in known)
        or "one size is best for nearly every budget",
        "agrees" if inside and all(inside) else "agrees in part" if any(inside) else "disagrees",
    )


def size_page(results: Results, fitted: Sequence[FittedSize]) -> str:
    """Return the part of the page that tells which size is best for which budget."""
    rows = []
    for one in fitted:
        own = [row for row in best_policies(results) if row.strategy == one.strategy]
        spans = []
        for policy in results.policies:
            flops = [row.flops for row in own if row.policy == policy]
            spans.append(f"{min(flops):.1e} to {max(flops):.1e}" if flops else "never")
        rows.append([one.strategy, *spans, "none" if isnan(one.a) else _law(one)])
    head = ["strategy", *(f"{name} is best" for name in results.policies), "the law"]
    return (
        "The policy of least error for budgets of FLOPs per question, and the law log10 C = a log10 N + b through the middle of "
        f"what each size is best for, with 95 % intervals (paper: a = {PUBLISHED[0]}, b = {PUBLISHED[1]}). With "
        f"{len(results.policies)} sizes the law says where the best size changes, and little more:\n\n"
        + markdown(head, rows)
    )


def _law(one: FittedSize) -> str:
    if isnan(one.a_low):
        return f"a = {one.a:.2f}, b = {one.b:.2f}; no intervals, most draws have one best size"
    return (
        f"a = {one.a:.2f} [{one.a_low:.2f}, {one.a_high:.2f}], "
        f"b = {one.b:.2f} [{one.b_low:.2f}, {one.b_high:.2f}]"
    )
