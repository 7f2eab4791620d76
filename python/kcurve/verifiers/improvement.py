"""What a choice by score would have with scores of another quality, by two models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve.curve import curve
from kcurve.rules import BestOfN
from kcurve.verifiers.binormal import shifts
from kcurve.verifiers.pool import PLUG_IN, Pool
from kcurve.verifiers.shifted import shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.curve.methods import Exact, Method
    from kcurve.log import AnswerLog
    from kcurve.rules import FilterVote, WeightedVote
    from kcurve.verifiers.scored import ScoredSamples

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def binormal_improvement(
    samples: ScoredSamples,
    pool: Pool,
    *,
    areas: Floats,
    calls: Integers,
    method: Exact,
    level: float,
    present: float,
    spread: float,
) -> dict[str, Floats]:
    """Return best-of-n by binormal scores: the fields of a `VerifierValue` that the model makes."""
    shift = [shifts(float(area), spread) for area in areas]
    tables = [pool.accuracy(calls, each, method) for each in shift]
    bands = [pool.band(samples, each, level) for each in tables]
    targets = np.stack([pool.mean(pool.accuracy(calls, each, PLUG_IN)) for each in shift])
    return {
        "accuracy": np.stack([pool.mean(each) for each in tables]),
        "low": np.stack([low for low, _ in bands]),
        "high": np.stack([high for _, high in bands]),
        "limit": np.array([pool.limit(float(area), spread) for area in areas]),
        "samples": pool.samples_for(targets.ravel(), present, spread).reshape(targets.shape),
        "present_accuracy": pool.mean(pool.accuracy(calls, shifts(present, spread), method)),
    }


def shifted_improvement(
    log: AnswerLog,
    rule: BestOfN | FilterVote | WeightedVote,
    *,
    areas: Floats,
    calls: Integers,
    method: Method,
    level: float,
    rng: int,
) -> dict[str, Floats]:
    """Return the rule by shifted scores: the same fields, NaN for what they cannot say."""
    scale: Literal["normal", "logged"] = "normal" if isinstance(rule, BestOfN) else "logged"
    curves = [
        curve(
            shifted(log, auc=float(area), scale=scale, rng=rng),
            rule,
            k=calls,
            method=method,
            level=level,
        )
        for area in areas
    ]
    return {
        "accuracy": np.stack([each.mean for each in curves]),
        "low": np.stack([each.low for each in curves]),
        "high": np.stack([each.high for each in curves]),
        "limit": np.full(len(areas), np.nan),
        "samples": np.full((len(areas), len(calls)), np.nan),
        "equivalent": np.full(len(calls), np.nan),
    }


def first_to_reach(k: Integers, mean: Floats, accuracy: Floats) -> Floats:
    """Return the first k at which a curve reaches each accuracy; infinite if none does."""
    place = np.searchsorted(np.maximum.accumulate(mean), accuracy - 1e-12)
    return np.where(place < len(k), k[np.minimum(place, len(k) - 1)], np.inf)
