"""A stopping rule against a fixed number of calls, on the same questions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve.curve import curve as curve_of_log, table
from kcurve.curve.bands import critical_value, spread
from kcurve.curve.identity import identity_order
from kcurve.errors import ArgumentError
from kcurve.rules import Vote

if TYPE_CHECKING:
    from kcurve.curve import Curve
    from kcurve.stopping.replayed import Replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A stopping rule against the vote after a fixed number of calls. Made by `Replayed.saved`.

    Attributes
    ----------
    accuracy, calls : float
        Accuracy and mean calls of the stopping rule.
    fixed_accuracy : float
        Accuracy of a fixed number of calls that costs the same: of the mixture of the two whole
        numbers around `calls`.
    difference, low, high : float
        `accuracy` less `fixed_accuracy`, with limits by paired differences.
    fixed_calls : float
        The fewest calls with which a fixed number is as accurate, between whole numbers by mixture;
        NaN if it never is up to `most`.
    most : int
        The most calls of either.
    level : float
        Confidence level of the limits.
    """

    accuracy: float
    calls: float
    fixed_accuracy: float
    difference: float
    low: float
    high: float
    fixed_calls: float
    most: int
    level: float

    @property
    def share(self) -> float:
        """The share of the calls of `fixed_calls` that the rule saves; negative if it takes more."""
        return 1 - self.calls / self.fixed_calls

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain Python values, ready for JSON; NaN becomes None."""
        values = asdict(self) | {"share": self.share}
        numbers = np.array([float(value) for value in values.values()])
        return dict(zip(values, table.without_nan(numbers), strict=True)) | {"most": self.most}

    def __str__(self) -> str:
        """Say both comparisons in two sentences."""
        if np.isnan(self.fixed_calls):
            reached = f"no fixed number of calls up to {self.most} is as accurate"
        else:
            reached = f"a fixed number needs {self.fixed_calls:.2f} for the same"
        return (
            f"accuracy {self.accuracy:.4f} with {self.calls:.2f} calls; {reached}. At equal calls the "
            f"difference is {self.difference:+.4f} ({self.low:+.4f} to {self.high:+.4f})."
        )


def saving_of(replayed: Replayed, curve: Curve | None) -> Saving:
    """Compare a replay with the curve of the vote on the same log; see `Replayed.saved`."""
    if curve is None:
        curve = curve_of_log(
            replayed.log,
            Vote(ties=replayed.ties),
            k=range(1, replayed.most + 1),
            interval=None,
            level=replayed.level,
        )
    _refuse_other_questions(replayed, curve)
    k = curve.k.astype(np.float64)
    calls = replayed.mean_calls
    after = int(np.clip(np.searchsorted(k, calls), 1, len(k) - 1))
    weight = (calls - k[after - 1]) / (k[after] - k[after - 1])
    fixed = (1 - weight) * curve.per_question[:, after - 1] + weight * curve.per_question[:, after]
    slope = (curve.mean[after] - curve.mean[after - 1]) / (k[after] - k[after - 1])
    # The mean calls are estimated on the same questions: more of them would have bought `slope` each.
    order = identity_order(replayed.log)
    paired = (replayed.score - fixed - slope * (replayed.calls - calls))[order, None]
    clusters = None if replayed.log.cluster is None else replayed.log.cluster.codes[order]
    found = spread(paired, clusters)
    half = float(
        critical_value(replayed.level, max(found.units - 1, 1)) * np.sqrt(found.variance[0])
    )
    difference = float(found.mean[0])
    return Saving(
        accuracy=replayed.accuracy,
        calls=calls,
        fixed_accuracy=replayed.accuracy - difference,
        difference=difference,
        low=difference - half,
        high=difference + half,
        fixed_calls=_calls_for(replayed.accuracy, curve),
        most=replayed.most,
        level=replayed.level,
    )


def _calls_for(accuracy: float, curve: Curve) -> float:
    """Return the fewest calls with which a curve reaches an accuracy, by mixture; NaN if never."""
    # Rounding is no reason to need another call.
    reached = np.flatnonzero(curve.mean >= accuracy - 1e-12)
    if len(reached) == 0:
        return float("nan")
    after = int(reached[0])
    if after == 0:
        return float(curve.k[0])
    low, high = curve.mean[after - 1], curve.mean[after]
    part = (accuracy - low) / (high - low)
    return float(curve.k[after - 1] + min(part, 1.0) * (curve.k[after] - curve.k[after - 1]))


def _refuse_other_questions(replayed: Replayed, curve: Curve) -> None:
    if curve.log is not replayed.log:
        raise ArgumentError(
            "the curve must be of the log that was replayed; leave it out to have it computed"
        )
    if len(curve.k) < 2 or curve.k[0] > replayed.mean_calls or curve.k[-1] < replayed.mean_calls:
        raise ArgumentError(
            f"the curve must have k on both sides of {replayed.mean_calls:.2f} calls, its k go from "
            f"{curve.k[0]} to {curve.k[-1]}; leave it out to have it computed"
        )
