"""Plans on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.plot import new_axes
from kcurve.planning.cascade import Cascade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.planning.choice import Plan
    from kcurve.planning.points import Points


def plot_plan(plan: Plan, ax: Axes | None) -> Axes:
    """Draw what every system and rule scores against its cost, the budget and the choice."""
    ax = draw_points(plan.points, ax)
    ax.axvline(plan.budget, color="0.5", linestyle=":", label="budget")
    ax.errorbar(
        [plan.choice.cost],
        [plan.accuracy],
        [[plan.accuracy - plan.low], [plan.high - plan.accuracy]],
        color="black",
        marker="o",
        capsize=3,
        label="choice",
    )
    ax.legend(frameon=False, fontsize="small")
    return ax


def draw_points(table: Points, ax: Axes | None) -> Axes:
    """Draw a line for each system and rule, accuracy against cost on a logarithmic axis."""
    ax = new_axes() if ax is None else ax
    for label, own in lines(table):
        # Cascades of two systems are a cloud, no line.
        style = "none" if isinstance(table.rule[own[0]], Cascade) else "-"
        ax.plot(table.mean_cost[own], table.accuracy[own], ".", linestyle=style, label=label)
    ax.set_xscale("log")
    ax.set_xlabel(f"{table.cost_unit} per question")
    ax.set_ylabel("accuracy")
    return ax


def lines(table: Points) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield the label and the points of each system and rule, the cheapest point first."""
    kinds = [
        "cascades" if isinstance(rule, Cascade) else f"{system}, {rule.label}"
        for system, rule in zip(table.system, table.rule, strict=True)
    ]
    for kind in dict.fromkeys(kinds):
        own = np.flatnonzero([each == kind for each in kinds])
        yield kind, own[np.argsort(table.mean_cost[own])]
