"""How well a verifier's scores tell right samples from wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import choice, number_between
from kcurve.curve import table
from kcurve.errors import LogError
from kcurve.verifiers.areas import pooled_area, within_areas
from kcurve.verifiers.roc_curves import mean_curve, pooled_curve
from kcurve.verifiers.scored import (
    Missing,
    ScoredSamples,
    interval,
    mean_of_defined,
    number_or_none,
    ratio,
    scored_samples,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]

Within: TypeAlias = Literal["pooled", "question"]
"""Which samples are compared with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """A verifier that accepts the samples whose score is at least a threshold.

    Attributes
    ----------
    threshold : float
        The threshold.
    tpr, tpr_low, tpr_high : float
        True positive rate: the share of the right samples that is accepted; its interval.
    fpr, fpr_low, fpr_high : float
        False positive rate: the share of the wrong samples that is accepted; its interval.
    precision, precision_low, precision_high : float
        The share of the accepted samples that is right; NaN if none is accepted.
    accepted : float
        The share of all samples that is accepted.
    """

    threshold: float
    tpr: float
    tpr_low: float
    tpr_high: float
    fpr: float
    fpr_low: float
    fpr_high: float
    precision: float
    precision_low: float
    precision_high: float
    accepted: float

    def to_dict(self) -> dict[str, float | None]:
        """Return the numbers as plain Python values, ready for JSON; NaN becomes None."""
        return {name: number_or_none(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Roc:
    """The receiver operating characteristic of a verifier; made by `roc`.

    Attributes
    ----------
    threshold : float64 [P]
        Samples with at least this score are accepted: from infinity, which accepts none, to the
        lowest score. NaN for a curve within questions, where each question has its own.
    tpr, fpr : float64 [P]
        Share of the right, and of the wrong, samples accepted.
    auc, auc_low, auc_high : float
        Chance that a right sample outscores a wrong one, both from all samples; ties count 1/2.
    within_auc, within_auc_low, within_auc_high : float
        The same for a right and a wrong sample of the same question, averaged over `mixed`
        questions. It is what best-of-n depends on. NaN if no question is mixed.
    mixed : int
        Number of questions with both right and wrong samples.
    per_question : float64 [Q]
        The area within each question, NaN unless it is mixed; in the order of the log.
    samples, unscored : int
        Number of samples used; and of samples without a score.
    within : {"pooled", "question"}
        Which curve `tpr` and `fpr` are.
    level : float
        Confidence level of the intervals.
    """

    threshold: Floats
    tpr: Floats
    fpr: Floats
    auc: float
    auc_low: float
    auc_high: float
    within_auc: float
    within_auc_low: float
    within_auc_high: float
    mixed: int
    per_question: Floats
    samples: int
    unscored: int
    within: Within
    level: float
    _scored: ScoredSamples = field(repr=False)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.threshold, self.tpr, self.fpr, self.per_question):
            values.setflags(write=False)

    def at(self, threshold: float) -> OperatingPoint:
        """Return the rates of the verifier that accepts scores of at least `threshold`.

        All samples are in one pool, whichever curve this is: a threshold is common to all questions.
        Intervals are by linearised ratios with questions, or clusters, as units.

        Examples
        --------
        >>> import kcurve as kc
        >>> from kcurve.verifiers import roc
        >>> log = kc.AnswerLog.from_codes(
        ...     [[0, 0, 1], [0, 1, 1]], correct=[0, 0], score=[[3, 2, 2], [3, 1, 3]]
        ... )
        >>> point = roc(log).at(3)
        >>> round(point.tpr, 3), round(point.fpr, 3), round(point.precision, 3)
        (0.667, 0.333, 0.667)
        """
        number_between("threshold", threshold, -np.inf, np.inf)
        scored = self._scored
        accepted = scored.score >= threshold
        right = scored.right
        parts = [
            ratio(scored, accepted & right, right),
            ratio(scored, accepted & ~right, ~right),
            ratio(scored, accepted & right, accepted),
        ]
        means = np.array([mean for mean, _ in parts])
        influence = np.stack([each for _, each in parts], axis=1)
        low, high = interval(scored.spread(means, influence), self.level)
        return OperatingPoint(
            threshold=float(threshold),
            tpr=float(means[0]),
            tpr_low=float(low[0]),
            tpr_high=float(high[0]),
            fpr=float(means[1]),
            fpr_low=float(low[1]),
            fpr_high=float(high[1]),
            precision=float(means[2]),
            precision_low=float(low[2]),
            precision_high=float(high[2]),
            accepted=float(accepted.mean()),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return areas and numbers as plain Python values, ready for JSON; NaN becomes None."""
        areas = [f"{name}{end}" for name in ("auc", "within_auc") for end in ("", "_low", "_high")]
        return {
            "within": self.within,
            "level": self.level,
            "n_questions": len(self.per_question),
            "mixed": self.mixed,
            "samples": self.samples,
            "unscored": self.unscored,
            **{name: number_or_none(getattr(self, name)) for name in areas},
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns threshold, tpr and fpr as an Arrow stream."""
        return _core.TableStream(
            [("threshold", self.threshold), ("tpr", self.tpr), ("fpr", self.fpr)]
        )

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the curve on matplotlib axes (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_roc  # noqa: PLC0415 - matplotlib is optional

        return plot_roc(self, ax, label=label)

    def __repr__(self) -> str:
        """Show both areas."""
        return (
            f"Roc({self.samples} samples: AUC {self.auc:.4f} "
            f"[{self.auc_low:.4f}, {self.auc_high:.4f}], within questions {self.within_auc:.4f} "
            f"[{self.within_auc_low:.4f}, {self.within_auc_high:.4f}], {self.mixed} mixed)"
        )

    def _repr_html_(self) -> str:
        return table.html(
            ("threshold", "TPR", "FPR"), (self.threshold, self.tpr, self.fpr), repr(self)
        )


def roc(
    log: AnswerLog, *, within: Within = "pooled", missing: Missing = "drop", level: float = 0.95
) -> Roc:
    """Measure how well the scores of a log tell right samples from wrong ones.

    The area under the curve is the chance that a right sample has a higher score than a wrong one,
    with 1/2 for ties. Over all samples it mixes two skills: to tell which *question* is easy, and to
    tell which *sample* of a question is right. Only the second, the area within questions, helps a
    system that chooses among samples of one question.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores.
    within : {"pooled", "question"}
        Which curve to draw: of all samples in one pool; or the mean of the curves of the mixed
        questions at equal false positive rate, whose area is the mean of their areas. Both areas are
        computed in either case.
    missing : {"drop", "lowest"}
        What to do with samples without a score: leave them out, or rank them below all others as
        `BestOfN` does.
    level : float
        Confidence level of the intervals, for a fresh choice of questions (or clusters).

    Returns
    -------
    Roc

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If no sample is scored, or all of them are right, or all wrong.

    Notes
    -----
    The variance of the pooled area is DeLong's for clustered data: the sum of squares of the units'
    influences. The interval is Wilson's at the effective number of units, with a t quantile; so are
    those of the area within questions and of operating points. Samples weigh the same in the pool,
    mixed questions weigh the same in the mean.

    Cost: one sort, ``S log S`` for S samples.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two or More Correlated Receiver
    Operating Characteristic Curves", 1988.
    Obuchowski, "Nonparametric Analysis of Clustered ROC Curve Data", 1997.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.verifiers import roc
    >>> log = kc.AnswerLog.from_codes(
    ...     [[0, 0, 1, 1], [0, 1, 1, 1]], correct=[0, 0], score=[[9, 7, 8, 6], [4, 3, 3, 5]]
    ... )
    >>> found = roc(log)
    >>> round(found.auc, 4), round(found.within_auc, 4), found.mixed
    (0.7333, 0.7083, 2)
    """
    choice("within", within, ("pooled", "question"))
    number_between("level", level, 0.5, 1 - 1e-12)
    samples = scored_samples(log, missing=missing)
    if samples.right.all() or not samples.right.any():
        verdict = "right" if samples.right.all() else "wrong"
        msg = f"all {len(samples.right)} scored samples are {verdict}; a ROC curve needs both kinds"
        raise LogError(msg)
    pooled = pooled_area(samples)
    pooled_low, pooled_high = interval(
        samples.spread(np.array([pooled.area]), pooled.influence[:, None]), level
    )
    area = within_areas(samples).area
    within_auc, influence, mixed = mean_of_defined(area)
    within_low, within_high = interval(
        samples.spread(np.array([within_auc]), influence[:, None], mixed), level
    )
    threshold, fpr, tpr = (
        pooled_curve(samples) if within == "pooled" else mean_curve(samples, mixed)
    )
    return Roc(
        threshold=threshold,
        tpr=tpr,
        fpr=fpr,
        auc=pooled.area,
        auc_low=float(pooled_low[0]),
        auc_high=float(pooled_high[0]),
        within_auc=within_auc,
        within_auc_low=float(within_low[0]),
        within_auc_high=float(within_high[0]),
        mixed=int(mixed.sum()),
        per_question=samples.in_log_order(area),
        samples=len(samples.score),
        unscored=samples.unscored,
        within=within,
        level=level,
        _scored=samples,
    )
