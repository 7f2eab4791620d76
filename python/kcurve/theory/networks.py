"""Networks of generators and selectors: a reconstruction.

"Networks of networks" of LLM calls are known to us from summaries of an earlier version of Chen et
al., arXiv 2403.02419, not from its text. What is here is derived anew under the simplest assumptions
that those summaries suggest: all candidates are independent given the question, each right or wrong, and
a selector judges right against wrong. It is labelled a reconstruction throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.theory.distributions import number_or_array, numbers_of_calls

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """What one more call does to a candidate (reconstruction): it may be kept, or fixed.

    Steps compose: ``a.then(b)`` is one step, and `after` repeats it. The accuracy is all that matters
    of a candidate, and each step is affine in it: ``a -> a keep_right + (1 - a) fix_wrong``.

    Parameters
    ----------
    keep_right : float
        Chance A that a right candidate is right afterwards.
    fix_wrong : float
        Chance B that a wrong one is.

    Examples
    --------
    A generator that revises its answer, and a chain of four such revisions:

    >>> from kcurve.theory import Step
    >>> revise = Step(keep_right=0.9, fix_wrong=0.3)
    >>> revise.after(0.5, [1, 4]).round(4), revise.limit
    (array([0.6   , 0.7176]), 0.75)
    """

    keep_right: float
    fix_wrong: float

    def __post_init__(self) -> None:
        """Check the chances."""
        number_between("keep_right", self.keep_right, 0, 1)
        number_between("fix_wrong", self.fix_wrong, 0, 1)

    @property
    def factor(self) -> float:
        """By what the distance to the limit is multiplied, ``A - B``; alternating if negative."""
        return self.keep_right - self.fix_wrong

    @property
    def limit(self) -> float:
        """Accuracy after steps without end, ``B / (1 - A + B)``.

        NaN if nothing ever changes (A = 1, B = 0: the accuracy stays what it is), or if right and
        wrong change places for ever (A = 0, B = 1).
        """
        if abs(self.factor) >= 1:
            return np.nan
        return self.fix_wrong / (1 - self.factor)

    def improves(self, start: float) -> bool:
        """Return whether a chain of these steps ends above the accuracy it starts from.

        The dichotomy: with A >= B all steps lead towards the limit from one side, so that the chain
        improves with every step, or with none.
        """
        return bool(self.limit > start)

    def then(self, following: Step) -> Step:
        """Return the step that is this one, then the `following`."""
        return Step(
            self.keep_right * following.keep_right + (1 - self.keep_right) * following.fix_wrong,
            self.fix_wrong * following.keep_right + (1 - self.fix_wrong) * following.fix_wrong,
        )

    def after(self, start: ArrayLike, steps: ArrayLike) -> Floats:
        """Return the accuracy after numbers of steps, 0 or more, from accuracies `start`.

        Parameters
        ----------
        start : array_like [...]
            Accuracies in [0, 1].
        steps : array_like of int [K]
            Numbers of steps.

        Returns
        -------
        float64 [..., K]
            ``limit + (start - limit) factor^steps``.
        """
        number = numbers_of_calls(steps, least=0)
        begin = probability("start", start)[(..., *[None] * number.ndim)]
        power = np.power(self.factor, number)
        # (1 - f^n) / (1 - f) for every f: the geometric sum of what is fixed on the way.
        total = number if self.factor == 1 else (1 - power) / (1 - self.factor)
        return number_or_array(begin * power + self.fix_wrong * total)


def challenge(p: float, s: float) -> Step:
    """Return the step of a selector chain (reconstruction): a fresh candidate challenges the champion.

    Of a right and a wrong one the selector picks the right one with probability s; of two alike it
    matters not which.

    Parameters
    ----------
    p : float
        Accuracy of the generator that challenges.
    s : float
        Quality of the selector.

    Returns
    -------
    Step
        ``A = 1 - (1 - p)(1 - s)``, ``B = p s``: its limit is ``ps / (ps + (1-p)(1-s))``, whose odds
        are those of p times those of s; above p if and only if s > 1/2.

    Examples
    --------
    >>> from kcurve.theory import challenge
    >>> challenge(0.3, 0.7).limit, challenge(0.3, 0.4).limit
    (0.5, 0.2222)
    """
    number_between("p", p, 0, 1)
    number_between("s", s, 0, 1)
    return Step(1 - (1 - p) * (1 - s), p * s)


def selector_chain(p: float, s: float, k: ArrayLike) -> Floats:
    """Return the accuracy of a chain of k generators with a selector between them (reconstruction).

    ``a_1 = p``, ``a_(j+1) = a_j (1 - (1-p)(1-s)) + (1 - a_j) p s``: see `challenge`.

    Parameters
    ----------
    p, s : float
        Accuracy of each generator, quality of the selector.
    k : array_like of int [K]
        Numbers of generators, at least 1; the selector is called k - 1 times.

    Returns
    -------
    float64 [K]

    Examples
    --------
    >>> from kcurve.theory import selector_chain
    >>> selector_chain(0.3, 0.7, [1, 2, 3, 5]).round(4)
    array([0.3   , 0.384 , 0.4327, 0.4774])
    """
    return challenge(p, s).after(p, numbers_of_calls(k) - 1)


def generator_chain(p: float, k: ArrayLike, *, keep_right: float, fix_wrong: float) -> Floats:
    """Return the accuracy of k generators, each revising what the last one left (reconstruction).

    ``a_1 = p``, ``a_(j+1) = a_j A + (1 - a_j) B``: see `Step`.

    Parameters
    ----------
    p : float
        Accuracy of the first.
    k : array_like of int [K]
        Numbers of generators, at least 1.
    keep_right, fix_wrong : float
        Chances A and B that a right and a wrong candidate is right after a revision.

    Returns
    -------
    float64 [K]

    Examples
    --------
    >>> from kcurve.theory import generator_chain
    >>> generator_chain(0.5, [1, 2, 5], keep_right=0.9, fix_wrong=0.3).round(4)
    array([0.5   , 0.6   , 0.7176])
    """
    return Step(keep_right, fix_wrong).after(p, numbers_of_calls(k) - 1)


def select(a: ArrayLike, b: ArrayLike, s: ArrayLike) -> Floats:
    """Return the accuracy of a selector between two independent networks (reconstruction).

    ``a b + s (a (1 - b) + b (1 - a))``: how networks of any kind are put together in pairs.

    Parameters
    ----------
    a, b : array_like
        Accuracies of the networks.
    s : array_like
        Quality of the selector.

    Returns
    -------
    float64, broadcast

    Examples
    --------
    >>> from kcurve.theory import select, selector_chain
    >>> float(select(selector_chain(0.3, 0.7, 2), 0.3, 0.7)), float(selector_chain(0.3, 0.7, 3))
    (0.43272, 0.43272)
    """
    a, b, s = probability("a", a), probability("b", b), probability("s", s)
    return number_or_array(a * b + s * (a * (1 - b) + b * (1 - a)))


def knockout(p: float, s: float, rounds: ArrayLike) -> Floats:
    """Return the accuracy of a knock-out tournament of 2^rounds generators (reconstruction).

    ``a_0 = p``, ``a_(r+1) = select(a_r, a_r, s)``. Unlike a chain it tends to 1 if s > 1/2 and to 0
    if s < 1/2, for 0 < p < 1: what a winner meets grows as strong as itself.

    Parameters
    ----------
    p, s : float
        Accuracy of each generator, quality of the selector.
    rounds : array_like of int [K]
        Numbers of rounds, 0 or more: 2^rounds generators, one selector call less.

    Returns
    -------
    float64 [K]

    Examples
    --------
    >>> from kcurve.theory import knockout
    >>> knockout(0.3, 0.7, [0, 1, 2, 10]).round(4)
    array([0.3   , 0.384 , 0.4786, 0.9727])
    """
    number = numbers_of_calls(rounds, least=0)
    curve = [probability("p", p)]
    for _ in range(int(number.max())):
        curve.append(select(curve[-1], curve[-1], s))
    return number_or_array(np.array(curve)[number])


def probability(name: str, values: ArrayLike) -> Floats:
    """Return probabilities as an array, each in [0, 1]."""
    given = np.asarray(values, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        msg = f"{name} must be in [0, 1], got {values!r:.80}"
        raise ArgumentError(msg)
    return given
