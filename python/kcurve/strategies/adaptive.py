"""Candidates that are drawn until a stopping rule has seen enough."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kcurve._validation import positive_integer
from kcurve.answers import SameExpression, classes, extracted
from kcurve.errors import ArgumentError
from kcurve.rules import Vote
from kcurve.strategies.claims import NO_ANSWER
from kcurve.strategies.drawing import draw_candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kcurve.answers import Equivalence
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rules import Rule
    from kcurve.stopping import StoppingRule
    from kcurve.store.records import Sample
    from kcurve.strategies.drawing import Place
    from kcurve.strategies.generator import Generator
    from kcurve.strategies.mixture import Mixture


class Drawn(NamedTuple):
    """Candidates, each with the number of its generator, and whether they are fewer than they could be."""

    candidates: list[tuple[int, Sample]]
    stopped_early: bool


class GrowingClasses:
    """Classes of equal answers that come a few at a time: those of `kcurve.answers.classes`, numbered otherwise.

    No two spellings are compared twice, for a comparison of expressions may take seconds.

    Parameters
    ----------
    equivalence : Equivalence
        Says which answers are the same.
    reference : str, optional
        The right answer, with which those that equal it are united first.

    Examples
    --------
    >>> from kcurve.answers import SameNumber
    >>> growing = GrowingClasses(SameNumber(), None)
    >>> growing.add(["0.5", None]), growing.add(["2", "1/2"])
    ([0, -1], [0, -1, 1, 0])
    """

    def __init__(self, equivalence: Equivalence, reference: str | None) -> None:
        self._equivalence = equivalence
        self._founders: list[str] = []
        self._class: dict[str, int] = {}
        self._codes: list[int] = []
        if reference is not None:
            self._class[reference] = self._placed(reference)

    def add(self, answers: Iterable[str | None]) -> list[int]:
        """Take more answers, and return the class of each one so far; -1 for none."""
        for answer in answers:
            if answer is not None and answer not in self._class:
                self._class[answer] = self._placed(answer)
            self._codes.append(NO_ANSWER if answer is None else self._class[answer])
        return list(self._codes)

    def _placed(self, answer: str) -> int:
        """Return the first class whose founder equals the answer, which founds one if there is none."""
        for number, founder in enumerate(self._founders):
            first, second = classes([founder, answer], equivalence=self._equivalence).codes
            if first == second:
                return number
        self._founders.append(answer)
        return len(self._founders) - 1


async def draw_until(
    llm: LLM,
    source: Generator | Mixture,
    question: Question,
    place: Place,
    *,
    stopping: StoppingRule,
    rule: Vote,
    most: int,
    batch: int,
) -> Drawn:
    """Return the candidates up to the end of the batch in which the rule says stop for the first time, or the most."""
    growing = GrowingClasses(source.equivalence, question.reference)
    drawn: list[tuple[int, Sample]] = []
    looked = stopping.least_calls - 1
    until = min(max(batch, stopping.least_calls), most)
    while True:
        more = await draw_candidates(llm, source, question, until, place, start=len(drawn))
        drawn += more
        if until == most:
            return Drawn(drawn, stopped_early=False)
        answers = extracted([sample.text for _, sample in more], source.extract)
        # Symbolic comparison waits for worker processes, and must not hold up the calls of other questions.
        is_slow = isinstance(source.equivalence, SameExpression)
        codes = await asyncio.to_thread(growing.add, answers) if is_slow else growing.add(answers)
        seen = seen_by_vote(rule, codes)
        if any(stopping.stops(seen[:n]) for n in range(looked + 1, until + 1)):
            return Drawn(drawn, stopped_early=True)
        looked, until = until, min(until + batch, most)


def seen_by_vote(rule: Vote, codes: Sequence[int]) -> list[int]:
    """Return the codes with no answer as an answer of its own, if the vote takes it as one.

    Examples
    --------
    >>> seen_by_vote(Vote(no_answer="vote"), [0, -1, 2]), seen_by_vote(Vote(), [0, -1, 2])
    ([0, 3, 2], [0, -1, 2])
    """
    if rule.no_answer != "vote":
        return list(codes)
    own = max(codes, default=NO_ANSWER) + 1
    return [own if code == NO_ANSWER else code for code in codes]


def check_stopping(stopping: StoppingRule | None, batch: int | None, rule: Rule, most: int) -> None:
    """Fail unless the stopping rule can do something with a rule that makes this many calls.

    Raises
    ------
    ArgumentError
        If the rule is no vote, the stopping rule never stops it, or there is a batch and no stopping rule.
    """
    if stopping is None:
        if batch is not None:
            raise ArgumentError(
                f"batch={batch!r} goes with a stopping rule; without one all candidates are drawn at once"
            )
        return
    if not callable(getattr(stopping, "stops", None)) or isinstance(stopping, type):
        raise ArgumentError(
            "stopping must be a rule of kcurve.stopping, such as AdaptiveConsistency(), "
            f"got {stopping!r:.80}"
        )
    if not isinstance(rule, Vote):
        raise ArgumentError(
            f"{stopping.label} stops a vote by its votes, and says nothing about {type(rule).__name__}; "
            "use Vote() as the rule, or leave stopping out"
        )
    if batch is not None:
        positive_integer("batch", batch)
    if most <= stopping.least_calls:
        raise ArgumentError(
            f"{stopping.label} looks at {stopping.least_calls} candidates at least, so with k={most} it never stops "
            f"early; use k={stopping.least_calls + 1} or more, or leave stopping out"
        )


def stopping_description(stopping: StoppingRule) -> dict[str, Any]:
    """Return a stopping rule as plain JSON; one that is no dataclass is told by its label."""
    known: Any = stopping
    settings = asdict(known) if is_dataclass(type(stopping)) else {"label": stopping.label}
    return {"name": type(stopping).__name__, **settings}
