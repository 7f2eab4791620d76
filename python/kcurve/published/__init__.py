"""The tables of the papers as data, and what can be recomputed of them.

Tables
    `rows` gives `Rows` of `Row`; `PAPERS` and `QUESTIONS` say which papers and how many questions
FLOPs
    `implied_tokens`, `flops`, `recomputed`; with the reward model `total_flops` and `reorderings`
Accuracies
    `difference`: whether two differ by more than chance
Claims
    `claims` gives `Claims` of `Claim`, whose `Check` says what the numbers bear out; `compute_optimal_parameters`
"""

from kcurve.published.chance import Difference, difference
from kcurve.published.claim import Check, Claim, Claims, claims, compute_optimal_parameters
from kcurve.published.compute import (
    REWARD_PARAMETERS,
    ImpliedTokens,
    flops,
    implied_tokens,
    reference_row,
    total_flops,
)
from kcurve.published.recomputation import Recomputation, RecomputedRow, recomputed
from kcurve.published.reordering import Reordering, reorderings
from kcurve.published.row import PAPERS, QUESTIONS, Row, Rows, rows

__all__ = [
    "PAPERS",
    "QUESTIONS",
    "REWARD_PARAMETERS",
    "Check",
    "Claim",
    "Claims",
    "Difference",
    "ImpliedTokens",
    "Recomputation",
    "RecomputedRow",
    "Reordering",
    "Row",
    "Rows",
    "claims",
    "compute_optimal_parameters",
    "difference",
    "flops",
    "implied_tokens",
    "recomputed",
    "reference_row",
    "reorderings",
    "rows",
    "total_flops",
]
