"""What follows from known answer distributions: exact votes, limits, rates."""

from kcurve.theory.calls_needed import calls_needed
from kcurve.theory.convergence import (
    convergence_rate,
    hoeffding_bound,
    mode_gap,
    vote_error,
    vote_limit,
    weighted_convergence_rate,
    weighted_vote_limit,
)
from kcurve.theory.limits import Limits, limits
from kcurve.theory.plurality import filter_vote_accuracy, vote_accuracy

__all__ = [
    "Limits",
    "calls_needed",
    "convergence_rate",
    "filter_vote_accuracy",
    "hoeffding_bound",
    "limits",
    "mode_gap",
    "vote_accuracy",
    "vote_error",
    "vote_limit",
    "weighted_convergence_rate",
    "weighted_vote_limit",
]
