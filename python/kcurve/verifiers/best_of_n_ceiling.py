"""What best-of-n tends to, as far as a log can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve import curve, table
from kcurve.rules import BestOfN
from kcurve.verifiers.scored import (
    half_width,
    interval,
    mean_of_defined,
    number_or_none,
    numbers_or_none,
    scored_samples,
)
from kcurve.verifiers.tails import tail_ratio, top_tail

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.curve import Curve
    from kcurve.log import AnswerLog
    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, slots=True)
class BestOfNCeiling:
    """What best-of-n tends to; made by `best_of_n_ceiling`.

    Attributes
    ----------
    share : float64 [T]
        Shares of each question's samples, those of highest score: 1, 1/2, 1/4, ...
    accuracy, low, high : float64 [T]
        Accuracy of a blind choice from that share of each question, mean over questions, and its
        band. It is the limit of best-of-n if the verifier cannot sort the samples beyond.
    ratio, ratio_low, ratio_high : float64 [T]
        How much likelier a right sample is to be in the share than a wrong one of the same question,
        and its interval; infinite, with no interval, if no wrong sample is there.
    common : float64 [T]
        The limit if that ratio were the same for all questions: mean of `plateau` at their own
        shares of right samples. Where it exceeds `accuracy`, the verifier fails on some questions
        and not evenly.
    per_question : float64 [Q]
        `accuracy` of each question at the least share: a plug-in of few samples.
    trend, trend_low, trend_high : float
        What the last halving of the share changed, paired by question, and its interval. Unless the
        interval is about 0 and narrow, the limit has not been reached within this log.
    solved : float
        Share of the questions with a right sample: what a perfect verifier would reach here.
    curve : Curve
        The exact best-of-n curve of the log.
    level : float
        Confidence level.
    """

    share: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats
    common: Floats
    per_question: Floats
    trend: float
    trend_low: float
    trend_high: float
    solved: float
    curve: Curve
    level: float

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in _COLUMNS:
            getattr(self, name).setflags(write=False)
        self.per_question.setflags(write=False)

    @property
    def limit(self) -> float:
        """The accuracy at the least share: the limit if scores sort no further."""
        return float(self.accuracy[-1])

    @property
    def limit_low(self) -> float:
        """The lower end of its band."""
        return float(self.low[-1])

    @property
    def limit_high(self) -> float:
        """The upper end of its band."""
        return float(self.high[-1])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values, ready for JSON; NaN and infinity become None."""
        return {
            "level": self.level,
            "n_questions": len(self.per_question),
            "limit": self.limit,
            "limit_low": number_or_none(self.limit_low),
            "limit_high": number_or_none(self.limit_high),
            "trend": number_or_none(self.trend),
            "trend_low": number_or_none(self.trend_low),
            "trend_high": number_or_none(self.trend_high),
            "solved": self.solved,
            **{name: numbers_or_none(getattr(self, name)) for name in _COLUMNS},
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the shares as an Arrow stream: share, accuracy, low, high, ratio, ..., common."""
        return _core.TableStream([(name, getattr(self, name)) for name in _COLUMNS])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve, and the accuracy of blind choice from shares, against 1 / share.

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_ceiling  # noqa: PLC0415 - matplotlib is optional

        return plot_ceiling(self, ax)

    def __repr__(self) -> str:
        """Show the limit and whether it is one."""
        return (
            f"BestOfNCeiling({len(self.per_question)} questions: {self.limit:.4f} "
            f"[{self.limit_low:.4f}, {self.limit_high:.4f}] in the top 1/{round(1 / self.share[-1])}, "
            f"{self.trend:+.4f} [{self.trend_low:+.4f}, {self.trend_high:+.4f}] by the last halving, "
            f"{self.solved:.4f} with a perfect verifier)"
        )

    def _repr_html_(self) -> str:
        columns = tuple(getattr(self, name) for name in _COLUMNS)
        return table.html(_COLUMNS, columns, repr(self))


_COLUMNS = ("share", "accuracy", "low", "high", "ratio", "ratio_low", "ratio_high", "common")


def best_of_n_ceiling(log: AnswerLog, *, level: float = 0.95) -> BestOfNCeiling:
    """Estimate what best-of-n tends to with samples without end.

    As n grows, the chosen sample comes from an ever smaller share of highest scores. The accuracy of a blind
    choice from the top 1/2, 1/4, 1/8, ... of each question shows where that leads. A log of N samples
    sees shares down to 1/N; what lies beyond is an assumption, and this one is that the scores beyond sort no further. It is
    true for scores with a best value that many samples reach, such as "all tests passed".

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores. A missing score ranks below all others.
    level : float
        Confidence level, for a fresh choice of questions (or clusters).

    Returns
    -------
    BestOfNCeiling

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If no sample is scored, or a question has no samples.

    Notes
    -----
    A tie that the limit of a share goes through is in it in part. Shares are halved as long as
    every question has a sample to each. The ratio is Mantel and Haenszel's, stratified by question; its
    interval is Student's on the logarithm. With ratio r and a share p of right samples the limit of
    a question is ``p r / (p r + 1 - p)``.

    No model of the tails is fitted: under equal normal distributions every verifier better than
    chance ends at the right answer, and under a slightly wider distribution for wrong samples every one ends at the wrong
    answer. Scores at hand cannot tell which.

    Cost: a sort, a pass for each share, and the exact curve.

    References
    ----------
    Mantel and Haenszel, "Statistical Aspects of the Analysis of Data from Retrospective Studies of
    Disease", 1959.
    Stroebl, Kapoor and Narayanan, "Inference Scaling fLaws", arXiv 2411.17501.

    Examples
    --------
    A verifier that accepts 80 % of the right and 20 % of the wrong samples:

    >>> import kcurve as kc
    >>> from kcurve.verifiers import best_of_n_ceiling
    >>> row = [0] * 10 + [1] * 10, [1.0] * 8 + [0.0] * 2 + [1.0] * 2 + [0.0] * 8
    >>> log = kc.AnswerLog.from_codes([row[0]] * 2, correct=[0, 0], score=[row[1]] * 2)
    >>> found = best_of_n_ceiling(log)
    >>> found.share, found.accuracy, found.ratio
    (array([1.    , 0.5   , 0.25  , 0.125 , 0.0625]), array([0.5, 0.8, 0.8, 0.8, 0.8]),
     array([1., 4., 4., 4., 4.]))
    """
    number_between("level", level, 0.5, 1 - 1e-12)
    samples = scored_samples(log, missing="lowest")
    exact = curve(log, BestOfN(), level=level)
    size = samples.sums(np.ones(len(samples.score)))
    right = samples.sums(samples.right)
    p = right / size
    halvings = int(np.floor(np.log2(size.min())))
    share = np.ldexp(1.0, -np.arange(halvings + 1))
    tails = [top_tail(samples, each) for each in share]
    precision = np.stack([tail.right / (tail.right + tail.wrong) for tail in tails], axis=1)
    accuracy = precision.mean(axis=0)
    low, high = interval(samples.spread(accuracy, (precision - accuracy) / len(precision)), level)
    ratios = [tail_ratio(samples, tail) for tail in tails]
    value = np.array([ratio.value for ratio in ratios])
    ends = [_ratio_interval(samples, ratio.value, ratio.influence, level) for ratio in ratios]
    common = np.array([_common(p, each) for each in value])
    change = precision[:, -1] - precision[:, max(halvings - 1, 0)]
    trend, trend_low, trend_high = _change(samples, change, level)
    return BestOfNCeiling(
        share=share,
        accuracy=accuracy,
        low=low,
        high=high,
        ratio=value,
        ratio_low=np.array([low for low, _ in ends]),
        ratio_high=np.array([high for _, high in ends]),
        common=common,
        per_question=samples.in_log_order(precision[:, -1]),
        trend=trend,
        trend_low=trend_low,
        trend_high=trend_high,
        solved=float((right > 0).mean()),
        curve=exact,
        level=level,
    )


def _common(p: Floats, ratio: float) -> float:
    if np.isnan(ratio):
        return np.nan
    if np.isinf(ratio):
        return float((p > 0).mean())
    return float((p * ratio / (p * ratio + 1 - p)).mean()) if ratio > 0 else float((p == 1).mean())


def _ratio_interval(
    samples: ScoredSamples, value: float, influence: Floats, level: float
) -> tuple[float, float]:
    """Return the interval of a ratio, Student's on its logarithm."""
    if not (np.isfinite(value) and value > 0):
        return np.nan, np.nan
    spread = samples.spread(np.array([value]), influence[:, None])
    factor = float(np.exp(half_width(spread, level)[0] / value))
    return value / factor, value * factor


def _change(samples: ScoredSamples, change: Floats, level: float) -> tuple[float, float, float]:
    """Return the mean change of questions and its interval, Student's."""
    mean, influence, _ = mean_of_defined(change)
    half = float(half_width(samples.spread(np.array([mean]), influence[:, None]), level)[0])
    return mean, float(np.maximum(mean - half, -1.0)), float(np.minimum(mean + half, 1.0))
