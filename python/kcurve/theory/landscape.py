"""What happens to the accuracy of a vote as calls are added: two levels of difficulty."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.theory._two_levels import two_levels
from kcurve.theory.binary import binary_vote

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Landscape:
    """Accuracy of votes over a data set of two levels of difficulty, for all numbers of calls.

    Python numbers if all arguments were numbers, else arrays of their broadcast shape.

    Attributes
    ----------
    alpha, p1, p2 : float
        Share of the easy queries, and the chances of a right call on easy and hard ones.
    t, alpha_c : float
        ``t = p2 (1-p2) (1/2-p2) / [p1 (1-p1) (p1-1/2)] + 1`` and the threshold ``1 - 1/t``: with a
        larger share of easy queries three calls beat one. NaN where p1 = 1 and p2 = 0.
    shape : str
        "increasing", "decreasing", "up-down", "down-up" or "constant", over odd k.
    turning_point : int or None
        The odd k of the best or worst vote where the shape has a turn; the lower of two that
        tie. None, or NaN in arrays, where there is none.
    at_one, limit : float
        Accuracy of one call, and of calls without end: alpha.
    """

    alpha: Any
    p1: Any
    p2: Any
    t: Any
    alpha_c: Any
    shape: Any
    turning_point: Any
    at_one: Any
    limit: Any

    def accuracy(self, k: ArrayLike) -> NDArray[np.float64] | np.float64:
        """Accuracy of votes of k calls, even splits shared; k is broadcast with the parameters.

        Examples
        --------
        >>> from kcurve.theory import landscape
        >>> landscape(0.5, 0.85, 0.40).accuracy([1, 3, 5])
        array([0.625     , 0.645625  , 0.64541406])
        """
        easy, hard = binary_vote(self.p1, k), binary_vote(self.p2, k)
        accuracy: NDArray[np.float64] | np.float64 = self.alpha * easy + (1 - self.alpha) * hard
        return accuracy

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name, arrays as lists."""
        return {
            field.name: getattr(self, field.name).tolist()
            if isinstance(getattr(self, field.name), np.ndarray)
            else getattr(self, field.name)
            for field in dataclasses.fields(self)
        }


def landscape(alpha: ArrayLike, p1: ArrayLike, p2: ArrayLike) -> Landscape:
    """Shape of the accuracy of a vote over the number of calls, where queries are easy or hard.

    A share alpha of the queries is answered right with chance p1 > 1/2 by every call, the others with
    p2 < 1/2; there are two answers. More calls help the easy queries and hurt the hard ones.

    ======================  ==================  ==================
    over odd k              alpha < alpha_c     alpha > alpha_c
    ======================  ==================  ==================
    p1 + p2 < 1             down-up             increasing
    p1 + p2 > 1             decreasing          up-down
    p1 + p2 = 1             decreasing          increasing
    ======================  ==================  ==================

    At ``alpha = alpha_c`` F(1) = F(3); the accuracy then increases if p1 + p2 < 1, decreases if
    p1 + p2 > 1, and is constant if p1 + p2 = 1. With alpha = 0 or 1 there is one level only.

    Parameters
    ----------
    alpha : array_like of float
        In [0, 1].
    p1, p2 : array_like of float
        In (1/2, 1] and in [0, 1/2). The three are broadcast.

    Returns
    -------
    Landscape

    Raises
    ------
    ArgumentError
        An argument outside its range.

    See Also
    --------
    mixture_landscape : any number of levels.
    k_star : the best number of calls.

    Notes
    -----
    The step from 2m - 1 to 2m + 1 calls adds ``C(2m, m) [alpha (p1-1/2) (p1(1-p1))^m - (1-alpha) (1/2-p2)
    (p2(1-p2))^m]``, which changes sign at most once. The theorem as published (arXiv 2403.02419) has its cases
    exchanged; docs/concepts/landscape.md has the derivation and a refutation.

    Examples
    --------
    >>> from kcurve.theory import landscape
    >>> found = landscape(0.5, 0.85, 0.40)
    >>> found.shape, found.turning_point
    ('up-down', 3)
    >>> found.t, found.alpha_c
    (1.537815, 0.349727)
    >>> landscape([0.3, 0.5], 0.85, 0.40).shape.tolist()
    ['decreasing', 'up-down']
    """
    levels = two_levels(alpha, p1, p2)
    shape = levels.shape
    turns = (shape == "up-down") | (shape == "down-up")
    turning_point = np.where(turns, levels.turning_point, np.nan)
    with np.errstate(divide="ignore"):
        alpha_c = 1 - 1 / levels.t
    fields = {
        "alpha": levels.alpha,
        "p1": levels.p1,
        "p2": levels.p2,
        "t": levels.t,
        "alpha_c": alpha_c,
        "shape": shape,
        "turning_point": turning_point,
        "at_one": levels.at_one,
        "limit": levels.alpha,
    }
    if levels.alpha.ndim:
        return Landscape(**fields)
    single: dict[str, Any] = {name: value.item() for name, value in fields.items()}
    single["turning_point"] = int(turning_point) if turns else None
    return Landscape(**single)
