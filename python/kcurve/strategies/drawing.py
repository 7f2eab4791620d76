"""Candidates, verdicts and scores, drawn from models through the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kcurve.errors import ArgumentError
from kcurve.rewards import response_scores, split_steps
from kcurve.store.records import Purpose
from kcurve.strategies.generator import Generator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards import Aggregation, ResponseScore, Reward
    from kcurve.store.records import Sample
    from kcurve.strategies.mixture import Mixture
    from kcurve.strategies.verifier import StepVerifier, Verifier

T = TypeVar("T")

OF_ONE_PROMPT = frozenset({"http_400", "http_413", "http_422"})
"""Refusals that may be due to a single prompt: too long, or not to the server's liking."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where samples belong: the run and the question, as rows of the store, and what candidates are there."""

    run: int
    question: int
    role: str = "generator"


async def draw_candidates(
    llm: LLM,
    source: Generator | Mixture,
    question: Question,
    n: int,
    place: Place,
    *,
    start: int = 0,
) -> list[tuple[int, Sample]]:
    """Return candidates `start` to `n` - 1 of a question, each with the number of its generator."""
    if isinstance(source, Generator):
        samples = await _draw(llm, source, question, range(start, n), place, candidate=start)
        return [(0, sample) for sample in samples]
    members = source.generators
    turns = source.turns(n)
    if source.weights is None:
        # Samples 0, 1, 2, ... of member j are candidates j, j + m, j + 2m, ...
        m = len(members)
        parts = await all_of(
            _draw(
                llm,
                member,
                question,
                range(len(range(j, start, m)), len(range(j, n, m))),
                place,
                candidate=j + m * len(range(j, start, m)),
                stride=m,
            )
            for j, member in enumerate(members[:n])
        )
    else:
        numbers: list[list[int]] = [[] for _ in members]
        for candidate, member in enumerate(turns):
            numbers[member].append(candidate)
        wanted = [
            [(i, candidate) for i, candidate in enumerate(own) if candidate >= start]
            for own in numbers
        ]
        singles = await all_of(
            _draw(llm, members[j], question, range(i, i + 1), place, candidate=candidate)
            for j, own in enumerate(wanted)
            for i, candidate in own
        )
        flat = iter([sample for samples in singles for sample in samples])
        parts = [[next(flat) for _ in own] for own in wanted]
    drawn = [iter(part) for part in parts]
    return [(member, next(drawn[member])) for member in turns[start:]]


async def draw_verdicts(
    llm: LLM,
    verifier: Verifier | StepVerifier,
    question: Question,
    responses: Sequence[str | None],
    place: Place,
) -> tuple[list[bool], list[Sample]]:
    """Return which responses the verifier keeps, and the samples that say so; no response is not kept.

    The verdict on candidate c is sample c of its request: candidates that happen to be the same text are
    judged independently, and each verdict is the same whenever it is asked for.
    """
    asked = llm if verifier.llm is None else verifier.llm
    endpoint = asked.endpoint
    wanted = [
        (number, prompt)
        for number, response in enumerate(responses)
        if response is not None
        for prompt in verifier.prompts(question, response, endpoint=endpoint)
    ]
    drawn = await all_of(
        asked.sample(
            prompt,
            start=number,
            until=number + 1,
            parameters=verifier.parameters,
            purpose=Purpose(place.run, place.question, "filter", number),
        )
        for number, prompt in wanted
    )
    kept = [response is not None for response in responses]
    samples: list[Sample] = []
    for (number, _), verdicts in zip(wanted, drawn, strict=True):
        for sample in verdicts:
            samples.append(sample)
            if sample.text is None or verifier.verdict(sample.text) is None:
                kept[number] = False
    return kept, samples


async def draw_scores(
    llm: LLM,
    reward: Reward,
    question: Question,
    responses: Sequence[str | None],
    place: Place,
    *,
    step_end: str,
    aggregation: Aggregation,
) -> tuple[list[ResponseScore], list[Sample]]:
    """Return the scores of responses, and the samples that say so; no response has no score."""

    def parts(response: str | None) -> list[str]:
        if not response:
            return []
        return split_steps(response, step_end) if reward.kind == "process" else [response]

    scores = await response_scores(
        reward,
        llm,
        question,
        [parts(response) for response in responses],
        run=place.run,
        question_row=place.question,
        aggregation=aggregation,
    )
    return scores, [sample for score in scores for sample in score.samples]


def check_stores(llm: LLM, others: Iterable[LLM | None]) -> None:
    """Fail unless all models keep their samples in one store.

    Raises
    ------
    ArgumentError
        If one has a store of its own.
    """
    for other in others:
        if other is not None and other.store is not llm.store:
            raise ArgumentError(
                f"the models of a strategy must share one store, and {other.model!r} has one of its own; "
                "make a Store and pass it to each: LLM(..., store=store)"
            )


async def all_of(parts: Iterable[Awaitable[T]]) -> list[T]:
    """Return the results of all; if some fail, wait for the rest, which is paid for, and raise the first."""
    results: list[Any] = await asyncio.gather(*parts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


async def _draw(
    llm: LLM,
    generator: Generator,
    question: Question,
    indices: range,
    place: Place,
    *,
    candidate: int,
    stride: int = 1,
) -> list[Sample]:
    asked = llm if generator.llm is None else generator.llm
    return await asked.sample(
        generator.prompt(question, endpoint=asked.endpoint),
        start=indices.start,
        until=indices.stop,
        parameters=generator.parameters,
        purpose=Purpose(place.run, place.question, place.role, candidate, stride),
    )
