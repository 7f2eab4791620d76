"""What solving one question brought: the answer, the votes, the candidates, and what they took."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from math import fsum, isnan, nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kcurve.search import SearchTree
    from kcurve.store.records import Sample, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate of a question.

    Attributes
    ----------
    number : int
        Its number within the question, from 0.
    generator : int
        Which generator of a mixture made it.
    answer : str or None
        The answer found in the text.
    status : str
        How its call ended, as `kcurve.store.Sample` says.
    text : str or None
        The response.
    kept : bool or None
        Whether the verifier kept it; None without one.
    score : float or None
        What the reward gave it; None if it gave nothing, or there is no reward.
    step_scores : tuple of float, or None
        What a process reward gave its steps, in their order, NaN for none.
    node : int or None
        The node of the search tree at which it ends; None without a search.
    """

    number: int
    answer: str | None
    status: Status
    generator: int = 0
    text: str | None = field(default=None, repr=False)
    kept: bool | None = None
    score: float | None = None
    step_scores: tuple[float, ...] | None = field(default=None, repr=False)
    node: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; a score that is missing is None."""
        steps = self.step_scores
        return {
            **asdict(self),
            "step_scores": None
            if steps is None
            else [None if isnan(score) else score for score in steps],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What samples took.

    Attributes
    ----------
    calls : int
        Samples, whether they were drawn now or found in the store.
    new : int
        Those that were drawn now.
    tokens_in, tokens_out : int
        Tokens, as far as the server counted them.
    cost : float
        Money, in the unit of the price table; NaN if that of any sample is unknown.
    failures : mapping of str to int
        Samples without a text, by what was wrong with the last attempt; ``"unknown"`` for those whose
        outcome a crash left unknown.
    """

    calls: int = 0
    new: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by name; an unknown cost is None."""
        cost = None if isnan(self.cost) else self.cost
        return {
            "calls": self.calls,
            "new": self.new,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost": cost,
            "failures": dict(self.failures),
        }


def spent(samples: Iterable[Sample]) -> Spent:
    """Return what samples took."""
    calls = new = tokens_in = tokens_out = 0
    costs = []
    failures: Counter[str] = Counter()
    for sample in samples:
        calls += 1
        new += sample.paid_now
        tokens_in += sample.usage.prompt or 0
        tokens_out += sample.usage.completion or 0
        if sample.status == "failed":
            failures[(sample.error or "failed").partition(":")[0]] += 1
        elif sample.status == "unknown":
            failures["unknown"] += 1
        else:
            costs.append(sample.cost)
    return Spent(
        calls=calls,
        new=new,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=fsum(costs),  # the same in whatever order the calls ended
        failures=MappingProxyType(dict(failures)),
    )


def total(parts: Iterable[Spent]) -> Spent:
    """Return the sum of several."""
    calls = new = tokens_in = tokens_out = 0
    costs = []
    failures: Counter[str] = Counter()
    for part in parts:
        calls += part.calls
        new += part.new
        tokens_in += part.tokens_in
        tokens_out += part.tokens_out
        costs.append(part.cost)
        failures.update(part.failures)
    return Spent(
        calls=calls,
        new=new,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=fsum(costs),  # the same in whatever order the calls ended
        failures=MappingProxyType(dict(failures)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The answer of a strategy to a question.

    Attributes
    ----------
    question : str
        The id of the question.
    dataset : str
        Its data set.
    answer : str or None
        The answer chosen, as the first of its candidates put it; None if there is none.
    correct : bool or None
        Whether it is right; None if the question has no reference.
    votes : mapping of str to float
        What each answer claims, most first, as `Decision` says: votes, weights, or the highest score.
    tied : bool
        Whether several answers were level at the top.
    fell_back : bool
        Whether the verifier kept no candidate, so that all of them voted.
    candidates : tuple of Candidate
        In the order of their numbers.
    spent : Spent
        Calls, tokens and money of everything: candidates or steps, verdicts, scores.
    reward_spent : Spent
        The part of it that scores took.
    tree : SearchTree or None
        The tree of a search, with the texts and answers; None without a search.
    stopped_early : bool or None
        Whether a stopping rule ended the drawing before the most candidates were there; None without one.
    stages : tuple of Solution
        What the stages of a cascade that were asked found; the last one's vote stands, and its candidates and votes are
        those above.
    """

    question: str
    dataset: str = ""
    answer: str | None
    correct: bool | None = None
    votes: Mapping[str, float] = field(default_factory=dict)
    tied: bool = False
    fell_back: bool = False
    candidates: tuple[Candidate, ...] = field(default=(), repr=False)
    spent: Spent = Spent()
    reward_spent: Spent = Spent()
    tree: SearchTree | None = field(default=None, repr=False)
    stopped_early: bool | None = None
    stages: tuple[Solution, ...] = field(default=(), repr=False)

    @property
    def drawn(self) -> int:
        """How many candidates there are."""
        return len(self.candidates)

    @property
    def calls(self) -> int:
        """Samples of candidates, verdicts and scores, whether drawn now or before."""
        return self.spent.calls

    @property
    def tokens(self) -> int:
        """Tokens in and out, as far as they are known."""
        return self.spent.tokens_in + self.spent.tokens_out

    @property
    def cost(self) -> float:
        """Money; NaN if unknown."""
        return self.spent.cost if self.spent.calls else nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; what is unknown is None."""
        return {
            "question": self.question,
            "dataset": self.dataset,
            "answer": self.answer,
            "correct": self.correct,
            "votes": dict(self.votes),
            "tied": self.tied,
            "fell_back": self.fell_back,
            "stopped_early": self.stopped_early,
            "drawn": self.drawn,
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "spent": self.spent.to_dict(),
            "reward_spent": self.reward_spent.to_dict(),
            "stages": [stage.to_dict() for stage in self.stages],
            "tree": None if self.tree is None else self.tree.to_dict(),
        }
