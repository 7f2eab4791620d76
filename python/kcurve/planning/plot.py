"""Plans on matplotlib axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.curve.plot import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kcurve.planning.choice import Plan


def plot_plan(plan: Plan, ax: Axes | None) -> Axes:
    """Draw what every system and rule scores against its cost, the budget and the choice."""
    ax = new_axes() if ax is None else ax
    table = plan.points
    kinds = list(zip(table.system, table.rule, strict=True))
    for kind in dict.fromkeys(kinds):
        own = np.flatnonzero([each == kind for each in kinds])
        own = own[np.argsort(table.mean_cost[own])]
        label = f"{kind[0]}, {kind[1].label}"
        ax.plot(table.mean_cost[own], table.accuracy[own], marker=".", label=label)
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
    ax.set_xscale("log")
    ax.set_xlabel(f"{table.cost_unit} per question")
    ax.set_ylabel("accuracy")
    ax.legend(frameon=False, fontsize="small")
    return ax
