"""Networks of generators, enhancers, filters and selectors: built, drawn, simulated and run.

A reconstruction: what is known of such networks, and what is derived anew, is in docs/concepts/networks.md.

Networks
    `Network`, of nodes `Generate`, `Enhance`, `Filter`, `Select`
How a selector decides
    `Majority`, `FullList`, `Pairwise`, `PairwiseUnique`, `Chained`
What comes out
    `Calls` of a network before it is run, the `Simulation` of nodes of known quality, the `NetworkSolution` of a question
"""

from kcurve.networks.calls import Calls, NodeCalls
from kcurve.networks.network import Network
from kcurve.networks.nodes import Enhance, Filter, Generate, Select
from kcurve.networks.pairwise import Pairwise, PairwiseUnique
from kcurve.networks.result import NetworkSolution, NodeResult
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
    "NetworkSolution",
    "NodeCalls",
    "NodeResult",
    "Pairwise",
    "PairwiseUnique",
    "Select",
    "SimulatedNode",
    "Simulation",
]
