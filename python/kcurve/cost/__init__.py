"""What calls cost: calls, tokens, FLOPs, memory traffic, money, time.

Models
    `Calls`, `Tokens`, `Flops`, `TransformerFlops` of a `Transformer`, `Kinetics`, `Dollars`, `Latency`; what they
    have in common is `CostModel`, and `Additive` for those that price every sample by itself
Costs
    `calls_cost`: k calls under a rule, for every question of a log; `CallCost`
    `log_cost`: a whole log; `LogCost`
    `curve_cost`: every point of a curve; `CurveCost`
    `spending_cost`: calls known by their sums; `SpendingCost`
Money
    `Price`, `Prices`
"""

from kcurve.cost.additive import Additive
from kcurve.cost.counts import Calls, Tokens
from kcurve.cost.curves import CurveCost, curve_cost
from kcurve.cost.flops import Flops
from kcurve.cost.kinetics import Kinetics
from kcurve.cost.latency import Latency
from kcurve.cost.logs import LogCost, log_cost
from kcurve.cost.model import CallCost, CostModel, calls_cost
from kcurve.cost.money import Dollars
from kcurve.cost.order_statistics import expected_maximum
from kcurve.cost.prices import Price, Prices
from kcurve.cost.spending import Spending, SpendingCost, spending_cost
from kcurve.cost.transformer import Transformer, TransformerFlops

__all__ = [
    "Additive",
    "CallCost",
    "Calls",
    "CostModel",
    "CurveCost",
    "Dollars",
    "Flops",
    "Kinetics",
    "Latency",
    "LogCost",
    "Price",
    "Prices",
    "Spending",
    "SpendingCost",
    "Tokens",
    "Transformer",
    "TransformerFlops",
    "calls_cost",
    "curve_cost",
    "expected_maximum",
    "log_cost",
    "spending_cost",
]
