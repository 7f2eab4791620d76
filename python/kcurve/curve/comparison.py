"""`compare`: two systems on the same questions, by paired differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve import table
from kcurve.curve.bands import critical_value, simultaneous_factor, spread
from kcurve.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.evaluation import AnyLog
    from kcurve.curve.result import Curve


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """The difference of two curves, a - b, on the questions both have.

    Attributes
    ----------
    k : int64 [K]
        Numbers of calls that both curves have.
    difference : float64 [K]
        Mean over questions of a's score less b's: positive where a is better.
    low, high : float64 [K]
        The band of the difference for fresh questions, sampled as often.
    p_value : float64 [K]
        Two-sided p-value of no difference, each k by itself.
    overtakes : tuple of int
        The k at which the leader changes: the first with the other sign.
    level : float
        Confidence level of the band.
    simultaneous : bool
        Whether the band covers all k at once.
    n_questions : int
        Number of questions compared.
    """

    k: NDArray[np.int64]
    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p_value: NDArray[np.float64]
    overtakes: tuple[int, ...]
    level: float
    simultaneous: bool
    n_questions: int

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.k, self.difference, self.low, self.high, self.p_value):
            values.setflags(write=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain Python values, ready for JSON; NaN becomes None."""
        return {
            "level": self.level,
            "simultaneous": self.simultaneous,
            "n_questions": self.n_questions,
            "overtakes": list(self.overtakes),
            "k": self.k.tolist(),
            "difference": self.difference.tolist(),
            "low": table.without_nan(self.low),
            "high": table.without_nan(self.high),
            "p_value": table.without_nan(self.p_value),
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns k, difference, low, high and p_value as an Arrow stream."""
        names = ("k", "difference", "low", "high", "p_value")
        return _core.TableStream([(name, getattr(self, name)) for name in names])

    def __repr__(self) -> str:
        """Show where the difference starts and ends, and who overtakes whom."""
        crossing = f", overtakes at k={list(self.overtakes)}" if self.overtakes else ""
        return (
            f"Comparison(k={self.k[0]}..{self.k[-1]}, {self.n_questions} questions: "
            f"{self.difference[0]:+.4f} at k={self.k[0]}, "
            f"{self.difference[-1]:+.4f} at k={self.k[-1]}{crossing})"
        )

    def _repr_html_(self) -> str:
        return table.html(
            ("k", "a - b", "low", "high", "p"),
            (self.k, self.difference, self.low, self.high, self.p_value),
            repr(self),
        )


def compare(a: Curve, b: Curve, *, level: float = 0.95, simultaneous: bool = False) -> Comparison:
    """Compare two curves on the questions, and at the numbers of calls, that both have.

    Pairing by question removes the difficulty of the questions from the comparison: with
    ``d_q = f_q^a - f_q^b`` the variance of the mean difference is ``s^2(d) / Q``, which holds
    whether the two share samples (two rules on one log) or not (two logs).

    Parameters
    ----------
    a, b : Curve
        Two logs, or two rules on one log. Questions are matched by data set and question id.
    level : float
        Confidence level of the band.
    simultaneous : bool
        Whether the band covers all k at once.

    Returns
    -------
    Comparison

    Raises
    ------
    ArgumentError
        If the curves have no question, or no k, in common.

    Notes
    -----
    Student's t on the questions, or on the clusters of a's log.

    References
    ----------
    Miller, "Adding Error Bars to Evals", arXiv 2411.00640, section 4 (paired differences).

    Examples
    --------
    >>> import kcurve as kc
    >>> log = kc.example_log()
    >>> vote, single = kc.curve(log), kc.curve(log, kc.MeanAtK())
    >>> kc.compare(vote, single).overtakes
    ()
    """
    from scipy.special import stdtr  # noqa: PLC0415 - scipy is slow to import

    number_between("level", level, 0.5, 1 - 1e-12)
    k, columns_a, columns_b = np.intersect1d(a.k, b.k, assume_unique=True, return_indices=True)
    if len(k) == 0:
        msg = (
            f"the curves have no k in common: a has {a.k[0]} to {a.k[-1]}, "
            f"b has {b.k[0]} to {b.k[-1]}; evaluate both on the same k"
        )
        raise ArgumentError(msg)
    rows_a, rows_b = _shared_questions(a.log, b.log)
    scores_a = a.per_question[np.ix_(rows_a, columns_a)]
    scores_b = b.per_question[np.ix_(rows_b, columns_b)]
    cluster = a.log.cluster
    paired = spread(scores_a - scores_b, None if cluster is None else cluster.codes[rows_a])
    degrees = paired.units - 1
    critical = critical_value(level, degrees) if degrees > 0 else np.nan
    if simultaneous and len(k) > 1:
        critical *= simultaneous_factor(paired.covariance, level)
    error = np.sqrt(paired.variance)
    ratio = np.divide(
        paired.mean, error, out=np.where(paired.mean == 0, 0.0, np.inf), where=error > 0
    )
    p_value = 2 * stdtr(max(degrees, 1), -np.abs(ratio))
    return Comparison(
        k=k,
        difference=paired.mean,
        low=np.clip(paired.mean - critical * error, -1, 1),
        high=np.clip(paired.mean + critical * error, -1, 1),
        p_value=np.where(np.isnan(error), np.nan, p_value),
        overtakes=_sign_changes(k, paired.mean),
        level=level,
        simultaneous=simultaneous,
        n_questions=len(rows_a),
    )


def _shared_questions(a: AnyLog, b: AnyLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the questions that both logs have, in a's order."""
    if a is b:
        rows = np.arange(a.n_questions)
        return rows, rows
    row_of = {key: row for row, key in enumerate(_keys(b))}
    pairs = [(row, row_of[key]) for row, key in enumerate(_keys(a)) if key in row_of]
    if not pairs:
        msg = (
            f"the curves have no question in common: a starts with {a.question[0]!r}, "
            f"b with {b.question[0]!r}; questions are matched by data set and question id"
        )
        raise ArgumentError(msg)
    rows_a, rows_b = zip(*pairs, strict=True)
    return np.array(rows_a), np.array(rows_b)


def _keys(log: AnyLog) -> list[tuple[str, str]]:
    names = log.dataset.names
    return [
        (names[code], question)
        for code, question in zip(log.dataset.codes, log.question, strict=True)
    ]


def _sign_changes(k: NDArray[np.int64], difference: NDArray[np.float64]) -> tuple[int, ...]:
    # Differences at the level of rounding have no sign.
    sign = np.where(np.abs(difference) > 1e-12, np.sign(difference), 0)
    signed = np.flatnonzero(sign)
    changes = signed[1:][sign[signed[1:]] != sign[signed[:-1]]]
    return tuple(int(calls) for calls in k[changes])
