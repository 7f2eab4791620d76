"""The populations of a log, estimated once for every way that rules look at its samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, assert_never, get_args

from kcurve import _core
from kcurve._validation import instance
from kcurve.curve.evaluation import kept_samples, sample_counts, score_of_samples
from kcurve.curve.identity import question_identities
from kcurve.errors import ArgumentError
from kcurve.rules import (
    BestOfN,
    FilterVote,
    GPassAtK,
    MeanAtK,
    PassAtK,
    PassHatK,
    Rule,
    Vote,
    WeightedVote,
)

Predictable: TypeAlias = Vote | FilterVote | BestOfN | PassAtK | PassHatK | MeanAtK | GPassAtK
"""The rules that can be predicted."""

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kcurve.curve.evaluation import AnyLog

    Floats = NDArray[np.float64]
    Moments = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Populations:
    """Estimates of one log's population, made when first asked for."""

    seed: int
    threads: int | None
    _found: dict[tuple[object, ...], _core.Population] = field(default_factory=dict, repr=False)

    def forecast(self, log: AnyLog, rule: Predictable, request: _core.ForecastRequest) -> Moments:
        """Return mean [K], covariance [K, K], and by question mean and mean square [Q, K].

        The covariance is empty if the request is not a joint one.
        """
        match rule:
            case Vote():
                return self.of_answers(log, rule).vote(rule.ties, request)
            case FilterVote():
                population = self.of_answers(log, rule)
                return population.filter_vote(rule.ties, rule.calls_per_candidate, request)
            case BestOfN():
                score, count = score_of_samples(log, "BestOfN"), sample_counts(log)
                return self._of_outcomes(log).best_of_n(
                    log.offsets, score, log.correct, rule.ties, request, count
                )
            case GPassAtK():
                return self._of_outcomes(log).g_pass_at_k(rule.ratio, request)
            case PassAtK():
                return self._of_outcomes(log).pass_at_k(request)
            case PassHatK():
                return self._of_outcomes(log).pass_hat_k(request)
            case MeanAtK():
                return self._of_outcomes(log).mean_at_k(request)
            case _:
                assert_never(rule)

    def of_answers(self, log: AnyLog, rule: Vote | FilterVote) -> _core.Population:
        """Return the population as the rule sees it: what missing answers count, what is kept."""
        filtered = isinstance(rule, FilterVote)
        threshold = rule.threshold if isinstance(rule, FilterVote) else None
        key = (rule.no_answer, filtered, threshold)
        if key not in self._found:
            self._found[key] = _core.Population.of_answers(
                log.offsets,
                log.codes,
                log.correct,
                kept_samples(log, threshold) if filtered else None,
                "ignore" if rule.no_answer == "drop" else rule.no_answer,
                question_identities(log),
                seed=self.seed,
                threads=self.threads,
                count=sample_counts(log),
            )
        return self._found[key]

    def _of_outcomes(self, log: AnyLog) -> _core.Population:
        key = ("outcomes",)
        if key not in self._found:
            self._found[key] = _core.Population.of_outcomes(
                log.offsets,
                log.correct,
                question_identities(log),
                seed=self.seed,
                threads=self.threads,
                count=sample_counts(log),
            )
        return self._found[key]


def predictable(rule: Rule) -> Predictable:
    """Return the rule, if it can be predicted."""
    instance("rule", rule, *get_args(Rule))
    if isinstance(rule, WeightedVote):
        msg = (
            f"{rule!r} cannot be predicted yet; take curve(log, rule, method=Bootstrap(...)), "
            "which resamples the log"
        )
        raise ArgumentError(msg)
    return rule
