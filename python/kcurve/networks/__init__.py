"""Networks of generators, enhancers, filters and selectors: a reconstruction."""

from kcurve.networks.calls import Calls, NodeCalls
from kcurve.networks.network import Network
from kcurve.networks.nodes import Enhance, Filter, Generate, Select
from kcurve.networks.pairwise import Pairwise, PairwiseUnique
from kcurve.networks.selectors import Chained, FullList, Majority
from kcurve.networks.simulation import SimulatedNode, Simulation

__all__ = [
    "Calls",
    "Chained",
    "Enhance",
    "Filter",
    "FullList",
    "Generate",
    "Majority",
    "Network",
    "NodeCalls",
    "Pairwise",
    "PairwiseUnique",
    "Select",
    "SimulatedNode",
    "Simulation",
]
