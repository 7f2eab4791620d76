"""Searches over trees of reasoning steps: pure, with ask and tell, and a state to be saved at any point.

Settings
    `Rebase`, `BeamSearch`, `DVTS`, `MCTS`, `IndependentPaths`; any of them is a `Search`; `Limits`
A search under way
    `SearchState`, `Asked`, `Status`
The allocation of REBASE alone
    `rebase_widths`
What it leaves
    `SearchTree`; `Aggregation` says how the rewards of a path become one score
"""

from kcurve.search.allocation import Rounding, rebase_widths
from kcurve.search.limits import Limits
from kcurve.search.search_tree import SearchTree
from kcurve.search.searches import (
    DVTS,
    MCTS,
    BeamSearch,
    IndependentPaths,
    Rebase,
    Search,
)
from kcurve.search.state import Aggregation, Asked, SearchState
from kcurve.search.status import Status

__all__ = [
    "DVTS",
    "MCTS",
    "Aggregation",
    "Asked",
    "BeamSearch",
    "IndependentPaths",
    "Limits",
    "Rebase",
    "Rounding",
    "Search",
    "SearchState",
    "SearchTree",
    "Status",
    "rebase_widths",
]
