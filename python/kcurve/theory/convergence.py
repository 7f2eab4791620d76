"""Where votes go with calls without end, and how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.errors import ArgumentError
from kcurve.theory.contest import TIE, Contest, leading_answers, two_largest
from kcurve.theory.distributions import (
    answer_masses,
    correct_answers,
    missing_mass,
    number_or_array,
    numbers_of_calls,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def vote_limit(p: ArrayLike, *, correct: ArrayLike = 0) -> Floats:
    """Return the limit of the vote's accuracy with calls without end.

    1 if the correct answer is the unique mode of p, 0 if another answer is more likely, and 1/m if
    it shares the mode with m - 1 others.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer; what a row lacks of 1 is the probability of no answer.
    correct : array_like of int [...] or of bool [..., A]
        The position of the correct answer, or a mask of the correct answers.

    Returns
    -------
    float64 [...]

    Notes
    -----
    The tie rule does not matter: the chance that as many votes go to both of two level answers
    vanishes as ``1 / sqrt(k)``. Theorem 1 of Wu et al. leaves m-fold modes out: then there is no
    limit with probability one, but the expectation still has the one given here. Probabilities
    within a relative 1e-12 are level.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, theorem 1.

    Examples
    --------
    >>> from kcurve.theory import vote_limit
    >>> vote_limit([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.3, 0.5, 0.2]])
    array([1. , 0.5, 0. ])
    """
    masses = answer_masses("p", p)
    missing_mass("p", masses)
    return _limit(masses, masses, correct_answers(correct, masses.shape))


def weighted_vote_limit(p: ArrayLike, reward: ArrayLike, *, correct: ArrayLike = 0) -> Floats:
    """Return the limit of a weighted vote's accuracy with calls without end.

    The claims of the answers grow as ``k p_a rho_a``: the answer with the largest product of
    probability and mean reward wins.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    reward : array_like [..., A]
        Mean reward, or weight, of the samples that give the answer; finite. It broadcasts with p.
    correct : array_like of int [...] or of bool [..., A]
        The position of the correct answer, or a mask of the correct answers.

    Returns
    -------
    float64 [...]

    Notes
    -----
    That a reward model which is "better than random" makes this limit at least the plain vote's is
    no theorem: what decides is each question's own ``p rho``. An m-fold tie gives 1/m; that is the
    limit for m = 2, and for more if the tied answers' rewards have equal variances.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, theorem 2.

    Examples
    --------
    A question that the plain vote gets wrong and the weighted vote right:

    >>> from kcurve.theory import vote_limit, weighted_vote_limit
    >>> p = [0.35, 0.40, 0.25]
    >>> float(vote_limit(p)), float(weighted_vote_limit(p, [0.8, 0.5, 0.4]))
    (0.0, 1.0)
    """
    probabilities, masses = _claims(p, reward)
    return _limit(probabilities, masses, correct_answers(correct, masses.shape))


def mode_gap(p: ArrayLike, *, reward: ArrayLike | None = None) -> Floats:
    """Return delta, by how much the leading answer's mass exceeds the second.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    reward : array_like [..., A], optional
        Mean rewards; the masses are then ``p rho``.

    Returns
    -------
    float64 [...]
        0 for a tie. With a single possible answer, its mass.

    Examples
    --------
    >>> from kcurve.theory import mode_gap
    >>> float(mode_gap([0.5, 0.3, 0.2]))
    0.2
    """
    _, masses = _claims(p, reward)
    first, second = two_largest(masses)
    return number_or_array(np.where(first - second <= TIE * np.abs(first), 0.0, first - second))


def vote_error(
    p: ArrayLike, k: ArrayLike, *, correct: ArrayLike = 0, threads: int | None = None
) -> Floats:
    """Return how far the vote's accuracy after k calls is from its limit, ``|F(k) - limit|``.

    The accuracy approaches a limit of 1 from below and a limit of 0 from above; ties are split.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    k : array_like of int, any shape [K]
        Numbers of calls, at least 1.
    correct : array_like of int [...] or of bool [..., A]
        The position of the correct answer, or a mask of the correct answers.
    threads : int, optional
        Threads to use; all by default.

    Returns
    -------
    float64 [..., K]
        With full relative precision, however small: it is summed over the answers that do wrong,
        not subtracted from the limit.

    Examples
    --------
    >>> from kcurve.theory import vote_error
    >>> vote_error([0.5, 0.3, 0.2], [25, 101, 401])
    array([1.42447e-01, 1.13761e-02, 2.78094e-06])
    """
    masses = answer_masses("p", p)
    number = numbers_of_calls(k)
    right = correct_answers(correct, masses.shape)
    errors = Contest.of(masses, right).error(number.reshape(1, -1), threads=threads)
    return number_or_array(errors.reshape(masses.shape[:-1] + number.shape))


def hoeffding_bound(p: ArrayLike, k: ArrayLike, *, reward: ArrayLike | None = None) -> Floats:
    """Return the bound ``|A| exp(-k delta^2 / 2)`` on the error of k votes, at most 1.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer; |A| counts those above 0.
    k : array_like of int, any shape [K]
        Numbers of calls.
    reward : array_like [..., A], optional
        Mean rewards in [0, 1], of rewards that are never outside.

    Returns
    -------
    float64 [..., K]
        1, which says nothing, where delta is 0.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, appendix (proof of theorem 1).

    Examples
    --------
    >>> from kcurve.theory import hoeffding_bound
    >>> float(hoeffding_bound([0.5, 0.3, 0.2], 101))
    0.39797
    """
    masses = answer_masses("p", p)
    if reward is not None and ((np.asarray(reward) < 0) | (np.asarray(reward) > 1)).any():
        msg = f"reward must be in [0, 1] for Hoeffding's inequality, got {reward!r:.80}"
        raise ArgumentError(msg)
    number = numbers_of_calls(k)
    delta = np.asarray(mode_gap(masses, reward=reward))
    answers = np.broadcast_to((masses > 0).sum(axis=-1), delta.shape)
    each = (..., *[None] * number.ndim)
    bound = answers[each] * np.exp(-number * delta[each] ** 2 / 2)
    return number_or_array(np.minimum(bound, 1.0))


def convergence_rate(p: ArrayLike, *, correct: ArrayLike | None = None) -> Floats:
    """Return the exponential rate r of the vote's convergence: errors fall as ``exp(-r k)``.

    An answer j wins against the mode with probability ``exp(-r_j k)``, up to a power of k, and
    ``r_j = -log(1 - (sqrt p_mode - sqrt p_j)^2)``; the runner-up's is the least.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer.
    correct : array_like of int [...] or of bool [..., A], optional
        With it, the rate at which the accuracy ``F(k)`` approaches its limit. If the correct answer
        is not the mode, it is the rate at which that answer ceases to win: it has to catch up with
        every answer ahead of it, and r is larger than the runner-up's.

    Returns
    -------
    float64 [...]
        Per call. 0 without `correct` for a tie, which the vote never settles; infinite if nothing
        can go wrong. ``exp(r)`` is the base c of Wu et al., theorem 1.

    Notes
    -----
    By Chernoff's bound and Cramer's theorem. For the m answers ahead of j with their geometric mean
    g, j included, ``r_j = -log(1 - sum p + m g)``, where those ahead are the ones that exceed the
    g they would make. Hoeffding's ``delta^2 / 2`` is never larger than the runner-up's r.

    Examples
    --------
    >>> import numpy as np
    >>> from kcurve.theory import convergence_rate
    >>> float(np.exp(convergence_rate([0.5, 0.3, 0.2])))
    1.02607
    """
    masses = answer_masses("p", p)
    missing = missing_mass("p", masses)
    if correct is None:
        first, second = two_largest(masses)
        tied = first - second <= TIE * first
        departure = (np.sqrt(first) - np.sqrt(np.where(tied, first, second))) ** 2
        with np.errstate(divide="ignore"):
            return number_or_array(-np.log1p(-np.minimum(departure, 1.0)))
    contest = Contest.of(masses, correct_answers(correct, masses.shape))
    return number_or_array(contest.rate(missing.reshape(-1)).reshape(masses.shape[:-1]))


def _claims(p: ArrayLike, reward: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return probabilities and claims per call, [..., A] each."""
    masses = answer_masses("p", p)
    missing_mass("p", masses)
    if reward is None:
        return masses, masses
    rewards = np.asarray(reward, dtype=np.float64)
    if not np.isfinite(rewards).all():
        msg = f"reward must be finite, got {rewards[~np.isfinite(rewards)][0]}"
        raise ArgumentError(msg)
    try:
        masses, rewards = np.broadcast_arrays(masses, rewards)
    except ValueError:
        msg = f"reward must have the shape of p, {masses.shape}, got {rewards.shape}"
        raise ArgumentError(msg) from None
    return masses, masses * rewards


def _limit(probabilities: Floats, masses: Floats, right: NDArray[np.bool_]) -> Floats:
    leading = leading_answers(probabilities, masses)
    return number_or_array((leading & right).sum(axis=-1) / leading.sum(axis=-1).clip(1))
