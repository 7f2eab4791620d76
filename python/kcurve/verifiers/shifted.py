"""The log that a better, or a worse, verifier would have left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice, number_between
from kcurve.errors import ArgumentError, LogError
from kcurve.verifiers.areas import within_areas
from kcurve.verifiers.scored import scored_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]

_FAR = 40.0
"""A shift that puts every right sample above every wrong one."""

_HALVINGS = 27
"""Find the shift to a millionth."""


def shifted(
    log: AnswerLog, *, auc: float, scale: Literal["normal", "logged"] = "normal"
) -> AnswerLog:
    """Return the log with scores of another quality: right samples moved up, or down, by the same.

    Scores become normal by their ranks, and those of right samples are moved by the distance that gives
    the wanted area within questions. What else the verifier does stays: a wrong sample that it gives the highest
    score of all is still above the wrong ones, and above the right ones unless the move is as far.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores.
    auc : float
        Mean area within questions, in [0, 1], samples without a score lowest; see `roc`.
    scale : {"normal", "logged"}
        What scores are: the normal ones; or the scores of the log, handed out anew in their order, so that
        thresholds keep as many samples, and weights sum up to as much, as before.

    Returns
    -------
    AnswerLog
        Samples without a score stay without.

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If no question has both right and wrong samples.
    ArgumentError
        If samples without a score keep the area from being reached.

    Notes
    -----
    The area is a step function of the distance: the one found is the least, to a millionth, that
    reaches it. Cost: thirty sorts of the samples.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BetaQuestions, RewardModel
    >>> from kcurve.verifiers import roc, shifted
    >>> log = BetaQuestions(a=1, b=1).log(200, 20, score=RewardModel(auc=0.6))
    >>> round(roc(shifted(log, auc=0.9)).within_auc, 3)
    0.9
    """
    number_between("auc", auc, 0, 1)
    choice("scale", scale, ("normal", "logged"))
    samples = scored_samples(log, missing="lowest")
    assert log.score is not None  # noqa: S101 - it has scored samples
    scored = samples.score > -np.inf
    normal = np.full(len(scored), -np.inf)
    normal[scored] = _normal_scores(samples.score[scored])

    def area(distance: float) -> float:
        moved = normal + distance * samples.right
        values = within_areas(replace(samples, score=moved)).area
        return float(np.nanmean(values))

    if np.isnan(within_areas(samples).area).all():
        msg = "no question has both right and wrong samples, so that the verifier has no area there"
        raise LogError(msg)
    reach = area(_FAR)
    if reach < auc - 1e-12 or area(-_FAR) > auc + 1e-12:
        msg = (
            f"auc must be between {area(-_FAR):.6g} and {reach:.6g}, what samples without a score "
            f"allow, got {auc}; drop them from the log first"
        )
        raise ArgumentError(msg)
    low, high = -_FAR, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if area(middle) >= auc - 1e-12 else (middle, high)
    unscored = np.isnan(log.score)
    score = np.full(len(log.score), np.nan)
    score[~unscored] = _normal_scores(log.score[~unscored]) + high * log.correct[~unscored]
    if scale == "logged":
        score[~unscored] = np.sort(log.score[~unscored])[_middle_ranks(score[~unscored])]
    return replace(log, score=score)


def _normal_scores(score: Floats) -> Floats:
    """Return the normal quantiles at the mean ranks of the scores."""
    from scipy.special import ndtri  # noqa: PLC0415 - scipy is slow to import

    _, level, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return np.asarray(ndtri((rank - 0.5) / len(score))[level])


def _middle_ranks(score: Floats) -> NDArray[np.int64]:
    """Return the rank of each score, from 0; of equal scores the middle one."""
    _, level, count = np.unique(score, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count + 1) // 2)[level], dtype=np.int64)
