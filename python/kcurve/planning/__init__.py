"""Which model, strategy and number of calls is best for a budget.

Tables
    `points`: what systems score and cost, question by question; `Points`
Frontiers
    `frontier`: what no other choice beats in accuracy and cost; `Frontier`, `Crossing`
    `compute_optimal`: the best size and strategy for every amount of compute; `ComputeOptimal`,
    `Optimum`, `Switch`
Plans
    `plan`: the best choice for a budget, and how sure it is; `Plan`
    `samples_needed`: questions, samples and money that a precision takes; `SamplesNeeded`
    `cascades`: a cheap system answers first, a dear one where its vote is close; `Cascade`
Allocation
    `allocated_calls`: a budget of calls, spent where it helps most; `AllocatedCalls`, `JudgedCalls`
    `allocation`: the same for any values and costs; `Allocation`
"""

from kcurve.planning.advice import plan
from kcurve.planning.allocated import AllocatedCalls, JudgedCalls, allocated_calls
from kcurve.planning.allocation import Allocation, allocation
from kcurve.planning.cascade import Cascade, cascades
from kcurve.planning.choice import Choice, More, Plan
from kcurve.planning.comparison import frontier
from kcurve.planning.crossing import Crossing
from kcurve.planning.design import SamplesNeeded
from kcurve.planning.frontiers import Frontier
from kcurve.planning.least_error import compute_optimal
from kcurve.planning.optimum import ComputeOptimal, Optimum
from kcurve.planning.points import Noise, Points
from kcurve.planning.samples_needed import samples_needed
from kcurve.planning.switches import Switch
from kcurve.planning.tabulation import points

__all__ = [
    "AllocatedCalls",
    "Allocation",
    "Cascade",
    "Choice",
    "ComputeOptimal",
    "Crossing",
    "Frontier",
    "JudgedCalls",
    "More",
    "Noise",
    "Optimum",
    "Plan",
    "Points",
    "SamplesNeeded",
    "Switch",
    "allocated_calls",
    "allocation",
    "cascades",
    "compute_optimal",
    "frontier",
    "plan",
    "points",
    "samples_needed",
]
