"""Cascades: a cheap system answers first, and a dear one where the first vote is close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import instance, positive_integer
from kcurve.cost import Calls, calls_cost
from kcurve.curve.estimate import fewest_samples
from kcurve.curve.evaluation import drawn_log
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.planning.leads import clear_votes
from kcurve.planning.points import Points
from kcurve.planning.systems import named_systems, question_keys
from kcurve.planning.tabulation import points
from kcurve.rules import Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.systems import Costs, Systems

    Floats = NDArray[np.float64]
    AnyLog = AnswerLog | TalliedLog

_FIRST_CALLS = (2, 3, 4, 6, 8, 12, 16)
_SECOND_CALLS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_LEADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Two systems vote one after the other: the second only if the first vote is close.

    Parameters
    ----------
    systems : (str, str)
        The names of the first system, and of the second.
    calls : (int, int)
        Calls of the first system, and of the second.
    lead : int
        Votes by which the leading answer of the first must lead for it to stand.
    rule : Vote
        How both vote.

    Examples
    --------
    >>> Cascade(systems=("small", "large"), calls=(4, 16), lead=3).label
    '4 calls, 16 more below lead 3'
    """

    systems: tuple[str, str]
    calls: tuple[int, int]
    lead: int
    rule: Vote = Vote()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        """Check the settings."""
        for calls in self.calls:
            positive_integer("calls", calls)
        positive_integer("lead", self.lead)
        if self.lead > self.calls[0]:
            raise ArgumentError(
                f"lead must be at most the calls of the first system, {self.calls[0]}, got {self.lead}"
            )

    @property
    def label(self) -> str:
        """What it is called in tables."""
        first, second = self.calls
        return f"{first} calls, {second} more below lead {self.lead}"


def cascades(
    systems: Systems,
    *,
    cost: Costs = Calls(),  # noqa: B008 - frozen
    rule: Vote = Vote(),  # noqa: B008 - frozen
    calls: int | Iterable[int] | None = None,
    leads: int | Iterable[int] | None = None,
    k: int | Iterable[int] | None = None,
) -> Points:
    """Tabulate what cascades of two systems score and cost.

    The first system votes with a few calls. If its leading answer leads by enough votes it stands;
    otherwise the second system is asked, and its vote decides. Any two systems make a cascade, the
    cheaper per call first.

    Parameters
    ----------
    systems : mapping of str to AnswerLog or TalliedLog
        At least two systems; best with logs of the same questions.
    cost : CostModel or mapping of str to CostModel
        What calls cost, for all systems or for each by name.
    rule : Vote
        How both vote.
    calls : int or iterable of int, optional
        Calls of the first system; by default up to 16.
    leads : int or iterable of int, optional
        Leads, in votes; by default four for each number of calls, up to all of them.
    k : int or iterable of int, optional
        Calls of the second system; by default up to 64.

    Returns
    -------
    Points
        With a `Cascade` for a rule; `k` is the most calls. Questions that a system lacks are NaN.

    Raises
    ------
    ArgumentError
        If there are fewer than two logs, none share a question, or no number of calls fits the samples.

    Notes
    -----
    The samples of the two systems are independent given the question, so that with s the chance of
    a clear first vote, c that of a clear and correct one and F the score of the second vote::

        score = c + (1 - s) F(k2)        cost = k1 cost_1 + (1 - s) k2 cost_2

    All of them are expectations over the draws without replacement, exact and without bias.

    References
    ----------
    Yue et al., "Large Language Model Cascades with Mixture of Thought Representations", arXiv 2310.03094
    (asking a stronger model where the votes of a weaker one disagree).

    Examples
    --------
    >>> from kcurve.simulate import BetaQuestions
    >>> small, large = (BetaQuestions(a=a, b=1).log(200, 16) for a in (2, 5))
    >>> len(cascades({"small": small, "large": large}, calls=4, leads=[2, 4], k=8))
    4
    """
    instance("rule", rule, Vote)
    logs = _logs(systems)
    table = points(logs, rules=rule, k=k if k is not None else _SECOND_CALLS, cost=cost)
    keys = {name: set(question_keys(log)) for name, log in logs.items()}
    one = np.array([1], np.int64)
    prices = {name: _of_calls(logs[name], rule, cost, name, one) for name in logs}
    pairs = [
        (first, second)
        for first in logs
        for second in logs
        if first != second
        and prices[first].mean() <= prices[second].mean()
        and not keys[first].isdisjoint(keys[second])
    ]
    if not pairs:
        raise ArgumentError(
            f"no two systems share a question: {', '.join(map(repr, logs))}; questions are matched "
            "by data set and question id"
        )
    row_of = {key: row for row, key in enumerate(table.question)}
    firsts = {}
    for name in dict.fromkeys(first for first, _ in pairs):
        settings = _settings(logs[name], rule, calls, leads)
        clear, correct = clear_votes(logs[name], rule, *zip(*settings, strict=True))
        rows = [row_of[key] for key in question_keys(logs[name])]
        firsts[name] = _First(
            settings, *(np.full((len(row_of), len(settings)), np.nan) for _ in range(3))
        )
        firsts[name].clear[rows] = clear
        firsts[name].correct[rows] = correct
        drawn, place = np.unique([k for k, _ in settings], return_inverse=True)
        firsts[name].cost[rows] = _of_calls(logs[name], rule, cost, name, drawn)[:, place]
    made = [_cascaded(table, firsts[first], first, second, rule) for first, second in pairs]
    whole = made[0]
    for part in made[1:]:
        whole = whole.joined(part)
    return whole


@dataclass(frozen=True, slots=True)
class _First:
    """What the first system of a cascade does on every question of the table, [Q, settings]."""

    settings: list[tuple[int, int]]
    clear: Floats
    correct: Floats
    cost: Floats


def _cascaded(table: Points, early: _First, first: str, second: str, rule: Vote) -> Points:
    own = np.flatnonzero([name == second for name in table.system])
    shape = (table.n_questions, len(early.settings) * len(own))
    asked = 1 - early.clear[:, :, None]
    score = early.correct[:, :, None] + asked * table.score[:, None, own]
    cost = early.cost[:, :, None] + asked * table.cost[:, None, own]
    settings = [
        Cascade(systems=(first, second), calls=(first_calls, int(later)), lead=lead, rule=rule)
        for first_calls, lead in early.settings
        for later in table.k[own]
    ]
    return Points(
        system=(f"{first} > {second}",) * len(settings),
        rule=tuple(settings),
        k=np.array([sum(each.calls) for each in settings], np.int64),
        score=score.reshape(shape),
        cost=cost.reshape(shape),
        reward_cost=np.where(np.isnan(score), np.nan, 0.0).reshape(shape),
        question=table.question,
        unit_of=table.unit_of,
        cost_unit=table.cost_unit,
    )


def _logs(systems: Systems) -> dict[str, AnyLog]:
    logs: dict[str, AnyLog] = {}
    for name, entries in named_systems(systems).items():
        own = [entry for entry in entries if isinstance(entry, AnswerLog | TalliedLog)]
        if len(own) > 1:
            raise ArgumentError(
                f"a cascade needs one log of each system, {name!r} has {len(own)}; name each by itself"
            )
        if own:
            logs[name] = own[0]
    if len(logs) < 2:
        raise ArgumentError(
            f"a cascade needs the logs of at least two systems, got {len(logs)}; pass cascades=False"
        )
    return logs


def _of_calls(log: AnyLog, rule: Vote, cost: Costs, name: str, k: NDArray[np.int64]) -> Floats:
    model = cost[name] if isinstance(cost, Mapping) else cost
    return calls_cost(log, rule, k.tolist(), model).total


def _settings(
    log: AnyLog, rule: Vote, calls: int | Iterable[int] | None, leads: int | Iterable[int] | None
) -> list[tuple[int, int]]:
    """Return calls and lead of every first vote to consider."""
    fewest = fewest_samples(drawn_log(log, rule))
    asked = _FIRST_CALLS if calls is None else calls
    fit = [k for k in _whole("calls", asked) if 1 <= k <= fewest]
    if not fit:
        raise ArgumentError(
            f"calls of the first system must be between 1 and {fewest}, the fewest samples of a "
            f"question, got {calls}"
        )
    settings = [(k, lead) for k in fit for lead in _leads(k, leads)]
    if not settings:
        raise ArgumentError(
            f"leads must be from 1 to the calls of the first system, {fit[-1]}, got {leads}"
        )
    return settings


def _leads(calls: int, leads: int | Iterable[int] | None) -> list[int]:
    if leads is None:
        return sorted({-(-calls * part // _LEADS) for part in range(1, _LEADS + 1)})
    return [lead for lead in _whole("leads", leads) if 1 <= lead <= calls]


def _whole(name: str, numbers: int | Iterable[int]) -> list[int]:
    """Return these integers, each once, in increasing order."""
    values = np.atleast_1d(np.asarray(list(numbers) if isinstance(numbers, Iterable) else numbers))
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ArgumentError(f"{name} must be an integer or a sequence of integers, got {numbers!r}")
    return [int(value) for value in np.unique(values)]
