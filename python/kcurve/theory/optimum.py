"""The best number of calls of a vote over a data set of two levels of difficulty."""

from __future__ import annotations

import dataclasses
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import positive_integer
from kcurve.theory._two_levels import two_levels
from kcurve.theory.binary import binary_vote

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from kcurve.theory._two_levels import TwoLevels

_VALID = "p1 + p2 > 1 and alpha > alpha_c: the accuracy rises and then falls, and K* is the peak"
_MINIMUM = "p1 + p2 < 1: K*, where it is positive, is the worst number of calls, not the best"
_NEVER_RISES = "alpha <= alpha_c: the accuracy falls from the first call on, and K* is below 2"
_NO_BALANCE = "p1 + p2 = 1: both levels move in step, and the formula divides by zero"
_ONE_LEVEL = "alpha is 0 or 1: there is one level only"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KStar:
    """The closed form K*, whether it holds, and the exact optimum.

    Python numbers if all arguments were numbers, else arrays of their broadcast shape.

    Attributes
    ----------
    k_star : float
        The formula's value, a real number; NaN where it has none.
    valid : bool
        Whether the optimum is an odd integer next to it.
    reason : str
        Why, or why not.
    optimal_k : int or float
        The exact optimum, as of `optimal_calls`; infinite where no number of calls is best.
    accuracy : float
        Accuracy at the optimum, or the supremum.
    attained : bool
        Whether a number of calls attains it; else it is the limit of calls without end.
    """

    k_star: Any
    valid: Any
    reason: Any
    optimal_k: Any
    accuracy: Any
    attained: Any

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name, arrays as lists."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }


def k_star(alpha: ArrayLike, p1: ArrayLike, p2: ArrayLike) -> KStar:
    """Closed form of the best number of calls, with the range where it holds and the exact optimum.

    ``K* = 2 ln[alpha/(1-alpha) (2 p1 - 1)/(1 - 2 p2)] / ln[p2 (1-p2) / (p1 (1-p1))]``

    It holds if and only if p1 + p2 > 1 and alpha > alpha_c (see `landscape`), which is where it is
    above 2. The best odd number of calls is then ``2 floor(K*/2) + 1``, the odd integer nearest to K*; if K*/2 is an
    integer, K* - 1 and K* + 1 are equally good, and the lower is given. Rounding K* to the nearest integer is not enough:
    an even number of calls is only as good as one call less.

    Parameters
    ----------
    alpha : array_like of float
        Share of the easy queries, in [0, 1].
    p1, p2 : array_like of float
        Chances of a right call on easy queries, in (1/2, 1], and on hard ones, in [0, 1/2). The three are
        broadcast.

    Returns
    -------
    KStar

    Raises
    ------
    ArgumentError
        An argument outside its range.

    References
    ----------
    Chen et al., 2024, arXiv 2403.02419; range and exact optimum are derived in docs/concepts/landscape.md.

    Examples
    --------
    >>> from kcurve.theory import k_star
    >>> best = k_star(0.6, 0.70, 0.40)
    >>> best.k_star, best.optimal_k, best.accuracy
    (16.4547, 17, 0.655408)
    >>> k_star(0.5, 0.65, 0.10).reason
    'p1 + p2 < 1: K*, where it is positive, is the worst number of calls, not the best'
    """
    levels = two_levels(alpha, p1, p2)
    one_level = (levels.alpha == 0) | (levels.alpha == 1)
    valid = (levels.slope > 0) & (levels.first_step > 0) & ~one_level
    reason = np.select(
        [one_level, levels.slope == 0, levels.slope < 0, valid],
        [_ONE_LEVEL, _NO_BALANCE, _MINIMUM, _VALID],
        _NEVER_RISES,
    )
    formula = np.where(one_level | (levels.slope == 0), np.nan, 2 * levels.steps)
    best, accuracy = _optimum(levels)
    if levels.alpha.ndim:
        return KStar(
            k_star=formula,
            valid=valid,
            reason=reason,
            optimal_k=best,
            accuracy=accuracy,
            attained=np.isfinite(best),
        )
    return KStar(
        k_star=float(formula),
        valid=bool(valid),
        reason=str(reason),
        optimal_k=_number(best),
        accuracy=float(accuracy),
        attained=bool(np.isfinite(best)),
    )


def optimal_calls(
    alpha: ArrayLike, p1: ArrayLike, p2: ArrayLike, *, k_max: int | None = None
) -> float | NDArray[np.float64]:
    """Exact best number of calls: the least k of greatest accuracy, for landscapes of all shapes.

    The optimum of a rise and fall is its peak; where the accuracy never exceeds that of one call it is 1;
    where it rises for ever, or falls and then rises above its beginning, no number of calls is best
    (infinity), unless `k_max` ends them.

    Parameters
    ----------
    alpha, p1, p2 : array_like of float
        As of `k_star`; broadcast.
    k_max : int, optional
        Most calls that may be made.

    Returns
    -------
    int, float infinity, or float64 array
        Always odd where finite: an even number of calls is as good as one call less.

    Raises
    ------
    ArgumentError
        An argument outside its range.

    See Also
    --------
    mixture_landscape : the same for any number of levels, its `optimal_k`.

    Examples
    --------
    >>> from kcurve.theory import optimal_calls
    >>> (
    ...     optimal_calls(0.6, 0.60, 0.45),
    ...     optimal_calls(0.5, 0.65, 0.10),
    ...     optimal_calls(0.3, 0.85, 0.4),
    ... )
    (71, inf, 1)
    >>> optimal_calls(0.5, 0.65, 0.10, k_max=10)
    9
    """
    if k_max is not None:
        positive_integer("k_max", k_max)
    best, _ = _optimum(two_levels(alpha, p1, p2), k_max=k_max)
    return best if best.ndim else _number(best)


def _optimum(
    levels: TwoLevels, *, k_max: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best number of calls, infinite where there is none, and the accuracy."""
    shape = levels.shape
    end = inf if k_max is None else 2 * ((k_max + 1) // 2) - 1
    peak = np.where(shape == "up-down", np.minimum(levels.turning_point, end), 1.0)
    at_peak = np.where(peak > 1, _accuracy(levels, peak), levels.at_one)
    at_end = levels.alpha if end == inf else _accuracy(levels, np.full_like(peak, end))
    later = ((shape == "increasing") | (shape == "down-up")) & (at_end > at_peak)
    best = np.where(later, end, peak)
    return best, np.where(later, at_end, at_peak)


def _accuracy(levels: TwoLevels, k: NDArray[np.float64]) -> NDArray[np.float64]:
    calls = np.maximum(k, 1).astype(np.uint64)
    easy, hard = binary_vote(levels.p1, calls), binary_vote(levels.p2, calls)
    return np.asarray(levels.alpha * easy + (1 - levels.alpha) * hard)


def _number(k: NDArray[np.float64]) -> float:
    """Return an int where the number is finite."""
    return int(k) if np.isfinite(k) else inf
