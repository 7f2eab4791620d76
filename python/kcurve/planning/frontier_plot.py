"""Frontiers on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.planning.plot import draw_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.planning.frontiers import Frontier

_GRID = 200


def plot_frontier(frontier: Frontier, ax: Axes | None) -> Axes:
    """Draw what every system and rule scores against its cost, and the frontier with its band."""
    ax = draw_points(frontier.points, ax)
    costs = frontier.cost[frontier.members]
    last = float(frontier.cost.max())
    grid = np.unique(np.concatenate([costs, np.geomspace(costs[0], last, _GRID)]))
    mean, low, high = frontier.accuracy_at(grid)
    ax.plot(grid, mean, color="black", linewidth=1, label="frontier")
    ax.fill_between(grid, low, high, color="black", alpha=0.12, linewidth=0)
    ax.legend(frameon=False, fontsize="small")
    return ax
