"""The log that a better, or a worse, verifier would have left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice, number_between
from kcurve.errors import ArgumentError, LogError
from kcurve.verifiers.scored import ScoredSamples, scored_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]

_FAR = 40.0
"""A shift that puts every right sample above every wrong one."""

_HALVINGS = 40


def shifted(
    log: AnswerLog, *, auc: float, scale: Literal["normal", "logged"] = "normal", rng: int = 0
) -> AnswerLog:
    """Return the log with scores of another quality: right samples moved up, or down, by the same.

    Scores become normal by their ranks, and those of right samples are moved by the distance that gives
    the wanted area within questions. What else the verifier does stays: a wrong sample that it gives the
    highest score of all is still above the wrong ones, and above the right ones unless the move is as far.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores.
    auc : float
        Mean area within questions, in [0, 1], samples without a score lowest; see `roc`.
    scale : {"normal", "logged"}
        What scores are: the normal ones; or the scores of the log, handed out anew in their order, so that
        thresholds keep as many samples, and weights sum up to as much, as before.
    rng : int
        Seed of the coin that breaks ties: without it, the least move would decide all of them.

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
    The area is a step function of the distance, each step the win of a pair: the distance found is the
    least that reaches it. Cost: a sort, and forty searches of right samples among wrong ones.

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
    normal = _normal_scores(samples.score[scored], np.random.Generator(np.random.PCG64(rng)))
    distance = _distance(samples, scored, normal, auc)
    moved = normal + distance * samples.right[scored]
    if scale == "logged":
        order = np.argsort(moved, kind="stable")
        moved[order] = np.sort(samples.score[scored])
    score = np.full(len(log.score), np.nan)
    score[samples.place[scored]] = moved
    return replace(log, score=score)


def _normal_scores(score: Floats, random: np.random.Generator) -> Floats:
    """Return the normal quantiles at the ranks of the scores, ties broken by coins."""
    from scipy.special import ndtri  # noqa: PLC0415 - scipy is slow to import

    order = np.lexsort((random.random(len(score)), score))
    normal = np.empty(len(score))
    normal[order] = ndtri((np.arange(len(score)) + 0.5) / len(score))
    return normal


def _distance(
    samples: ScoredSamples, scored: NDArray[np.bool_], normal: Floats, auc: float
) -> float:
    """Return the least distance by which right samples must rise for the area, by bisection."""
    right = samples.right[scored]
    # Questions side by side, so far from each other that no move mixes them.
    key = normal + 3 * _FAR * samples.question[scored]
    mine, theirs = key[right], np.sort(key[~right])
    owner = samples.question[scored][right]
    before = np.cumsum(np.bincount(samples.question[scored & ~samples.right], minlength=1))
    n_right, n_wrong = samples.sums(samples.right), samples.sums(~samples.right)
    mixed = (n_right > 0) & (n_wrong > 0)
    if not mixed.any():
        msg = "no question has both right and wrong samples, so that the verifier has no area there"
        raise LogError(msg)
    silent = samples.sums(~samples.right & ~scored)
    certain = silent * (n_right - samples.sums(samples.right & ~scored) / 2)
    start = np.concatenate([[0], before, np.full(samples.n_questions, before[-1])])[owner]
    pairs = np.where(mixed, n_right * n_wrong, 1)

    def area(distance: float) -> float:
        below = np.searchsorted(theirs, mine + distance) - start
        wins = np.bincount(owner, below, minlength=samples.n_questions) + certain
        return float((wins / pairs)[mixed].mean())

    least, most = area(-_FAR), area(_FAR)
    if not least - 1e-12 <= auc <= most + 1e-12:
        msg = (
            f"auc must be between {least:.6g} and {most:.6g}, what samples without a score allow, "
            f"got {auc}; drop them from the log first"
        )
        raise ArgumentError(msg)
    low, high = -_FAR, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if area(middle) >= auc - 1e-12 else (middle, high)
    return high
