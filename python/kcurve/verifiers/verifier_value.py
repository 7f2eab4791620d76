"""What a better verifier is worth, in samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import choice, instance, number_between
from kcurve.curve import curve, table
from kcurve.curve.estimate import chosen_method, fewest_samples, numbers_of_calls
from kcurve.curve.methods import Exact
from kcurve.errors import ArgumentError, LogError
from kcurve.rules import BestOfN, FilterVote, WeightedVote
from kcurve.verifiers.improvement import (
    binormal_improvement,
    first_to_reach,
    shifted_improvement,
)
from kcurve.verifiers.pool import Pool
from kcurve.verifiers.quality import binormal_quality
from kcurve.verifiers.scored import number_or_none, numbers_or_none, scored_samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from kcurve.curve.methods import Method
    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_AREAS = (0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


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


def verifier_value(
    log: AnswerLog,
    rule: BestOfN | FilterVote | WeightedVote = BestOfN(),  # noqa: B008 - frozen
    *,
    auc: ArrayLike = _AREAS,
    k: int | Iterable[int] | None = None,
    model: Model | None = None,
    spread: float | None = None,
    method: Method | None = None,
    level: float = 0.95,
    rng: int = 0,
) -> VerifierValue:
    """Estimate what a choice by score would be worth with a better verifier, and in samples.

    The questions, and how often the model is right on each, are those of the log. Scores of another
    quality are made in one of two ways. ``"binormal"``, for best-of-n: within a question, right and wrong samples have normal scores of
    equal variance, whose distance differs between questions as ``N(m, spread^2)``. ``"shifted"``, for any
    rule: the log's own scores, those of right samples moved up or down by the same; see
    `shifted`. The first forgets how this verifier fails and can go beyond the log, the second keeps
    its failures and cannot.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores. A missing score ranks below all others.
    rule : BestOfN, FilterVote or WeightedVote
        How the score chooses. The last two are of shifted scores on the log's scale; a FilterVote needs
        a threshold.
    auc : float or array_like of float [A]
        Mean areas within questions, in [0, 1]; 1 is a perfect verifier.
    k : int or iterable of int, optional
        Numbers of calls; powers of two up to the log's samples by default.
    model : {"binormal", "shifted"}, optional
        See above; binormal by default for best-of-n, shifted for votes.
    spread : float, optional
        Standard deviation of the distance over questions, for binormal scores. The default is estimated: the
        variance of the areas within questions that their sampling does not explain.
    method : Exact or Bootstrap, optional
        See `kcurve.curve`. ``Exact()``: draws from the samples of each question, unbiased for k up to
        their number. ``Exact(replacement=True)``: any k, each question's share of right samples taken for
        the truth. A Bootstrap is for votes.
    level : float
        Confidence level of the bands, for a fresh choice of questions (or clusters).
    rng : int
        Seed of the coin that breaks ties of shifted scores.

    Returns
    -------
    VerifierValue

    Raises
    ------
    MissingColumnError
        If the log has no scores.
    LogError
        If no question has both right and wrong samples.
    ArgumentError
        If k exceeds the samples of a question and is drawn without replacement, or a vote is asked of
        binormal scores.

    Notes
    -----
    Exchange rates of binormal scores compare curves with replacement, for they go beyond the log.
    With ``spread > 0`` some questions have wrong samples that score higher, and best-of-n has a
    limit below the share of solved questions: beyond it no number of samples replaces a better verifier.
    Scores are not normal in general, and the verifier's mistakes may depend on how hard a question is: compare
    `logged` with `present_accuracy`, and see `equivalent`, before believing it. Bands are for given areas and a
    given spread.

    Cost, binormal: distinct shares of right samples x 81 shifts x 258 points x about 120 numbers of samples.
    Shifted: thirty sorts and a curve for each area.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BetaQuestions, RewardModel
    >>> from kcurve.verifiers import verifier_value
    >>> log = BetaQuestions(a=1, b=2).log(300, 32, score=RewardModel(auc=0.7))
    >>> value = verifier_value(log, auc=[0.7, 0.9], k=[1, 4, 16])
    >>> value.accuracy.round(3)
    array([[0.357, 0.49 , 0.589],
           [0.357, 0.63 , 0.808]])
    >>> value.samples_needed(0.63)
    33.0
    """
    instance("rule", rule, BestOfN, FilterVote, WeightedVote)
    model = ("binormal" if isinstance(rule, BestOfN) else "shifted") if model is None else model
    choice("model", model, ("binormal", "shifted"))
    method = chosen_method(rule, method, level)
    areas = np.atleast_1d(np.asarray(auc, dtype=np.float64))
    if areas.ndim != 1 or areas.size == 0 or not ((areas >= 0) & (areas <= 1)).all():
        msg = f"auc must be numbers between 0 and 1, got {auc!r:.80}"
        raise ArgumentError(msg)
    if model == "binormal" and not (isinstance(rule, BestOfN) and isinstance(method, Exact)):
        msg = f"binormal scores are for BestOfN() and Exact(), got {rule!r} and {method!r}; use model='shifted'"
        raise ArgumentError(msg)
    if isinstance(rule, FilterVote) and rule.threshold is None:
        msg = "a FilterVote by score needs a threshold: FilterVote(threshold=...)"
        raise ArgumentError(msg)
    samples = scored_samples(log, missing="lowest")
    found = binormal_quality(samples)
    if np.isnan(found.auc):
        msg = "no question has both right and wrong samples, so that the verifier's area is unknown"
        raise LogError(msg)
    fewest = fewest_samples(log)
    octaves = [2**i for i in range(max(fewest, 1).bit_length()) if 2**i >= rule.least_calls]
    calls = numbers_of_calls(octaves if k is None else k, fewest, rule)
    logged = curve(log, rule, k=calls, method=method, interval=None)
    whole = curve(log, rule, interval=None) if isinstance(method, Exact) else logged
    pool = Pool.of(samples)
    if model == "shifted":
        spread = np.nan
        made = shifted_improvement(
            log, rule, areas=areas, calls=calls, method=method, level=level, rng=rng
        )
    else:
        spread = found.spread if spread is None else spread
        number_between("spread", spread, 0, 1e3)
        assert isinstance(method, Exact)  # noqa: S101 - others were refused
        made = binormal_improvement(
            samples,
            pool,
            areas=areas,
            calls=calls,
            method=method,
            level=level,
            present=found.auc,
            spread=float(spread),
        )
        made["equivalent"] = pool.equivalent(logged.mean, calls, float(spread), method)
    made.setdefault("present_accuracy", logged.mean.copy())
    return VerifierValue(
        auc=areas,
        k=calls,
        logged_samples=first_to_reach(whole.k, whole.mean, made["accuracy"]),
        present=found.auc,
        spread=float(spread),
        logged=logged.mean.copy(),
        rule=rule,
        model=model,
        level=level,
        _pool=pool,
        **made,
    )
