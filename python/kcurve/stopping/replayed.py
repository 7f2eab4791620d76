"""The result of a replay: what a stopping rule scores and costs on a log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve.curve import table
from kcurve.curve.bands import critical_value, proportion_interval, spread
from kcurve.curve.identity import identity_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve import Curve
    from kcurve.curve.bands import Spread
    from kcurve.log import AnswerLog
    from kcurve.rules import Ties
    from kcurve.stopping.ranked_difficulty import RankedDifficulty
    from kcurve.stopping.rule import ReplayableRule
    from kcurve.stopping.saving import Saving

    Floats = NDArray[np.float64]

_COLUMNS = ("score", "calls", "stopped", "rounds", "cost")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Replayed:
    """What a stopping rule scores and costs on a log. Made by `replay`; arrays are read-only.

    Attributes
    ----------
    score : float64 [Q]
        Mean credit of the vote over the orders of each question.
    calls : float64 [Q]
        Mean calls.
    stopped : float64 [Q]
        Share of the orders that the rule ended; the others ran into `most`.
    rounds : float64 [Q] or None
        Mean rounds of calls, those of one round made at once, for a rule that draws in rounds
        (`RankedDifficulty`); others draw one call after another.
    cost : float64 [Q] or None
        Mean cost of the samples drawn, if a cost model was given, in `cost_unit`.
    calls_distribution : int64 [most + 1]
        Number of orders, of all questions, that took 0, 1, ..., `most` calls.
    log, rule, most, orders, rng, ties, level, cost_unit
        What was replayed, and how.
    """

    score: Floats
    calls: Floats
    stopped: Floats
    rounds: Floats | None
    cost: Floats | None
    calls_distribution: NDArray[np.int64]
    log: AnswerLog
    rule: ReplayableRule | RankedDifficulty
    most: int
    orders: int
    rng: int
    ties: Ties
    level: float
    cost_unit: str | None

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.score, self.calls, self.stopped, self.calls_distribution):
            values.setflags(write=False)
        for optional in (self.rounds, self.cost):
            if optional is not None:
                optional.setflags(write=False)

    @property
    def n_questions(self) -> int:
        """Number of questions."""
        return len(self.score)

    @cached_property
    def _spread(self) -> Spread:
        """Of score, calls and cost, by identity: sums do not depend on the order of the log."""
        order = identity_order(self.log)
        columns = [self.score, self.calls] + ([] if self.cost is None else [self.cost])
        clusters = None if self.log.cluster is None else self.log.cluster.codes[order]
        return spread(np.stack(columns, axis=1)[order], clusters)

    @property
    def accuracy(self) -> float:
        """Mean score over questions."""
        return float(self._spread.mean[0])

    @property
    def mean_calls(self) -> float:
        """Mean calls over questions."""
        return float(self._spread.mean[1])

    @property
    def mean_rounds(self) -> float | None:
        """Mean rounds over questions, if the rule draws in rounds."""
        return None if self.rounds is None else float(self.rounds[identity_order(self.log)].mean())

    @property
    def mean_cost(self) -> float | None:
        """Mean cost over questions, if a cost model was given."""
        return None if self.cost is None else float(self._spread.mean[2])

    @cached_property
    def accuracy_limits(self) -> tuple[float, float]:
        """Where the accuracy on fresh questions of the same kind is, at the level of the replay.

        Wilson's interval at the effective number of questions, or clusters, as for a curve; NaN for
        a single one.
        """
        found = self._spread
        critical = critical_value(self.level, max(found.units - 1, 1))
        low, high = proportion_interval(
            found.mean[:1], found.variance[:1], float(found.units), critical
        )
        return float(low[0]), float(high[0])

    @cached_property
    def calls_limits(self) -> tuple[float, float]:
        """Where the mean calls for fresh questions of the same kind are: Student's interval."""
        return self._limits(1)

    @cached_property
    def cost_limits(self) -> tuple[float, float] | None:
        """Where the mean cost for fresh questions of the same kind is: Student's interval."""
        return None if self.cost is None else self._limits(2)

    def _limits(self, column: int) -> tuple[float, float]:
        found = self._spread
        half = critical_value(self.level, max(found.units - 1, 1)) * np.sqrt(found.variance[column])
        return float(max(found.mean[column] - half, 0)), float(found.mean[column] + half)

    def calls_quantile(self, share: float) -> int:
        """Return the least number of calls that at least this share of the draws made do with.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.stopping import EarlyStopping, replay
        >>> replay(kc.example_log(), EarlyStopping(window=4)).calls_quantile(0.5)
        4
        """
        made = np.cumsum(self.calls_distribution)
        return int(np.searchsorted(made, share * made[-1]))

    def saved(self, curve: Curve | None = None) -> Saving:
        """Compare with a fixed number of calls on the same questions.

        Parameters
        ----------
        curve : Curve, optional
            The vote after every number of calls, of the same log. It is computed by default.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.stopping import AdaptiveConsistency, replay
        >>> saving = replay(kc.example_log(), AdaptiveConsistency()).saved()
        >>> saving.calls < saving.fixed_calls
        True
        """
        from kcurve.stopping.saving import saving_of  # noqa: PLC0415 - it needs this module

        return saving_of(self, curve)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain Python values, ready for JSON; NaN becomes None."""
        low, high = table.without_nan(np.array(self.accuracy_limits))
        calls_low, calls_high = table.without_nan(np.array(self.calls_limits))
        figures: dict[str, Any] = {
            "rule": repr(self.rule),
            "most": self.most,
            "orders": self.orders,
            "rng": self.rng,
            "ties": self.ties,
            "level": self.level,
            "n_questions": self.n_questions,
            "accuracy": self.accuracy,
            "low": low,
            "high": high,
            "mean_calls": self.mean_calls,
            "calls_low": calls_low,
            "calls_high": calls_high,
            "stopped": float(self.stopped.mean()),
            "mean_rounds": self.mean_rounds,
            "calls_distribution": self.calls_distribution.tolist(),
        }
        if self.cost_limits is not None:
            cost_low, cost_high = table.without_nan(np.array(self.cost_limits))
            figures |= {
                "cost_unit": self.cost_unit,
                "mean_cost": self.mean_cost,
                "cost_low": cost_low,
                "cost_high": cost_high,
            }
        return figures

    def to_arrow(self) -> _core.TableStream:
        """Return a row per question as an Arrow stream: position, score, calls, stopped, rounds, cost."""
        names = [name for name in _COLUMNS if getattr(self, name) is not None]
        position = np.arange(self.n_questions, dtype=np.int64)
        return _core.TableStream(
            [("position", position), *((name, getattr(self, name)) for name in names)]
        )

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw accuracy against mean calls, with limits, on the axes of a curve (new by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.curve.plot import new_axes  # noqa: PLC0415 - matplotlib is optional

        if ax is None:
            ax = new_axes()
            ax.set_xlabel("LLM calls per question, k")
            ax.set_ylabel("accuracy")
        centre = np.array([[self.mean_calls], [self.accuracy]])
        limits = np.array([self.calls_limits, self.accuracy_limits])
        reach = np.nan_to_num(np.abs(limits - centre))
        ax.errorbar(
            centre[0],
            centre[1],
            xerr=reach[0][:, None],
            yerr=reach[1][:, None],
            marker="o",
            label=label or self.rule.label,
        )
        return ax

    def __repr__(self) -> str:
        """Show the rule, and where it ends."""
        return (
            f"Replayed({self.rule!r}, at most {self.most} calls, {self.n_questions} questions: "
            f"{self.accuracy:.4f} with {self.mean_calls:.2f} calls)"
        )

    def _repr_html_(self) -> str:
        names = ("calls", "share of draws")
        share = self.calls_distribution / self.calls_distribution.sum()
        made = np.flatnonzero(self.calls_distribution)
        return table.html(names, (made, share[made]), repr(self))
