"""Rules driven live: draw candidates, have them judged or scored, decide."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kcurve._validation import instance, positive_integer
from kcurve.answers import VectorScore, describe, extracted
from kcurve.errors import ArgumentError
from kcurve.rewards import split_steps
from kcurve.rules import FilterVote, Rule, Vote
from kcurve.strategies.adaptive import check_stopping, draw_until, stopping_description
from kcurve.strategies.candidates import drawn_candidates, present_scores
from kcurve.strategies.choice import choice_among
from kcurve.strategies.decision import check_rule, label_of
from kcurve.strategies.drawing import (
    Place,
    check_stores,
    draw_candidates,
    draw_scores,
    draw_verdicts,
)
from kcurve.strategies.fitting import check_scoring, check_use_of_reward, check_verifier
from kcurve.strategies.generator import Generator
from kcurve.strategies.mixture import Mixture
from kcurve.strategies.solution import Solution, spent

if TYPE_CHECKING:
    from kcurve.answers import ScoreReader
    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards import Aggregation, Missing, ResponseScore, Reward
    from kcurve.stopping import StoppingRule
    from kcurve.store.records import Sample
    from kcurve.strategies.verifier import StepVerifier, Verifier


@dataclass(frozen=True, slots=True)
class Sampling:
    r"""Draw candidates, and let a rule decide among them.

    Parameters
    ----------
    rule : Vote, FilterVote, WeightedVote or BestOfN
        The rule, as it is passed to `kcurve.curve`.
    k : int
        What the rule counts: samples; for Filter-Vote calls, of which ``floor(k / 2)`` pairs of
        candidate and verdict are bought, or with ``calls="candidates"`` candidates.
    generator : Generator or Mixture
        What makes candidates.
    verifier : Verifier or StepVerifier, optional
        What judges them; needed by Filter-Vote without a threshold, and only by it.
    reward : Reward, optional
        What scores them; needed by `WeightedVote`, `BestOfN` and ``FilterVote(threshold=...)``, and only by them.
    aggregation : {"last", "min", "prod", "mean"}
        The score of a candidate, from those that a process reward gives its steps.
    missing : {"drop", "error"} or float
        What becomes of a score that is missing: the candidate has none (it weighs nothing, and ranks below all
        others), it is an error, or a number stands in for it.
    step_end : str
        The text that ends a step of a candidate, for a process reward.
    stopping : StoppingRule, optional
        When to stop drawing before k candidates are there, a rule of `kcurve.stopping`; only for `Vote`.
    batch : int, optional
        With a stopping rule: how many candidates are drawn at once before it is asked again. The default is 1, for
        the fewest calls. A larger one waits less often, and draws up to ``batch - 1`` candidates more.

    Raises
    ------
    ArgumentError
        If the rule does not choose an answer, k is too small for it or for the stopping rule, verifier or reward are
        missing or have nothing to do, calls are counted as in the paper and the verifier makes more than one, or
        a stopping rule is to stop what is no vote.

    Notes
    -----
    A tie under ``ties="split"`` goes to one of the tied answers by a draw that depends on `rng` and the question
    alone. Candidates without an answer are paid for, also under ``no_answer="drop"``. A candidate whose call
    failed is not judged and not kept, and not scored; a verdict that failed is not favourable. Candidates of equal
    text are judged independently, but have one score, which is paid for once.

    A stopping rule sees the answers in the order of the candidates, 0, 1, 2, ..., equal ones united as they are for the
    decision, and -1 for a candidate without an answer or whose call failed; under ``no_answer="vote"`` those are
    an answer of their own. The first ``max(batch, stopping.least_calls)`` candidates are drawn at once, then `batch` at a
    time, and at the end of each batch the rule is asked about every number of candidates up to there: drawing ends
    with the batch in which it says stop for the first time, and what was drawn votes, all of it. So the candidates are the
    first ones of the plain vote with the same generator, and a run of either pays for no candidate that the store
    has from the other. A call that had failed for good is made again when a run is repeated, and the drawing may then
    end elsewhere.

    Examples
    --------
    >>> from kcurve import BestOfN, Vote
    >>> Sampling(Vote(), k=5, generator=Generator()).calls_per_question
    5
    >>> from kcurve.strategies import Verifier
    >>> strategy = Sampling(FilterVote(), k=9, generator=Generator(), verifier=Verifier())
    >>> strategy.n_candidates, strategy.calls_per_question
    (4, 8)
    >>> from kcurve.stopping import AdaptiveConsistency
    >>> Sampling(Vote(), k=40, generator=Generator(), stopping=AdaptiveConsistency()).label
    'maj@40, Adaptive-Consistency'
    >>> from kcurve.rewards import PromptedReward
    >>> judge = PromptedReward("{{question}} {{response}} Right? [correct] or [wrong]:")
    >>> Sampling(BestOfN(), k=5, generator=Generator(), reward=judge).label
    'best-of-5'
    """

    rule: Rule
    k: int = field(kw_only=True)
    generator: Generator | Mixture = field(kw_only=True)
    verifier: Verifier | StepVerifier | None = field(default=None, kw_only=True)
    reward: Reward | None = field(default=None, kw_only=True)
    aggregation: Aggregation = field(default="last", kw_only=True)
    missing: Missing = field(default="drop", kw_only=True)
    step_end: str = field(default="\n\n", kw_only=True)
    stopping: StoppingRule | None = field(default=None, kw_only=True)
    batch: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that rule, k, verifier and reward fit."""
        check_rule(self.rule, scored=self.reward is not None)
        positive_integer("k", self.k)
        instance("generator", self.generator, Generator, Mixture)
        if self.k < self.rule.least_calls:
            raise ArgumentError(
                f"k must be at least {self.rule.least_calls} for {self.rule.label}, got {self.k}"
            )
        check_verifier(self.rule, self.verifier)
        if self.reward is not None:
            check_scoring(self.reward, self.aggregation, self.missing)
            check_use_of_reward(self.rule, self.reward)
            split_steps("", self.step_end)
        check_stopping(self.stopping, self.batch, self.rule, self.k)

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        label = label_of(self.rule, self.k)
        return label if self.stopping is None else f"{label}, {self.stopping.label}"

    @property
    def n_candidates(self) -> int:
        """How many candidates are drawn; with a stopping rule at most."""
        return (
            self.k // self.rule.calls_per_candidate if isinstance(self.rule, FilterVote) else self.k
        )

    @property
    def calls_per_question(self) -> int:
        """How many calls a question takes; a verifier or reward of steps makes more.

        With a stopping rule it is the number of calls that are under way at a time.
        """
        if self.stopping is not None:
            return self.batch or 1
        judges = (self.verifier is not None) + (self.reward is not None)
        return self.n_candidates * (1 + judges)

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON; k is no part of it, so that runs can be continued."""
        source = self.generator
        described: dict[str, Any] = {
            "strategy": "Sampling",
            "rule": {"name": type(self.rule).__name__, **asdict(self.rule)},
            "generators": [one.description(llm.identity) for one in _members(source)],
            "weights": None if isinstance(source, Generator) else _listed(source.weights),
            "verifier": None if self.verifier is None else self.verifier.description(llm.identity),
            "verdict": None if self.verifier is None else describe(self.verifier.verdict),
            "model": llm.model,
            "dataset": dataset,
        }
        if self.reward is not None:
            described["reward"] = self.reward.description(llm.identity)
            described["score"] = describe(reader_of(self.reward))
            described["aggregation"] = self.aggregation
            described["missing"] = self.missing
            described["step_end"] = self.step_end
        if self.stopping is not None:
            described["stopping"] = stopping_description(self.stopping)
            described["batch"] = self.batch or 1
        return described | source.reading()

    def log_settings(self) -> dict[str, Any]:
        """Return how the store's texts become a log: arguments of `Store.log`."""
        source = self.generator
        found: dict[str, Any] = {"extract": source.extract, "equivalence": source.equivalence}
        if self.verifier is not None:
            found["verdict"] = self.verifier.verdict
        if self.reward is not None:
            found["score"] = reader_of(self.reward)
        return found

    async def solve(
        self,
        llm: LLM,
        question: Question,
        *,
        rng: int = 0,
        run: int | None = None,
        role: str = "generator",
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
        role : str
            What its candidates are in this run, as `kcurve.store.Purpose` says.

        Raises
        ------
        LLMError
            If the server refuses, or a score is missing that must not be.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        self._check_llms(llm)
        store = llm.store
        if run is None:
            run = store.run(self.description(llm, question.dataset))
        place = Place(run, store.question(question), role)
        drawn, stopped_early = await self._drawn(llm, question, place)
        samples = [sample for _, sample in drawn]
        texts = [sample.text for sample in samples]
        kept: list[bool] | None = None
        scores: list[ResponseScore] | None = None
        verdicts: list[Sample] = []
        scorings: list[Sample] = []
        if self.verifier is not None:
            kept, verdicts = await draw_verdicts(llm, self.verifier, question, texts, place)
        if self.reward is not None:
            scores, scorings = await draw_scores(
                llm,
                self.reward,
                question,
                texts,
                place,
                step_end=self.step_end,
                aggregation=self.aggregation,
            )
        candidates = drawn_candidates(
            drawn,
            extracted(texts, self.generator.extract),
            kept=kept,
            scores=None
            if scores is None
            else present_scores(scores, texts, self.missing, question),
            steps=None if self.reward is None or self.reward.kind == "outcome" else scores,
        )
        chosen = await choice_among(
            self.rule,
            question,
            candidates,
            equivalence=self.generator.equivalence,
            scored=scores is not None,
            rng=rng,
        )
        return chosen.solution(
            question,
            candidates,
            spent=spent([*samples, *verdicts, *scorings]),
            reward_spent=spent(scorings),
            stopped_early=stopped_early,
        )

    async def _drawn(
        self, llm: LLM, question: Question, place: Place
    ) -> tuple[list[tuple[int, Sample]], bool | None]:
        """Return the candidates, and whether the stopping rule stopped them; None without one."""
        if self.stopping is None or not isinstance(self.rule, Vote):
            n = self.n_candidates
            return await draw_candidates(llm, self.generator, question, n, place), None
        return await draw_until(
            llm,
            self.generator,
            question,
            place,
            stopping=self.stopping,
            rule=self.rule,
            most=self.k,
            batch=self.batch or 1,
        )

    def _check_llms(self, llm: LLM) -> None:
        others = [one.llm for one in _members(self.generator)]
        others += [one.llm for one in (self.verifier, self.reward) if one is not None]
        check_stores(llm, others)


def reader_of(reward: Reward) -> ScoreReader:
    """Return what reads a score from the text of a call; that of a function is the number itself."""
    return getattr(reward, "read", None) or VectorScore(row="last")


def _members(source: Generator | Mixture) -> list[Generator]:
    return [source] if isinstance(source, Generator) else list(source.generators)


def _listed(weights: Any) -> list[float] | None:  # noqa: ANN401 - a sequence of numbers or None
    return None if weights is None else list(weights)
