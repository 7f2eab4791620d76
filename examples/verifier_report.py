"""How good is the verifier of a log, and what does its quality allow? A table and a figure of logs with scores.

    python examples/verifier_report.py answers.parquet --folder report

Questions with the same id, of several data sets, count as one unit.
"""
# ruff: noqa: INP001, T201 - a script that prints

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING

import kcurve as kc
from kcurve.verifiers import (
    best_of_n_ceiling,
    calibration,
    over_optimisation,
    recalibrated,
    roc,
    verifier_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

AREAS = (0.7, 0.8, 0.9, 0.95)

Row = tuple[str, str, float | int | str]


def report(path: Path, axes: list[Axes]) -> Iterator[Row]:
    """Draw a log's panels, and yield its numbers."""
    log, name = kc.read_log(path, cluster="question_id"), path.stem
    area = roc(log, within="question", missing="lowest")
    area.plot(axes[0])
    roc(log, missing="lowest").plot(axes[0]).legend(frameon=False, fontsize="small")
    axes[0].set_title(name, fontsize="medium")
    yield name, "AUC of all samples", area.auc
    yield name, "AUC within questions", area.within_auc
    chances = calibration(recalibrated(log))
    chances.plot(axes[1])
    yield name, "ECE after recalibration", chances.ece_corrected
    yield name, "Brier score after recalibration", chances.brier
    turn = over_optimisation(log)
    turn.plot(axes[2])
    yield name, "peak k", turn.k
    yield name, "best-of-n at the peak", turn.curve.at(turn.k)[0]
    yield name, f"best-of-n at k = {turn.curve.k[-1]}", float(turn.curve.mean[-1])
    yield name, "p-value of a turn", turn.p_value
    ceiling = best_of_n_ceiling(log)
    yield name, f"blind choice from the top 1/{round(1 / ceiling.share[-1])}", ceiling.limit
    yield name, "perfect verifier", ceiling.solved
    value = verifier_value(log, auc=AREAS, model="shifted")
    value.plot(axes[3])
    for better, accuracy in zip(value.auc, value.accuracy[:, -1], strict=True):
        yield name, f"best-of-n at k = {value.k[-1]}, AUC {better:g}", float(accuracy)


def main() -> None:
    """Write and print the table, and draw the figure."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to import

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - slow to import

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("logs", nargs="+", type=Path, help="answer logs with scores")
    parser.add_argument("--folder", type=Path, default=Path("report"), help="where to write")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows = len(arguments.logs)
    figure, axes = plt.subplots(
        rows, 4, figsize=(15, 3.6 * rows), layout="constrained", squeeze=False
    )
    found = [
        row
        for path, line in zip(arguments.logs, axes, strict=True)
        for row in report(path, list(line))
    ]
    figure.savefig(arguments.folder / "verifiers.png", dpi=80)
    with (arguments.folder / "verifiers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("log", "quantity", "value"))
        writer.writerows(found)
    for name, quantity, value in found:
        print(f"{name:24} {quantity:36} {value:.4g}")


if __name__ == "__main__":
    main()
