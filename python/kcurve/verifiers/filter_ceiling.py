"""What Filter-Vote tends to at each threshold of a verifier's score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import number_between
from kcurve.curve import table
from kcurve.errors import ArgumentError
from kcurve.log.selection import take_samples
from kcurve.theory import limits
from kcurve.verifiers.scored import (
    half_width,
    interval,
    number_or_none,
    numbers_or_none,
    scored_samples,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]

_THRESHOLDS = 9


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, slots=True)
class FilterCeiling:
    """What Filter-Vote tends to at each threshold; made by `filter_ceiling`.

    Attributes
    ----------
    threshold : float64 [T]
        Samples with at least this score vote; minus infinity is the plain vote, of all samples.
    limit, low, high : float64 [T]
        Mean over questions of the posterior probability that a correct answer leads among the kept
        samples, with its band.
    plug_in : float64 [T]
        The limit if the logged frequencies were the truth: 1, 0, or the share of a tie.
    kept : float64 [T]
        Mean share of a question's samples that is kept.
    empty : float64 [T]
        Share of the questions of which nothing is kept: all their samples vote.
    best : float
        The threshold of highest `limit`.
    gain, gain_low, gain_high : float
        Its limit less the plain vote's, paired by question, and its interval.
    chosen : float
        Limit on questions that had no say in the threshold: each unit's at the threshold that is
        best for all the others. The difference from ``limit.max()`` is the price of choosing.
    per_question : float64 [Q, T]
        `limit` of each question.
    level : float
        Confidence level.
    """

    threshold: Floats
    limit: Floats
    low: Floats
    high: Floats
    plug_in: Floats
    kept: Floats
    empty: Floats
    best: float
    gain: float
    gain_low: float
    gain_high: float
    chosen: float
    per_question: Floats
    level: float

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in (*_COLUMNS, "per_question"):
            getattr(self, name).setflags(write=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain Python values, ready for JSON; NaN and infinity become None."""
        return {
            "level": self.level,
            "n_questions": len(self.per_question),
            **{
                name: number_or_none(getattr(self, name))
                for name in ("best", "gain", "gain_low", "gain_high", "chosen")
            },
            **{name: numbers_or_none(getattr(self, name)) for name in _COLUMNS},
        }

    def to_arrow(self) -> _core.TableStream:
        """Return the thresholds as an Arrow stream: threshold, limit, low, high, plug_in, ..."""
        return _core.TableStream([(name, getattr(self, name)) for name in _COLUMNS])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the limit against the share kept on matplotlib axes (a new figure by default).

        Needs matplotlib: ``pip install 'kcurve[plot]'``.
        """
        from kcurve.verifiers.plot import plot_filter_ceiling  # noqa: PLC0415 - optional

        return plot_filter_ceiling(self, ax)

    def __repr__(self) -> str:
        """Show the best threshold and what it gains."""
        place = int(np.argmax(self.limit))
        return (
            f"FilterCeiling({len(self.per_question)} questions: {self.limit[place]:.4f} at "
            f"{self.best:.6g}, {self.gain:+.4f} [{self.gain_low:+.4f}, {self.gain_high:+.4f}] "
            f"against the plain vote; {self.chosen:.4f} where the choice is blind)"
        )

    def _repr_html_(self) -> str:
        columns = tuple(getattr(self, name) for name in _COLUMNS)
        return table.html(_COLUMNS, columns, repr(self))


_COLUMNS = ("threshold", "limit", "low", "high", "plug_in", "kept", "empty")


def filter_ceiling(
    log: AnswerLog, threshold: ArrayLike | None = None, *, level: float = 0.95
) -> FilterCeiling:
    """Estimate what Filter-Vote by score tends to at each threshold, and the best threshold.

    With candidates without end the answer that leads among the kept samples wins: the limit of a question is 1 if
    ``d_F = max_wrong P(answer | kept) - P(correct | kept)`` is negative, and 0 if it is positive.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores. Samples without a score are not kept.
    threshold : float or array_like of float [T], optional
        Keep scores of at least this. The default is the nine deciles of the log's scores; the plain vote is
        always added.
    level : float
        Confidence level, for a fresh choice of questions (or clusters).

    Returns
    -------
    FilterCeiling

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If an answer is marked both correct and wrong, or no sample is scored.

    Notes
    -----
    Few kept samples tell little about which answer leads: the limit is the expectation of
    `theory.limits`, under Jeffreys' prior, not the plug-in. Where nothing is kept all samples vote, as in
    Filter-Vote. The best of many thresholds looks better than it is; `FilterCeiling.chosen`
    leaves out, for each unit, what it adds to the choice.

    Cost: a `theory.limits` for each threshold, about a second for a million samples.

    References
    ----------
    Chen et al., "Are More LLM Calls All You Need?", arXiv 2403.02419, section 4.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.verifiers import filter_ceiling
    >>> row = [0] * 9 + [1] * 11, [0.9] * 8 + [0.1] + [0.9] * 3 + [0.1] * 8
    >>> log = kc.AnswerLog.from_codes([row[0]] * 2, correct=[0, 0], score=[row[1]] * 2)
    >>> found = filter_ceiling(log, 0.5)
    >>> found.threshold, found.plug_in, found.limit.round(2)
    (array([-inf,  0.5]), array([0., 1.]), array([0.33, 0.94]))
    """
    number_between("level", level, 0.5, 1 - 1e-12)
    samples = scored_samples(log)
    assert log.score is not None  # noqa: S101 - it has scored samples
    if threshold is None:
        steps = np.arange(1, _THRESHOLDS + 1) / (_THRESHOLDS + 1)
        asked = np.quantile(samples.score, steps, method="inverted_cdf")
    else:
        try:
            asked = np.atleast_1d(np.asarray(threshold, dtype=np.float64))
        except (TypeError, ValueError):
            asked = np.array([np.nan])
        if asked.ndim != 1 or np.isnan(asked).any():
            msg = f"threshold must be a number or a sequence of numbers, got {threshold!r:.80}"
            raise ArgumentError(msg)
    thresholds = np.unique(np.concatenate([[-np.inf], asked]))
    owner = np.repeat(np.arange(log.n_questions), log.n_samples)
    found = [_limits_above(log, owner, each) for each in thresholds]
    order = samples.position
    expected = np.stack([each[0] for each in found], axis=1)[order]
    mean = expected.mean(axis=0)
    influence = (expected - mean) / len(expected)
    low, high = interval(samples.spread(mean, influence), level)
    best = int(np.argmax(mean))
    gain = float(mean[best] - mean[0])
    spread = samples.spread(np.array([gain]), (influence[:, best] - influence[:, 0])[:, None])
    half = float(half_width(spread, level)[0])
    return FilterCeiling(
        threshold=thresholds,
        limit=mean,
        low=low,
        high=high,
        plug_in=np.array([each[1].mean() for each in found]),
        kept=np.array([each[2].mean() for each in found]),
        empty=np.array([(each[2] == 0).mean() for each in found]),
        best=float(thresholds[best]),
        gain=gain,
        gain_low=float(np.maximum(gain - half, -1.0)),
        gain_high=float(np.minimum(gain + half, 1.0)),
        chosen=_chosen_by_others(expected, samples.unit),
        per_question=np.stack([each[0] for each in found], axis=1),
        level=level,
    )


def _limits_above(
    log: AnswerLog, owner: NDArray[np.int64], threshold: float
) -> tuple[Floats, Floats, Floats]:
    """Return the expected and the plug-in limit of each question, and the share it keeps."""
    assert log.score is not None  # noqa: S101 - scores are kept
    if threshold == -np.inf:
        voters, kept = log, np.ones(log.n_questions)
    else:
        keep = log.score >= threshold
        count = np.bincount(owner, keep, minlength=log.n_questions)
        kept = count / log.n_samples
        voting = keep | (count == 0)[owner]
        counts = np.bincount(owner, voting, minlength=log.n_questions).astype(np.int64)
        voters = take_samples(log, np.flatnonzero(voting), counts)
        # Votes need answers numbered without gaps; their texts are not looked at.
        voters = replace(voters, codes=_renumbered(owner[voting], voters.codes))
    found = limits(voters)
    return found.expected_per_question, found.per_question, kept


def _renumbered(question: NDArray[np.int64], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the codes of each question's answers without gaps, in the same order."""
    width = int(codes.max(initial=0)) + 2
    found, place = np.unique(question * width + codes + 1, return_inverse=True)
    number = np.zeros(int(question.max(initial=0)) + 2, dtype=np.int64)
    np.add.at(number, found[found % width > 0] // width + 1, 1)
    answered = np.cumsum(found % width > 0) - 1
    new = np.where(found % width > 0, answered - np.cumsum(number)[found // width], -1)
    return np.asarray(new[place], dtype=np.int32)


def _chosen_by_others(values: Floats, unit: NDArray[np.int64]) -> float:
    """Return the mean of values [Q, T], each at the threshold best for the other units' mean."""
    units = np.zeros((int(unit.max()) + 1, values.shape[1]))
    np.add.at(units, unit, values)
    if len(units) < 2:
        return np.nan
    sizes = np.bincount(unit)
    others = (units.sum(axis=0) - units) / (len(values) - sizes)[:, None]
    # Sums in another order differ by rounding; the lowest threshold of equals is chosen.
    near = others >= others.max(axis=1, keepdims=True) - 1e-12
    return float(values[np.arange(len(values)), np.argmax(near, axis=1)[unit]].mean())
