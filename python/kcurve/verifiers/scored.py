"""What a verifier said of which samples: scores and correctness, with questions as the units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve._validation import choice, instance
from kcurve.curve.bands import Spread, critical_value, proportion_interval
from kcurve.curve.estimate import refuse_several_models
from kcurve.curve.identity import identity_order, unit_identities
from kcurve.errors import LogError, MissingColumnError
from kcurve.log import AnswerLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Missing: TypeAlias = Literal["drop", "lowest"]
"""What becomes of samples without a score."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredSamples:
    """The scored samples of a log, in order of question, then score, then correctness.

    Questions are in the order of their identity, so that sums do not depend on the log's order.
    """

    question: Integers
    """Which question each sample is of, by identity, [S]."""
    score: Floats
    right: NDArray[np.bool_]
    place: Integers
    """Where each sample is in the log, [S]."""
    unit: Integers
    """The unit, question or cluster, of each question, [Q]."""
    position: Integers
    """Where each question is in the log, [Q]."""
    unscored: int

    @property
    def n_questions(self) -> int:
        """Number of questions, those without a scored sample included."""
        return len(self.unit)

    @property
    def n_units(self) -> int:
        """Number of independent units."""
        return int(self.unit.max()) + 1

    def sums(self, values: Floats | NDArray[np.bool_]) -> Floats:
        """Return the sum of the samples' values over each question, [Q]."""
        return np.bincount(self.question, values, minlength=self.n_questions).astype(np.float64)

    def spread(
        self, mean: Floats, influence: Floats, present: NDArray[np.bool_] | None = None
    ) -> Spread:
        """Return the spread of estimates [K] to which questions contribute `influence` [Q, K].

        The influence of a question is the derivative of the estimate by its weight: the estimate's
        variance is the sum of squares of the units' influences. Units none of whose questions is
        `present` do not count.
        """
        residuals = np.zeros((self.n_units, influence.shape[1]))
        np.add.at(residuals, self.unit, influence)
        if present is not None:
            residuals = residuals[np.unique(self.unit[present])]
        return Spread(mean, residuals)

    def in_log_order(self, values: Floats) -> Floats:
        """Return values [Q] by question in the order of the log."""
        ordered = np.empty_like(values)
        ordered[self.position] = values
        return ordered


def scored_samples(log: AnswerLog, *, missing: Missing = "drop") -> ScoredSamples:
    """Return the samples that have a score; all of them if `missing` is "lowest"."""
    instance("log", log, AnswerLog)
    choice("missing", missing, ("drop", "lowest"))
    if log.score is None:
        msg = "the log has no score column; read it with score=..."
        raise MissingColumnError(msg)
    refuse_several_models(log.model.names[code] for code in np.unique(log.model.codes))
    order = identity_order(log)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    question = np.repeat(place, log.n_samples)
    unscored = np.isnan(log.score)
    if unscored.all():
        msg = f"none of the log's {len(log.score)} samples has a score"
        raise LogError(msg)
    taken = np.full(len(log.score), fill_value=True) if missing == "lowest" else ~unscored
    question, right = question[taken].astype(np.int64), log.correct[taken]
    score = np.where(unscored, -np.inf, log.score)[taken]
    sequence = np.lexsort((right, score, question))
    unit = np.unique(unit_identities(log)[order], return_inverse=True)[1]
    return ScoredSamples(
        question=question[sequence],
        score=score[sequence],
        right=right[sequence],
        place=np.flatnonzero(taken)[sequence],
        unit=unit.astype(np.int64),
        position=order.astype(np.int64),
        unscored=int(unscored.sum()),
    )


def interval(spread: Spread, level: float) -> tuple[Floats, Floats]:
    """Return the interval of estimates in [0, 1]; NaN for a single unit."""
    if spread.units < 2:
        nothing = np.full(len(spread.mean), np.nan)
        return nothing, nothing
    critical = critical_value(level, spread.units - 1)
    defined = ~np.isnan(spread.mean)
    low, high = proportion_interval(
        np.where(defined, spread.mean, 0.5),
        np.where(defined, spread.variance, 1.0),
        spread.units,
        critical,
    )
    return np.where(defined, low, np.nan), np.where(defined, high, np.nan)


def half_width(spread: Spread, level: float) -> Floats:
    """Return half of the width of Student's interval; NaN for a single unit."""
    if spread.units < 2:
        return np.full(len(spread.mean), np.nan)
    return np.asarray(critical_value(level, spread.units - 1) * np.sqrt(spread.variance))


def ratio(
    samples: ScoredSamples, counted: NDArray[np.bool_] | Floats, of: NDArray[np.bool_] | Floats
) -> tuple[float, Floats]:
    """Return the ratio of two sums over samples, and the influence of each question on it, [Q].

    NaN over nothing.
    """
    above, below = samples.sums(counted), samples.sums(of)
    total = below.sum()
    if total == 0:
        return np.nan, np.full(len(above), np.nan)
    mean = above.sum() / total
    return float(mean), (above - mean * below) / total


def mean_of_defined(values: Floats) -> tuple[float, Floats, NDArray[np.bool_]]:
    """Return the mean of the values that are not NaN, the influence of each, and which they are."""
    defined = ~np.isnan(values)
    if not defined.any():
        return np.nan, np.full(len(values), np.nan), defined
    mean = values[defined].mean()
    return float(mean), np.where(defined, values - mean, 0.0) / defined.sum(), defined


def number_or_none(value: float) -> float | None:
    """Return None for a number JSON does not know: NaN or an infinity."""
    return float(value) if np.isfinite(value) else None


def numbers_or_none(values: Floats) -> list[float | None]:
    """Return a list with None for NaN and infinities."""
    return [number_or_none(value) for value in values]
