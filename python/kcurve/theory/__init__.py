"""What follows from known answer distributions, in closed form.

Votes
    `vote_accuracy`, `filter_vote_accuracy`, `binary_vote`, `binary_vote_increment`
Landscapes and the best number of calls
    `landscape`, `mixture_landscape`, `k_star`, `optimal_calls`
Convergence
    `vote_limit`, `weighted_vote_limit`, `mode_gap`, `vote_error`, `hoeffding_bound`,
    `convergence_rate`, `weighted_convergence_rate`, `calls_needed`, `limits`
Networks of generators and selectors, a reconstruction
    `selector_chain`, `generator_chain`, `two_layer`, `round_robin`, `Step`, ...
Beta functions
    `betainc`, `betaincc`, `betaincinv`, `betainccinv`, `betaln`
"""

from kcurve.theory.beta import betainc, betaincc, betainccinv, betaincinv, betaln
from kcurve.theory.binary import binary_vote, binary_vote_increment
from kcurve.theory.calls_needed import calls_needed
from kcurve.theory.convergence import (
    convergence_rate,
    hoeffding_bound,
    mode_gap,
    vote_error,
    vote_limit,
    weighted_vote_limit,
)
from kcurve.theory.landscape import Landscape, landscape
from kcurve.theory.limits import Limits, limits
from kcurve.theory.mixture import MixtureLandscape, mixture_landscape
from kcurve.theory.networks import (
    Step,
    challenge,
    generator_chain,
    knockout,
    select,
    selector_chain,
)
from kcurve.theory.optimum import KStar, k_star, optimal_calls
from kcurve.theory.plurality import filter_vote_accuracy, vote_accuracy
from kcurve.theory.round_robin import round_robin
from kcurve.theory.two_layer import OddsQuality, quality_needed, two_layer, vote_quality
from kcurve.theory.weighted_convergence import weighted_convergence_rate

__all__ = [
    "KStar",
    "Landscape",
    "Limits",
    "MixtureLandscape",
    "OddsQuality",
    "Step",
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "betaln",
    "binary_vote",
    "binary_vote_increment",
    "calls_needed",
    "challenge",
    "convergence_rate",
    "filter_vote_accuracy",
    "generator_chain",
    "hoeffding_bound",
    "k_star",
    "knockout",
    "landscape",
    "limits",
    "mixture_landscape",
    "mode_gap",
    "optimal_calls",
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
