"""Frontiers and least errors on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.plot import new_axes
from kcurve.planning.plot import draw_points, lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.planning.frontiers import Frontier
    from kcurve.planning.optimum import ComputeOptimal

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


def plot_errors(found: ComputeOptimal, ax: Axes | None) -> Axes:
    """Draw error against compute for every system and rule, and the least error for each budget."""
    ax = new_axes() if ax is None else ax
    table = found.frontier.points
    for label, own in lines(table):
        ax.plot(table.mean_cost[own], 1 - table.accuracy[own], marker=".", label=label)
    ax.step(found.compute, found.error, where="post", color="black", linewidth=1, label="optimal")
    ax.set_xscale("log")
    ax.set_xlabel(f"{table.cost_unit} per question")
    ax.set_ylabel("error rate")
    ax.legend(frameon=False, fontsize="small")
    return ax
