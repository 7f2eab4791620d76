"""Replicates of a log: sums of credit, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from kcurve import _core
from kcurve._validation import choice
from kcurve.curve.evaluation import answer_of
from kcurve.curve.identity import question_identities, unit_identities

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kcurve.curve.evaluation import AnyLog
    from kcurve.curve.methods import Bootstrap
    from kcurve.rules import Rule

    Floats = NDArray[np.float64]
    Sums = NDArray[np.uint64]

UNIT = _core.CREDIT_UNIT
"""Credit of a right answer: fair shares of up to 16 are whole numbers, and sums of any order exact."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Replays:
    """Sums over the replicates 0, 1, ..., R - 1 of a log of Q questions, at K numbers of calls.

    Attributes
    ----------
    per_question : uint64 [Q, K]
        Credit of each question, over replicates.
    per_replicate : uint64 [R, K]
        Credit of each replicate, over questions: one run of the system.
    fresh : uint64 [R, K]
        The same, over questions resampled for each replicate: one run on fresh questions.
    weights : uint64 [R]
        Number of questions of each replicate's resample.
    questions, units : uint64 [Q]
        Who each question is, and who it is resampled with.
    """

    per_question: Sums
    per_replicate: Sums
    fresh: Sums
    weights: Sums
    questions: Sums
    units: Sums
    seed: int
    threads: int | None = field(default=None)

    @property
    def n_resamples(self) -> int:
        """The number of replicates, R."""
        return len(self.weights)

    @cached_property
    def scores(self) -> Floats:
        """Mean score of each question over the replicates, [Q, K]."""
        return self.per_question / (float(UNIT) * self.n_resamples)

    @cached_property
    def mean(self) -> Floats:
        """Mean score over questions and replicates, [K]; correctly rounded."""
        # Both tables have the same sums: the smaller one is read.
        table = min(self.per_question, self.per_replicate, key=len)
        high = (table >> np.uint64(32)).sum(axis=0, dtype=np.uint64)
        low = (table & np.uint64(2**32 - 1)).sum(axis=0, dtype=np.uint64)
        whole = UNIT * self.n_resamples * len(self.per_question)
        sums = [(int(h) << 32) + int(rest) for h, rest in zip(high, low, strict=True)]
        return np.array([total / whole for total in sums])

    @cached_property
    def runs(self) -> Floats:
        """Accuracy of one run on these questions, [R, K]."""
        return self.per_replicate / (float(UNIT) * len(self.per_question))

    @cached_property
    def fresh_runs(self) -> Floats:
        """Accuracy of one run on fresh questions, [R, K]; NaN if a resample has no question."""
        questions = np.where(self.weights == 0, np.nan, self.weights.astype(np.float64))
        return np.asarray(self.fresh / (float(UNIT) * questions[:, None]))

    @cached_property
    def predictions(self) -> Floats:
        """Where one run on fresh questions may fall, [R, K].

        Besides that run, the questions of the log are a sample too: the error of their mean is that
        of another replicate's resample, which is independent of this one's.
        """
        errors = self.resamples.values - self.resamples.estimate
        return np.asarray(self.fresh_runs - np.roll(errors, 1, axis=0))

    @cached_property
    def resamples(self) -> Resamples:
        """The mean score over resampled questions."""
        units, position, questions = np.unique(self.units, return_inverse=True, return_counts=True)
        mean_credit = (self.per_question + np.uint64(self.n_resamples // 2)) // np.uint64(
            self.n_resamples
        )
        # Sorted by identity: no sum of floats depends on the order of the log.
        credit = np.zeros((len(units), mean_credit.shape[1]), dtype=np.uint64)
        np.add.at(credit, position, mean_credit)
        sums = _core.resampled_questions(
            credit, questions.astype(np.uint64), units, self.seed, self.n_resamples, self.threads
        )
        return Resamples.of(credit / float(UNIT), questions.astype(np.float64), sums)

    def replicates(self, interval: Literal["combined", "run_to_run", "fresh_run"]) -> Floats:
        """Return the mean score of every replicate, [R, K]: what differs are questions, draws, or both."""
        choice("interval", interval, ("combined", "run_to_run", "fresh_run"))
        match interval:
            case "combined":
                return self.resamples.values
            case "run_to_run":
                return self.runs
            case "fresh_run":
                return self.fresh_runs

    def joined(self, later: Replays) -> Replays:
        """Return these and the replicates that follow them."""
        return Replays(
            per_question=self.per_question + later.per_question,
            per_replicate=np.concatenate([self.per_replicate, later.per_replicate]),
            fresh=np.concatenate([self.fresh, later.fresh]),
            weights=np.concatenate([self.weights, later.weights]),
            questions=self.questions,
            units=self.units,
            seed=self.seed,
            threads=self.threads,
        )


class Resamples(NamedTuple):
    """The mean over resampled questions, and what its limits are made of."""

    estimate: Floats
    """The mean over the questions themselves, [K]."""
    values: Floats
    """The mean over each resample, [R, K]."""
    error: Floats
    """Jackknife standard error of `estimate`, [K]."""
    errors: Floats
    """Jackknife standard error of each of `values`, [R, K]."""
    acceleration: Floats
    """How fast the standard error grows with the mean: a sixth of the jackknife's skewness, [K]."""

    @classmethod
    def of(
        cls, credit: Floats, questions: Floats, sums: tuple[Sums, Sums, Sums, Sums, Sums]
    ) -> Resamples:
        """Make them of the units' credit [U, K] and sizes [U], and the core's sums over resamples."""
        units = len(credit)
        total = questions.sum()
        estimate = credit.sum(axis=0) / total
        influence = credit - questions[:, None] * estimate
        variation = (influence**2).sum(axis=0)
        cubes = (influence**3).sum(axis=0)
        scale = units / max(units - 1, 1)
        varies = variation > 1e-14 * units
        acceleration = np.divide(cubes, 6 * variation**1.5, out=np.zeros_like(cubes), where=varies)
        scores, squares, products = (table / float(UNIT) for table in sums[:3])
        drawn, square_drawn = (column.astype(np.float64)[:, None] for column in sums[3:])
        drawn = np.where(drawn == 0, np.nan, drawn)
        values = scores / drawn
        spread = squares - 2 * values * products + values**2 * square_drawn
        return cls(
            estimate=estimate,
            values=np.asarray(values),
            error=np.sqrt(np.where(varies, scale * variation, 0)) / total,
            errors=np.sqrt(np.clip(scale * spread, 0, None)) / drawn,
            acceleration=acceleration,
        )


def replay(
    log: AnyLog,
    rule: Rule,
    k: NDArray[np.int64],
    method: Bootstrap,
    *,
    first: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Replays:
    """Draw the replicates from `first` on that `method` asks for."""
    questions, units = question_identities(log), unit_identities(log)
    blocks = -(-method.n_resamples // _core.BLOCK) - first // _core.BLOCK
    total = log.n_questions
    request = _core.ReplayRequest(
        k=k,
        replacement=method.replacement,
        seed=method.rng,
        first=first,
        last=method.n_resamples,
        questions=questions,
        units=units,
        threads=threads,
        progress=None if progress is None else lambda done: progress(done // blocks, total),
    )
    per_question, per_replicate, fresh, weights = answer_of(log, rule, request)
    return Replays(
        per_question=per_question,
        per_replicate=per_replicate,
        fresh=fresh,
        weights=weights,
        questions=questions,
        units=units,
        seed=method.rng,
        threads=threads,
    )
