"""Results of a plan: a choice, what it is expected to score and cost, and how sure that is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.errors import ArgumentError
from kcurve.planning.allocation import Allocation, allocation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.planning.points import Points

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One system under one rule with one number of calls.

    Attributes
    ----------
    point : int
        Its position in the points of the plan.
    system, rule, k
        What is chosen.
    cost : float
        Mean cost per question in the log.
    measured : float
        Mean score in the log; what to expect of a point that was chosen for it is less, see
        `Plan.accuracy`.
    difference, difference_low, difference_high : float
        Its score less that of the plan's choice, with the interval for fresh questions.
    budget_kept : float
        Probability that its mean cost on fresh questions is within the budget.
    best : float
        Probability that it is the best affordable point; of an alternative, that its system and rule have
        the best.
    near_best : float
        Probability that it is at most the plan's tolerance below the best affordable point.
    """

    point: int
    system: str
    rule: Any
    k: int
    cost: float
    measured: float
    difference: float
    difference_low: float
    difference_high: float
    budget_kept: float
    best: float
    near_best: float

    @property
    def label(self) -> str:
        """What it is called in tables."""
        return f"{self.system}, {self.rule.label}, k={self.k}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return _plain({**asdict(self), "rule": repr(self.rule)})


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What a larger budget would buy.

    Attributes
    ----------
    budget : float
        The larger budget.
    choice : Choice
        The best choice for it; its probabilities are about the smaller budget.
    gain, low, high : float
        Accuracy gained over the choice of the smaller budget, with the interval for fresh questions; all 0
        if the choice stays.
    """

    budget: float
    choice: Choice
    gain: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {**_plain(asdict(self)), "choice": self.choice.to_dict()}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Plan:
    """The best choice for a budget, and how sure the advice is. Made by `plan`.

    Attributes
    ----------
    budget : float
        Mean cost per question that may be spent.
    choice : Choice
        The affordable point of highest measured accuracy; of equals the cheapest.
    accuracy, low, high : float
        Accuracy to expect of the choice on fresh questions, corrected for having been chosen, and
        its interval.
    saved : Choice
        The cheapest affordable point that measures at most the tolerance below the choice.
    next_tenth : More
        What a tenth more of budget would buy.
    alternatives : tuple of Choice
        The best affordable point of every system and rule, the best first.
    tolerance, level : float
        Accuracy that makes no difference; probability of the intervals.
    points : Points
        All points.
    best : float64 [P]
        Probability of each point to be the best affordable one.
    """

    budget: float
    choice: Choice
    accuracy: float
    low: float
    high: float
    saved: Choice
    next_tenth: More
    alternatives: tuple[Choice, ...]
    tolerance: float
    level: float
    points: Points
    best: NDArray[np.float64]

    @property
    def confidence(self) -> float:
        """Probability that the choice is at most the tolerance below the best affordable point."""
        return self.choice.near_best

    @property
    def budget_kept(self) -> float:
        """Probability that the choice's mean cost on fresh questions is within the budget."""
        return self.choice.budget_kept

    @property
    def optimism(self) -> float:
        """How much was taken off the measured accuracy for having been chosen by it."""
        return self.choice.measured - self.accuracy

    def allocation(self, *, threads: int | None = None) -> Allocation:
        """Share the budget out question by question: a system, a rule and a k for each.

        The choice spends the same on every question. Where the posterior knows which questions of the
        log are settled and which are hopeless, more calls for the others are worth more.

        Parameters
        ----------
        threads : int, optional
            Threads to use; all by default.

        Returns
        -------
        Allocation
            Its `index` are positions in `points`, for each of ``points.question``; its budget is that of
            all questions together.

        Raises
        ------
        ArgumentError
            If the scores are not predicted (``plan(..., beyond=True)``): measured scores of single
            questions are mostly luck, and an allocation would chase it. If a system lacks
            questions, or the budget does not pay for the cheapest point everywhere.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.planning import plan
        >>> few = kc.example_log().first(8)
        >>> advice = plan({"codex": few}, budget=6, k=[1, 2, 4, 8, 16, 32], beyond=True)
        >>> shared = advice.allocation()
        >>> shared.value / 999 > advice.accuracy
        True
        """
        table = self.points
        predicted = np.zeros(len(table), dtype=bool)
        for noise in table.noise:
            predicted[noise.points] = True
        if not predicted.all():
            raise ArgumentError(
                "an allocation needs predicted scores; measured scores of single questions are mostly "
                f"luck, and {int((~predicted).sum())} of {len(table)} points have them: make the plan "
                "with beyond=True and without cascades"
            )
        if np.isnan(table.score).any():
            raise ArgumentError("an allocation needs systems that all have the same questions")
        return allocation(
            table.score,
            table.cost,
            self.budget * table.n_questions,
            start=None,
            threads=threads,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain Python values, ready for JSON; NaN becomes None."""
        numbers = {
            "budget": self.budget,
            "cost_unit": self.points.cost_unit,
            "n_questions": self.points.n_questions,
            "tolerance": self.tolerance,
            "level": self.level,
            "accuracy": self.accuracy,
            "low": self.low,
            "high": self.high,
            "optimism": self.optimism,
            "confidence": self.confidence,
            "budget_kept": self.budget_kept,
        }
        return {
            **_plain(numbers),
            "choice": self.choice.to_dict(),
            "saved": self.saved.to_dict(),
            "next_tenth": self.next_tenth.to_dict(),
            "alternatives": [each.to_dict() for each in self.alternatives],
        }

    def to_arrow(self) -> _core.TableStream:
        """Return a row per point as an Arrow stream: position, k, cost, accuracy, best.

        The position is that in `points`, which knows the systems and rules.
        """
        return _core.TableStream(
            [
                ("point", np.arange(len(self.points))),
                ("k", self.points.k),
                ("cost", self.points.mean_cost),
                ("accuracy", self.points.accuracy),
                ("best", self.best),
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw accuracy against cost, the budget and the choice (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.planning.plot import plot_plan  # noqa: PLC0415 - matplotlib is optional

        return plot_plan(self, ax)

    def __repr__(self) -> str:
        """Show the choice, what to expect of it, and how sure it is."""
        return (
            f"Plan({self.choice.label}: {self.choice.cost:.4g} of {self.budget:.4g} "
            f"{self.points.cost_unit}, accuracy {self.accuracy:.4f} "
            f"({self.low:.4f} to {self.high:.4f}), {self.confidence:.0%} sure)"
        )

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - slow to import

        head = "".join(
            f"<th>{each}</th>" for each in ("choice", "cost", "measured", "difference", "best")
        )
        rows = "".join(
            f"<tr><td>{escape(each.label)}</td><td>{each.cost:.4g}</td><td>{each.measured:.4f}</td>"
            f"<td>{each.difference:+.4f}</td><td>{each.best:.2f}</td></tr>"
            for each in self.alternatives[:_SHOWN]
        )
        return f"<table><caption>{escape(repr(self))}</caption><tr>{head}</tr>{rows}</table>"


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Replace NaN, which JSON does not know, by None."""
    return {
        name: None if isinstance(value, float) and isnan(value) else value
        for name, value in values.items()
    }
