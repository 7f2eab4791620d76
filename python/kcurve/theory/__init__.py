"""What follows from known answer distributions: exact votes, limits, rates, networks."""

from kcurve.theory.calls_needed import calls_needed
from kcurve.theory.convergence import (
    convergence_rate,
    hoeffding_bound,
    mode_gap,
    vote_error,
    vote_limit,
    weighted_vote_limit,
)
from kcurve.theory.limits import Limits, limits
from kcurve.theory.networks import (
    Step,
    challenge,
    generator_chain,
    knockout,
    select,
    selector_chain,
)
from kcurve.theory.plurality import filter_vote_accuracy, vote_accuracy
from kcurve.theory.round_robin import round_robin
from kcurve.theory.two_layer import OddsQuality, quality_needed, two_layer, vote_quality
from kcurve.theory.weighted_convergence import weighted_convergence_rate

__all__ = [
    "Limits",
    "OddsQuality",
    "Step",
    "calls_needed",
    "challenge",
    "convergence_rate",
    "filter_vote_accuracy",
    "generator_chain",
    "hoeffding_bound",
    "knockout",
    "limits",
    "mode_gap",
    "quality_needed",
    "round_robin",
    "select",
    "selector_chain",
    "two_layer",
    "vote_accuracy",
    "vote_error",
    "vote_limit",
    "vote_quality",
    "weighted_convergence_rate",
    "weighted_vote_limit",
]
