"""`replay`: a stopping rule on a log, over many orders of its samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kcurve import _core
from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.cost import Additive
from kcurve.curve.estimate import fewest_samples, refuse_several_models
from kcurve.curve.evaluation import explain
from kcurve.curve.identity import question_identities
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog
from kcurve.rules import Vote
from kcurve.stopping.adaptive_consistency import AdaptiveConsistency
from kcurve.stopping.anytime_valid import AnytimeValid
from kcurve.stopping.best_of_infinity import BestOfInfinity
from kcurve.stopping.difficulty_adaptive import DifficultyAdaptive
from kcurve.stopping.early_stopping import EarlyStopping
from kcurve.stopping.ranked_difficulty import RankedDifficulty
from kcurve.stopping.replayed import Replayed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kcurve.cost import CostModel
    from kcurve.rules import Ties
    from kcurve.stopping.rule import ReplayableRule

_RULES = (AdaptiveConsistency, AnytimeValid, BestOfInfinity, DifficultyAdaptive, EarlyStopping)


def replay(
    log: AnswerLog,
    rule: ReplayableRule | RankedDifficulty,
    *,
    most: int | None = None,
    orders: int = 64,
    rng: int = 0,
    ties: Ties = "split",
    cost: CostModel | None = None,
    threads: int | None = None,
    level: float = 0.95,
    progress: Callable[[int, int], object] | None = None,
) -> Replayed:
    """Replay a stopping rule on a log: what the vote scores when it stops, and what it costs.

    The samples of every question are put in `orders` random orders. In each, they are drawn until
    the rule stops or `most` calls are made; then the answers drawn are put to the vote.

    Parameters
    ----------
    log : AnswerLog
        Sampled answers of one model.
    rule : AdaptiveConsistency, AnytimeValid, BestOfInfinity, DifficultyAdaptive, EarlyStopping or RankedDifficulty
        When to stop.
    most : int, optional
        The most calls for a question. The default, and the limit, is what every question has
        samples for.
    orders : int
        Orders of each question's samples.
    rng : int
        Seed. A question's orders depend on nothing but the seed and its identity.
    ties : {"split", "first", "wrong"}
        How a tie for first place is scored when drawing stops; see `Vote`.
    cost : Calls, Tokens, Flops, Dollars or another sum over samples, optional
        What samples cost. A sample of unknown cost counts as the mean of its question's. Samples are drawn one
        after another: `Latency` adds up, and `Kinetics` reads the prompt's cache for each.
    threads : int, optional
        Threads to use; all by default. The result has the same bits for any number.
    level : float
        Confidence level of the limits.
    progress : callable, optional
        Called now and then with the number of questions done and their total; with a
        `RankedDifficulty`, of orders.

    Returns
    -------
    Replayed

    Raises
    ------
    ArgumentError
        If `most` exceeds the samples of a question, a setting is out of range, or the difficulty of
        a question is missing.
    LogError
        If the log holds several models, a question without samples, or an answer marked both
        correct and wrong.
    MissingColumnError
        If the cost model needs a column that the log lacks.

    Notes
    -----
    A prefix of a random order is as good as a fresh sample of that size, so scores and calls are
    unbiased estimates of those of a live system. Samples without an answer are drawn and paid for,
    and never win. A call takes about 20 ns.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.stopping import AdaptiveConsistency, replay
    >>> replay(kc.example_log(), AdaptiveConsistency())
    Replayed(AdaptiveConsistency(confidence=0.95), at most 30 calls, 999 questions: 0.8796 with 8.18 calls)
    """
    instance("log", log, AnswerLog)
    instance("rule", rule, *_RULES, RankedDifficulty)
    refuse_several_models(log.model.names[code] for code in np.unique(log.model.codes))
    samples = fewest_samples(log)
    most = samples if most is None else most
    positive_integer("most", most)
    positive_integer("orders", orders)
    if threads is not None:
        positive_integer("threads", threads)
    if isinstance(rng, bool) or rng not in range(2**64):
        raise ArgumentError(f"rng must be an integer from 0 to 2^64 - 1, got {rng!r}")
    choice("ties", ties, ("split", "first", "wrong"))
    number_between("level", level, 0.5, 1 - 1e-12)
    identities = question_identities(log)
    ranking = None
    if isinstance(rule, RankedDifficulty):
        ranking = (rule.ranking(log, identities), rule.judged, rule.neighbours)
    total = log.n_questions if ranking is None else orders
    try:
        credit, calls, stopped, rounds, costs, distribution = _core.replay_stopping(
            log.offsets,
            log.codes,
            log.correct,
            None if cost is None else _sample_costs(log, cost),
            rule.rule.named if isinstance(rule, RankedDifficulty) else rule.named,
            ranking,
            identities,
            seed=rng,
            orders=orders,
            most=most,
            ties=ties,
            threads=threads,
            progress=None if progress is None else lambda done: progress(done, total),
        )
    except _core.QuestionError as error:
        explain(log, Vote(ties=ties), error)
    return Replayed(
        score=credit / (float(_core.CREDIT_UNIT) * orders),
        calls=calls / orders,
        stopped=stopped / orders,
        rounds=None if rounds is None else rounds / orders,
        cost=None if costs is None or cost is None else costs / orders + _question_costs(log, cost),
        calls_distribution=distribution.astype(np.int64),
        log=log,
        rule=rule,
        most=most,
        orders=orders,
        rng=rng,
        ties=ties,
        level=level,
        cost_unit=None if cost is None else cost.unit,
    )


def _question_costs(log: AnswerLog, cost: CostModel) -> NDArray[np.float64] | float:
    """Return what each question pays once, however many samples it draws."""
    once = cost.of_questions(log, Vote()) if isinstance(cost, Additive) else None
    if once is None:
        return 0.0
    from kcurve.cost.additive import question_means  # noqa: PLC0415 - rarely needed

    return question_means(log, once[0], Vote())


def _sample_costs(log: AnswerLog, cost: CostModel) -> NDArray[np.float64]:
    """Return what each sample costs; the mean of its question's where that is unknown."""
    if not isinstance(cost, Additive):
        raise ArgumentError(
            f"a replay adds up the costs of samples, which {cost!r} does not have; "
            "take Calls, Tokens, Flops or Dollars"
        )
    costs = np.array(cost.of_samples(log), dtype=np.float64)
    unknown = np.isnan(costs)
    if unknown.any():
        from kcurve.cost.additive import question_means  # noqa: PLC0415 - rarely needed

        means = np.repeat(question_means(log, costs, Vote()), log.n_samples)
        costs[unknown] = means[unknown]
    return costs
