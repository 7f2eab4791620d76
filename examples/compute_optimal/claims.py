"""What the papers say, and whether this family of models says the same."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from budgets import advantage, places, spendings, tabulated
from more_calls import RULES, most_calls
from reasoners import operations

import kcurve as kc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from budgets import Advantage
    from more_calls import LawFit, Optimum
    from results import Results

    from kcurve.planning import Points

Verdict = Literal["agrees", "agrees in part", "open", "disagrees"]

SHORT = 4
"""A question of so many operations is short, one of more is long."""

CLOSE = 0.02
"""A regret up to this is none to speak of: two questions in a hundred."""


def is_short(question: str) -> bool:
    """Return whether a question has few operations."""
    return operations(question) <= SHORT


def is_long(question: str) -> bool:
    """Return whether a question has many operations."""
    return not is_short(question)


class Claim(NamedTuple):
    """Something a paper says, what was found here, and whether they agree."""

    says: str
    found: str
    verdict: Verdict


def verdict(signs: Sequence[int]) -> Verdict:
    """Return the verdict of several comparisons: 1 for, -1 against, 0 not decided by these questions.

    Examples
    --------
    >>> verdict([1, 1]), verdict([1, 0]), verdict([0, 0]), verdict([0, -1]), verdict([1, -1])
    ('agrees', 'agrees in part', 'open', 'disagrees', 'agrees in part')
    """
    if all(sign > 0 for sign in signs):
        return "agrees"
    if any(sign > 0 for sign in signs):
        return "agrees in part"
    return "disagrees" if any(sign < 0 for sign in signs) else "open"


def sign(one: Advantage) -> int:
    """Return 1 if the strategy is the better one beyond doubt, -1 if the worse, else 0."""
    return (one.low > 0) - (one.high < 0)


def advantages(results: Results) -> list[Advantage]:
    """Return the comparisons at equal FLOPs that the claims rest on."""
    every = tabulated(results)
    parts = {
        "short": tabulated(results, chosen=is_short),
        "long": tabulated(results, chosen=is_long),
    }
    pairs = [("REBASE", "weighted vote"), ("MCTS", "weighted vote"), ("weighted vote", "vote")]
    pairs += [("best-of-n", "vote")]
    found = [
        advantage(every, policy, *pair, "all") for pair in pairs for policy in results.policies
    ]
    found += [
        advantage(part, policy, *pairs[0], name)
        for name, part in parts.items()
        for policy in results.policies
    ]
    return [one for one in found if one is not None]


def of_second_paper(results: Results, found: Sequence[Advantage]) -> Iterator[Claim]:
    """Yield what Wu et al. say of strategies."""

    def compared(strategy: str, other: str, questions: str = "all") -> list[Advantage]:
        wanted = (strategy, other, questions)
        return [one for one in found if (one.strategy, one.other, one.questions) == wanted]

    rebase, mcts = compared("REBASE", "weighted vote"), compared("MCTS", "weighted vote")
    votes = compared("weighted vote", "vote")
    yield Claim(
        "For the same FLOPs REBASE answers more than sampling with a weighted vote, at every size.",
        listed(rebase),
        verdict([sign(one) for one in rebase]),
    )
    yield Claim(
        "For the same FLOPs MCTS answers less than sampling with a weighted vote.",
        listed(mcts),
        verdict([-sign(one) for one in mcts]),
    )
    yield Claim(
        "The weighted vote answers more than the plain vote.",
        listed(votes),
        verdict([sign(one) for one in votes]),
    )
    best = compared("best-of-n", "vote")
    yield Claim(
        "Best-of-n answers more than the plain vote.",
        listed(best),
        verdict([sign(one) for one in best]),
    )
    short, long = (compared("REBASE", "weighted vote", part) for part in ("short", "long"))
    differences = [b.difference - a.difference for a, b in zip(short, long, strict=True)]
    halves = [
        (a.high - a.low + b.high - b.low) / 2 / 2**0.5 for a, b in zip(short, long, strict=True)
    ]
    yield Claim(
        "REBASE gains on hard questions; on easy ones it is level with sampling.",
        f"its gain on questions of up to {SHORT} operations: {listed(short)}; on longer ones: {listed(long)}",
        verdict(
            [
                int(difference > half) - int(difference < -half)
                for difference, half in zip(differences, halves, strict=True)
            ]
        ),
    )
    yield saturation(results)
    yield smaller_is_cheaper(results)


def saturation(results: Results) -> Claim:
    """Return whether errors of a weighted vote stop falling."""
    first, last, signs = [], [], []
    for policy in results.policies:
        line = [
            one.error
            for one in spendings(results)
            if (one.policy, one.strategy) == (policy, "weighted vote")
        ]
        first.append(line[0] - line[2])
        last.append(line[-3] - line[-1])
        signs.append(int(last[-1] < 0.01))
    told = ", ".join(
        f"{policy} {100 * a:.1f} points and {100 * b:.1f}"
        for policy, a, b in zip(results.policies, first, last, strict=True)
    )
    return Claim(
        "The error of every size falls with more samples, and levels off above zero.",
        f"what the first four samples and what the last doublings take from the error of a weighted vote: {told}",
        verdict(signs),
    )


def smaller_is_cheaper(results: Results) -> Claim:
    """Return whether a smaller policy reaches the errors of a larger one for less."""
    table = tabulated(results)
    told, signs = [], []
    for small, large in pairwise(results.policies):
        ratio = cost_ratio(table, small, large)
        signs.append(int(ratio > 1) - int(ratio < 1))
        told.append(
            f"{large} takes {ratio:.2g} times the FLOPs of {small}"
            if ratio > 0
            else f"{small} never reaches the accuracy of {large}"
        )
    return Claim(
        "With REBASE the smaller of two models reaches the accuracy of the larger one for fewer FLOPs "
        "(7B against 34B: about half).",
        "to the same accuracy with REBASE, " + "; ".join(told),
        verdict(signs),
    )


def cost_ratio(table: Points, small: str, large: str) -> float:
    """Return the FLOPs of the larger over those of the smaller policy for the same accuracy with REBASE; 0 if out of reach.

    The geometric mean over the accuracies that both reach.
    """
    ours, theirs = (places(table, policy=policy, strategy="REBASE") for policy in (small, large))
    accuracy, cost = table.accuracy, table.mean_cost
    ratios = []
    for place in theirs:
        enough = [other for other in ours if accuracy[other] >= accuracy[place]]
        if enough:
            ratios.append(cost[place] / cost[enough].min())
    return float(np.exp(np.mean(np.log(ratios)))) if ratios else 0.0


def of_first_paper(
    results: Results, fits: Sequence[LawFit], found: Sequence[Optimum]
) -> Iterator[Claim]:
    """Yield what Chen et al. say."""
    yield sides(results)
    yield turning(results)
    yield filtering(results)
    error = max(fit.mean_squared_error for fit in fits)
    yield Claim(
        "The law 1 - exp(-c1 K - c2 sqrt(K) - c3) of each question, fitted at six K, foretells the curve up to 1000.",
        f"mean squared error up to {error:.1e}, and never off by more than "
        f"{100 * max(fit.largest_error for fit in fits):.1f} points",
        "agrees" if error < 1e-3 else "disagrees",
    )
    for who, regrets in (
        ("The law", [one.law_regret for one in found]),
        ("The posterior, which is ours,", [one.posterior_regret for one in found]),
    ):
        close = sum(regret <= CLOSE for regret in regrets)
        yield Claim(
            f"{who} finds from {results.few} samples a number of calls that is about the best.",
            f"within {100 * CLOSE:.0f} points of the best in {close} of {len(regrets)} cases, "
            f"{100 * float(np.mean(regrets)):.1f} points below it on average, {100 * max(regrets):.1f} at most",
            "agrees"
            if close == len(regrets)
            else "agrees in part"
            if 2 * close > len(regrets)
            else "disagrees",
        )


def sides(results: Results) -> Claim:
    """Return whether more votes help easy questions and hurt hard ones."""
    told, signs = [], []
    for policy, log in results.logs.items():
        ends = {
            part: kc.curve(some, k=[1, int(log.n_samples.min())], interval=None).mean
            for part, some in kc.difficulty(log).split(log).items()
        }
        for part, better in (("easy", 1), ("hard", -1)):
            if part in ends:
                first, last = ends[part]
                signs.append(better * int(np.sign(last - first)))
                told.append(f"{policy}, {part}: {first:.2f} to {last:.2f}")
    return Claim(
        "More votes help the easy questions and hurt the hard ones.",
        "; ".join(told),
        verdict(signs),
    )


def turning(results: Results) -> Claim:
    """Return whether there are curves of votes that rise and then fall."""
    told, signs = [], []
    for policy, log in results.logs.items():
        curve = kc.curve(log, interval=None)
        best = int(np.argmax(curve.mean >= curve.mean.max() - 1e-12))
        gain, loss = curve.mean[best] - curve.mean[[0, -1]]
        signs.append(1 if min(gain, loss) > 0.005 else -1)
        told.append(
            f"{policy} {curve.mean[0]:.3f} at 1, {curve.mean[best]:.3f} at {curve.k[best]}, "
            f"{curve.mean[-1]:.3f} at {curve.k[-1]}"
        )
    return Claim(
        "On a mixture of easy and hard questions the accuracy of a vote can rise, and then fall with more calls.",
        "; ".join(told),
        "agrees" if max(signs) > 0 else "disagrees",
    )


def filtering(results: Results) -> Claim:
    """Return whether a filter makes hard questions easy."""
    told, signs = [], []
    for policy, log in results.logs.items():
        difficulty = kc.difficulty(log, threshold=RULES["Filter-Vote"].threshold)
        before, after = int((difficulty.vote > 0).sum()), int((difficulty.filter > 0).sum())
        most = most_calls(log, RULES["Vote"])
        vote, filtered = (
            kc.curve(log, rule, k=most, interval=None).mean[0] for rule in RULES.values()
        )
        signs.append(int(np.sign(filtered - vote)))
        told.append(
            f"{policy}: {before} hard questions become {after}, and {most} calls answer {filtered:.3f} instead of {vote:.3f}"
        )
    return Claim(
        "A filter decides by another difficulty: with Filter-Vote other questions are hard, and another number of calls is best.",
        "; ".join(told),
        verdict(signs),
    )


def listed(found: Sequence[Advantage]) -> str:
    """Return comparisons in points, with their intervals."""
    return ", ".join(
        f"{one.policy} {100 * one.difference:+.1f} points [{100 * one.low:+.1f}, {100 * one.high:+.1f}]"
        for one in found
    )
