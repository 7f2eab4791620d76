"""Theory: what a vote between answers of known chances gives, in closed form."""

from kcurve.theory.beta import betainc, betaincc, betainccinv, betaincinv, betaln
from kcurve.theory.binary import binary_vote, binary_vote_increment
from kcurve.theory.landscape import Landscape, landscape
from kcurve.theory.mixture import MixtureLandscape, mixture_landscape
from kcurve.theory.optimum import KStar, k_star, optimal_calls

__all__ = [
    "KStar",
    "Landscape",
    "MixtureLandscape",
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "betaln",
    "binary_vote",
    "binary_vote_increment",
    "k_star",
    "landscape",
    "mixture_landscape",
    "optimal_calls",
]
