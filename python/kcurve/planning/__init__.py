"""Which model, strategy and number of calls is best for a budget.

Tables
    `points`: what systems score and cost, question by question; `Points`
"""

from kcurve.planning.points import Noise, Points
from kcurve.planning.tabulation import points

__all__ = ["Noise", "Points", "points"]
