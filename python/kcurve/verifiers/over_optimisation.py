"""Where more samples make a choice by score worse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between, positive_integer
from kcurve.curve import curve, table
from kcurve.rules import BestOfN, FilterVote, WeightedVote
from kcurve.verifiers.chosen_score import chosen_scores
from kcurve.verifiers.peaks import resampled_peaks, turn_p_value
from kcurve.verifiers.scored import (
    ScoredSamples,
    half_width,
    number_or_none,
    numbers_or_none,
    scored_samples,
)
from kcurve.verifiers.tails import top_group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve import Curve
    from kcurve.curve.methods import Method
    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDrop:
    """A question that the choice by score gets worse at.

    Attributes
    ----------
    question : str
        Its id.
    at_peak, at_end : float
        Its score at the k of the peak, and at the last k.
    right : float
        The share of its samples that is right.
    top_right : float
        The share of its top-scored samples that is right.
    """

    question: str
    at_peak: float
    at_end: float
    right: float
    top_right: float


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OverOptimisation:
    """Where a curve of choices by score turns down; made by `over_optimisation`.

    Attributes
    ----------
    k : int
        The number of calls at which the mean score is highest.
    k_low, k_high : int
        Between which the peak lies for the share `level` of resampled sets of questions.
    turns : float
        Share of the resampled sets whose peak comes before the last k and is higher than the end.
        Noise alone makes it large: see `p_value`.
    drop, drop_low, drop_high : float
        Mean score at the peak less that at the last k, and its interval for this k, paired by question.
    p_value : float
        How likely a curve that is nowhere above its end shows so significant a drop at any k: a
        one-sided test of all k at once.
    chosen_score : float64 [K]
        Expected score of the chosen sample after k calls, mean over questions: what the choice
        believes it gains. NaN for a vote.
    falling, misled : int
        Number of questions whose score is lower at the end than at the peak; and of those with right samples whose
        top-scored samples are all wrong.
    curve : Curve
        The curve.
    level : float
        Confidence level.
    """

    k: int
    k_low: int
    k_high: int
    turns: float
    drop: float
    drop_low: float
    drop_high: float
    p_value: float
    chosen_score: Floats
    falling: int
    misled: int
    curve: Curve
    level: float
    _scored: ScoredSamples = field(repr=False)

    def __post_init__(self) -> None:
        """Make the array read-only."""
        self.chosen_score.setflags(write=False)

    def questions(self, n: int = 10) -> list[QuestionDrop]:
        """Return the `n` questions that lose most from the peak to the end, the worst first."""
        positive_integer("n", n)
        scored = self._scored
        peak = int(np.searchsorted(self.curve.k, self.k))
        at_peak, at_end = self.curve.per_question[:, peak], self.curve.per_question[:, -1]
        size = np.maximum(scored.sums(np.ones(len(scored.score))), 1)
        right = scored.in_log_order(scored.sums(scored.right) / size)
        top = top_group(scored)
        top_right = scored.in_log_order(top.right / np.maximum(top.right + top.wrong, 1))
        worst = np.argsort(at_end - at_peak, kind="stable")[:n]
        return [
            QuestionDrop(
                question=self.curve.log.question[int(q)],
                at_peak=float(at_peak[q]),
                at_end=float(at_end[q]),
                right=float(right[q]),
                top_right=float(top_right[q]),
            )
            for q in worst
            if at_end[q] < at_peak[q] - 1e-12
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values, ready for JSON; NaN becomes None."""
        numbers = ("turns", "drop", "drop_low", "drop_high", "p_value")
        return {
            "rule": repr(self.curve.rule),
            "level": self.level,
            "n_questions": self.curve.n_questions,
            "k": self.k,
            "k_low": self.k_low,
            "k_high": self.k_high,
            **{name: number_or_none(getattr(self, name)) for name in numbers},
            "falling": self.falling,
            "misled": self.misled,
            "curve": {
                "k": self.curve.k.tolist(),
                "mean": self.curve.mean.tolist(),
                "low": numbers_or_none(self.curve.low),
                "high": numbers_or_none(self.curve.high),
                "chosen_score": numbers_or_none(self.chosen_score),
            },
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the columns k, mean, low, high and chosen_score as an Arrow stream."""
        drawn = self.curve
        return _core.TableStream(
            [
                ("k", drawn.k),
                ("mean", drawn.mean),
                ("low", drawn.low),
                ("high", drawn.high),
                ("chosen_score", self.chosen_score),
            ]
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw accuracy and, on a second axis, the score of the chosen sample against k.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_over_optimisation  # noqa: PLC0415 - optional

        return plot_over_optimisation(self, ax)

    def __repr__(self) -> str:
        """Show the peak and the drop."""
        drawn = self.curve
        return (
            f"OverOptimisation({drawn.rule!r}: peak at k={self.k} [{self.k_low}, {self.k_high}], "
            f"{self.drop:+.4f} [{self.drop_low:+.4f}, {self.drop_high:+.4f}] above k={drawn.k[-1]}, "
            f"p={self.p_value:.3g}, {self.falling} of {drawn.n_questions} questions fall)"
        )

    def _repr_html_(self) -> str:
        drawn = self.curve
        return table.html(
            ("k", "mean", "low", "high", "chosen score"),
            (drawn.k, drawn.mean, drawn.low, drawn.high, self.chosen_score),
            repr(self),
        )


def over_optimisation(
    log: AnswerLog,
    rule: BestOfN | WeightedVote | FilterVote = BestOfN(),  # noqa: B008 - frozen
    *,
    k: int | Iterable[int] | None = None,
    method: Method | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    rng: int = 0,
) -> OverOptimisation:
    """Find where more samples make the choice by a verifier's score worse, and how surely.

    With more samples the score of the chosen one can only rise. Its correctness need not: a
    verifier that gives its highest scores to certain wrong samples finds them in the end.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores.
    rule : BestOfN, WeightedVote or FilterVote
        How the score chooses.
    k : int or iterable of int, optional
        Numbers of calls; all that the log allows by default. The test is of these.
    method : Exact or Bootstrap, optional
        See `kcurve.curve`.
    level : float
        Confidence level.
    resamples : int
        Bayesian bootstrap replicates of the questions (or clusters), for the place of the peak, and
        of the test's null distribution.
    rng : int
        Seed of both.

    Returns
    -------
    OverOptimisation

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If no sample has a score, or one that best-of-n chooses by is infinite.
    ArgumentError
        As `kcurve.curve` does.

    Notes
    -----
    The peak is chosen to be the highest, and so is too high by chance: `drop_low` and `drop_high`
    are Student's for the k found, and too optimistic. The test is not: its statistic is the largest of
    ``(mean(k) - mean(end)) / error`` over all k, its null distribution that of the maximum of a
    Gaussian process with the covariance of the questions.

    The score of the chosen sample is exact, without a draw: ``sum_r s_(r) C(r-1, k-1) / C(N, k)``.

    References
    ----------
    Gao, Schulman and Hilton, "Scaling Laws for Reward Model Overoptimization", arXiv 2210.10760.

    Examples
    --------
    Half of the samples are right; those of the highest score are wrong:

    >>> import kcurve as kc
    >>> from kcurve.verifiers import over_optimisation
    >>> codes = [[0] * 10 + [1] * 10] * 30
    >>> scores = [[2.0] * 10 + [1.0] * 9 + [3.0]] * 30
    >>> found = over_optimisation(kc.AnswerLog.from_codes(codes, correct=[0] * 30, score=scores))
    >>> found.k, round(found.drop, 3), found.chosen_score[[0, -1]], found.falling
    (3, 0.776, array([1.6, 3. ]), 30)
    """
    instance("rule", rule, BestOfN, WeightedVote, FilterVote)
    number_between("level", level, 0.5, 1 - 1e-12)
    positive_integer("resamples", resamples)
    samples = scored_samples(log, missing="lowest")
    drawn = curve(log, rule, k=k, method=method, level=level)
    values = drawn.per_question[samples.position]
    mean = values.mean(axis=0)
    peak = int(np.searchsorted(drawn.k, drawn.optimal_k()))
    above = (values - values[:, -1:]) - (mean - mean[-1])
    random = np.random.Generator(np.random.PCG64(rng))
    spread = samples.spread(mean - mean[-1], above / len(values))
    drop = float(mean[peak] - mean[-1])
    half = float(half_width(spread, level)[peak])
    p_value = turn_p_value(spread, resamples, random) if spread.units > 1 else np.nan
    peaks, turned = resampled_peaks(samples, values, resamples, random)
    low, high = np.quantile(peaks, [0.5 - level / 2, 0.5 + level / 2], method="inverted_cdf")
    top = top_group(samples)
    if isinstance(rule, BestOfN):
        replacement = drawn.method.replacement
        scores = chosen_scores(samples, drawn.k, replacement=replacement)
        believed = np.nanmean(scores, axis=0)
    else:
        believed = np.full(len(drawn.k), np.nan)
    return OverOptimisation(
        k=int(drawn.k[peak]),
        k_low=int(drawn.k[int(low)]),
        k_high=int(drawn.k[int(high)]),
        turns=turned,
        drop=drop,
        drop_low=float(np.maximum(drop - half, -1.0)),
        drop_high=float(np.minimum(drop + half, 1.0)),
        p_value=p_value,
        chosen_score=believed,
        falling=int((values[:, -1] < values[:, peak] - 1e-12).sum()),
        misled=int(((top.right == 0) & (samples.sums(samples.right) > 0)).sum()),
        curve=drawn,
        level=level,
        _scored=samples,
    )
