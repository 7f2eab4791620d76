"""The questions behind a fit: in an order that does not depend on the log's, and resampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import instance
from kcurve.curve import Curve
from kcurve.curve.estimate import refuse_several_models
from kcurve.curve.evaluation import sample_counts
from kcurve.curve.identity import identity_order, unit_identities
from kcurve.errors import LogError
from kcurve.log import AnswerLog, TalliedLog

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    AnyLog: TypeAlias = AnswerLog | TalliedLog
    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """Who the questions are."""

    order: NDArray[np.intp]
    """The questions by identity: sums in this order do not depend on the log's."""
    units: NDArray[np.uint64]
    """Who each is resampled with, in that order."""

    @classmethod
    def of(cls, log: AnyLog) -> Questions:
        """Return the questions of a log."""
        order = identity_order(log)
        return cls(order, unit_identities(log)[order])

    def resampled_means(self, values: Floats, n_resamples: int, rng: int) -> Floats:
        """Return the means of columns [Q, C] over resampled questions, [R, C]."""
        ordered = np.ascontiguousarray(values[self.order])
        return _core.resampled_means(ordered, self.units, rng, n_resamples)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Questions by how many of how many samples are correct."""

    correct: Integers
    """Correct samples of each distinct pair, [C]."""
    samples: Integers
    """Samples of each distinct pair, [C]."""
    kind: Integers
    """The pair of each question, by identity, [Q]."""
    units: NDArray[np.uint64]
    """Who each question is resampled with, by identity, [Q]."""

    @classmethod
    def of(cls, log: AnyLog, correct: Integers, samples: Integers) -> Counts:
        """Group the questions of a log."""
        questions = Questions.of(log)
        pairs = np.stack([correct, samples], axis=1)[questions.order]
        distinct, kind = np.unique(pairs, axis=0, return_inverse=True)
        return cls(
            np.ascontiguousarray(distinct[:, 0]),
            np.ascontiguousarray(distinct[:, 1]),
            kind.reshape(-1).astype(np.int64),
            questions.units,
        )

    @property
    def weights(self) -> Floats:
        """The number of questions of each pair, [1, C]."""
        counted = np.bincount(self.kind, minlength=len(self.correct))
        return counted.astype(np.float64)[None, :]

    def resampled(self, n_resamples: int, rng: int) -> Floats:
        """Return the number of resampled questions of each pair, [R, C]."""
        return _core.resampled_kinds(self.kind, len(self.correct), self.units, rng, n_resamples)


def one_log(data: AnyLog | Curve) -> AnyLog:
    """Return the log of the data; LogError unless it is of one model with samples of every question."""
    instance("data", data, AnswerLog, TalliedLog, Curve)
    log = data.log if isinstance(data, Curve) else data
    refuse_several_models(log.model.names[code] for code in np.unique(log.model.codes))
    empty = np.flatnonzero(np.asarray(log.n_samples) == 0)
    if len(empty):
        question = log.question[int(empty[0])]
        msg = f'question "{question}" has no samples; leave it out by log.select(min_samples=1)'
        raise LogError(msg)
    return log


def correct_counts(log: AnyLog) -> tuple[Integers, Integers]:
    """Return how many of how many samples of each question are correct."""
    stands_for = sample_counts(log)
    weights = np.ones(len(log.codes), np.int64) if stands_for is None else stands_for
    starts = log.offsets[:-1]
    correct = np.add.reduceat(np.where(log.correct, weights, 0), starts, dtype=np.int64)
    return correct, np.add.reduceat(weights, starts, dtype=np.int64)


def spaced_calls(most: int) -> Integers:
    """Return about a dozen numbers of calls from 1 to `most`, evenly on a logarithmic scale."""
    return np.unique(np.geomspace(1, max(most, 1), 14).round().astype(np.int64))
