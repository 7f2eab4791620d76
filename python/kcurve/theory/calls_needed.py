"""How many calls bring a vote within a given error of its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from kcurve._validation import choice, positive_integer
from kcurve.errors import ArgumentError
from kcurve.theory.contest import Contest
from kcurve.theory.convergence import mode_gap
from kcurve.theory.distributions import (
    answer_masses,
    correct_answers,
    missing_mass,
    number_or_array,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Calls = NDArray[np.int64]

By: TypeAlias = Literal["exact", "chernoff", "hoeffding"]
"""What the number of calls is judged by."""

_POINTS = 24
_WINDOW = 16
_FASTEST = 1e6
"""A rate that leaves nothing after one call: stands for infinity, which arithmetic does not."""


def calls_needed(
    p: ArrayLike,
    error: ArrayLike,
    *,
    correct: ArrayLike = 0,
    by: By = "exact",
    most: int = 10_000,
) -> Floats:
    """Return the number of calls from which on the vote is within `error` of its limit.

    The least k with ``|F(j) - limit| <= error`` for all j >= k.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    error : array_like [...]
        The error allowed, 0 < error < 1; it broadcasts with the questions.
    correct : array_like of int [...] or of bool [..., A]
        The position of the correct answer, or a mask of the correct answers.
    by : {"exact", "chernoff", "hoeffding"}
        The error itself; or the bound ``sum_j (1 - (sqrt p_mode - sqrt p_j)^2)^k`` on it, over the
        answers that are no mode; or the looser ``|A| exp(-k delta^2 / 2)``. The bounds hold for
        whatever answer is correct.
    most : int
        The largest k that is looked at for "exact".

    Returns
    -------
    float64 [...]
        Whole numbers. Infinite where more than `most` calls are needed, or no bound exists:
        Hoeffding's for a tie.

    Notes
    -----
    The error may rise before it falls, and may alternate between odd and even k. Where it falls
    below for the last time is searched on a geometric grid of k that is refined around its last
    point above, so that only a rise narrower than the grid's step would be missed. About a
    hundred evaluations of the exact vote per question.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, theorem 1.

    Examples
    --------
    >>> from kcurve.theory import calls_needed
    >>> [
    ...     int(calls_needed([0.5, 0.3, 0.2], 0.01, by=by))
    ...     for by in ("exact", "chernoff", "hoeffding")
    ... ]
    [106, 179, 286]
    """
    choice("by", by, ("exact", "chernoff", "hoeffding"))
    positive_integer("most", most)
    masses = answer_masses("p", p)
    allowed = np.asarray(error, dtype=np.float64)
    if not ((allowed > 0) & (allowed < 1)).all():
        msg = f"error must be greater than 0 and less than 1, got {error!r:.80}"
        raise ArgumentError(msg)
    try:
        shape = np.broadcast_shapes(masses.shape[:-1], allowed.shape)
    except ValueError:
        msg = f"error must broadcast with the questions {masses.shape[:-1]}, got {allowed.shape}"
        raise ArgumentError(msg) from None
    right = np.broadcast_to(correct_answers(correct, masses.shape), (*shape, masses.shape[-1]))
    masses = np.broadcast_to(masses, right.shape)
    allowed = np.broadcast_to(allowed, shape).reshape(-1)
    if by == "hoeffding":
        needed = _by_hoeffding(masses, allowed)
    else:
        contest = Contest.of(masses, right)
        needed = _by_chernoff(contest, allowed)
        if by == "exact":
            last = np.minimum(needed, most).astype(np.int64)
            needed = settled_from(contest.error, allowed, last, most)
    return number_or_array(needed.reshape(shape))


def _by_hoeffding(masses: Floats, allowed: Floats) -> Floats:
    delta = np.reshape(mode_gap(masses), -1)
    answers = np.reshape((masses > 0).sum(axis=-1), -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.ceil(2 * np.log(answers / allowed) / delta**2)
    return np.where(delta > 0, np.maximum(needed, 1), np.inf)


def _by_chernoff(contest: Contest, allowed: Floats) -> Floats:
    """Return the least k for which the sum over outsiders of their bounds is small enough."""
    missing = missing_mass("p", contest.masses)
    mode = contest.masses.max(axis=-1, keepdims=True)
    departure = (np.sqrt(mode) - np.sqrt(contest.masses)) ** 2
    with np.errstate(divide="ignore"):
        rates = -np.log1p(-np.minimum(departure, 1.0))
        # Without any answer the limit is 0 from the first call on.
        silence = np.where(mode > 0, -np.log(missing)[:, None], np.inf)
    rates = np.where(contest.leading | (contest.masses <= 0), np.inf, rates)
    # An answer's win includes that nobody votes; without others that alone can go wrong.
    rates = np.concatenate([rates, silence], axis=-1)
    rates = np.minimum(rates, _FASTEST)
    slowest = rates.min(axis=-1)
    low, high = np.zeros(len(rates)), np.log(rates.shape[-1] / allowed) / slowest
    for _ in range(80):
        middle = 0.5 * (low + high)
        above = np.exp(-rates * middle[:, None]).sum(axis=-1) > allowed
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.maximum(np.ceil(high * (1 - 1e-12)), 1.0))


def settled_from(
    error: Callable[[Calls], Floats], allowed: Floats, last: Calls, most: int
) -> Floats:
    """Return for each row the k from which on ``error(k)`` stays within what is allowed.

    ``error`` takes numbers of calls [rows, points] and returns as many errors; from `last` on they
    are known to be within, unless `last` is `most`, beyond which nothing is known.
    """
    points = _grid(np.ones_like(last), last)
    above = error(points) > allowed[:, None]
    beyond = above[:, -1] & (last == most)
    low, high = _around_last(points, above)
    while (high - low > 1).any():
        points = _grid(low, high)
        low, high = _around_last(points, error(points) > allowed[:, None])
    # Between odd and even k the error alternates: look once more at the neighbours ahead.
    while True:
        points = np.minimum(high[:, None] + np.arange(_WINDOW), np.maximum(last, high)[:, None])
        above = error(points) > allowed[:, None]
        if not above[~beyond].any():
            return np.where(beyond, np.inf, high.astype(np.float64))
        later = points[np.arange(len(points)), _WINDOW - 1 - above[:, ::-1].argmax(axis=1)] + 1
        high = np.where(above.any(axis=1) & ~beyond, later, high)


def _grid(low: Calls, high: Calls) -> Calls:
    """Return about geometric numbers from low to high, both included, [rows, points]."""
    share = np.linspace(0, 1, _POINTS)
    ratio = (high / np.maximum(low, 1))[:, None]
    points = np.maximum(low, 1)[:, None] * ratio**share
    points = np.clip(points.round(), np.maximum(low, 1)[:, None], high[:, None])
    return np.asarray(points.astype(np.int64))


def _around_last(points: Calls, above: NDArray[np.bool_]) -> tuple[Calls, Calls]:
    """Return the last point above, 0 if there is none, and the point after it."""
    row = np.arange(len(points))
    some = above.any(axis=1)
    last = np.where(some, points.shape[1] - 1 - above[:, ::-1].argmax(axis=1), 0)
    low = np.where(some, points[row, last], 0)
    following = np.where(points > low[:, None], points, np.iinfo(np.int64).max).min(axis=1)
    high = np.where(following == np.iinfo(np.int64).max, low + 1, following)
    # Nothing above on the grid: the first point is the answer, as far as the grid can see.
    return np.where(some, low, points[:, 0] - 1), np.where(some, high, points[:, 0])
