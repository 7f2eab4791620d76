"""Choices by verifiers of other quality, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve import table
from kcurve.errors import ArgumentError
from kcurve.verifiers.scored import number_or_none, numbers_or_none

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.rules import BestOfN, FilterVote, WeightedVote
    from kcurve.verifiers.pool import Pool

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Model: TypeAlias = Literal["binormal", "shifted"]
"""How scores of another quality are made."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class VerifierValue:
    """Choices by verifiers of other quality; made by `verifier_value`.

    Attributes
    ----------
    auc : float64 [A]
        Mean areas within questions.
    k : int64 [K]
        Numbers of calls.
    accuracy, low, high : float64 [A, K]
        What the rule would have, and its band over questions.
    limit : float64 [A]
        What it would tend to, on these questions; NaN for shifted scores.
    samples : float64 [A, K]
        How many calls at the present area reach `accuracy` by the model: 1 where one does, infinite
        where no number up to a million does; NaN for shifted scores.
    logged_samples : float64 [A, K]
        How many reach it on the logged curve; infinite if none of the log's k does.
    present : float
        The log's area within questions, samples without a score lowest.
    spread : float
        How much the shift of scores differs between questions; see `binormal_best_of_n`. NaN for
        shifted scores.
    present_accuracy : float64 [K]
        The model at the present area.
    logged : float64 [K]
        The rule's curve of the log. Where it is far from `present_accuracy` the model does not describe
        this verifier.
    equivalent : float64 [K]
        The area at which the binormal model has the accuracy that is logged; NaN at k = 1, or if there
        is none.
    rule : BestOfN, FilterVote or WeightedVote
        How the score chooses.
    model : {"binormal", "shifted"}
        How scores of another quality are made.
    level : float
        Confidence level of the bands.
    """

    auc: Floats
    k: Integers
    accuracy: Floats
    low: Floats
    high: Floats
    limit: Floats
    samples: Floats
    logged_samples: Floats
    present: float
    spread: float
    present_accuracy: Floats
    logged: Floats
    equivalent: Floats
    rule: BestOfN | FilterVote | WeightedVote
    model: Model
    level: float
    _pool: Pool = field(repr=False)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in _ARRAYS:
            getattr(self, name).setflags(write=False)

    def samples_needed(self, accuracy: float, *, auc: float | None = None) -> float:
        """Return the least number of samples with which binormal best-of-n reaches an accuracy.

        Parameters
        ----------
        accuracy : float
            The accuracy asked for, in [0, 1].
        auc : float, optional
            Mean area within questions; the present one by default.

        Returns
        -------
        float
            A whole number; infinite if no number up to a million suffices. From 64 on it is
            interpolated between four points per octave.

        Raises
        ------
        ArgumentError
            If the scores are shifted ones: their curves end with the log.
        """
        if self.model != "binormal":
            msg = "shifted scores say nothing beyond the log; use model='binormal'"
            raise ArgumentError(msg)
        number_between("accuracy", accuracy, 0, 1)
        area = self.present if auc is None else auc
        number_between("auc", area, 0, 1)
        return float(self._pool.samples_for(np.array([accuracy]), area, self.spread)[0])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for JSON; NaN and infinity become None."""
        plain: dict[str, Any] = {
            "rule": repr(self.rule),
            "model": self.model,
            "level": self.level,
            "present": self.present,
            "spread": number_or_none(self.spread),
        }
        for name in _ARRAYS:
            values = getattr(self, name)
            plain[name] = (
                values.tolist()
                if name == "k"
                else [numbers_or_none(row) for row in values]
                if values.ndim == 2
                else numbers_or_none(values)
            )
        return plain

    def to_arrow(self) -> _core.TableStream:
        """Return rows of auc, k, accuracy, low, high and samples as an Arrow stream."""
        return _core.TableStream(
            [
                ("auc", np.repeat(self.auc, len(self.k))),
                ("k", np.tile(self.k, len(self.auc))),
                *((name, getattr(self, name).ravel()) for name in _TABLES),
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curves of all areas, and the logged one, on matplotlib axes.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_value  # noqa: PLC0415 - matplotlib is optional

        return plot_value(self, ax)

    def __repr__(self) -> str:
        """Show the present verifier and the best."""
        return (
            f"VerifierValue({self.rule!r}, {self.model}, AUC {self.present:.4f} within questions; at "
            f"k={self.k[-1]}: {self.logged[-1]:.4f} logged, {self.present_accuracy[-1]:.4f} by the "
            f"model, {self.accuracy[-1, -1]:.4f} at AUC {self.auc[-1]:.4g})"
        )

    def _repr_html_(self) -> str:
        names = ("k", "logged", "model", *(f"AUC {area:.4g}" for area in self.auc))
        columns = (self.k, self.logged, self.present_accuracy, *self.accuracy)
        return table.html(names, columns, repr(self))


_TABLES = ("accuracy", "low", "high", "samples", "logged_samples")
_ARRAYS = ("auc", "k", *_TABLES, "limit", "present_accuracy", "logged", "equivalent")
