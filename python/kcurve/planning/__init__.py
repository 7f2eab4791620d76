"""Which model, strategy and number of calls is best for a budget.

Tables
    `points`: what systems score and cost, question by question; `Points`
Allocation
    `allocated_calls`: a budget of calls, spent where it helps most; `allocation`: the same for any
    values and costs
"""

from kcurve.planning.allocated import AllocatedCalls, JudgedCalls, allocated_calls
from kcurve.planning.allocation import Allocation, allocation
from kcurve.planning.points import Noise, Points
from kcurve.planning.tabulation import points

__all__ = [
    "AllocatedCalls",
    "Allocation",
    "JudgedCalls",
    "Noise",
    "Points",
    "allocated_calls",
    "allocation",
    "points",
]
