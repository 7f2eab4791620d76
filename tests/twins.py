"""Every rule of kcurve beside its oracle, under one name for test ids."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

import kcurve as kc
from tests.oracles import rules as oracle
from tests.oracles.filter_vote import Calls
from tests.oracles.vote import NoAnswer, Ties
from tests.oracles.weighted_vote import Weighing

TIES: tuple[Ties, ...] = get_args(Ties)
NO_ANSWER: tuple[NoAnswer, ...] = get_args(NoAnswer)
CALLS: tuple[Calls, ...] = get_args(Calls)
TAUS = (0.25, 0.5, 0.55, 0.75, 1.0)


@dataclass(frozen=True)
class Twin:
    """A rule as kcurve knows it and as the oracles define it."""

    rule: Any
    oracle: oracle.OracleRule
    least_k: int = 1


def _twins() -> dict[str, Twin]:
    twins: dict[str, Twin] = {}
    for ties in TIES:
        for no_answer in NO_ANSWER:
            twins[f"vote-{ties}-{no_answer}"] = Twin(
                kc.Vote(ties=ties, no_answer=no_answer),
                oracle.vote_rule(ties=ties, no_answer=no_answer),
            )
            for calls in CALLS:
                twins[f"filter-{ties}-{no_answer}-{calls}"] = Twin(
                    kc.FilterVote(ties=ties, no_answer=no_answer, calls=calls),
                    oracle.filter_vote_rule(ties=ties, no_answer=no_answer, calls=calls),
                    least_k=2 if calls == "paper" else 1,
                )
        twins[f"best-{ties}"] = Twin(kc.BestOfN(ties=ties), oracle.best_of_n_rule(ties=ties))
    for tau in TAUS:
        # tau as it is written: 0.55 of 20 is 11, whatever 0.55 * 20 is in binary.
        twins[f"g-pass-{tau}"] = Twin(kc.GPassAtK(tau), oracle.g_pass_at_k_rule(Fraction(str(tau))))
    twins["pass-at-k"] = Twin(kc.PassAtK(), oracle.pass_at_k_rule())
    twins["pass-hat-k"] = Twin(kc.PassHatK(), oracle.pass_hat_k_rule())
    twins["mean-at-k"] = Twin(kc.MeanAtK(), oracle.mean_at_k_rule())
    return twins


TWINS = _twins()
EVERY_RULE = [twin.rule for twin in TWINS.values()]
EVERY_NAME = list(TWINS)


# The settings of a weighted vote as kcurve takes them. The oracle reads numbers as the decimals they print as.
WEIGHINGS: dict[str, dict[str, Any]] = {
    "sum": {},
    "mean": {"weight": "mean"},
    "borda": {"weight": "borda"},
    "squares": {"power": 2.0},
    "roots": {"power": 0.5},
    "counts": {"power": 0.0},
    "softmax": {"temperature": 0.1},
    "mean-of-softmax": {"weight": "mean", "temperature": 2.0},
    "best-half": {"top": 0.5},
    "borda-of-best": {"weight": "borda", "power": 1.5, "top": 0.7},
}


def _weighing(settings: dict[str, Any]) -> Weighing:
    power, top = (Fraction(str(settings.get(name, 1))) for name in ("power", "top"))
    return Weighing(settings.get("weight", "sum"), power, settings.get("temperature"), top)


def weighted_twins() -> dict[str, Twin]:
    """Return every weighing with each policy once; the plain sum and the Borda count with every pair."""
    twins: dict[str, Twin] = {}
    for name, settings in WEIGHINGS.items():
        for i, ties in enumerate(TIES):
            for j, no_answer in enumerate(NO_ANSWER):
                if i == j or name in {"sum", "borda"}:
                    twins[f"weighted-{name}-{ties}-{no_answer}"] = Twin(
                        kc.WeightedVote(**settings, ties=ties, no_answer=no_answer),
                        oracle.weighted_vote_rule(
                            _weighing(settings), ties=ties, no_answer=no_answer
                        ),
                    )
    return twins
