"""`samples_needed`: how many questions and samples a measurement takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.cost import Calls, CostModel, calls_cost
from kcurve.cost.additive import candidate_calls
from kcurve.errors import ArgumentError
from kcurve.log import AnswerLog, TalliedLog
from kcurve.planning.design import SamplesNeeded
from kcurve.planning.need import LEAST_AIM, MOST_QUESTIONS, Need
from kcurve.planning.systems import cost_models
from kcurve.planning.variance import components, covariance
from kcurve.rules import Rule, Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kcurve.planning.systems import Costs

    Floats = NDArray[np.float64]
    AnyLog = AnswerLog | TalliedLog

_MULTIPLES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_MOST_SAMPLES = 1_000_000


def samples_needed(
    pilot: AnyLog,
    *,
    half_width: float | None = None,
    difference: float | None = None,
    other: AnyLog | None = None,
    rule: Rule = Vote(),  # noqa: B008 - frozen
    k: int = 1,
    level: float = 0.95,
    power: float = 0.8,
    of: Literal["population", "questions"] = "population",
    cost: Costs = Calls(),  # noqa: B008 - frozen
    question_cost: float = 0.0,
    questions: int | None = None,
    samples: int | Iterable[int] | None = None,
    rng: int = 0,
) -> SamplesNeeded:
    """Say how many questions, and samples of each, an accuracy or a comparison needs.

    Give either `half_width` or `difference`.

    Parameters
    ----------
    pilot : AnswerLog or TalliedLog
        A small log of the system, with at least two samples of every question.
    half_width : float, optional
        Half the width of the interval that the accuracy shall have, from 0.00001 to 0.5.
    difference : float, optional
        The difference of two systems, measured on the same questions, that a test shall find, from 0.00001 to 1.
    other : AnswerLog or TalliedLog, optional
        A pilot of the second system. Without it the second is taken to vary as the first does, and
        its scores to be uncorrelated with the first's: paired tests usually need less.
    rule, k
        What is measured: the score of a rule after k calls.
    level : float
        Confidence level of the interval, or of the two-sided test.
    power : float
        Probability of finding the `difference`, in [0.5, 1).
    of : {"population", "questions"}
        What is measured: the accuracy on fresh questions of this kind, or on these very questions, where
        only samples add noise.
    cost : CostModel or mapping of str to CostModel
        What calls cost; a mapping names ``"pilot"`` and ``"other"``.
    question_cost : float
        What a question costs besides its samples, such as labelling it.
    questions : int, optional
        How many questions there are: no more are used. With ``of="questions"`` all of them are; the
        default there is the number in the pilot.
    samples : int or iterable of int, optional
        Numbers of samples per question to consider, at least those that one run draws.
    rng : int
        Seed of the `Posterior`, which is asked for k above 1.

    Returns
    -------
    SamplesNeeded

    Raises
    ------
    ArgumentError
        If the target cannot be reached with the questions there are, or a setting is out of range.
    LogError
        If a pilot has one question only, or a question of it fewer than two samples.

    Notes
    -----
    The variance of an estimated accuracy is ``(b + w(n)) / Q``: b between the true scores of
    questions, w(n) the mean noise that n samples leave in one. Two systems have
    ``b = b_1 + b_2 - 2 c``, with the covariance c of their scores, and ``w = w_1 + w_2``. The
    interval is Student's: ``half_width = t sqrt((b + w) / Q)``; a difference d is found with the
    power wanted if ``d = (t_level + t_power) sqrt((b + w) / Q)``.

    A pilot that is all but perfect has not seen the failures that the next questions may have: with less
    than about half a failure seen, the variance is at least that of two failures and two successes more.

    Without a `question_cost` and with endless questions, the fewest samples are always the cheapest.

    References
    ----------
    Miller, "Adding Error Bars to Evals", arXiv 2411.00640, sections 3 to 5.

    Examples
    --------
    >>> import kcurve as kc
    >>> from kcurve.planning import samples_needed
    >>> pilot = kc.example_log().first(8)
    >>> samples_needed(pilot, half_width=0.01)
    SamplesNeeded(5425 questions x 1 samples, 5425 calls: +-0.0100)
    >>> samples_needed(pilot, half_width=0.01, question_cost=20).samples
    3
    """
    instance("pilot", pilot, AnswerLog, TalliedLog)
    _check_aim(half_width, difference, compared=other is not None)
    number_between("level", level, 0.5, 1 - 1e-12)
    number_between("power", power, 0.5, 1 - 1e-12)
    number_between("question_cost", question_cost, 0, float("inf"))
    choice("of", of, ("population", "questions"))
    positive_integer("k", k)
    own, scores = components(pilot, rule, k, rng=rng)
    parts = [own]
    between = own.between
    if difference is not None:
        if other is None:
            parts.append(own)
            between *= 2
        else:
            instance("other", other, AnswerLog, TalliedLog)
            second, theirs = components(other, rule, k, rng=rng)
            parts.append(second)
            shared, number = covariance((pilot, scores), (other, theirs))
            if number < 2:
                raise ArgumentError(
                    f"pilot and other must share at least 2 questions to be paired, got {number}"
                )
            between = max(0.0, own.between + second.between - 2 * shared)
    if of == "questions":
        between = 0.0
        questions = pilot.n_questions if questions is None else questions
    if questions is not None:
        positive_integer("questions", questions)
    need = Need(
        between=between,
        parts=tuple(parts),
        aim=half_width if difference is None else difference,  # type: ignore[arg-type]
        level=level,
        power=None if difference is None else power,
    )
    grid = _grid(samples, own.draws, need, questions)
    wanted = (
        np.full(len(grid), questions, np.int64)
        if of == "questions"
        else np.array([need.questions(int(n)) for n in grid])
    )
    reached = np.array(
        [need.questions(int(n)) <= (questions or MOST_QUESTIONS) for n in grid], dtype=bool
    )
    if not reached.any():
        _refuse(need, grid, questions, of)
    logs = {"pilot": pilot}
    if difference is not None:
        logs["other"] = pilot if other is None else other
    prices = _prices(logs, rule, cost, grid)
    money = wanted * (question_cost + prices.total)
    widths = np.array([need.half_width(int(n), int(q)) for n, q in zip(grid, wanted, strict=True)])
    best = int(np.flatnonzero(reached)[np.argmin(money[reached])])
    return SamplesNeeded(
        questions=int(wanted[best]),
        samples=int(grid[best]),
        cost=float(money[best]),
        half_width=float(widths[best]),
        difference=difference,
        power=None if difference is None else power,
        level=level,
        between=between,
        within=float(need.within(int(grid[best]))),
        designs={
            "samples": grid[reached],
            "questions": wanted[reached],
            "cost": money[reached],
            "half_width": widths[reached],
        },
        rule=rule,
        k=k,
        of=of,
        cost_unit=prices.unit,
    )


def _grid(
    samples: int | Iterable[int] | None, draws: int, need: Need, questions: int | None
) -> NDArray[np.int64]:
    if samples is not None:
        asked = np.unique(list(samples) if isinstance(samples, Iterable) else [samples])
        if asked.dtype.kind not in "iu" or not len(asked) or asked[0] < draws:
            raise ArgumentError(
                f"samples must be integers of at least {draws}, what one run draws, got {samples!r}"
            )
        return asked.astype(np.int64)
    found = {draws * multiple for multiple in _MULTIPLES}
    if questions is not None and need.questions(_MOST_SAMPLES) <= questions:
        low, high = draws - 1, _MOST_SAMPLES
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if need.questions(middle) <= questions else (middle, high)
        found.add(high)
    return np.array(sorted(found), np.int64)


@dataclass(frozen=True, slots=True)
class _Prices:
    total: Floats
    unit: str


def _prices(logs: dict[str, AnyLog], rule: Rule, cost: Costs, grid: NDArray[np.int64]) -> _Prices:
    models = cost_models(cost, logs)
    for model in models.values():
        instance("cost", model, CostModel)
    calls = (grid * candidate_calls(rule)).tolist()
    total = sum(calls_cost(log, rule, calls, models[name]).mean for name, log in logs.items())
    return _Prices(np.asarray(total), next(iter(models.values())).unit)


def _refuse(need: Need, grid: NDArray[np.int64], questions: int | None, of: str) -> None:
    most = int(grid[-1])
    assert questions is not None  # noqa: S101 - without a limit every aim is reached
    if of == "questions":
        raise ArgumentError(
            f"{most} samples of each of {questions} questions leave a half-width of "
            f"{need.half_width(most, questions):.4g}; allow more samples, or accept a wider interval"
        )
    raise ArgumentError(
        f"{questions} questions are too few however many samples each has: at least "
        f"{need.questions(_MOST_SAMPLES)} are needed; add questions, aim for less, or measure "
        'these questions only with of="questions"'
    )


def _check_aim(half_width: float | None, difference: float | None, *, compared: bool) -> None:
    if (half_width is None) == (difference is None):
        raise ArgumentError(
            f"give either half_width or difference, got {half_width!r} and {difference!r}"
        )
    if half_width is None:
        number_between("difference", difference, LEAST_AIM, 1)
        return
    number_between("half_width", half_width, LEAST_AIM, 0.5)
    if compared:
        raise ArgumentError("other is for a difference; for a half_width leave it out")
