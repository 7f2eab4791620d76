"""The result of `samples_needed`: designs of a measurement, and the cheapest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kcurve import _core
from kcurve.curve import table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.rules import Rule


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SamplesNeeded:
    """Designs that reach a precision, and the cheapest. Made by `samples_needed`.

    Attributes
    ----------
    questions, samples : int
        The cheapest design: questions, and samples of each (of each system, if two are compared).
    cost : float
        What it costs in all, in `cost_unit`.
    half_width : float
        Half the width of its interval, of the accuracy or of the difference.
    difference, power : float or None
        The difference that is found with this probability, if that was asked for.
    level : float
        Confidence level of the interval, or of the test.
    between, within : float
        Variance between questions, and of one question's estimate with these samples; of the
        difference, if two systems are compared.
    designs : dict of str to array
        All designs considered: ``samples``, ``questions``, ``cost``, ``half_width``.
    rule, k, of, cost_unit
        What is measured, on which questions, and the unit of the cost.
    """

    questions: int
    samples: int
    cost: float
    half_width: float
    difference: float | None
    power: float | None
    level: float
    between: float
    within: float
    designs: dict[str, NDArray[Any]]
    rule: Rule
    k: int
    of: str
    cost_unit: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {
            "questions": self.questions,
            "samples": self.samples,
            "cost": self.cost,
            "cost_unit": self.cost_unit,
            "half_width": self.half_width,
            "difference": self.difference,
            "power": self.power,
            "level": self.level,
            "between": self.between,
            "within": self.within,
            "rule": repr(self.rule),
            "k": self.k,
            "of": self.of,
            "designs": {name: values.tolist() for name, values in self.designs.items()},
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the designs as an Arrow stream: samples, questions, cost, half_width."""
        return _core.TableStream(list(self.designs.items()))

    def __repr__(self) -> str:
        """Show the cheapest design."""
        aim = (
            f"+-{self.half_width:.4f}"
            if self.difference is None
            else f"a difference of {self.difference:g} with power {self.power:g}"
        )
        return (
            f"SamplesNeeded({self.questions} questions x {self.samples} samples, "
            f"{self.cost:.6g} {self.cost_unit}: {aim})"
        )

    def _repr_html_(self) -> str:
        return table.html(tuple(self.designs), tuple(self.designs.values()), repr(self))
