"""`allocation`: one option for every question, worth the most together within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import positive_integer
from kcurve.curve import table
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Allocation:
    """One option for every question. Made by `allocation`; arrays are read-only.

    Attributes
    ----------
    index : int64 [Q]
        The option of each question, -1 for none.
    value : float
        Sum of the values of the options chosen.
    spent : float
        Sum of their costs.
    budget : float
        What they were allowed to cost.
    bound : float
        No choice within the budget is worth more: the value of the linear relaxation.
    price : float
        Value per cost where the budget cuts: what a little more of it buys, the Lagrange multiplier of
        the budget. 0 if there is nothing left to buy.
    next_gain : float64 [Q]
        Value per cost of the best step of each question from its option; 0 if there is none.
    """

    index: NDArray[np.int64]
    value: float
    spent: float
    budget: float
    bound: float
    price: float
    next_gain: Floats

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        self.index.setflags(write=False)
        self.next_gain.setflags(write=False)

    @property
    def gap(self) -> float:
        """How much the best choice can be worth more, at most: `bound` less `value`."""
        return self.bound - self.value

    def to_dict(self) -> dict[str, Any]:
        """Return the allocation as plain Python values, ready for JSON."""
        return {
            "value": self.value,
            "spent": self.spent,
            "budget": self.budget,
            "bound": self.bound,
            "gap": self.gap,
            "price": self.price,
            "index": self.index.tolist(),
            "next_gain": self.next_gain.tolist(),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return a row per question: position, index and next_gain, as an Arrow stream."""
        position = np.arange(len(self.index), dtype=np.int64)
        return _core.TableStream(
            [("position", position), ("index", self.index), ("next_gain", self.next_gain)]
        )

    def __repr__(self) -> str:
        """Show what is bought, and how far from the best it may be."""
        return (
            f"Allocation({len(self.index)} questions: value {self.value:.6g} for {self.spent:.6g} of "
            f"{self.budget:.6g}, at most {self.gap:.3g} below the best)"
        )

    def _repr_html_(self) -> str:
        options, questions = np.unique(self.index, return_counts=True)
        return table.html(("option", "questions"), (options, questions), repr(self))


def allocation(
    values: ArrayLike,
    costs: ArrayLike,
    budget: float,
    *,
    start: ArrayLike | None = 0.0,
    threads: int | None = None,
) -> Allocation:
    """Choose an option for every question so that values add up to the most within a budget.

    Parameters
    ----------
    values : float [Q, K]
        Value of each option of each question, such as its expected score after so many calls.
    costs : float [Q, K] or [K]
        Cost of each option, at least 0; one row if all questions cost the same.
    budget : float
        The most all options together may cost, at least 0.
    start : float, float [Q] or None
        Value of a question on which nothing is spent. With None every question takes an option, and
        the budget must pay for the cheapest ones.
    threads : int, optional
        Threads to use; all by default. The result has the same bits for any number.

    Returns
    -------
    Allocation

    Raises
    ------
    ArgumentError
        If the shapes disagree, a number is not finite, a cost or the budget is negative, or the
        cheapest options exceed the budget.

    Notes
    -----
    This is the multiple-choice knapsack problem. Every question's options have an upper concave hull
    of value against cost. Its steps, those of all questions by falling value per cost, are taken until
    the budget cuts one: that one, taken in part, would solve the linear relaxation. What remains of
    the budget is filled by smaller steps, on hulls and off. The loss against the best choice is at most
    `Allocation.gap`, which is below the value of the step that is cut. Ties go to the question that
    comes first. Sums of costs may exceed the budget by rounding, a share of 1e-12.

    The cost is a sort of all steps: about 0.1 s for a million options.

    References
    ----------
    Sinha and Zoltners, "The Multiple-Choice Knapsack Problem", Operations Research, 1979.

    Examples
    --------
    >>> from kcurve.planning import allocation
    >>> allocation([[0.5, 0.6], [0.2, 0.9], [0.9, 0.9]], [1, 3], 5).index.tolist()
    [0, 1, 0]
    """
    worth = np.ascontiguousarray(values, dtype=np.float64)
    if worth.ndim != 2 or worth.shape[1] == 0:
        raise ArgumentError(f"values must be questions x options, got shape {worth.shape}")
    prices = np.ascontiguousarray(costs, dtype=np.float64)
    if prices.shape not in (worth.shape, worth.shape[1:]):
        raise ArgumentError(
            f"costs must be of shape {worth.shape} or {worth.shape[1:]}, as values are, "
            f"got {prices.shape}"
        )
    if not np.isfinite(worth).all():
        raise ArgumentError("values must be finite; leave out questions that lack some")
    if not np.isfinite(prices).all() or (prices < 0).any():
        raise ArgumentError(f"costs must be finite and at least 0, the least is {prices.min()}")
    if not np.isfinite(budget) or budget < 0:
        raise ArgumentError(f"budget must be finite and at least 0, got {budget}")
    if threads is not None:
        positive_integer("threads", threads)
    nothing = None
    if start is None:
        least = float(np.broadcast_to(prices, worth.shape).min(axis=1).sum())
        if least > budget * (1 + 1e-12):
            raise ArgumentError(
                f"the cheapest options cost {least:.6g} together, the budget is {budget:.6g}; raise "
                "it, or give start to leave questions out"
            )
    else:
        given = np.asarray(start, dtype=np.float64)
        if given.shape not in ((), worth.shape[:1]) or not np.isfinite(given).all():
            raise ArgumentError(
                f"start must be a finite number, or {len(worth)} of them, one per question"
            )
        nothing = np.array(np.broadcast_to(given, worth.shape[:1]))
    index, spent, value, bound, price, next_gain = _core.allocation(
        worth, prices.ravel(), nothing, float(budget), threads
    )
    return Allocation(
        index=index,
        value=value,
        spent=spent,
        budget=float(budget),
        bound=bound,
        price=price,
        next_gain=next_gain,
    )
