"""How well few samples predict a curve: the posterior beside the exponential law and two baselines.

python benches/python/run_prediction.py [LOG ...] [--samples 8 16 32] [--splits 4]

Of every log and model the first m samples of each question are what is predicted from, and the exact curve of the others
is the truth; then the same for random splits. The k are log-spaced up to the samples held out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import kcurve as kc
import numpy as np
from kcurve.laws import ExponentialLaw
from kcurve.learning import FlatCurve, FromPosterior, PlugIn, learning_curve

import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kcurve.learning import LearningCurve

DATA = Path(__file__).parents[2] / "tests" / "data"
FEWEST_HELD_OUT = 8
PREDICTORS = {
    "law": ExponentialLaw(),
    "plug-in": PlugIn(),
    "flat": FlatCurve(),
    "posterior": FromPosterior(),
}


@dataclass(frozen=True)
class Row:
    log: str
    m: int
    error: dict[str, float]
    beyond: dict[str, float]
    regret: dict[str, float]
    coverage: float


def main() -> None:
    arguments = _arguments()
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    rows = [
        _row(name, log, m, arguments.splits)
        for name, log in _logs(arguments.logs)
        for m in arguments.samples
        if log.n_samples.min() - m >= FEWEST_HELD_OUT
    ]
    print(f"\n{_table(rows)}\n\n{_means(rows)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("logs", nargs="*", type=Path, default=sorted(DATA.glob("*.parquet")))
    parser.add_argument("--samples", nargs="+", type=int, default=[8, 16, 32])
    parser.add_argument("--splits", type=int, default=4, help="random splits besides the first")
    return parser.parse_args()


def _logs(paths: list[Path]) -> Iterator[tuple[str, kc.AnswerLog]]:
    for path in paths:
        for dataset, of_dataset in kc.read_log(path).by("dataset").items():
            for model, log in of_dataset.by("model").items():
                yield f"{dataset}, {model}"[:44], _with_one_verdict(log)


def _with_one_verdict(log: kc.AnswerLog) -> kc.AnswerLog:
    """Take an answer for correct if any of its samples passed: programs that behave alike are one answer."""
    question = np.repeat(np.arange(log.n_questions), log.n_samples)
    place = log.answer_offsets[question] + log.codes
    answered = log.codes >= 0
    passed = np.zeros(log.answer_offsets[-1], dtype=bool)
    np.logical_or.at(passed, place[answered], log.correct[answered])
    return replace(log, correct=answered & passed[np.where(answered, place, 0)])


def _row(name: str, log: kc.AnswerLog, m: int, splits: int) -> Row:
    found = {
        predictor: [
            learning_curve(log, law, samples=[m], splits=number)
            for number in (None, splits)
            if number is None or number
        ]
        for predictor, law in PREDICTORS.items()
    }
    return Row(
        name,
        m,
        error={one: _mean(curves, _errors) for one, curves in found.items()},
        beyond={one: _mean(curves, _errors, beyond=m) for one, curves in found.items()},
        regret={
            one: _mean(curves, lambda c, _: c.regret[:, None]) for one, curves in found.items()
        },
        coverage=_mean(found["posterior"], lambda c, _: (c.low <= c.truth) & (c.truth <= c.high)),
    )


def _errors(curve: LearningCurve, beyond: int) -> np.ndarray:
    return np.abs(curve.predicted - curve.truth)[..., curve.k > beyond]


def _mean(curves: list[LearningCurve], value, beyond: int = 0) -> float:
    """Mean over k and splits: the split in the log's order is one of them."""
    each = [np.asarray(value(curve, beyond), dtype=float) for curve in curves]
    if not each[0].size:
        return float("nan")
    weights = [1, *(curve.predicted.shape[1] for curve in curves[1:])]
    return float(np.average([values.mean() for values in each], weights=weights))


def _cells(values: dict[str, float]) -> str:
    return " | ".join(f"{100 * value:.2f}" for value in values.values())


def _table(rows: list[Row]) -> str:
    names = " | ".join(PREDICTORS)
    beyond = " | ".join(f"{name}, k > m" for name in PREDICTORS)
    head = f"| log | m | {names} | {beyond} | regret: law | posterior | coverage |"
    lines = [head, "|---|---:|" + "---:|" * (2 * len(PREDICTORS) + 3)]
    lines += [
        f"| {row.log} | {row.m} | {_cells(row.error)} | {_cells(row.beyond)} | "
        f"{100 * row.regret['law']:.2f} | {100 * row.regret['posterior']:.2f} | {row.coverage:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _means(rows: list[Row]) -> str:
    lines = []
    for m in sorted({row.m for row in rows}):
        of = [row for row in rows if row.m == m]
        error = {p: np.mean([row.error[p] for row in of]) for p in PREDICTORS}
        beyond = {p: np.nanmean([row.beyond[p] for row in of]) for p in PREDICTORS}
        regret = {p: np.mean([row.regret[p] for row in of]) for p in PREDICTORS}
        ratios = [row.error["posterior"] / row.error["law"] for row in of]
        lines.append(
            f"m = {m}: error {_cells(error)}; beyond m {_cells(beyond)}; regret {_cells(regret)}; "
            f"posterior over law {error['posterior'] / error['law']:.2f} of the means, "
            f"{np.exp(np.mean(np.log(ratios))):.2f} in the geometric mean, "
            f"{min(ratios):.2f} to {max(ratios):.2f}; coverage {np.mean([row.coverage for row in of]):.3f}"
        )
    return "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    main()
