"""How fast a weighted vote settles: it takes the rewards' distributions to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.errors import ArgumentError
from kcurve.theory.contest import TIE
from kcurve.theory.distributions import answer_masses, number_or_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def weighted_convergence_rate(
    p: ArrayLike, rewards: ArrayLike, *, chances: ArrayLike | None = None
) -> Floats:
    """Return the exponential rate at which a weighted vote settles on its limit.

    For the leading answer b and a rival j, with W the weight that one call adds to a claim,
    ``r_j = -log min_{t > 0} E[exp(t (W_j - W_b))]``; r is the least over rivals. Mean rewards alone
    do not determine it: the rewards' distributions are needed.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    rewards : array_like [..., A, R]
        Possible rewards of the samples that give each answer; finite.
    chances : array_like [..., A, R], optional
        Their probabilities, each row normalised; equal by default.

    Returns
    -------
    float64 [...]
        Per call; 0 for a tie.

    Notes
    -----
    By Chernoff's bound, which holds for every k, and Cramer's theorem, by which no larger rate does.

    Examples
    --------
    Constant rewards of 1 give the plain vote's rate; noisy rewards of the same mean a lower one:

    >>> from kcurve.theory import convergence_rate, weighted_convergence_rate
    >>> p = [0.5, 0.3, 0.2]
    >>> float(convergence_rate(p)), float(weighted_convergence_rate(p, [[1.0]] * 3))
    (0.0257, 0.0257)
    >>> float(weighted_convergence_rate(p, [[0.0, 2.0]] * 3))
    0.0128
    """
    masses = answer_masses("p", p)
    values = np.asarray(rewards, dtype=np.float64)
    if values.ndim < 2 or not np.isfinite(values).all():
        msg = f"rewards must be finite, one row per answer, got shape {values.shape}"
        raise ArgumentError(msg)
    weights = np.ones_like(values) if chances is None else answer_masses("chances", chances)
    try:
        shape = np.broadcast_shapes((*masses.shape, 1), values.shape, weights.shape)
    except ValueError:
        msg = (
            "rewards and chances must have a row for each answer of p, got shapes "
            f"{values.shape}, {weights.shape} and {masses.shape}"
        )
        raise ArgumentError(msg) from None
    total = weights.sum(axis=-1, keepdims=True)
    if (total <= 0).any():
        msg = "chances must be above 0 for at least one reward of each answer"
        raise ArgumentError(msg)
    weights = weights / total
    values, weights = np.broadcast_to(values, shape), np.broadcast_to(weights, shape)
    masses = np.broadcast_to(masses, shape[:-1])
    claims = np.where(masses > 0, masses * (values * weights).sum(axis=-1), -np.inf)
    best = claims.argmax(axis=-1)[..., None]
    of_best = [
        np.take_along_axis(each, best[..., None], axis=-2)
        for each in (values, masses[..., None] * weights)
    ]
    rates = _chernoff_rates(of_best[0], of_best[1], values, masses[..., None] * weights)
    lead = np.take_along_axis(claims, best, axis=-1) - claims
    rates = np.where(lead <= TIE * np.abs(claims), 0.0, rates)
    rivals = (np.arange(shape[-2]) != best) & (masses > 0)
    return number_or_array(np.where(rivals, rates, np.inf).min(axis=-1))


def _chernoff_rates(
    best: Floats, best_chances: Floats, rival: Floats, rival_chances: Floats
) -> Floats:
    """Return ``-log min_t E[exp(t (W_j - W_b))]`` for every rival, by bisection of the derivative."""
    scale = np.maximum(np.abs(best).max(axis=-1), np.abs(rival).max(axis=-1))
    scale = np.where(scale > 0, scale, 1.0)[..., None]
    best, rival = best / scale, rival / scale

    def excess(t: Floats) -> Floats:
        """Expectation of ``exp(t X) - 1``: with log1p, precise for small rates."""
        gain = (rival_chances * np.expm1(t * rival)).sum(axis=-1)
        return np.asarray(gain + (best_chances * np.expm1(-t * best)).sum(axis=-1))

    def slope(t: Floats) -> Floats:
        gain = (rival_chances * rival * np.exp(t * rival)).sum(axis=-1)
        return np.asarray(gain - (best_chances * best * np.exp(-t * best)).sum(axis=-1))

    low, high = np.zeros(scale.shape), np.full(scale.shape, 700.0)
    for _ in range(80):
        middle = 0.5 * (low + high)
        falling = slope(middle)[..., None] < 0
        low, high = np.where(falling, middle, low), np.where(falling, high, middle)
    with np.errstate(divide="ignore"):
        return -np.log1p(np.maximum(excess(low), -1.0))
