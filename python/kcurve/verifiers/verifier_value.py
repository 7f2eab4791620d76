"""What a better verifier is worth, in samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import choice, instance, number_between
from kcurve.curve import curve
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
from kcurve.verifiers.scored import scored_samples
from kcurve.verifiers.value_table import Model, VerifierValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from kcurve.curve.methods import Method
    from kcurve.log import AnswerLog

_AREAS = (0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


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
