"""What predicts a curve from few samples: laws, the posterior, and the baselines they must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never

import numpy as np

from kcurve.curve import Exact, curve
from kcurve.curve.estimate import fewest_samples
from kcurve.laws import BetaBinomialLaw, BilevelLaw, BinaryLaw, ExponentialLaw, PowerLaw
from kcurve.posterior import Posterior
from kcurve.rules import FilterVote, PassAtK, Rule, Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.log import AnswerLog

    Floats = NDArray[np.float64]
    Calls = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FromPosterior:
    """The prediction of `Posterior`, with its interval for a measurement.

    Parameters
    ----------
    rule : Vote, FilterVote, BestOfN, PassAtK, PassHatK, GPassAtK or MeanAtK
        What is predicted.
    draws : int, optional
        See `Posterior`.
    """

    rule: Rule = Vote()  # noqa: RUF009 - frozen
    draws: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugIn:
    """The exact curve at the observed shares: draws with replacement, for any k."""

    rule: Rule = Vote()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCurve:
    """The unbiased curve up to the samples there are, continued by its last value."""

    rule: Rule = Vote()  # noqa: RUF009 - frozen


Predictor: TypeAlias = (
    FromPosterior
    | PlugIn
    | FlatCurve
    | ExponentialLaw
    | BilevelLaw
    | BinaryLaw
    | BetaBinomialLaw
    | PowerLaw
)
"""What a learning curve can be made of."""


class Predicted(NamedTuple):
    """Predicted scores and, where the predictor has them, the limits of a measurement."""

    mean: Floats
    low: Floats
    high: Floats


def rule_of(predictor: Predictor) -> Rule:
    """Return the rule whose scores are predicted."""
    match predictor:
        case FromPosterior() | PlugIn() | FlatCurve() | ExponentialLaw():
            return predictor.rule
        case BilevelLaw() | BinaryLaw():
            return Vote()
        case BetaBinomialLaw() | PowerLaw():
            return PassAtK()
        case _:
            assert_never(predictor)


def predicted(predictor: Predictor, log: AnswerLog, k: Calls, *, samples: int) -> Predicted:
    """Predict scores from a log; limits are those of a measurement with so many `samples`."""
    match predictor:
        case FromPosterior():
            posterior = Posterior(log, draws=predictor.draws)
            prediction = posterior.predict(k, rule=predictor.rule, samples=samples)
            return Predicted(prediction.mean, prediction.low, prediction.high)
        case PlugIn():
            method = Exact(replacement=True)
            return _bare(curve(log, predictor.rule, k=k, method=method, interval=None).mean)
        case FlatCurve():
            most = fewest_samples(log)
            if isinstance(predictor.rule, FilterVote):
                most *= predictor.rule.calls_per_candidate
            within = np.minimum(k, most)
            values = curve(log, predictor.rule, k=np.unique(within), interval=None)
            return _bare(values.mean[np.searchsorted(values.k, within)])
        case _:
            return _bare(predictor.fit(log).predict(k))


def _bare(mean: Floats) -> Predicted:
    nothing = np.full(len(mean), np.nan)
    return Predicted(np.asarray(mean), nothing, nothing)
