"""The result of a learning curve: errors, regret and coverage by the number of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve.table import html, without_nan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.learning.predictors import Predictor

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LearningCurve:
    """Prediction error against samples per question. Made by `learning_curve`.

    Attributes
    ----------
    law
        What predicted.
    samples : int64 [M]
        Samples per question that predictions were made from.
    k : int64 [K]
        Numbers of calls predicted.
    predicted, low, high : float64 [M, S, K]
        Predicted scores of each split, and their limits where the predictor has them (else NaN).
    truth : float64 [M, S, K]
        Exact unbiased curve of the samples held out.
    """

    law: Predictor
    samples: NDArray[np.int64]
    k: NDArray[np.int64]
    predicted: Floats
    low: Floats
    high: Floats
    truth: Floats

    @property
    def mean_absolute_error(self) -> Floats:
        """Mean of |predicted - truth| over k and splits, [M]."""
        return np.asarray(np.abs(self.predicted - self.truth).mean(axis=(1, 2)))

    @property
    def standard_error(self) -> Floats:
        """Standard deviation of a split's mean absolute error over the root of their number, [M].

        NaN for one split. Splits of one log share its samples, so this is a lower bound.
        """
        each = np.abs(self.predicted - self.truth).mean(axis=2)
        splits = each.shape[1]
        if splits == 1:
            return np.full(len(each), np.nan)
        return np.asarray(each.std(axis=1, ddof=1) / np.sqrt(splits))

    @property
    def bias(self) -> Floats:
        """Mean of predicted - truth over k and splits, [M]."""
        return np.asarray((self.predicted - self.truth).mean(axis=(1, 2)))

    @property
    def regret(self) -> Floats:
        """Mean score lost by choosing the k that is predicted to be best, [M]."""
        chosen = np.argmax(self.predicted, axis=2)[..., None]
        kept = np.take_along_axis(self.truth, chosen, axis=2)[..., 0]
        return np.asarray((self.truth.max(axis=2) - kept).mean(axis=1))

    @property
    def coverage(self) -> Floats:
        """Share of the truth that lies within the limits, [M]; NaN where there are none."""
        inside = (self.low <= self.truth) & (self.truth <= self.high)
        known = ~np.isnan(self.low).any(axis=(1, 2))
        return np.where(known, inside.mean(axis=(1, 2)), np.nan)

    def samples_needed(self, error: float) -> int | None:
        """Return the least number of samples tried that keeps the mean absolute error within `error`.

        None if none of them does.
        """
        number_between("error", error, 0, 1, low_excluded=True)
        enough = np.flatnonzero(self.mean_absolute_error <= error)
        return int(self.samples[enough[0]]) if len(enough) else None

    def _columns(self) -> list[tuple[str, NDArray[np.int64] | Floats]]:
        return [
            ("samples", self.samples),
            ("mean_absolute_error", self.mean_absolute_error),
            ("standard_error", self.standard_error),
            ("bias", self.bias),
            ("regret", self.regret),
            ("coverage", self.coverage),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain Python values, ready for JSON; NaN becomes None."""
        table: dict[str, Any] = {"law": repr(self.law), "k": self.k.tolist()}
        for name, values in self._columns():
            table[name] = without_nan(values.astype(np.float64))
        return {**table, "samples": self.samples.tolist()}

    def to_arrow(self) -> _core.TableStream:
        """Return a row per number of samples as an Arrow stream."""
        return _core.TableStream(self._columns())

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the mean absolute error against the samples per question.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.curve.plot import new_axes  # noqa: PLC0415 - matplotlib is optional

        ax = new_axes() if ax is None else ax
        error, spread = self.mean_absolute_error, np.nan_to_num(self.standard_error)
        name = label or type(self.law).__name__
        ax.errorbar(self.samples, error, yerr=spread, marker="o", capsize=2, label=name)
        ax.set_xscale("log", base=2)
        ax.set_xlabel("samples per question used")
        ax.set_ylabel("mean absolute error of the curve")
        return ax

    def __repr__(self) -> str:
        """Show how the error falls."""
        error = self.mean_absolute_error
        return (
            f"LearningCurve({self.law!r}: error {error[0]:.4f} from {self.samples[0]} samples, "
            f"{error[-1]:.4f} from {self.samples[-1]})"
        )

    def _repr_html_(self) -> str:
        names, columns = zip(*self._columns(), strict=True)
        return html(names, columns, repr(self))
