"""Whether a verifier's scores are the chances they claim to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between, positive_integer
from kcurve.curve import table
from kcurve.errors import LogError
from kcurve.verifiers.calibration_error import calibration_error
from kcurve.verifiers.scored import (
    half_width,
    interval,
    number_or_none,
    numbers_or_none,
    ratio,
    scored_samples,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog
    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, slots=True)
class Calibration:
    """How far scores are from the chances they claim to be; made by `calibration`.

    Attributes
    ----------
    score, accuracy, low, high : float64 [B]
        Mean score of each bin, the share of its samples that is right, and its interval.
    count : int64 [B]
        Number of samples in each bin.
    ece : float
        Expected calibration error: the mean over samples of ``|accuracy - score|`` of their bin.
    ece_corrected, ece_low, ece_high : float
        The same less its bias from noise, and its interval.
    ece_calibrated : float
        What `ece` would be on average if every bin were calibrated: noise alone, in these bins.
    p_value : float
        How likely calibrated bins have an `ece` at least as large.
    brier, brier_low, brier_high : float
        Mean square of score less correctness (1 or 0).
    reliability, resolution, uncertainty, within_bins : float
        ``brier = reliability - resolution + uncertainty + within_bins``: square distance of score
        and accuracy of the bins; variance of the bins' accuracy; variance of correctness; and what
        the differences of scores within a bin add.
    log_loss, log_loss_low, log_loss_high : float
        Mean of ``-log`` of the chance given to what happened; infinite if a score of 0 or 1 was
        wrong, and its interval is NaN then.
    base_rate : float
        Share of the samples that is right: a verifier that always says it has Brier score
        `uncertainty`.
    samples, unscored : int
        Number of samples used; and of samples without a score, which are left out.
    level : float
        Confidence level of the intervals.
    """

    score: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    count: NDArray[np.int64]
    ece: float
    ece_corrected: float
    ece_low: float
    ece_high: float
    ece_calibrated: float
    p_value: float
    brier: float
    brier_low: float
    brier_high: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float
    log_loss: float
    log_loss_low: float
    log_loss_high: float
    base_rate: float
    samples: int
    unscored: int
    level: float

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in (self.score, self.accuracy, self.low, self.high, self.count):
            values.setflags(write=False)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for JSON; NaN and infinity become None."""
        found: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if name in {"samples", "unscored"}:
                found[name] = value
            elif name == "count":
                found[name] = value.tolist()
            elif isinstance(value, np.ndarray):
                found[name] = numbers_or_none(value)
            else:
                found[name] = number_or_none(value)
        return found

    def to_arrow(self) -> _core.TableStream:
        """Return the bins as an Arrow stream: score, accuracy, low, high, count."""
        names = ("score", "accuracy", "low", "high", "count")
        return _core.TableStream([(name, getattr(self, name)) for name in names])

    def plot(self, ax: Axes | None = None, *, label: str | None = None) -> Axes:
        """Draw the reliability diagram on matplotlib axes (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_calibration  # noqa: PLC0415 - optional

        return plot_calibration(self, ax, label=label)

    def __repr__(self) -> str:
        """Show the errors."""
        return (
            f"Calibration({self.samples} samples in {len(self.count)} bins: ECE {self.ece:.4f} "
            f"(corrected {self.ece_corrected:.4f} [{self.ece_low:.4f}, {self.ece_high:.4f}]), "
            f"Brier {self.brier:.4f} [{self.brier_low:.4f}, {self.brier_high:.4f}] of "
            f"{self.uncertainty:.4f}, log loss {self.log_loss:.4f})"
        )

    def _repr_html_(self) -> str:
        return table.html(
            ("score", "accuracy", "low", "high", "samples"),
            (self.score, self.accuracy, self.low, self.high, self.count),
            repr(self),
        )


def calibration(
    log: AnswerLog, *, bins: int = 15, level: float = 0.95, resamples: int = 2000, rng: int = 0
) -> Calibration:
    """Measure how far a verifier's scores are from the chances they claim to be.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores in [0, 1].
    bins : int
        Bins of equally many samples; equal scores are never separated, so that there may be fewer.
    level : float
        Confidence level of the intervals, for a fresh choice of questions (or clusters).
    resamples : int
        Bayesian bootstrap replicates, for the calibration error.
    rng : int
        Seed of the replicates.

    Returns
    -------
    Calibration

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If a score is outside [0, 1]. `recalibrated` turns any scores into chances.

    Notes
    -----
    The calibration error of bins has two biases. Noise makes it too large, for an absolute value
    has no negative errors to cancel; questions whose samples are right or wrong together make it
    far larger than independent samples would. `ece_corrected` takes the variance over units off
    the square of each bin's error, ``sum_b w_b sqrt(max(0, gap_b^2 - var_b))``; near perfect calibration
    about half of the bias is left, and `ece_calibrated` says how much that is. Its interval is reflected,
    ``2 ece - q(ece*)`` over replicates that weigh units by exponentials, and reaches down to 0 unless
    calibration is refuted at this level. Averaging within bins hides errors of opposite signs: bins
    make the error too small, and no sample can tell by how much. The Brier score and the log loss
    have neither bias.

    Other intervals are Wilson's at the effective number of units; that of the log loss is Student's.
    Cost: a sort, and ``resamples x units x bins``.

    References
    ----------
    Murphy, "A New Vector Partition of the Probability Score", 1973.
    Stephenson, Coelho and Jolliffe, "Two Extra Components in the Brier Score Decomposition", 2008.
    Kumar, Liang and Ma, "Verified Uncertainty Calibration", arXiv 1909.10155.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.verifiers import calibration
    >>> log = kc.AnswerLog.from_codes(
    ...     [[0, 0, 1, 1], [0, 1, 1, 1]],
    ...     correct=[0, 0],
    ...     score=[[0.9, 0.9, 0.9, 0.1], [0.9, 0.1, 0.1, 0.1]],
    ... )
    >>> found = calibration(log)
    >>> found.score, found.accuracy, round(found.ece, 3), round(found.brier, 3)
    (array([0.1, 0.9]), array([0.  , 0.75]), 0.125, 0.11)
    """
    positive_integer("bins", bins)
    positive_integer("resamples", resamples)
    number_between("level", level, 0.5, 1 - 1e-12)
    samples = scored_samples(log)
    refuse_scores_outside(samples)
    bin_ = equal_bins(samples.score, bins)
    right = samples.right.astype(np.float64)
    every = np.ones(len(right))
    counts, rights, scores = (
        _sums_by_bin(samples, bin_, each) for each in (every, right, samples.score)
    )
    count = counts.sum(axis=0)
    accuracy, score = rights.sum(axis=0) / count, scores.sum(axis=0) / count
    influences = (rights - accuracy * counts) / count
    limits = [
        interval(
            samples.spread(accuracy[b : b + 1], influences[:, b : b + 1], counts[:, b] > 0), level
        )
        for b in range(len(count))
    ]
    gap = rights - scores
    error = calibration_error(samples, gap, level=level, resamples=resamples, rng=rng)
    square = (samples.score - right) ** 2
    brier, brier_influence = ratio(samples, square, every)
    brier_low, brier_high = interval(
        samples.spread(np.array([brier]), brier_influence[:, None]), level
    )
    share = count / count.sum()
    base_rate = float(right.mean())
    reliability = float(share @ (score - accuracy) ** 2)
    resolution = float(share @ (accuracy - base_rate) ** 2)
    uncertainty = base_rate * (1 - base_rate)
    log_loss, log_loss_low, log_loss_high = _log_loss(samples, level)
    return Calibration(
        score=score,
        accuracy=accuracy,
        low=np.array([low[0] for low, _ in limits]),
        high=np.array([high[0] for _, high in limits]),
        count=count.astype(np.int64),
        ece=error.plug_in,
        ece_corrected=error.corrected,
        ece_low=error.low,
        ece_high=error.high,
        ece_calibrated=error.calibrated,
        p_value=error.p_value,
        brier=brier,
        brier_low=float(brier_low[0]),
        brier_high=float(brier_high[0]),
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bins=brier - reliability + resolution - uncertainty,
        log_loss=log_loss,
        log_loss_low=log_loss_low,
        log_loss_high=log_loss_high,
        base_rate=base_rate,
        samples=len(right),
        unscored=samples.unscored,
        level=level,
    )


def refuse_scores_outside(samples: ScoredSamples) -> None:
    """Fail unless all scores are chances."""
    outside = (samples.score < 0) | (samples.score > 1)
    if outside.any():
        msg = (
            f"{int(outside.sum())} scores are outside [0, 1], such as "
            f"{samples.score[outside][0]:.6g}, and so are no chances; "
            "make chances of them with kcurve.verifiers.recalibrated(log)"
        )
        raise LogError(msg)


def equal_bins(score: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Return the bin of each score, numbered from 0: of equal counts, equal scores together."""
    _, level, count = np.unique(score, return_inverse=True, return_counts=True)
    # A score goes where the middle of its ties falls.
    middle = np.cumsum(count) - (count + 1) / 2
    bin_ = np.floor(bins * (middle + 0.5) / len(score)).astype(np.int64)
    return np.unique(bin_, return_inverse=True)[1][level].astype(np.int64)


def _sums_by_bin(samples: ScoredSamples, bin_: NDArray[np.int64], values: Floats) -> Floats:
    """Return the sums of the samples' values over questions and bins, [Q, B]."""
    bins = int(bin_.max()) + 1
    sums = np.bincount(samples.question * bins + bin_, values, minlength=samples.n_questions * bins)
    return sums.reshape(samples.n_questions, bins).astype(np.float64)


def _log_loss(samples: ScoredSamples, level: float) -> tuple[float, float, float]:
    with np.errstate(divide="ignore"):
        loss = -np.log(np.where(samples.right, samples.score, 1 - samples.score))
    if np.isinf(loss).any():
        return np.inf, np.nan, np.nan
    mean, influence = ratio(samples, loss, np.ones(len(loss)))
    half = float(half_width(samples.spread(np.array([mean]), influence[:, None]), level)[0])
    return mean, float(np.maximum(mean - half, 0.0)), mean + half
