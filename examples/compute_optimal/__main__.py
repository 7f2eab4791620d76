"""Both papers on models of our own: ask them, draw the figures, write the tables and the page.

python examples/compute_optimal                 # all of it
python examples/compute_optimal --quick         # a minute
python examples/compute_optimal --analyse       # from the answers that are there
"""
# ruff: noqa: INP001 - a part of a script

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import claims
import more_calls
import sizes
from budgets import spendings
from cyclopts import App
from figures import write_figures
from live import asked
from page import page
from reasoners import tiny_family, tiny_questions
from results import Results, read_results
from scale import FULL, QUICK, SMALLEST, Scale
from tables import write_csv

ROOT = Path(__file__).resolve().parents[2]

app = App(name="compute_optimal", help=__doc__)


@app.default
def main(
    folder: Path = ROOT / "build" / "compute_optimal",
    *,
    quick: bool = False,
    smallest: bool = False,
    analyse: bool = False,
    store: Path | None = None,
) -> None:
    """Reproduce both papers on the tiny reasoners.

    Parameters
    ----------
    folder
        Where figures, tables and the page are written.
    quick
        Ask less than a tenth.
    smallest
        Ask next to nothing, to see that all of it runs.
    analyse
        Ask nothing: take the answers that the folder has.
    store
        The store of all samples; by default in the build folder. A run that was interrupted goes on from it.
    """
    if analyse:
        results = read_results(folder)
    else:
        scale = SMALLEST if smallest else QUICK if quick else FULL
        results = brought(scale, store or ROOT / "build" / "compute_optimal.db")
        results.write(folder)
    written(results, folder)
    print(f"{folder / 'README.md'}")  # noqa: T201 - where it is


def brought(scale: Scale, store: Path) -> Results:
    """Return what the models bring."""
    began, load = time.perf_counter(), os.getloadavg()[0]
    family = tiny_family()
    logs, searched, calls = asked(family, tiny_questions(scale.questions), scale, store)
    return Results(
        logs=logs,
        searched=searched,
        parameters={model.name: model.parameters for model in (*family.policies, family.reward)},
        few=scale.few,
        machine={
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": f"{os.cpu_count()} cores, {processor()}",
            "load": f"{load:.2f}",
            "minutes": f"{(time.perf_counter() - began) / 60:.1f}",
            "calls": f"{calls:,}",
        },
    )


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def written(results: Results, folder: Path) -> None:
    """Write figures, tables and the page."""
    folder.mkdir(parents=True, exist_ok=True)
    compared = claims.advantages(results)
    fits, optima = more_calls.law_fits(results), more_calls.optima(results)
    laws = sizes.size_laws(results)
    second = [*claims.of_second_paper(results, compared), *sizes.of_second_paper(results, laws)]
    first = list(claims.of_first_paper(results, fits, optima))
    tables = {
        "points": spendings(results),
        "equal-flops": compared,
        "best-sizes": sizes.best_policies(results),
        "size-laws": laws,
        "accuracies": more_calls.accuracies(results),
        "laws": fits,
        "best-calls": optima,
        "claims": [*second, *first],
    }
    for name, rows in tables.items():
        write_csv(rows, folder / f"{name}.csv")
    write_figures(results, folder)
    text = page(
        results,
        folder,
        second=second,
        first=first,
        size_law=sizes.size_page(results, laws),
        fits=fits,
        optima=optima,
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    app()
