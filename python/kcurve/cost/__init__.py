"""What calls cost: calls, tokens, FLOPs, money, time.

Models
    `Calls`, `Tokens`, `Flops`, `Dollars`; what they have in common is `CostModel`
Costs
    `calls_cost`: k calls under a rule, for every question of a log; `CallCost`
Money
    `Price`, `Prices`
"""

from kcurve.cost.additive import Additive
from kcurve.cost.counts import Calls, Tokens
from kcurve.cost.flops import Flops
from kcurve.cost.model import CallCost, CostModel, calls_cost
from kcurve.cost.money import Dollars
from kcurve.cost.prices import Price, Prices

__all__ = [
    "Additive",
    "CallCost",
    "Calls",
    "CostModel",
    "Dollars",
    "Flops",
    "Price",
    "Prices",
    "Tokens",
    "calls_cost",
]
