"""Rules driven live: draw candidates, have them judged, decide."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance, positive_integer
from kcurve.answers import describe, extracted
from kcurve.errors import ArgumentError
from kcurve.rules import FilterVote, Rule
from kcurve.strategies.choice import choice
from kcurve.strategies.decision import check_rule, label_of
from kcurve.strategies.drawing import Place, check_stores, draw_candidates, draw_verdicts
from kcurve.strategies.generator import Generator
from kcurve.strategies.mixture import Mixture
from kcurve.strategies.solution import Candidate, Solution, spent
from kcurve.strategies.verifier import StepVerifier, Verifier

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.store.records import Sample


@dataclass(frozen=True, slots=True)
class Sampling:
    """Draw candidates, and let a rule decide among them.

    Parameters
    ----------
    rule : Vote or FilterVote
        The rule, as it is passed to `kcurve.curve`.
    k : int
        What the rule counts: samples for Vote; for Filter-Vote calls, of which ``floor(k / 2)`` pairs of
        candidate and verdict are bought, or with ``calls="candidates"`` candidates.
    generator : Generator or Mixture
        What makes candidates.
    verifier : Verifier or StepVerifier, optional
        What judges them; needed by Filter-Vote, and only by it.

    Raises
    ------
    ArgumentError
        If the rule does not choose an answer by votes, k is too small for it, the verifier is missing or
        has nothing to do, or calls are counted as in the paper and the verifier makes more than one.

    Notes
    -----
    A tie under ``ties="split"`` goes to one of the tied answers by a draw that depends on `rng` and the question
    alone. Candidates without an answer are paid for, also under ``no_answer="drop"``. A candidate whose call
    failed is not judged and not kept; a verdict that failed is not favourable.

    Examples
    --------
    >>> from kcurve import Vote
    >>> Sampling(Vote(), k=5, generator=Generator()).calls_per_question
    5
    >>> strategy = Sampling(FilterVote(), k=9, generator=Generator(), verifier=Verifier())
    >>> strategy.n_candidates, strategy.calls_per_question
    (4, 8)
    """

    rule: Rule
    k: int = field(kw_only=True)
    generator: Generator | Mixture = field(kw_only=True)
    verifier: Verifier | StepVerifier | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that rule, k and verifier fit."""
        check_rule(self.rule)
        positive_integer("k", self.k)
        instance("generator", self.generator, Generator, Mixture)
        if self.k < self.rule.least_calls:
            raise ArgumentError(
                f"k must be at least {self.rule.least_calls} for {self.rule.label}, got {self.k}"
            )
        if not isinstance(self.rule, FilterVote):
            if self.verifier is not None:
                raise ArgumentError(
                    "a vote has no use for a verifier; pass FilterVote() as the rule"
                )
            return
        if self.verifier is None:
            raise ArgumentError("Filter-Vote needs a verifier; pass verifier=Verifier()")
        instance("verifier", self.verifier, Verifier, StepVerifier)
        if isinstance(self.verifier, StepVerifier) and self.rule.calls == "paper":
            raise ArgumentError(
                "a verifier of steps makes a call for each, so that k cannot buy pairs of calls; "
                "use FilterVote(calls='candidates')"
            )

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        return label_of(self.rule, self.k)

    @property
    def n_candidates(self) -> int:
        """How many candidates are drawn."""
        return (
            self.k // self.rule.calls_per_candidate if isinstance(self.rule, FilterVote) else self.k
        )

    @property
    def calls_per_question(self) -> int:
        """How many calls a question takes; a verifier of steps makes more."""
        return self.n_candidates * (1 if self.verifier is None else 2)

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON; k is no part of it, so that runs can be continued."""
        source = self.generator
        described: dict[str, Any] = {
            "strategy": "Sampling",
            "rule": {"name": type(self.rule).__name__, **asdict(self.rule)},
            "generators": [one.description(llm.model) for one in _members(source)],
            "weights": None if isinstance(source, Generator) else _listed(source.weights),
            "verifier": None if self.verifier is None else self.verifier.description(llm.model),
            "verdict": None if self.verifier is None else describe(self.verifier.verdict),
            "model": llm.model,
            "dataset": dataset,
        }
        return described | source.reading()

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question; samples that the store has cost nothing.

        Parameters
        ----------
        llm : LLM
            The model, and the store.
        question : Question
            What is asked.
        rng : int
            Decides ties.
        run : int, optional
            The run that it belongs to, a row of the store; the default is the run of this strategy, model and
            data set.

        Raises
        ------
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        _check_llms(self, llm)
        store = llm.store
        if run is None:
            run = store.run(self.description(llm, question.dataset))
        place = Place(run, store.question(question))
        drawn = await draw_candidates(llm, self.generator, question, self.n_candidates, place)
        samples = [sample for _, sample in drawn]
        texts = [sample.text for sample in samples]
        kept: list[bool] | None = None
        verdicts: list[Sample] = []
        if self.verifier is not None:
            kept, verdicts = await draw_verdicts(llm, self.verifier, question, texts, place)
        answers = extracted(texts, self.generator.extract)
        candidates = tuple(
            Candidate(
                number=number,
                generator=member,
                answer=answers[number],
                status=sample.status,
                text=sample.text,
                kept=None if kept is None else kept[number],
            )
            for number, (member, sample) in enumerate(drawn)
        )
        chosen = await choice(
            self.rule,
            question,
            candidates,
            equivalence=self.generator.equivalence,
            scored=False,
            rng=rng,
        )
        return Solution(
            question=question.id,
            dataset=question.dataset,
            answer=chosen.answer,
            correct=chosen.correct,
            votes=chosen.votes,
            tied=chosen.tied,
            fell_back=chosen.fell_back,
            candidates=candidates,
            spent=spent([*samples, *verdicts]),
        )


def _check_llms(strategy: Sampling, llm: LLM) -> None:
    verifier = strategy.verifier
    others = [one.llm for one in _members(strategy.generator)]
    check_stores(llm, [*others, None if verifier is None else verifier.llm])


def _members(source: Generator | Mixture) -> list[Generator]:
    return [source] if isinstance(source, Generator) else list(source.generators)


def _listed(weights: Any) -> list[float] | None:  # noqa: ANN401 - a sequence of numbers or None
    return None if weights is None else list(weights)
