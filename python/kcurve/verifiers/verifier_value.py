"""What a better verifier is worth, in samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve import _core
from kcurve._validation import instance, number_between
from kcurve.curve import curve, table
from kcurve.curve.estimate import fewest_samples, numbers_of_calls
from kcurve.curve.methods import Exact
from kcurve.errors import ArgumentError, LogError
from kcurve.rules import BestOfN
from kcurve.verifiers.binormal import drawn_from_pool, drawn_with_replacement, limit, shifts
from kcurve.verifiers.quality import binormal_quality
from kcurve.verifiers.scored import interval, number_or_none, numbers_or_none, scored_samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from kcurve.log import AnswerLog
    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_MOST_SAMPLES = 2**20
_PER_OCTAVE = 4
_AREAS = (0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class VerifierValue:
    """Best-of-n with verifiers of other quality; made by `verifier_value`.

    Attributes
    ----------
    auc : float64 [A]
        Mean areas within questions.
    k : int64 [K]
        Numbers of samples.
    accuracy, low, high : float64 [A, K]
        What best-of-n would have, and its band over questions.
    limit : float64 [A]
        What it would tend to, on these questions.
    samples : float64 [A, K]
        How many samples at the present area reach `accuracy`: 1 where one does, infinite where no number up to a
        million does.
    present : float
        The log's area within questions.
    spread : float
        How much the shift of scores differs between questions; see `binormal_best_of_n`.
    present_accuracy : float64 [K]
        The model at the present area.
    logged : float64 [K]
        The exact best-of-n curve of the log. Where it is far from `present_accuracy` the model does not
        describe this verifier; NaN at k beyond the log.
    equivalent : float64 [K]
        The area at which the model has the accuracy that is logged; NaN at k = 1, or if there is none.
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
    present: float
    spread: float
    present_accuracy: Floats
    logged: Floats
    equivalent: Floats
    level: float
    _pool: _Pool = field(repr=False)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for name in _ARRAYS:
            getattr(self, name).setflags(write=False)

    def samples_needed(self, accuracy: float, *, auc: float | None = None) -> float:
        """Return the least number of samples with which the model reaches an accuracy.

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
        """
        number_between("accuracy", accuracy, 0, 1)
        area = self.present if auc is None else auc
        number_between("auc", area, 0, 1)
        return float(self._pool.samples_for(np.array([accuracy]), area, self.spread)[0])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for JSON; NaN and infinity become None."""
        plain: dict[str, Any] = {"level": self.level, "present": number_or_none(self.present)}
        plain["spread"] = self.spread
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
            f"VerifierValue(AUC {self.present:.4f} within questions, spread {self.spread:.3f}; at "
            f"k={self.k[-1]}: {self.logged[-1]:.4f} logged, {self.present_accuracy[-1]:.4f} by the "
            f"model, {self.accuracy[-1, -1]:.4f} at AUC {self.auc[-1]:.4g})"
        )

    def _repr_html_(self) -> str:
        names = ("k", "logged", "model", *(f"AUC {area:.4g}" for area in self.auc))
        columns = (self.k, self.logged, self.present_accuracy, *self.accuracy)
        return table.html(names, columns, repr(self))


_TABLES = ("accuracy", "low", "high", "samples")
_ARRAYS = ("auc", "k", *_TABLES, "limit", "present_accuracy", "logged", "equivalent")


def verifier_value(
    log: AnswerLog,
    *,
    auc: ArrayLike = _AREAS,
    k: int | Iterable[int] | None = None,
    spread: float | None = None,
    method: Exact = Exact(),  # noqa: B008 - frozen
    level: float = 0.95,
) -> VerifierValue:
    """Estimate what best-of-n would be worth with a better verifier, and in samples.

    The model: within a question, right and wrong samples have normal scores of equal variance, whose
    distance differs between questions as ``N(m, spread^2)``. The questions, and how often the model is
    right on each, are those of the log.

    Parameters
    ----------
    log : AnswerLog
        Samples of one model, with scores. A missing score ranks below all others.
    auc : float or array_like of float [A]
        Mean areas within questions, in [0, 1]; 1 is a perfect verifier.
    k : int or iterable of int, optional
        Numbers of samples; powers of two up to the log's samples by default.
    spread : float, optional
        Standard deviation of the distance over questions. The default is estimated: the variance of the
        areas within questions that their sampling does not explain.
    method : Exact
        ``Exact()``: draws from the samples of each question, unbiased for k up to their number.
        ``Exact(replacement=True)``: any k, each question's share of right samples taken for the truth.
    level : float
        Confidence level of the bands, for a fresh choice of questions (or clusters).

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
        If k exceeds the samples of a question and is drawn without replacement.

    Notes
    -----
    Exchange rates compare curves with replacement, for they go beyond the log. With ``spread > 0`` some
    questions have wrong samples that score higher, and best-of-n has a limit below the share of solved
    questions: beyond it no number of samples replaces a better verifier. Scores are not normal in
    general, and the verifier's mistakes may depend on how hard a question is: compare `logged` with
    `present_accuracy`, and see `equivalent`, before believing either. Bands are for given areas and a given spread.

    Cost: distinct shares of right samples x 81 shifts x 258 points x about 110 numbers of samples.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.simulate import BetaQuestions, RewardModel
    >>> from kcurve.verifiers import verifier_value
    >>> log = BetaQuestions(a=1, b=2).log(300, 32, score=RewardModel(auc=0.7))
    >>> value = verifier_value(log, auc=[0.7, 0.9], k=[1, 4, 16])
    >>> value.accuracy.round(3)
    array([[0.344, 0.52 , 0.673],
           [0.344, 0.639, 0.811]])
    >>> value.samples_needed(0.639)
    11.0
    """
    instance("method", method, Exact)
    number_between("level", level, 0.5, 1 - 1e-12)
    areas = np.atleast_1d(np.asarray(auc, dtype=np.float64))
    if areas.ndim != 1 or areas.size == 0 or not ((areas >= 0) & (areas <= 1)).all():
        msg = f"auc must be numbers between 0 and 1, got {auc!r:.80}"
        raise ArgumentError(msg)
    samples = scored_samples(log, missing="lowest")
    fewest = fewest_samples(log)
    calls = numbers_of_calls(
        [2**i for i in range(max(fewest, 1).bit_length())] if k is None else k, fewest, BestOfN()
    )
    logged = curve(log, BestOfN(), k=calls, method=method, level=level, interval=None).mean
    found = binormal_quality(samples)
    if np.isnan(found.auc):
        msg = "no question has both right and wrong samples, so that the verifier's area is unknown"
        raise LogError(msg)
    if spread is None:
        spread = found.spread
    number_between("spread", spread, 0, 1e3)
    pool = _Pool.of(samples)
    tables = [pool.accuracy(calls, shifts(float(area), spread), method) for area in areas]
    accuracy = np.stack([pool.mean(each) for each in tables])
    bands = [pool.band(samples, each, level) for each in tables]
    present = pool.mean(pool.accuracy(calls, shifts(found.auc, spread), method))
    targets = np.stack(
        [pool.mean(pool.accuracy(calls, shifts(float(area), spread), _PLUG_IN)) for area in areas]
    )
    return VerifierValue(
        auc=areas,
        k=calls,
        accuracy=accuracy,
        low=np.stack([low for low, _ in bands]),
        high=np.stack([high for _, high in bands]),
        limit=np.array([pool.limit(float(area), spread) for area in areas]),
        samples=pool.samples_for(targets.ravel(), found.auc, spread).reshape(targets.shape),
        present=found.auc,
        spread=float(spread),
        present_accuracy=present,
        logged=logged,
        equivalent=pool.equivalent(logged, calls, spread, method),
        level=level,
        _pool=pool,
    )


_PLUG_IN = Exact(replacement=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """How many samples the questions have, and how many of them are right: distinct cases."""

    right: Integers
    size: Integers
    case: Integers
    """The case of each question, [Q]."""

    @classmethod
    def of(cls, samples: ScoredSamples) -> _Pool:
        """Count the samples of each question."""
        size = np.bincount(samples.question, minlength=samples.n_questions)
        right = samples.sums(samples.right).astype(np.int64)
        cases, case = np.unique(np.stack([right, size], axis=1), axis=0, return_inverse=True)
        return cls(cases[:, 0], cases[:, 1], case.reshape(-1))

    @property
    def _weight(self) -> Floats:
        return np.asarray(np.bincount(self.case) / len(self.case))

    def accuracy(self, k: Integers, shift: tuple[Floats, Floats], method: Exact) -> Floats:
        """Return the accuracy of every case, [C, K]."""
        if method.replacement:
            return drawn_with_replacement(self.right / self.size, k, shift)
        return drawn_from_pool(self.right, self.size, k, shift)

    def mean(self, values: Floats) -> Floats:
        """Return the mean over questions of values of the cases, [K]."""
        return np.asarray(self._weight @ values)

    def band(self, samples: ScoredSamples, values: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the band of that mean."""
        mean = self.mean(values)
        influence = (values - mean)[self.case] / len(self.case)
        return interval(samples.spread(mean, influence), level)

    def limit(self, auc: float, spread: float) -> float:
        """Return what the mean tends to."""
        return float(self._weight @ limit(self.right / self.size, auc, spread))

    def samples_for(self, accuracy: Floats, auc: float, spread: float) -> Floats:
        """Return the least k whose accuracy with replacement is reached; infinite if none is."""
        octaves = np.log2(_MOST_SAMPLES)
        points = np.geomspace(64, _MOST_SAMPLES, int((octaves - 6) * _PER_OCTAVE) + 1)
        k = np.concatenate([np.arange(1, 64), points.round().astype(np.int64)])
        values = self.mean(self.accuracy(k, shifts(auc, spread), _PLUG_IN))
        # The first k at which the target is reached, by the highest value so far.
        reached = np.maximum.accumulate(values)
        place = np.searchsorted(reached, accuracy - 1e-12)
        inside = (place > 0) & (place < len(k))
        after = np.where(inside, place, 1)
        before = after - 1
        rise = reached[after] - reached[before]
        part = np.clip((accuracy - reached[before]) / np.where(rise > 0, rise, 1), 0, 1)
        between = np.exp(np.log(k[before]) + part * (np.log(k[after]) - np.log(k[before])))
        needed = np.where(k[after] <= 64, k[after], np.ceil(between - 1e-9))
        return np.where(inside, needed, np.where(place == 0, 1.0, np.inf))

    def equivalent(self, logged: Floats, k: Integers, spread: float, method: Exact) -> Floats:
        """Return the areas at which the model has the logged accuracies, by bisection."""
        from scipy.optimize import brentq  # noqa: PLC0415 - scipy is slow to import

        found = np.full(len(k), np.nan)
        for place, calls in enumerate(k):

            def excess(area: float, place: int = place, calls: int = calls) -> float:
                one = self.accuracy(np.array([calls]), shifts(area, spread), method)
                return float(self.mean(one)[0] - logged[place])

            low, high = 1e-6, 1 - 1e-6
            if calls > 1 and excess(low) < 0 < excess(high):
                found[place] = brentq(excess, low, high, xtol=1e-6)
        return found
