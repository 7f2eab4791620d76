"""The populations of a log, estimated once for every way that rules look at its samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, assert_never, get_args

from kcurve import _core
from kcurve._validation import instance
from kcurve.curve.estimate import fewest_samples, numbers_of_calls
from kcurve.curve.evaluation import (
    drawn_log,
    explain,
    kept_samples,
    sample_counts,
    score_of_samples,
)
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

_MOST_CALLS = 2**31 - 1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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

    def forecast(
        self,
        log: AnyLog,
        rule: Predictable,
        k: NDArray[np.int64],
        *,
        draws: tuple[int, int],
        joint: bool,
        progress: Callable[[int, int], object] | None,
    ) -> Moments:
        """Return mean [K], covariance [K, K], and by question mean and mean square [Q, K].

        From the draws of these numbers, end excluded. The covariance is empty if it is not to be joint.
        """
        total = log.n_questions
        request = _core.ForecastRequest(
            k=k,
            draws=draws,
            joint=joint,
            threads=self.threads,
            progress=None if progress is None else lambda done: progress(done, total),
        )
        try:
            return self._answer(log, rule, request)
        except _core.QuestionError as error:
            explain(log, rule, error)

    def _answer(self, log: AnyLog, rule: Predictable, request: _core.ForecastRequest) -> Moments:
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


def drawn_calls(
    log: AnyLog, rule: Predictable, k: int | Iterable[int]
) -> tuple[AnyLog, NDArray[np.int64]]:
    """Return what the rule draws from, and k in increasing order, if it can be predicted there."""
    log = drawn_log(log, rule)
    calls = numbers_of_calls(k, fewest_samples(log), rule)
    for asked, beyond in ((calls[0], calls[0] < rule.least_calls), (calls[-1], False)):
        if beyond or asked > _MOST_CALLS:
            msg = (
                f"k must be between {rule.least_calls} and {_MOST_CALLS} for {rule!r}, got {asked}"
            )
            raise ArgumentError(msg)
    return log, calls
