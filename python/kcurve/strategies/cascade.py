"""Cascades: a cheap model votes first, and a dearer one where the first vote is close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from kcurve._validation import instance, number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.rules import Vote
from kcurve.strategies.drawing import check_stores
from kcurve.strategies.generator import Generator
from kcurve.strategies.sampling import Sampling
from kcurve.strategies.solution import total

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.strategies.solution import Solution

Leads: TypeAlias = "int | Sequence[int]"
"""Votes: for all stages, or for each but the last."""

Thresholds: TypeAlias = "float | Sequence[float]"
"""Shares of the votes: for all stages, or for each but the last."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """Votes one after another: the next one only if the vote is close, and the last one asked decides.

    Parameters
    ----------
    stages : sequence of Sampling
        At least two votes, the cheapest first, each with a generator that has a model of its own, or other settings than
        those of the other stages. A stage may have a stopping rule.
    lead : int or sequence of int, optional
        A vote stands if its leading answer has at least so many votes more than any other; a number for
        all stages but the last, or one for each of them.
    threshold : float or sequence of float, optional
        Instead of `lead`: a vote stands if its leading answer alone is given by at least this share of the candidates.

    Raises
    ------
    ArgumentError
        If there are fewer than two stages, one is no vote, two send the same requests, or not just one of `lead` and `threshold`
        is given, or no vote of a stage could ever stand.

    Notes
    -----
    Candidates without an answer, and calls that failed, vote for nothing, and count among the candidates that a share
    is taken of; under ``no_answer="vote"`` they are an answer like the others, and under ``"drop"`` they do not
    count. The votes of one stage are not added to those of the next. If all calls of the last stage asked fail, the
    question fails, whatever the votes before it were.

    `kcurve.planning.cascades` estimates from logs of the two systems what a cascade would score and cost; `lead` is the same
    there.

    In the store, candidates of the first stage have the role ``"stage 1"``, and so on. `RunResult.log` returns those of the
    first; with ``role="stage 2"`` it returns those of the second, for the questions that came so far, which are
    the difficult ones.

    References
    ----------
    Yue et al., "Large Language Model Cascades with Mixture of Thought Representations for Cost-efficient Reasoning",
    arXiv 2310.03094 (asking a stronger model where the votes of a weaker one disagree).

    Examples
    --------
    >>> from kcurve import Vote
    >>> from kcurve.llm import Parameters
    >>> brief = Generator("{{question}} Answer at once: the answer is (X).")
    >>> careful = Generator(parameters=Parameters(max_tokens=4000))
    >>> cascade = Cascade(
    ...     [Sampling(Vote(), k=5, generator=brief), Sampling(Vote(), k=11, generator=careful)],
    ...     threshold=0.8,
    ... )
    >>> cascade.label
    'maj@5 > maj@11'
    """

    stages: Sequence[Sampling]
    lead: Leads | None = field(default=None, kw_only=True)
    threshold: Thresholds | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that the stages differ, and that votes can stand."""
        stages = tuple(self.stages)
        for stage in stages:
            instance("a stage of a cascade", stage, Sampling)
            if not isinstance(stage.rule, Vote):
                raise ArgumentError(
                    f"the stages of a cascade vote, got {type(stage.rule).__name__}; use Vote() as the rule of each"
                )
        if len(stages) < 2:
            raise ArgumentError(f"a cascade needs at least 2 stages, got {len(stages)}")
        object.__setattr__(self, "stages", stages)
        _check_differences(stages)
        if (self.lead is None) == (self.threshold is None):
            given = "neither" if self.lead is None else "both"
            raise ArgumentError(
                f"a cascade needs lead= (votes) or threshold= (a share), and was given {given}; pass one of them"
            )
        if self.lead is not None:
            leads = _one_each("lead", self.lead, len(stages) - 1)
            for stage, lead in zip(stages, leads, strict=False):
                positive_integer("lead", lead)
                if lead > stage.k:
                    raise ArgumentError(
                        f"lead must be at most the calls of its stage, {stage.k}, got {lead}"
                    )
            object.__setattr__(self, "lead", leads)
        if self.threshold is not None:
            thresholds = _one_each("threshold", self.threshold, len(stages) - 1)
            for threshold in thresholds:
                number_between("threshold", threshold, 0, 1, low_excluded=True)
            object.__setattr__(self, "threshold", thresholds)

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        return " > ".join(stage.label for stage in self.stages)

    @property
    def calls_per_question(self) -> int:
        """How many calls a question has under way at first."""
        return self.stages[0].calls_per_question

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON."""
        return {
            "strategy": "Cascade",
            "stages": [{"k": stage.k, **stage.description(llm, dataset)} for stage in self.stages],
            "lead": self.lead,
            "threshold": self.threshold,
            "model": llm.model,
            "dataset": dataset,
            **self.stages[0].generator.reading(),
        }

    def log_settings(self) -> dict[str, Any]:
        """Return how the store's texts become a log: arguments of `Store.log`, for the first stage."""
        return {**self.stages[0].log_settings(), "role": _role(0)}

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question; samples that the store has cost nothing.

        Parameters
        ----------
        llm : LLM
            The model of the stages without one of their own, and the store.
        question : Question
            What is asked.
        rng : int
            Decides ties.
        run : int, optional
            The run that it belongs to, a row of the store; the default is the run of this strategy, model and
            data set.

        Returns
        -------
        Solution
            That of the last stage asked, with what all of them took; `Solution.stages` has each of them.

        Raises
        ------
        LLMError
            If the server refuses.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        check_stores(llm, [one.llm for stage in self.stages for one in _members(stage)])
        if run is None:
            run = llm.store.run(self.description(llm, question.dataset))
        asked: list[Solution] = []
        for number, stage in enumerate(self.stages):
            asked.append(await stage.solve(llm, question, rng=rng, run=run, role=_role(number)))
            if number + 1 < len(self.stages) and self._stands(number, asked[-1]):
                break
        return replace(
            asked[-1],
            spent=total(solution.spent for solution in asked),
            stopped_early=None,
            stages=tuple(asked),
        )

    def _stands(self, number: int, solution: Solution) -> bool:
        """Return whether the vote of a stage is clear enough."""
        first, second = (*solution.votes.values(), 0, 0)[:2]
        if isinstance(self.lead, Sequence):
            return first - second >= self.lead[number]
        rule = self.stages[number].rule
        dropped = isinstance(rule, Vote) and rule.no_answer == "drop"
        n = sum(not dropped or one.answer is not None for one in solution.candidates)
        share = self.threshold[number] if isinstance(self.threshold, Sequence) else 1.0
        return first > second and first / n >= share


def _one_each(name: str, given: Any, n: int) -> tuple[Any, ...]:  # noqa: ANN401 - numbers
    """Return a number for each stage but the last."""
    if not isinstance(given, Sequence):
        return (given,) * n
    if len(given) != n:
        raise ArgumentError(
            f"{name} must be one number, or one for each of the {n} stages before the last, got {len(given)}"
        )
    return tuple(given)


def _members(stage: Sampling) -> Sequence[Generator]:
    source = stage.generator
    return [source] if isinstance(source, Generator) else source.generators


def _check_differences(stages: Sequence[Sampling]) -> None:
    seen: list[tuple[object, object]] = []
    for stage in stages:
        asks = [(one.description(""), one.llm) for one in _members(stage)]
        if any(one in seen for one in asks):
            raise ArgumentError(
                "two stages of a cascade send the same requests, and would share their samples; give each a model "
                "or settings of its own, or let a stopping rule decide how many calls one vote takes"
            )
        seen += asks


def _role(number: int) -> str:
    return f"stage {number + 1}"
