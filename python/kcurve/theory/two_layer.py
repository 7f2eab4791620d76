"""One layer of generators, one selector: a reconstruction, like the networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kcurve._validation import number_between
from kcurve.errors import ArgumentError
from kcurve.theory.distributions import number_or_array, numbers_of_calls
from kcurve.theory.networks import probability

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Quality: TypeAlias = "Callable[[Floats], ArrayLike] | ArrayLike"
"""The chance that a selector picks a right candidate: a function of the share of candidates that is
right, or its values at 0, 1/k, ..., 1."""


def two_layer(p: ArrayLike, quality: Quality, k: ArrayLike) -> Floats:
    """Return the accuracy of k generators and a selector among their answers (reconstruction).

    ``E[q(N / k)]`` with ``N ~ Binomial(k, p)``, exactly, for a selector whose quality q depends on
    the share of right candidates alone.

    Parameters
    ----------
    p : array_like [...]
        Accuracy of each generator.
    quality : callable or array_like [k + 1]
        q at an array of shares, such as `vote_quality` or `OddsQuality`; or, for a single k, its
        values at 0, 1/k, ..., 1, such as `round_robin` gives.
    k : array_like of int [K]
        Numbers of generators, at least 1.

    Returns
    -------
    float64 [..., K]

    Notes
    -----
    As k grows it tends to q(p) where q is continuous: a selector beats one generator in the end if
    and only if ``q(p) > p``, the threshold on its quality. For `vote_quality` it is the vote of two
    answers.

    Examples
    --------
    >>> from kcurve.theory import OddsQuality, two_layer, vote_quality
    >>> two_layer(0.3, OddsQuality(0.7), [2, 3, 10]).round(4)
    array([0.384 , 0.4201, 0.4758])
    >>> two_layer(0.6, vote_quality, [1, 5]).round(5)
    array([0.6    , 0.68256])
    """
    from scipy.stats import binom  # noqa: PLC0415 - scipy is slow to import

    number = numbers_of_calls(k)
    chance = probability("p", p)
    flat = number.reshape(-1)
    curve = np.empty((*chance.shape, len(flat)))
    for column, size in enumerate(flat.tolist()):
        right = np.arange(size + 1)
        values = quality(right / size) if callable(quality) else quality
        found = probability("quality", values)
        if found.shape != (size + 1,):
            msg = f"quality must have k + 1 = {size + 1} values, got shape {found.shape}"
            raise ArgumentError(msg)
        curve[..., column] = binom.pmf(right, size, chance[..., None]) @ found
    return number_or_array(curve.reshape(chance.shape + number.shape))


def vote_quality(share: ArrayLike) -> Floats:
    """Return the quality of a majority vote between right and wrong: 1 above one half, 1/2 at it.

    Examples
    --------
    >>> from kcurve.theory import vote_quality
    >>> vote_quality([0.4, 0.5, 0.6])
    array([0. , 0.5, 1. ])
    """
    return number_or_array(np.heaviside(probability("share", share) - 0.5, 0.5))


@dataclass(frozen=True, slots=True)
class OddsQuality:
    """Quality of a selector that weighs right against wrong candidates as s : 1 - s (reconstruction).

    ``q(f) = s f / (s f + (1 - s)(1 - f))``: it picks each right candidate s / (1 - s) times as
    readily as each wrong one. ``q(f) > f`` if and only if s > 1/2.

    Parameters
    ----------
    s : float
        Chance of the right one of a pair, 0 < s < 1.

    Examples
    --------
    >>> from kcurve.theory import OddsQuality
    >>> OddsQuality(0.7)([0.0, 0.3, 1.0])
    array([0. , 0.5, 1. ])
    """

    s: float

    def __post_init__(self) -> None:
        """Check the quality."""
        number_between("s", self.s, 1e-300, 1 - 1e-16)

    def __call__(self, share: ArrayLike) -> Floats:
        """Return the quality at shares of right candidates."""
        f = probability("share", share)
        return number_or_array(self.s * f / (self.s * f + (1 - self.s) * (1 - f)))


def quality_needed(p: ArrayLike, target: ArrayLike) -> Floats:
    """Return the selector quality s for which a network ends at the accuracy `target` (reconstruction).

    For a selector chain and for a two-layer network with `OddsQuality`, whose limit has the odds of p
    times those of s. To do better than one generator, target > p, takes s > 1/2.

    Parameters
    ----------
    p, target : array_like
        Accuracy of each generator, and the accuracy wanted, in (0, 1).

    Returns
    -------
    float64, broadcast

    Examples
    --------
    >>> from kcurve.theory import quality_needed
    >>> quality_needed(0.3, [0.3, 0.5, 0.9]).round(4)
    array([0.5   , 0.7   , 0.9545])
    """
    p, target = probability("p", p), probability("target", target)
    if ((p <= 0) | (p >= 1) | (target <= 0) | (target >= 1)).any():
        msg = "p and target must be between 0 and 1, excluded: no selector changes a certainty"
        raise ArgumentError(msg)
    wrong = target * (1 - p)
    return number_or_array(wrong / (wrong + p * (1 - target)))
