"""The figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from budgets import STRATEGIES, places, tabulated
from claims import SHORT
from more_calls import RULES, accuracies, law_fit
from reasoners import operations

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
    panels[0].legend(fontsize="small")
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
    panels[0].legend(fontsize="small")
    return figure


def lengths(results: Results) -> Figure:
    """Draw REBASE and the weighted vote on short and on long questions, a panel for each policy."""
    parts = {
        f"up to {SHORT} operations": tabulated(results, chosen=lambda one: operations(one) <= SHORT),
        f"more than {SHORT}": tabulated(results, chosen=lambda one: operations(one) > SHORT),
    }
    figure, panels = _panels(len(results.policies), "error")
    for axes, policy in zip(panels, results.policies, strict=True):
        for (name, table), style in zip(parts.items(), ("--", "-"), strict=True):
            for strategy in ("weighted vote", "REBASE"):
                label = f"{strategy}, {name}"
                _line(
                    axes,
                    table,
                    policy,
                    strategy,
                    label=label,
                    color=COLOURS[strategy],
                    linestyle=style,
                    band=False,
                )
        _flops(axes, policy)
    panels[0].legend(fontsize="small")
    return figure


def more_calls(results: Results) -> Figure:
    """Draw accuracy against calls for Vote and Filter-Vote: all, easy and hard questions."""
    rows = accuracies(results)
    figure, panels = _panels(2 * len(results.policies), "accuracy", columns=len(results.policies))
    for axes, (rule, policy) in zip(
        panels, [(rule, policy) for rule in RULES for policy in results.policies], strict=True
    ):
        own = [row for row in rows if (row.policy, row.rule) == (policy, rule)]
        for part, color in (("all", "C0"), ("easy", "C2"), ("hard", "C3")):
            line = [row for row in own if row.part == part]
            if not line:
                continue
            k = [row.k for row in line]
            label = f"{part}, {line[0].questions} questions"
            axes.plot(k, [row.accuracy for row in line], color=color, label=label)
            limits = [row.low for row in line], [row.high for row in line]
            axes.fill_between(k, *limits, color=color, alpha=0.15, linewidth=0)
        axes.set_xscale("log")
        axes.set_title(f"{rule}, {policy}")
        axes.set_xlabel("LLM calls")
        axes.legend(fontsize="small")
    return figure


def laws(results: Results) -> Figure:
    """Draw the curves up to 1000 calls, and the laws fitted to six points of them."""
    figure, panels = _panels(2, "accuracy")
    for axes, (name, rule) in zip(panels, RULES.items(), strict=True):
        for place, (policy, log) in enumerate(results.logs.items()):
            _, k, told, fitted = law_fit(policy, name, log, rule)
            axes.plot(k, told, ".", color=f"C{place + 5}", label=policy)
            axes.plot(k, fitted, color=f"C{place + 5}", linewidth=1)
        axes.set_xscale("log")
        axes.set_title(f"{name}: resampled (points), law (line)")
        axes.set_xlabel("LLM calls")
    panels[0].legend(fontsize="small")
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
    band: bool = True,
) -> None:
    own = places(table, policy=policy, strategy=strategy)
    x, error = table.mean_cost[own], 1 - table.accuracy[own]
    axes.plot(x, error, marker=".", label=label, color=color, linestyle=linestyle)
    if band:
        accuracy, _ = table.draws(400)
        low, high = np.quantile(1 - accuracy[:, own], [0.025, 0.975], axis=0)
        axes.fill_between(x, low, high, color=color, alpha=0.1, linewidth=0)


def _flops(axes: Axes, title: str) -> None:
    axes.set_xscale("log")
    axes.set_title(title)
    axes.set_xlabel("FLOPs per question")
