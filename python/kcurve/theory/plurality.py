"""The exact plurality vote of known answer probabilities, filtered or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import choice, positive_integer
from kcurve.errors import ArgumentError
from kcurve.theory.distributions import (
    answer_masses,
    correct_answers,
    missing_mass,
    number_or_array,
    numbers_of_calls,
    rows,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from kcurve.rules import CallAccounting, Ties

_TIES = ("split", "first", "wrong")


def vote_accuracy(
    p: ArrayLike,
    k: ArrayLike,
    *,
    correct: ArrayLike = 0,
    ties: Ties = "split",
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Return the probability that the plurality of k independent answers is correct.

    With N_a the votes of answer a, multinomial with k draws and probabilities p,
    ``F(k) = E[1[N_c = max N] / #{a : N_a = max N}]``, exactly.

    Parameters
    ----------
    p : array_like [..., A]
        Probability of each answer. What a row lacks of 1 is the probability of no answer, which
        never wins; a row within 1e-9 of 1 is taken as complete.
    k : array_like of int, any shape [K]
        Numbers of calls, at least 1.
    correct : array_like of int [...] or of bool [..., A]
        The position of the correct answer, the first by default; or a mask of the correct answers,
        which then share their wins.
    ties : {"split", "first", "wrong"}
        How a tie for first place is scored: by the share of the tied answers that is correct (for
        "first", too, whose expectation is the same), or as 0.
    threads : int, optional
        Threads to use; all by default. The result has the same bits for any number.

    Returns
    -------
    float64 [..., K]
        A number if p is one distribution and k one integer.

    Raises
    ------
    ArgumentError
        If probabilities are negative, not finite or sum to more than 1, if k is less than 1, or if
        `correct` is no answer.

    Notes
    -----
    For two answers and odd k this is the incomplete beta function ``I_p((k+1)/2, (k+1)/2)``; an even k
    equals k - 1. Small results keep their relative precision, about 1e-12, and 1e-10 below 1e-60. Up to a few dozen k the cost is about ``k^2 A`` multiply-adds for all k at once;
    beyond, ``100 k`` per answer that can win and k.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4.

    Examples
    --------
    >>> from kcurve.theory import vote_accuracy
    >>> vote_accuracy([0.4, 0.35, 0.25], [3, 4, 10]).round(5)
    array([0.422, 0.436, 0.488])

    A hard question may gain from a few calls before it loses:

    >>> vote_accuracy([0.35, 0.4, 0.25], [1, 4, 50]).round(5)
    array([0.35   , 0.35525, 0.32407])
    """
    choice("ties", ties, _TIES)
    masses = answer_masses("p", p)
    inert = missing_mass("p", masses)
    number = numbers_of_calls(k)
    right = correct_answers(correct, masses.shape)
    if threads is not None:
        positive_integer("threads", threads)
    scores = _core.vote_accuracy(
        rows(masses), rows(right), inert.reshape(-1), number.reshape(1, -1), ties, threads
    )
    return number_or_array(scores.reshape(masses.shape[:-1] + number.shape))


def filter_vote_accuracy(
    kept: ArrayLike,
    dropped: ArrayLike,
    k: ArrayLike,
    *,
    correct: ArrayLike = 0,
    ties: Ties = "split",
    calls: CallAccounting = "paper",
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Return the probability that Filter-Vote is correct after k calls.

    Of m independent candidates those that the filter keeps vote, or all of them if it keeps none:
    ``F = sum_{s>=1} P(s kept) maj@s(kept) + P(none kept) maj@m(dropped)``, exactly.

    Parameters
    ----------
    kept, dropped : array_like [..., A]
        Joint probability that a candidate gives the answer and the filter keeps it, or drops it:
        for answer probabilities p and chances s of being kept, ``p * s`` and ``p * (1 - s)``. The
        leading dimensions broadcast. What both lack of 1 are candidates without an answer: they
        are dropped, and never win.
    k : array_like of int, any shape [K]
        Numbers of calls.
    correct, ties, threads
        As in `vote_accuracy`.
    calls : {"paper", "candidates"}
        What k counts. ``"paper"``: generator and filter calls alike, ``m = floor(k / 2)``, k >= 2.
        ``"candidates"``: candidates, ``m = k``.

    Returns
    -------
    float64 [..., K]
        A number if there is one question and k is one integer.

    Raises
    ------
    ArgumentError
        If the masses are negative, not finite, disagree in shape or sum to more than 1, or if k is
        too small.

    Notes
    -----
    The cost is that of two votes.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, Algorithm 2.

    Examples
    --------
    A filter that keeps 80 % of the right and 40 % of the wrong candidates makes a hard question easy:

    >>> import numpy as np
    >>> from kcurve.theory import filter_vote_accuracy
    >>> p, s = np.array([0.4, 0.6]), np.array([0.8, 0.4])
    >>> filter_vote_accuracy(p * s, p * (1 - s), [2, 4, 10, 100]).round(6)
    array([0.4     , 0.496   , 0.585552, 0.775614])
    """
    choice("ties", ties, _TIES)
    choice("calls", calls, ("paper", "candidates"))
    keep, drop = answer_masses("kept", kept), answer_masses("dropped", dropped)
    if keep.shape[-1] != drop.shape[-1]:
        msg = (
            "kept and dropped must be of the same answers, "
            f"got {keep.shape[-1]} and {drop.shape[-1]}"
        )
        raise ArgumentError(msg)
    keep, drop = np.broadcast_arrays(keep, drop)
    inert = missing_mass("kept + dropped", keep + drop)
    per_candidate = 2 if calls == "paper" else 1
    number = numbers_of_calls(k, least=per_candidate)
    right = correct_answers(correct, keep.shape)
    if threads is not None:
        positive_integer("threads", threads)
    scores = _core.filter_vote_accuracy(
        rows(keep),
        rows(drop),
        rows(right),
        inert.reshape(-1),
        number.reshape(-1),
        ties,
        per_candidate,
        threads,
    )
    return number_or_array(scores.reshape(keep.shape[:-1] + number.shape))
