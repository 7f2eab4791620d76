"""The scores of whole responses: each text asked once, step by step where the reward judges steps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from kcurve._validation import choice
from kcurve.rewards.aggregation import AGGREGATIONS, aggregated
from kcurve.store.records import Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards.aggregation import Aggregation
    from kcurve.rewards.reward import Reward, RewardKind, Score
    from kcurve.store.records import Sample


@dataclass(frozen=True, slots=True)
class ResponseScore:
    """The score of a response.

    Attributes
    ----------
    value : float
        The score, finite; NaN if there is none.
    steps : tuple of float
        The scores of its steps, NaN where one is missing; of an outcome reward there is one score.
    samples : tuple of Sample
        The calls. One that several responses share, because they begin alike, is with the first of them alone.
    reason : str or None
        Why there is no score.
    """

    value: float
    steps: tuple[float, ...] = ()
    samples: tuple[Sample, ...] = field(default=(), repr=False)
    reason: str | None = None


async def response_scores(
    reward: Reward,
    llm: LLM,
    question: Question,
    responses: Sequence[Sequence[str]],
    *,
    run: int,
    question_row: int,
    aggregation: Aggregation = "last",
) -> list[ResponseScore]:
    """Return the scores of the responses to a question, asked for at the same time.

    An outcome reward is asked once for each response; a process reward for each of its steps, in the light of
    those before. What is the same in several responses is asked for once.

    Parameters
    ----------
    reward : Reward
        The reward model.
    llm : LLM
        The model to ask if the reward has none of its own; its store keeps the calls.
    question : Question
        What was asked.
    responses : sequence of sequence of str
        The steps of each response, one if it is not divided; none if there is no response, and so no score.
    run, question_row : int
        Where the scores belong, as rows of the store: response i as candidate i in the role ``"reward"``, its
        step j in the role ``"reward.j"``.
    aggregation : {"last", "min", "prod", "mean"}, optional
        How the scores of steps become one.

    Returns
    -------
    list of ResponseScore
        In the order of the responses.

    Raises
    ------
    LLMError
        If the server refuses.
    BudgetError
        If the next call could exceed the budget.
    StoreError
        If the store cannot be written.

    Examples
    --------
    >>> from kcurve.datasets import Question
    >>> from kcurve.llm import LLM
    >>> from kcurve.rewards import FunctionReward, split_steps
    >>> reward = FunctionReward(
    ...     lambda question, steps: 1 / len(steps[-1]), kind="process", name="brevity"
    ... )
    >>> async def scores(question, *responses):
    ...     llm = LLM("any", base_url="http://localhost:8000/v1")  # its store is used
    ...     row = llm.store.question(question)
    ...     return await response_scores(
    ...         reward,
    ...         llm,
    ...         question,
    ...         [split_steps(response, ".") for response in responses],
    ...         run=llm.store.run({}),
    ...         question_row=row,
    ...         aggregation="min",
    ...     )
    >>> for score in asyncio.run(scores(Question("2 + 3?"), "It is.5.", "5.")):
    ...     print(score.value, score.steps)
    0.16666666666666666 (0.16666666666666666, 0.5)
    0.5 (0.5,)
    """
    choice("aggregation", aggregation, AGGREGATIONS)
    store = (llm if reward.llm is None else reward.llm).store
    wanted = _wanted(responses, reward.kind)

    async def asked(steps: tuple[str, ...], askers: list[tuple[str, int]]) -> Score:
        first, *others = [Purpose(run, question_row, role, number) for role, number in askers]
        score = await reward.score(llm, question, steps, purpose=first)
        for purpose in others:
            for sample in score.samples:
                await store.link(purpose, sample.request, range(sample.index, sample.index + 1))
        return score

    results: list[Any] = await asyncio.gather(
        *(asked(steps, askers) for steps, askers in wanted.items()), return_exceptions=True
    )
    for result in results:  # all have ended: nothing that is paid for is left alone
        if isinstance(result, BaseException):
            raise result
    # A text comes after all its beginnings, so the scores of each response come in the order of its steps.
    scores: list[list[tuple[Score, bool]]] = [[] for _ in responses]
    for askers, score in zip(wanted.values(), results, strict=True):
        for position, (_, candidate) in enumerate(askers):
            scores[candidate].append((score, position == 0))
    return [_of_response(own, aggregation) for own in scores]


def _wanted(
    responses: Sequence[Sequence[str]], kind: RewardKind
) -> dict[tuple[str, ...], list[tuple[str, int]]]:
    """Return what is to be scored, and for whom: the candidates, each with the role of this score."""
    wanted: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for candidate, response in enumerate(responses):
        steps = tuple(response)
        if kind == "outcome":
            if steps:
                wanted.setdefault(steps, []).append(("reward", candidate))
        else:
            for i in range(len(steps)):
                wanted.setdefault(steps[: i + 1], []).append((f"reward.{i}", candidate))
    return wanted


def _of_response(own: list[tuple[Score, bool]], aggregation: Aggregation) -> ResponseScore:
    """Return the score of a response from those of its parts, in their order, and which of them came first."""
    if not own:
        return ResponseScore(nan, reason="there is no response to score")
    samples = tuple(sample for score, first in own if first for sample in score.samples)
    parts = tuple(score.value for score, _ in own)
    for score, _ in own:
        if not isfinite(score.value):
            return ResponseScore(nan, parts, samples, score.reason)
    value = aggregated(parts, aggregation)
    if not isfinite(value):  # a product of large numbers
        return ResponseScore(
            nan, parts, samples, f"the {aggregation} of the scores {parts} is not finite"
        )
    return ResponseScore(value, parts, samples)
