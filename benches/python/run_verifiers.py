"""Time the analyses of a verifier, and both areas beside a plain Python loop over questions.

python benches/python/run_verifiers.py [--questions 10000] [--samples 100] [--rounds 3]

The peer is what people write: sort the samples of each question, and add up ranks.
"""

from __future__ import annotations

import argparse
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from kcurve.simulate import DirichletQuestions, RewardModel
from kcurve.verifiers import (
    best_of_n_ceiling,
    calibration,
    filter_ceiling,
    over_optimisation,
    recalibrated,
    roc,
    shifted,
    verifier_value,
)

import machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kcurve import AnswerLog

ANALYSES = {
    "roc": roc,
    "calibration": calibration,
    "recalibrated": recalibrated,
    "best_of_n_ceiling": best_of_n_ceiling,
    "filter_ceiling, one threshold": lambda log: filter_ceiling(log, 0.5),
    "over_optimisation": over_optimisation,
    "verifier_value": verifier_value,
    "shifted": lambda log: shifted(log, auc=0.8),
}


def plain_area(samples: Iterable[tuple[float, bool]]) -> float | None:
    below = wins = rights = 0
    for _, tied in groupby(sorted(samples), key=lambda sample: sample[0]):
        verdicts = [right for _, right in tied]
        right = sum(verdicts)
        wins += right * (2 * below + len(verdicts) - right)
        rights += right
        below += len(verdicts) - right
    return wins / (2 * rights * below) if rights and below else None


def plain_areas(questions: Sequence[Sequence[tuple[float, bool]]]) -> tuple[float, float]:
    pooled = plain_area(sample for question in questions for sample in question)
    within = [area for question in questions if (area := plain_area(question)) is not None]
    return pooled, sum(within) / len(within)


def lists(log: AnswerLog) -> list[list[tuple[float, bool]]]:
    scores, right = log.score.tolist(), log.correct.tolist()
    return [
        list(zip(scores[a:b], right[a:b], strict=True))
        for a, b in zip(log.offsets[:-1].tolist(), log.offsets[1:].tolist(), strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    log = DirichletQuestions(answers=4, correct=0.4, concentration=4.0).log(
        arguments.questions, arguments.samples, score=RewardModel(auc=0.7)
    )
    questions = lists(log)
    found = roc(log)
    np.testing.assert_allclose((found.auc, found.within_auc), plain_areas(questions), rtol=1e-12)
    seconds = {name: [] for name in (*ANALYSES, "plain areas")}
    print("\n".join(f"- {name}: {value}" for name, value in machine.describe().items()))
    print(f"- load average before: {machine.load()}; {arguments.rounds} rounds, interleaved\n")
    for _ in range(arguments.rounds):
        for name, analysis in ANALYSES.items():
            begin = perf_counter()
            analysis(log)
            seconds[name].append(perf_counter() - begin)
        begin = perf_counter()
        plain_areas(questions)
        seconds["plain areas"].append(perf_counter() - begin)
    print(f"| {arguments.questions:,} x {arguments.samples} | seconds, best and worst |\n|---|---|")
    for name, values in seconds.items():
        print(f"| {name} | {min(values):.2f} .. {max(values):.2f} |")


if __name__ == "__main__":
    main()
