"""When is a search worth more than sampling? Sweeps in a simulated world, at equal tokens.

Four questions, each a panel of the figure and a part of the table: how much a search gains by the balance temperature of
REBASE, by the quality of the reward model, by the strength of the policy, and by the tokens that are spent.

    python examples/search_sweeps.py --folder sweeps
"""
# ruff: noqa: INP001, T201 - a script that prints

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kcurve.rules import Vote, WeightedVote
from kcurve.search import DVTS, MCTS, BeamSearch, IndependentPaths, Rebase
from kcurve.simulate import RewardModel, StepWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from kcurve.simulate import Searched

WORLD = StepWorld(steps=6, accuracy=0.75, spread=0.12, reward=RewardModel(auc=0.8))
WIDTH = 16
QUALITIES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
TEMPERATURES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
STRENGTHS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
WIDTHS = (2, 4, 8, 16, 32, 64)


class Row(NamedTuple):
    """A point of a sweep; low and high are limits of a 95 % interval."""

    sweep: str
    setting: float
    series: str
    tokens: float
    value: float
    low: float
    high: float


def by_temperature(questions: int) -> Iterator[Row]:
    """Yield what REBASE gains over sampling, by its balance temperature and the reward model."""
    for auc in (0.5, 0.7, 0.8, 0.9):
        world = replace(WORLD, reward=RewardModel(auc=auc))
        sampled = world.searched(IndependentPaths(WIDTH), questions=questions)
        for temperature in TEMPERATURES:
            # Both make as many steps; their tokens differ by luck alone.
            search = Rebase(WIDTH, temperature=temperature)
            searched = world.searched(search, questions=questions)
            gain = searched.difference(sampled, WeightedVote())
            yield Row("temperature", temperature, f"AUC {auc}", searched.mean_tokens, *gain)


def by_quality(questions: int) -> Iterator[Row]:
    """Yield the accuracies of all strategies, by the quality of the reward model."""
    for auc in QUALITIES:
        world = replace(WORLD, reward=RewardModel(auc=auc))
        yield from _accuracies("quality", auc, world, WIDTH, questions)


def by_strength(questions: int) -> Iterator[Row]:
    """Yield the accuracies of all strategies, by the chance that a step of the policy is right."""
    for accuracy in STRENGTHS:
        world = replace(WORLD, accuracy=accuracy, spread=0.08)
        yield from _accuracies("strength", accuracy, world, WIDTH, questions)


def by_tokens(questions: int) -> Iterator[Row]:
    """Yield the accuracies of all strategies, by width: the more tokens, the more paths."""
    for width in WIDTHS:
        yield from _accuracies("tokens", width, WORLD, width, questions)
        # Half as many selections as the others have steps, for each makes two.
        search = MCTS(3 * width, root_children=min(width, 8))
        searched = WORLD.searched(search, questions=questions)
        yield _row("tokens", width, "MCTS", searched, WeightedVote())


def _accuracies(
    sweep: str, setting: float, world: StepWorld, width: int, questions: int
) -> Iterator[Row]:
    for search in (Rebase(width), BeamSearch(width), DVTS(width), IndependentPaths(width)):
        searched = world.searched(search, questions=questions)
        series = "sampling, last reward" if search.label == "sampling" else search.label
        yield _row(sweep, setting, series, searched, WeightedVote())
    yield _row(sweep, setting, "sampling, vote", searched, Vote())
    searched = world.searched(search, questions=questions, aggregation="prod")
    yield _row(sweep, setting, "sampling, product", searched, WeightedVote())


def _row(
    sweep: str, setting: float, series: str, searched: Searched, rule: Vote | WeightedVote
) -> Row:
    return Row(sweep, setting, series, searched.mean_tokens, *searched.accuracy(rule))


def sweeps(questions: int) -> list[Row]:
    """Return all points."""
    parts = (by_temperature, by_quality, by_strength, by_tokens)
    return [row for part in parts for row in part(questions)]


def write_table(rows: list[Row], path: Path) -> None:
    """Write the points as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row._fields)
        for row in rows:
            table.writerow([f"{cell:.5g}" if isinstance(cell, float) else cell for cell in row])


def write_figure(rows: list[Row], path: Path) -> None:
    """Draw a panel for each sweep."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(figsize=(10, 7.5), layout="constrained")
    panels = figure.subplots(2, 2)
    _draw(panels[0, 0], rows, "temperature", "balance temperature", "gain of REBASE over sampling")
    panels[0, 0].set_xscale("log")
    panels[0, 0].axhline(0, color="black", linewidth=0.8)
    panels[0, 0].legend(fontsize="small")
    _draw(panels[0, 1], rows, "quality", "AUC of the reward model", "accuracy")
    _draw(panels[1, 0], rows, "strength", "chance of a right step", "accuracy")
    _draw(panels[1, 1], rows, "tokens", "tokens per question", "accuracy")
    panels[1, 1].set_xscale("log")
    # The same colours in three panels; the last has every series.
    lines, labels = panels[1, 1].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=len(labels), fontsize="small")
    figure.savefig(path, dpi=90)


def _draw(axes: Axes, rows: list[Row], sweep: str, setting: str, value: str) -> None:
    own = [row for row in rows if row.sweep == sweep]
    for series in dict.fromkeys(row.series for row in own):
        line = [row for row in own if row.series == series]
        x = [row.tokens if sweep == "tokens" else row.setting for row in line]
        [drawn] = axes.plot(x, [row.value for row in line], marker=".", label=series)
        limits = ([row.low for row in line], [row.high for row in line])
        axes.fill_between(x, *limits, color=drawn.get_color(), alpha=0.15, linewidth=0)
    axes.set_xlabel(setting)
    axes.set_ylabel(value)


def main() -> None:
    """Run the sweeps, write table and figure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=Path("search_sweeps"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows = sweeps(arguments.questions)
    write_table(rows, arguments.folder / "search_sweeps.csv")
    write_figure(rows, arguments.folder / "search_sweeps.png")
    for row in rows:
        print(
            f"{row.sweep:12}{row.setting:<8g}{row.series:24}{row.tokens:8.0f} tokens  "
            f"{row.value:7.3f} [{row.low:.3f}, {row.high:.3f}]"
        )


if __name__ == "__main__":
    main()
