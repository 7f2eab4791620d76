"""Scores made into chances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import positive_integer
from kcurve.errors import ArgumentError, LogError
from kcurve.verifiers.scored import scored_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]

_STEPS = 100
_PENALTY = 1e-6
"""Keeps the slope finite where a threshold separates right from wrong; too small to matter elsewhere."""


def recalibrated(log: AnswerLog, *, folds: int = 5, rng: int = 0) -> AnswerLog:
    """Return the log with scores that are chances, by logistic regression across questions.

    ``score' = 1 / (1 + exp(-(a + b score)))``, with a and b fitted on the questions of the other
    folds: no question has a part in its own scores, so that `calibration` of the result is honest.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with finite scores of any scale.
    folds : int
        Number of folds, at least 2 and at most the number of questions (or clusters).
    rng : int
        Seed of the folds.

    Returns
    -------
    AnswerLog
        Samples without a score stay without.

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If a score is infinite, or the scored samples outside of a fold are all right or all wrong.
    ArgumentError
        If there are more folds than questions or clusters.

    Notes
    -----
    The order of scores within a fold stays, or is reversed where b is negative, so that best-of-n of a
    question is the same for b > 0. Scores in [0, 1] are not put on the logit scale first: 0 and 1 are common
    among them. Newton's method; cost: a few passes over the samples for each fold.

    References
    ----------
    Platt, "Probabilistic Outputs for Support Vector Machines", 1999.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.verifiers import calibration, recalibrated
    >>> from kcurve.simulate import BetaQuestions, RewardModel
    >>> log = BetaQuestions(a=1, b=1).log(200, 20, score=RewardModel(auc=0.8))
    >>> round(calibration(log).ece, 3), round(calibration(recalibrated(log)).ece, 3)
    (0.034, 0.027)
    """
    positive_integer("folds", folds)
    samples = scored_samples(log)
    assert log.score is not None  # noqa: S101 - it has scored samples
    if not 2 <= folds <= samples.n_units:
        kind = "questions" if log.cluster is None else "clusters"
        msg = f"folds must be between 2 and {samples.n_units} (the {kind}), got {folds}"
        raise ArgumentError(msg)
    if np.isinf(samples.score).any():
        msg = "an infinite score cannot be recalibrated; replace it by a finite one"
        raise LogError(msg)
    random = np.random.Generator(np.random.PCG64(rng))
    fold_of_unit = random.permutation(samples.n_units) % folds
    fold = fold_of_unit[samples.unit]
    own = fold[samples.question]
    fold_in_log = np.empty_like(fold)
    fold_in_log[samples.position] = fold
    fold_of_sample = np.repeat(fold_in_log, log.n_samples)
    scored = ~np.isnan(log.score)
    chances = np.full(len(log.score), np.nan)
    for each in range(folds):
        others = own != each
        a, b = logistic_fit(samples.score[others], samples.right[others])
        mine = (fold_of_sample == each) & scored
        chances[mine] = _logistic(a + b * log.score[mine])
    return replace(log, score=chances)


def logistic_fit(score: Floats, right: NDArray[np.bool_]) -> tuple[float, float]:
    """Return intercept and slope of the logistic regression of correctness on the score."""
    if right.all() or not right.any():
        verdict = "right" if right.all() else "wrong"
        msg = (
            f"the {len(right)} scored samples of the other folds are all {verdict}; "
            "recalibration needs both kinds"
        )
        raise LogError(msg)
    centre, scale = float(score.mean()), float(score.std())
    z = (score - centre) / scale if scale > 0 else np.zeros(len(score))
    hits = right.astype(np.float64)
    x = np.stack([np.ones(len(z)), z], axis=1)
    base = float(right.mean())
    beta = np.array([np.log(base / (1 - base)), 0.0])
    penalty = np.array([0.0, _PENALTY * len(score)])
    value = _loss(x @ beta, hits, beta, penalty)
    for _ in range(_STEPS):
        p = _logistic(x @ beta)
        gradient = x.T @ (p - hits) + penalty * beta
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-12)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-8:
            tried = beta - size * step
            reached = _loss(x @ tried, hits, tried, penalty)
            if reached <= value:
                break
            size /= 2
        else:
            break
        done = value - reached <= 1e-14 * abs(value)
        beta, value = tried, reached
        if done:
            break
    slope = beta[1] / scale if scale > 0 else 0.0
    return float(beta[0] - slope * centre), float(slope)


def _loss(eta: Floats, hits: Floats, beta: Floats, penalty: Floats) -> float:
    return float(np.logaddexp(0, eta).sum() - hits @ eta + penalty @ beta**2 / 2)


def _logistic(eta: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0, -eta)))
