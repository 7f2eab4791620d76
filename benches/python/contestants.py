"""What is measured: four cases, and who takes part in each on how many questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import ours
from logs import draw_log
from peers import (
    counter_resampling,
    multinomial_bootstrap,
    numba_bootstrap,
    numpy_contour,
    numpy_programme,
    scorio_majority,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from logs import DrawnLog

N_QUESTIONS, N_SAMPLES = 1000, 100
EVERY_K = np.arange(1, N_SAMPLES + 1)
GRID = np.array(
    [2, 3, 4, 5, 7, 10, 14, 20, 27, 38, 53, 73, 101, 141, 195, 270, 375, 520, 721, 1000]
)
OURS = "kcurve: values"
"""The contestant whom the ratios refer to."""


@dataclass(frozen=True)
class Case:
    name: str
    n_answers: int
    replacement: bool

    @property
    def k(self) -> NDArray[np.int64]:
        return GRID if self.replacement else EVERY_K

    @property
    def title(self) -> str:
        design = (
            "with replacement, 20 k up to 1000"
            if self.replacement
            else "without replacement, k = 1..100"
        )
        return f"{N_QUESTIONS} questions x {N_SAMPLES} samples, {self.n_answers} answers, {design}"

    def draw(self) -> DrawnLog:
        return draw_log(N_QUESTIONS, N_SAMPLES, self.n_answers, seed=20_260_000 + self.n_answers)


CASES = (
    Case("without-4", 4, replacement=False),
    Case("without-30", 30, replacement=False),
    Case("with-4", 4, replacement=True),
    Case("with-30", 30, replacement=True),
)


@dataclass(frozen=True)
class Contestant:
    """``run()`` gives the data set's curve [K] on ``log``, which holds as many questions as it can bear."""

    name: str
    log: DrawnLog
    run: Callable[[], NDArray[np.float64]]

    @property
    def units(self) -> int:
        return self.log.n_questions


def contestants(case: Case, log: DrawnLog, *, quick: bool = False) -> list[Contestant]:
    """Everyone who takes part in a case; ``quick`` lets all of them run on very few questions."""
    return [*_kcurve(case, log, quick=quick), *_peers(case, log, quick=quick)]


def _kcurve(case: Case, log: DrawnLog, *, quick: bool) -> Iterator[Contestant]:
    def entry(name: str, n_questions: int, interval: str | None, threads: int) -> Contestant:
        some = log.spread(10 if quick else n_questions)
        table = ours.answer_log(some)

        def run() -> NDArray[np.float64]:
            return ours.vote_curve(
                table, case.k, replacement=case.replacement, interval=interval, threads=threads
            ).mean

        return Contestant(name, some, run)

    yield entry(OURS, N_QUESTIONS, None, 1)
    yield entry("kcurve: values, 2 threads", N_QUESTIONS, None, 2)
    yield entry("kcurve: default band", N_QUESTIONS, "combined", 1)
    # One jackknife value for every distinct answer: several times the work.
    yield entry(
        "kcurve: estimation band", 200 if case.replacement else N_QUESTIONS, "estimation", 1
    )


def _peers(case: Case, log: DrawnLog, *, quick: bool) -> Iterator[Contestant]:
    k, replacement = case.k, case.replacement

    def entry(
        name: str, n_questions: int, curve: Callable[[DrawnLog], NDArray[np.float64]]
    ) -> Contestant:
        some = log.spread(min(n_questions, 2) if quick else n_questions)
        return Contestant(name, some, lambda: curve(some))

    def programme(some: DrawnLog) -> NDArray[np.float64]:
        return numpy_programme.vote_curve(some.counts, k, replacement=replacement).mean(axis=0)

    def plain_programme(some: DrawnLog) -> NDArray[np.float64]:
        return numpy_programme.vote_curve(some.counts, k, replacement=replacement, pool=False).mean(
            axis=0
        )

    def contour(some: DrawnLog) -> NDArray[np.float64]:
        return numpy_contour.vote_curve(some.counts, k).mean(axis=0)

    def scorio(some: DrawnLog) -> NDArray[np.float64]:
        return scorio_majority.majority_curve(some.codes, k)

    def compiled(some: DrawnLog) -> NDArray[np.float64]:
        return numba_bootstrap.replicate_curves(some.codes, k).mean(axis=0)

    def multinomial(some: DrawnLog) -> NDArray[np.float64]:
        return multinomial_bootstrap.replicate_curves(some.counts, k).mean(axis=0)

    def counter(some: DrawnLog) -> NDArray[np.float64]:
        return counter_resampling.vote_curve(some.codes, k, replacement=replacement).mean(axis=0)

    if replacement:
        yield entry("NumPy programme", 20 if case.n_answers <= 10 else 8, programme)
        yield entry("NumPy contour", 100, contour)
        yield entry("numba, 300 bootstrap replicates", 500, compiled)
    else:
        yield entry("NumPy programme", N_QUESTIONS, programme)
        n_plain = N_QUESTIONS if case.n_answers <= 10 else 50
        yield entry("NumPy programme, no short cuts", n_plain, plain_programme)
        yield entry("scorio maj_at_k (binary)", N_QUESTIONS, scorio)
        yield entry("numba, 300 bootstrap replicates", N_QUESTIONS, compiled)
    yield entry("NumPy multinomial, 300 replicates", 100, multinomial)
    yield entry("np.random.choice + Counter, 1,000 trials", 2, counter)
