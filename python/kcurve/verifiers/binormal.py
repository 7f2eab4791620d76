"""Best-of-n by scores from two normal distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve.verifiers.plateau import chances, whole_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_REACH = 8.6
"""Normal densities are nothing beyond, in standard deviations."""

_POINTS = 258
_SHIFTS = 81


def binormal_best_of_n(
    p: ArrayLike, k: ArrayLike, *, auc: ArrayLike, spread: float = 0.0
) -> Floats | np.float64:
    """Return the accuracy of best-of-n if right and wrong samples have normal scores.

    Wrong samples score N(0, 1), right ones N(d, 1); with ``F(x) = p Phi(x - d) + (1 - p) Phi(x)`` the best of k is
    right with chance ``k p int phi(x - d) F(x)^(k - 1) dx``. The shift of a question is
    ``d ~ N(m, spread^2)``, the area within questions ``auc = Phi(m / sqrt(2 + spread^2))`` on average.

    Parameters
    ----------
    p : array_like of float
        Chance that a sample is right, in [0, 1].
    k : array_like of int
        Numbers of samples, at least 1.
    auc : array_like of float
        Mean chance that a right sample outscores a wrong one of its question, in [0, 1]. All three
        are broadcast.
    spread : float
        Standard deviation of the shift over questions, at least 0. If it is not 0 there are questions whose
        wrong samples score higher, and best-of-n tends to ``Phi(m / spread)``, not to 1.

    Returns
    -------
    float64 array or scalar

    Raises
    ------
    ArgumentError
        If a chance is outside [0, 1], or a k is below 1.

    Notes
    -----
    Trapezoidal sums of 258 points in x, whose error is below 1e-10 up to a million samples, and 81
    Gauss-Hermite points in d.

    Examples
    --------
    >>> from kcurve.verifiers import binormal_best_of_n
    >>> binormal_best_of_n(0.5, [1, 2, 16, 1000], auc=0.8)
    array([0.5       , 0.65      , 0.90366787, 0.985819  ])
    """
    p_, k_, auc_ = np.broadcast_arrays(chances("p", p), whole_numbers("k", k), chances("auc", auc))
    found = np.empty(p_.shape)
    for each in np.unique(auc_):
        here = auc_ == each
        rows, row = np.unique(p_[here], return_inverse=True)
        columns, column = np.unique(k_[here], return_inverse=True)
        found[here] = drawn_with_replacement(rows, columns, shifts(float(each), spread))[
            row, column
        ]
    return np.float64(found) if found.ndim == 0 else found


def shifts(auc: float, spread: float) -> tuple[Floats, Floats]:
    """Return shifts and weights that stand for the normal distribution of the shift."""
    from scipy.special import ndtri  # noqa: PLC0415 - scipy is slow to import

    mean = float(ndtri(auc)) * np.sqrt(2 + spread * spread)
    if spread == 0 or np.isinf(mean):
        return np.array([mean]), np.ones(1)
    points, weights = np.polynomial.hermite_e.hermegauss(_SHIFTS)
    return mean + spread * points, weights / weights.sum()


def drawn_with_replacement(p: Floats, k: Integers, shift: tuple[Floats, Floats]) -> Floats:
    """Return the accuracy [P, K] if each sample is right with chance p."""
    from scipy.special import log_ndtr, ndtr  # noqa: PLC0415 - scipy is slow to import

    y, weight = _points()
    found = np.zeros((len(p), len(k)))
    below = p[:, None] * ndtr(y)
    for d, share in zip(*shift, strict=True):
        if np.isinf(d):
            some = _some(p, k) if d > 0 else p[:, None] ** k
            found += share * some
            continue
        with np.errstate(divide="ignore"):
            log_below = np.log(below + (1 - p[:, None]) * np.exp(log_ndtr(y + d)))
        for column, calls in enumerate(k):
            found[:, column] += share * (calls * p * (np.exp((calls - 1) * log_below) @ weight))
    return found


def drawn_from_pool(
    right: Integers, size: Integers, k: Integers, shift: tuple[Floats, Floats]
) -> Floats:
    """Return the accuracy [P, K] of k samples of a pool of `size` samples, so many of them right."""
    from scipy.special import gammaln  # noqa: PLC0415 - scipy is slow to import

    def log_choose(n: NDArray[np.int64], m: NDArray[np.int64]) -> Floats:
        inside = (m >= 0) & (m <= n)
        m = np.where(inside, m, 0)
        value = gammaln(n + 1.0) - gammaln(m + 1.0) - gammaln(n - m + 1.0)
        return np.where(inside, value, -np.inf)

    found = np.empty((len(right), len(k)))
    for column, calls in enumerate(k):
        drawn = np.arange(calls + 1)
        wins = right_wins(int(calls), shift)
        chance = np.exp(
            log_choose(right[:, None], drawn)
            + log_choose((size - right)[:, None], calls - drawn)
            - log_choose(size[:, None], np.full(1, calls))
        )
        found[:, column] = chance @ wins
    return found


def right_wins(k: int, shift: tuple[Floats, Floats]) -> Floats:
    """Return the chance that the best of k samples is right if 0, 1, ..., k of them are, [k + 1].

    ``int j phi(y) Phi(y)^(j - 1) Phi(y + d)^(k - j) dy`` for j right ones.
    """
    from scipy.special import log_ndtr  # noqa: PLC0415 - scipy is slow to import

    y, weight = _points()
    found = np.zeros(k + 1)
    right = np.arange(1, k + 1)[:, None]
    own = (right - 1) * log_ndtr(y)
    for d, share in zip(*shift, strict=True):
        if np.isinf(d):
            found[1 if d > 0 else k :] += share
            continue
        found[1:] += share * right[:, 0] * (np.exp(own + (k - right) * log_ndtr(y + d)) @ weight)
    return found


def limit(p: Floats, auc: float, spread: float) -> Floats:
    """Return what best-of-n tends to, by p."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - scipy is slow to import

    mean = float(ndtri(auc)) * np.sqrt(2 + spread * spread)
    if spread > 0:
        share = float(ndtr(mean / spread))
        mixed = np.full(len(p), share)
    else:
        mixed = np.ones(len(p)) if mean > 0 else np.zeros(len(p)) if mean < 0 else p
    return np.where((p > 0) & (p < 1), mixed, p)


def _points() -> tuple[Floats, Floats]:
    """Return points and weights for integrals against the normal density."""
    y = np.linspace(-_REACH, _REACH, _POINTS)
    weight = np.exp(-y * y / 2) * (y[1] - y[0]) / np.sqrt(2 * np.pi)
    return y, weight


def _some(p: Floats, k: Integers) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(k * np.log1p(-p[:, None])))
