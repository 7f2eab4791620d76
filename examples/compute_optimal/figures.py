"""The figures."""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from budgets import STRATEGIES, places, tabulated
from claims import SHORT, is_long, is_short
from more_calls import RULES, accuracies, law_fit
from sizes import PUBLISHED, STRATEGIES as SIZED, optimum

from kcurve.planning import frontier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from results import Results

    from kcurve.planning import Points

COLOURS = {name: f"C{place}" for place, name in enumerate(STRATEGIES)}


def write_figures(results: Results, folder: Path) -> None:
    """Write all figures as PNG."""
    drawings: dict[str, Callable[[Results], Figure]] = {
        "strategies": strategies,
        "sizes": sizes,
        "frontier": frontier_and_law,
        "lengths": lengths,
        "more-calls": more_calls,
        "laws": laws,
    }
    for name, drawn in drawings.items():
        # The software is left out, so that the same numbers give the same file.
        drawn(results).savefig(folder / f"{name}.png", dpi=100, metadata={"Software": None})


def strategies(results: Results) -> Figure:
    """Draw error against FLOPs, a panel for each policy and a line for each strategy."""
    table = tabulated(results)
    figure, panels = _panels(len(results.policies), "error")
    for axes, policy in zip(panels, results.policies, strict=True):
        for strategy in STRATEGIES:
            _line(axes, table, policy, strategy, label=strategy, color=COLOURS[strategy])
        _flops(axes, f"{policy}, {results.parameters[policy]:,} parameters")
    _legend(figure, panels)
    return figure


def sizes(results: Results) -> Figure:
    """Draw error against FLOPs, a panel for each strategy and a line for each policy."""
    table = tabulated(results)
    shown = ("vote", "weighted vote", "best-of-n", "REBASE")
    figure, panels = _panels(len(shown), "error")
    for axes, strategy in zip(panels, shown, strict=True):
        for place, policy in enumerate(results.policies):
            _line(axes, table, policy, strategy, label=policy, color=f"C{place + 5}")
        _flops(axes, strategy)
    _legend(figure, panels)
    return figure


def frontier_and_law(results: Results) -> Figure:
    """Draw what no other choice beats, and the best size for a budget with its law."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    found = frontier(tabulated(results))
    table = found.points
    for strategy in STRATEGIES:
        own = places(table, strategy=strategy)
        left.plot(
            found.cost[own], found.accuracy[own], ".", color=COLOURS[strategy], label=strategy
        )
    grid = np.geomspace(found.cost[found.members[0]], found.cost.max(), 200)
    mean, low, high = found.accuracy_at(grid)
    left.plot(grid, mean, color="black", linewidth=1, label="frontier")
    left.fill_between(grid, low, high, color="black", alpha=0.12, linewidth=0)
    _flops(left, "all policies and strategies")
    left.set_ylabel("accuracy")
    left.legend(fontsize="small")
    for strategy in SIZED:
        best = optimum(results, strategy)
        right.plot(best.compute, best.size, ".", color=COLOURS[strategy], label=strategy)
        law = best.size_law
        if law is not None:
            ends = np.array([min(best.sizes.values()), max(best.sizes.values())])
            right.plot(law.predict(ends), ends, color=COLOURS[strategy], linewidth=1)
    a, b = PUBLISHED
    ends = np.array([min(best.sizes.values()), max(best.sizes.values())])
    right.plot(10 ** (a * np.log10(ends) + b), ends, "k:", label="the paper's law")
    right.set_yscale("log")
    _flops(right, "the best size for a budget, and its law")
    right.set_ylabel("parameters")
    right.legend(fontsize="small")
    return figure


def lengths(results: Results) -> Figure:
    """Draw REBASE and the weighted vote on short and on long questions, a panel for each policy."""
    parts = {
        f"up to {SHORT} operations": tabulated(results, chosen=is_short),
        f"more than {SHORT}": tabulated(results, chosen=is_long),
    }
    figure, panels = _panels(len(results.policies), "error")
    for axes, policy in zip(panels, results.policies, strict=True):
        for (name, table), style in zip(parts.items(), ("--", "-"), strict=True):
            for strategy in ("weighted vote", "REBASE"):
                label, color = f"{strategy}, {name}", COLOURS[strategy]
                _line(axes, table, policy, strategy, label=label, color=color, linestyle=style)
        _flops(axes, policy)
    _legend(figure, panels, columns=2)
    return figure


def more_calls(results: Results) -> Figure:
    """Draw accuracy against calls for Vote and Filter-Vote: all, easy and hard questions."""
    rows = accuracies(results)
    columns = len(results.policies)
    figure, panels = _panels(len(RULES) * columns, "accuracy", columns=columns)
    lines = [(rule, policy) for rule in RULES for policy in results.policies]
    for axes, (rule, policy) in zip(panels, lines, strict=True):
        own = [row for row in rows if (row.policy, row.rule) == (policy, rule)]
        for part, color in (("all", "C0"), ("easy", "C2"), ("hard", "C3")):
            line = [row for row in own if row.part == part]
            k = [row.k for row in line]
            axes.plot(k, [row.accuracy for row in line], color=color, label=part)
            limits = [row.low for row in line], [row.high for row in line]
            axes.fill_between(k, *limits, color=color, alpha=0.15, linewidth=0)
        _logarithmic(axes, f"{rule}, {policy}", "LLM calls")
    _legend(figure, panels)
    return figure


def laws(results: Results) -> Figure:
    """Draw the curves up to 1000 calls, and the laws fitted to six points of them."""
    figure, panels = _panels(len(RULES), "accuracy")
    for axes, (name, rule) in zip(panels, RULES.items(), strict=True):
        for place, (policy, log) in enumerate(results.logs.items()):
            _, k, told, fitted = law_fit(policy, name, log, rule)
            color = f"C{place + 5}"
            axes.plot(k, told, ".", color=color, label=policy)
            axes.plot(k, fitted, color=color, linewidth=1, label=f"{policy}, law")
        _logarithmic(axes, name, "LLM calls")
    _legend(figure, panels)
    return figure


def _panels(n: int, value: str, *, columns: int | None = None) -> tuple[Figure, Sequence[Axes]]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    columns = columns or n
    rows = n // columns
    figure = Figure(figsize=(3.6 * columns, 3.4 * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, sharey=True)).ravel().tolist()
    for axes in panels[::columns]:
        axes.set_ylabel(value)
    return figure, panels


def _line(
    axes: Axes,
    table: Points,
    policy: str,
    strategy: str,
    *,
    label: str,
    color: str,
    linestyle: str = "-",
) -> None:
    own = places(table, policy=policy, strategy=strategy)
    x, error = table.mean_cost[own], 1 - table.accuracy[own]
    axes.plot(x, error, marker=".", label=label, color=color, linestyle=linestyle)


def _flops(axes: Axes, title: str) -> None:
    _logarithmic(axes, title, "FLOPs per question")


def _logarithmic(axes: Axes, title: str, label: str) -> None:
    from matplotlib.ticker import NullFormatter  # noqa: PLC0415 - slow to import

    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title(title, fontsize="medium")
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)


def _legend(figure: Figure, panels: Sequence[Axes], *, columns: int | None = None) -> None:
    """Say once what the lines are; all panels have the same."""
    lines, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        lines, labels, loc="outside lower center", ncols=columns or len(labels), fontsize="small"
    )
