"""Prediction error against the number of samples per question that the prediction is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from kcurve._validation import instance, number_between, positive_integer
from kcurve.curve import curve
from kcurve.curve.estimate import fewest_samples
from kcurve.errors import ArgumentError
from kcurve.learning.predictors import Predictor, predicted, rule_of
from kcurve.learning.result import LearningCurve
from kcurve.log import AnswerLog
from kcurve.log.selection import take_samples_recoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

_GRID_POINTS = 20


def learning_curve(
    log: AnswerLog,
    law: Predictor,
    *,
    samples: Iterable[int] | None = None,
    k: Iterable[int] | None = None,
    splits: int | None = 10,
    rng: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> LearningCurve:
    """Measure how well few samples per question predict a curve, on samples that were held out.

    The samples of every question are split at random: the first m are what the prediction is made
    from, the exact unbiased curve of the others is the truth it is compared with. The truth is an
    estimate too: with R samples held out its own noise is part of the error, above all near k = R.

    Parameters
    ----------
    log : AnswerLog
        Sampled answers of one model.
    law : law, or FromPosterior, PlugIn, FlatCurve
        What predicts.
    samples : iterable of int, optional
        Numbers of samples m per question. The default is the powers of two from 4 up to half of
        the samples of the question that has fewest.
    k : iterable of int, optional
        Numbers of calls to predict. The default is about 20, log-spaced, up to what the samples
        held out allow at the largest m.
    splits : int or None
        Random splits. None: one split in the order of the log, its first m samples and the others.
    rng : int
        Seed of the splits.
    progress : callable, optional
        Called with the number of predictions made and their total.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ArgumentError
        If a split would leave fewer samples than k needs, or a setting is out of range.

    Notes
    -----
    Costs ``splits`` fits and exact curves for every m. The paper that the exponential law is of
    leaves open how many samples a fit needs; this measures it on one's own log.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 6 (open questions).

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.learning import FlatCurve, learning_curve
    >>> found = learning_curve(kc.example_log(), FlatCurve(), samples=[4, 8], splits=2)
    >>> found.samples
    array([4, 8])
    >>> bool(found.mean_absolute_error[1] < found.mean_absolute_error[0])
    True
    """
    instance("log", log, AnswerLog)
    instance("law", law, *get_args(Predictor))
    if splits is not None:
        positive_integer("splits", splits)
    instance("rng", rng, int)
    number_between("rng", rng, 0, 2**64 - 1)
    rule = rule_of(law)
    fewest = fewest_samples(log)
    chosen = _samples(samples, fewest)
    calls = _calls(k, rule.least_calls, fewest - int(chosen[-1]))
    orders = [None] if splits is None else [[rng, split] for split in range(splits)]
    shape = (len(chosen), len(orders), len(calls))
    mean, low, high, truth = (np.empty(shape) for _ in range(4))
    for split, seed in enumerate(orders):
        order = np.arange(len(log.codes)) if seed is None else _shuffled(log, seed)
        for row, m in enumerate(chosen):
            fitted, held_out = _halves(log, order, int(m))
            left = fewest_samples(held_out)
            mean[row, split], low[row, split], high[row, split] = predicted(
                law, fitted, calls, samples=left
            )
            truth[row, split] = curve(held_out, rule, k=calls, interval=None).mean
            if progress is not None:
                progress(split * len(chosen) + row + 1, len(orders) * len(chosen))
    return LearningCurve(
        law=law, samples=chosen, k=calls, predicted=mean, low=low, high=high, truth=truth
    )


def _samples(samples: Iterable[int] | None, fewest: int) -> NDArray[np.int64]:
    if samples is None:
        powers = 2 ** np.arange(2, 63)
        chosen = powers[powers <= fewest // 2]
        if not len(chosen):
            msg = f"samples must be given for a log with {fewest} samples of a question; 8 are needed for the default"
            raise ArgumentError(msg)
        return chosen.astype(np.int64)
    values = np.unique(np.asarray(list(samples)))
    if values.size == 0 or values.dtype.kind not in "iu":
        msg = f"samples must be integers, got {samples!r}"
        raise ArgumentError(msg)
    if values[0] < 1 or values[-1] >= fewest:
        msg = (
            f"samples must be between 1 and {fewest - 1}, one less than the question with fewest "
            f"samples has, got {values[0] if values[0] < 1 else values[-1]}"
        )
        raise ArgumentError(msg)
    return values.astype(np.int64)


def _calls(k: Iterable[int] | None, least: int, most: int) -> NDArray[np.int64]:
    if k is None:
        if most < least:
            msg = f"samples must leave {least} of the question with fewest samples, leave {most}"
            raise ArgumentError(msg)
        points = np.geomspace(least, most, _GRID_POINTS).round()
        return np.unique(points.astype(np.int64))
    return np.unique(np.asarray(list(k), dtype=np.int64))


def _shuffled(log: AnswerLog, seed: list[int]) -> NDArray[np.int64]:
    """Return the positions of the samples, shuffled within questions."""
    generator = np.random.default_rng(seed)
    question = np.repeat(np.arange(log.n_questions), log.n_samples)
    return np.lexsort((generator.random(len(question)), question))


def _halves(log: AnswerLog, order: NDArray[np.int64], m: int) -> tuple[AnswerLog, AnswerLog]:
    """Return the log of the first m samples of each question in this order, and that of the rest."""
    rank = np.arange(len(order)) - np.repeat(log.offsets[:-1], log.n_samples)
    first = np.full(log.n_questions, m, dtype=np.int64)
    return (
        take_samples_recoded(log, order[rank < m], first),
        take_samples_recoded(log, order[rank >= m], log.n_samples - first),
    )
