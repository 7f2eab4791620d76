"""A rule, to an oracle: which samples may be drawn, how many k calls draw, and what a draw scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from tests.oracles import passing
from tests.oracles.best_of_n import best_of_n
from tests.oracles.filter_vote import Calls, candidates, filter_vote
from tests.oracles.samples import Sample
from tests.oracles.vote import NoAnswer, Ties, vote
from tests.oracles.weighted_vote import Weighing, weighted_vote

Score = Callable[[Sequence[Sample]], Fraction]


def _everything(samples: Sequence[Sample]) -> list[Sample]:
    return list(samples)


def _answered(samples: Sequence[Sample]) -> list[Sample]:
    return [sample for sample in samples if sample.answer is not None]


def _one_each(k: int) -> int:
    return k


@dataclass(frozen=True)
class OracleRule:
    """``pool`` picks the samples that may be drawn, ``draws`` how many k calls draw, ``score`` judges a draw."""

    score: Score
    pool: Callable[[Sequence[Sample]], list[Sample]] = _everything
    draws: Callable[[int], int] = _one_each


def _pool(no_answer: NoAnswer) -> Callable[[Sequence[Sample]], list[Sample]]:
    return _answered if no_answer == "drop" else _everything


def vote_rule(*, ties: Ties = "split", no_answer: NoAnswer = "ignore") -> OracleRule:
    """Return the vote."""
    return OracleRule(partial(vote, ties=ties, no_answer=no_answer), _pool(no_answer))


def filter_vote_rule(
    *, ties: Ties = "split", no_answer: NoAnswer = "ignore", calls: Calls = "paper"
) -> OracleRule:
    """Return the filtered vote."""
    score = partial(filter_vote, ties=ties, no_answer=no_answer)
    return OracleRule(score, _pool(no_answer), partial(candidates, calls=calls))


def weighted_vote_rule(
    weighing: Weighing = Weighing(),  # noqa: B008 - frozen
    *,
    ties: Ties = "split",
    no_answer: NoAnswer = "ignore",
) -> OracleRule:
    """Return the weighted vote."""
    score = partial(weighted_vote, weighing=weighing, ties=ties, no_answer=no_answer)
    return OracleRule(score, _pool(no_answer))


def best_of_n_rule(*, ties: Ties = "split") -> OracleRule:
    """Return best-of-n."""
    return OracleRule(partial(best_of_n, ties=ties))


def pass_at_k_rule() -> OracleRule:
    """Return pass@k."""
    return OracleRule(passing.pass_at_k)


def pass_hat_k_rule() -> OracleRule:
    """Return pass^k."""
    return OracleRule(passing.pass_hat_k)


def g_pass_at_k_rule(tau: Fraction) -> OracleRule:
    """Return G-Pass@k at this tau."""
    return OracleRule(partial(passing.g_pass_at_k, tau=tau))


def mean_at_k_rule() -> OracleRule:
    """Return mean@k."""
    return OracleRule(passing.mean_at_k)
