"""Logs with known truth: populations of questions, and what is done to their samples.

A population draws answer distributions, these draw logs; both know their exact accuracy curves.
Everything is drawn with NumPy's PCG64 from an integer seed. The bits are those of the NumPy installed.
"""

from kcurve.simulate.distributions import Distributions
from kcurve.simulate.mixture import Mixture
from kcurve.simulate.populations import BetaQuestions, BiLevel, DirichletQuestions, Population
from kcurve.simulate.samples import Blocks, Filter, RewardModel

__all__ = [
    "BetaQuestions",
    "BiLevel",
    "Blocks",
    "DirichletQuestions",
    "Distributions",
    "Filter",
    "Mixture",
    "Population",
    "RewardModel",
]
