"""Logs with known truth: populations of questions, and what is done to their samples.

A population draws answer distributions, these draw logs; both know their exact accuracy curves.
`StepWorld` is a world of step-by-step reasoning for the searches of `kcurve.search`, `Searched` what they bring there.

Everything else is drawn with NumPy's PCG64 from an integer seed. The bits are those of the NumPy installed.
"""

from kcurve.simulate.distributions import Distributions
from kcurve.simulate.mixture import Mixture
from kcurve.simulate.populations import BetaQuestions, BiLevel, DirichletQuestions, Population
from kcurve.simulate.samples import Blocks, Filter, RewardModel
from kcurve.simulate.searched import Estimate, Searched
from kcurve.simulate.step_world import StepWorld

__all__ = [
    "BetaQuestions",
    "BiLevel",
    "Blocks",
    "DirichletQuestions",
    "Distributions",
    "Estimate",
    "Filter",
    "Mixture",
    "Population",
    "RewardModel",
    "Searched",
    "StepWorld",
]
