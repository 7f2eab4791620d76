"""What every point of a curve costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between
from kcurve.cost.model import CostModel
from kcurve.curve import Curve
from kcurve.curve.bands import critical_value, spread
from kcurve.curve.identity import identity_order
from kcurve.curve.table import html, without_nan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CurveCost:
    """A curve against what its calls cost.

    Attributes
    ----------
    curve : Curve
        The curve: accuracies, their band, and numbers of calls.
    policy, reward : float64 [Q, K]
        Expected cost of generating and of judging, for each question.
    mean, low, high : float64 [K]
        Mean total cost of a question, and its interval for questions like these; NaN for one question alone.
    level : float
        Confidence of the interval.
    unit : str
        What costs are counted in.
    """

    curve: Curve
    policy: Floats
    reward: Floats
    mean: Floats
    low: Floats
    high: Floats
    level: float
    unit: str

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.policy, self.reward, self.mean, self.low, self.high):
            values.setflags(write=False)

    @property
    def k(self) -> NDArray[np.int64]:
        """Numbers of calls, int64 [K]."""
        return self.curve.k

    @property
    def per_question(self) -> Floats:
        """Total cost of each question, float64 [Q, K]."""
        return self.policy + self.reward

    def to_dict(self) -> dict[str, Any]:
        """Return the columns as plain values; what is undefined is None."""
        columns = {
            name: self.k.tolist() if name == "k" else without_nan(values)
            for name, values in self._columns()
        }
        return {"rule": self.curve.rule.label, "unit": self.unit, "level": self.level, **columns}

    def to_arrow(self) -> _core.TableStream:
        """Return k, costs and accuracies as an Arrow stream."""
        return _core.TableStream(self._columns())

    def _columns(self) -> list[tuple[str, Any]]:
        curve = self.curve
        return [
            ("k", curve.k),
            ("cost", self.mean),
            ("cost_low", self.low),
            ("cost_high", self.high),
            ("policy", self.policy.mean(axis=0)),
            ("reward", self.reward.mean(axis=0)),
            ("accuracy", curve.mean),
            ("low", curve.low),
            ("high", curve.high),
        ]

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw accuracy, with its band, against mean cost; needs matplotlib."""
        from kcurve.curve.plot import new_axes  # noqa: PLC0415 - matplotlib is optional

        ax = new_axes() if ax is None else ax
        curve = self.curve
        (line,) = ax.plot(self.mean, curve.mean, label=label or curve.rule.label)
        if not np.isnan(curve.low).all():
            ax.fill_between(
                self.mean, curve.low, curve.high, color=line.get_color(), alpha=0.2, linewidth=0
            )
        if self.mean[-1] >= 30 * self.mean[0] > 0:
            ax.set_xscale("log")
        ax.set_xlabel(f"{self.unit} per question")
        ax.set_ylabel("accuracy")
        return ax

    def __repr__(self) -> str:
        """Show the ends."""
        first, last = self.curve.mean[[0, -1]]
        return (
            f"CurveCost({self.curve.rule.label}, k={self.k[0]}..{self.k[-1]}: accuracy {first:.4f} at "
            f"{self.mean[0]:.4g} {self.unit} a question, {last:.4f} at {self.mean[-1]:.4g})"
        )

    def _repr_html_(self) -> str:
        names, columns = zip(*self._columns(), strict=True)
        return html(names, columns, repr(self))


def curve_cost(curve: Curve, cost: CostModel, *, level: float = 0.95) -> CurveCost:
    r"""Return what every point of a curve costs: accuracy against cost, instead of calls.

    Parameters
    ----------
    curve : Curve
        The curve.
    cost : CostModel
        What calls cost.
    level : float
        Confidence of the interval of the mean cost.

    Notes
    -----
    The interval is Student's t over questions, or over clusters where the log has them: ``mean ± t s / sqrt(Q)``. Beyond the
    samples of a question (``Exact(replacement=True)``) costs that add up go on; times and others that depend on which
    samples are drawn together are NaN there.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.cost import Calls
    >>> curve_cost(kc.curve(kc.example_log(), k=[1, 10]), Calls())
    CurveCost(maj@k, k=1..10: accuracy 0.7977 at 1 calls a question, 0.8708 at 10)
    """
    instance("curve", curve, Curve)
    instance("cost", cost, CostModel)
    number_between("level", level, 0, 1, low_excluded=True)
    found = cost.of_calls(curve.log, curve.rule, curve.k)
    order = identity_order(curve.log)
    clusters = None if curve.log.cluster is None else curve.log.cluster.codes[order]
    over = spread(found.total[order], clusters)
    half = np.full(len(curve.k), np.nan)
    if over.units > 1:
        half = critical_value(level, over.units - 1) * np.sqrt(over.variance)
    return CurveCost(
        curve=curve,
        policy=found.policy,
        reward=found.reward,
        mean=over.mean,
        low=over.mean - half,
        high=over.mean + half,
        level=level,
        unit=found.unit,
    )
