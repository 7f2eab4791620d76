"""Who takes part in the bootstrap of one question's curve, and on how many replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import ours
from logs import CORRECT, draw_log
from peers import (
    counter_resampling,
    multinomial_bootstrap,
    numba_bootstrap,
    numba_expert,
    scipy_bootstrap,
    weighted_bootstrap,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from logs import DrawnLog

N_SAMPLES = 200
POINTS = 20
QUESTIONS = 16
"""kcurve replays logs: it gets the question so many times, and as many fewer replicates of each."""

BLOCK = 256
"""Replicates that kcurve draws together."""

OURS = "kcurve"
"""The contestant whom the ratios refer to."""


@dataclass(frozen=True)
class Case:
    """One question, its curve at 20 numbers of draws up to ``most``, with replacement."""

    most: int
    n_answers: int
    weighted: bool = False

    @property
    def name(self) -> str:
        return f"{'weighted' if self.weighted else 'vote'}-{self.most}-{self.n_answers}"

    @property
    def title(self) -> str:
        rule = "Sum of scores" if self.weighted else "Vote"
        return f"{rule}, up to {self.most:,} draws of {self.n_answers} answers"

    @property
    def k(self) -> NDArray[np.int64]:
        # Log-spaced, and still 20 different numbers where rounding would make some equal.
        k = np.geomspace(1, self.most, POINTS).astype(np.int64)
        return np.maximum(k, np.arange(1, POINTS + 1))

    @property
    def replicates(self) -> int:
        """Thousands, and some ten million draws where that makes more."""
        return max(1_000, 10_000_000 // self.most)

    def draw(self) -> tuple[DrawnLog, NDArray[np.float64]]:
        """Return the question, and a score [1, N_SAMPLES] of each sample that favours the correct answer."""
        log = draw_log(1, N_SAMPLES, self.n_answers, seed=20_261_000 + self.n_answers)
        rng = np.random.default_rng(self.n_answers)
        return log, np.where(log.codes == CORRECT, 0.1, 0.0) + rng.random(log.codes.shape)


CASES = (
    *(Case(most, answers) for most in (100, 1_000, 100_000) for answers in (2, 4, 16, 100)),
    *(Case(most, 16, weighted=True) for most in (100, 1_000, 100_000)),
)


@dataclass(frozen=True)
class Contestant:
    """``run()`` gives the mean curve [K] of ``units`` replicates."""

    name: str
    units: int
    run: Callable[[], NDArray[np.float64]]


def contestants(case: Case, *, quick: bool = False) -> list[Contestant]:
    """Everyone who takes part in a case; ``quick`` lets all of them run very few replicates."""
    found = [*_kcurve(case, quick=quick)]
    return [*found, *(_weighted(case, quick=quick) if case.weighted else _votes(case, quick=quick))]


def _replicates(case: Case, draws: int | None, *, quick: bool) -> int:
    """Return all replicates, or as many as make so many draws; a slow contestant gets fewer."""
    if quick:
        return 4
    return case.replicates if draws is None else max(2, min(case.replicates, draws // case.most))


def _kcurve(case: Case, *, quick: bool) -> Iterator[Contestant]:
    log, score = case.draw()
    table = ours.answer_log(log, score, copies=QUESTIONS)
    wanted = -(-_replicates(case, None, quick=quick) // QUESTIONS)
    # Replicates are drawn in blocks; part of a block costs as much as all of it.
    replicates = wanted if quick else -(-wanted // BLOCK) * BLOCK

    def entry(name: str, threads: int) -> Contestant:
        def run() -> NDArray[np.float64]:
            return ours.bootstrap_curve(
                table, case.k, replicates=replicates, weighted=case.weighted, threads=threads
            ).mean

        return Contestant(name, replicates * QUESTIONS, run)

    yield entry(OURS, 1)
    yield entry(f"{OURS}, 2 threads", 2)


def _votes(case: Case, *, quick: bool) -> Iterator[Contestant]:
    log, _ = case.draw()
    codes, k = log.codes[0], case.k

    def entry(
        name: str, draws: int | None, curves: Callable[[int], NDArray[np.float64]]
    ) -> Contestant:
        replicates = _replicates(case, draws, quick=quick)
        return Contestant(name, replicates, lambda: curves(replicates).mean(axis=0))

    yield entry(
        "numba, no trouble spared",
        None,
        lambda n: numba_expert.replicate_curves(codes, k, replicates=n),
    )
    yield entry(
        "numba loop",
        20_000_000,
        lambda n: numba_bootstrap.replicate_curves(log.codes, k, replicates=n),
    )
    # The cost of a multinomial hardly depends on how many it counts: a replicate is 20 of them.
    yield entry(
        "NumPy multinomial",
        max(20_000_000, 1_000 * case.most) // max(1, case.n_answers // 10),
        lambda n: multinomial_bootstrap.replicate_curves(log.counts, k, replicates=n),
    )
    yield entry(
        "scipy.stats.bootstrap",
        5_000_000,
        lambda n: scipy_bootstrap.replicate_curves(codes, k, replicates=n),
    )
    trials = 4 if quick else max(2, 50_000 // case.most)
    yield Contestant(
        "np.random.choice + Counter",
        trials,
        lambda: counter_resampling.vote_curve(log.codes, k, replacement=True, trials=trials)[0],
    )


def _weighted(case: Case, *, quick: bool) -> Iterator[Contestant]:
    log, score = case.draw()
    codes, k = log.codes[0], case.k
    everything = _replicates(case, None, quick=quick)
    fewer = _replicates(case, 5_000_000, quick=quick)
    yield Contestant(
        "numba loop",
        everything,
        lambda: weighted_bootstrap.numba_replicates(codes, score[0], k, replicates=everything).mean(
            axis=0
        ),
    )
    yield Contestant(
        "NumPy bincount",
        fewer,
        lambda: weighted_bootstrap.numpy_replicates(codes, score[0], k, replicates=fewer).mean(
            axis=0
        ),
    )
