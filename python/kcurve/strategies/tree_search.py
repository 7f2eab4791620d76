"""Searches driven live: steps are sampled and scored as a search over a tree asks for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from kcurve._validation import instance
from kcurve.answers import extracted
from kcurve.errors import ArgumentError
from kcurve.rules import FilterVote, Rule, WeightedVote
from kcurve.search import MCTS, Status
from kcurve.strategies.choice import choice_among
from kcurve.strategies.continuation import prefill_of
from kcurve.strategies.decision import check_rule, label_of
from kcurve.strategies.drawing import Place, check_stores
from kcurve.strategies.fitting import check_scoring
from kcurve.strategies.growth import Growth
from kcurve.strategies.solution import Candidate, Solution, Spent, spent, total
from kcurve.strategies.step_generator import StepGenerator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.rewards import Aggregation, Missing, Reward
    from kcurve.search import Search, SearchState
    from kcurve.strategies.search_progress import Watch


@dataclass(frozen=True, slots=True)
class TreeSearch:
    r"""Grow a tree of steps as a search says, and let a rule decide among the responses it ends in.

    Parameters
    ----------
    search : Rebase, BeamSearch, DVTS, MCTS or IndependentPaths
        Which nodes are continued by how many steps; see `kcurve.search`.
    generator : StepGenerator
        What continues a response by a step.
    reward : Reward
        What scores every step, in the light of those before it.
    rule : WeightedVote, BestOfN, Vote or FilterVote with a threshold
        What decides among the responses, as it is passed to `kcurve.curve`.
    aggregation : {"last", "min", "prod", "mean"}
        The score of a response, from those of its steps.
    missing : {"drop", "error"} or float
        What becomes of a step without a score: it fails and is never continued, it is an error, or a number stands
        in for the score.
    watch : callable, optional
        Is told a `SearchProgress` after every round of steps.

    Raises
    ------
    ArgumentError
        If the rule chooses no answer, or one of the others is not what it should be.

    Notes
    -----
    All steps that the search asks for at a time are sampled at the same time, as many as the models allow, and each
    is scored as soon as it is there. What comes back decides, not when: the tree depends on samples and scores alone.
    So after a crash the same search goes on where it was, by taking from the store what it holds; a call that
    had failed for good is made again, and the tree may differ from there on.

    An LLM with ``samples_per_request`` above 1 draws the steps of a node together, so that their prompt is paid for once.
    Nodes of equal text have samples of their own, and share their score. The tokens of a node are those that the
    server counts, 0 if it counts none: limits of tokens need a server that counts. A step that the server refuses
    (400, 413 or 422: the response is too long, say) has failed, as one whose call failed; so has one whose score is
    refused.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3.

    Examples
    --------
    >>> from kcurve.rewards import PromptedReward
    >>> from kcurve.search import Rebase
    >>> strategy = TreeSearch(
    ...     Rebase(16),
    ...     generator=StepGenerator("Q: {{question}}\n", step_end="\n"),
    ...     reward=PromptedReward("{{question}} {{previous}} {{step}} [correct] or [wrong]:"),
    ... )
    >>> strategy.label
    'REBASE 16, weighted maj'
    """

    search: Search
    generator: StepGenerator = field(kw_only=True)
    reward: Reward = field(kw_only=True)
    rule: Rule = field(default=WeightedVote(), kw_only=True)
    aggregation: Aggregation = field(default="last", kw_only=True)
    missing: Missing = field(default="drop", kw_only=True)
    watch: Watch | None = field(default=None, kw_only=True, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check that search, rule and reward fit."""
        check_rule(self.rule, scored=True)
        if isinstance(self.rule, FilterVote) and self.rule.threshold is None:
            raise ArgumentError(
                "a search has no verifier that Filter-Vote could go by; "
                "hold the scores against a threshold: FilterVote(threshold=...)"
            )
        if not callable(getattr(self.search, "begin", None)):
            raise ArgumentError(
                f"search must be one of kcurve.search, such as Rebase(16), got {self.search!r:.80}"
            )
        instance("generator", self.generator, StepGenerator)
        check_scoring(self.reward, self.aggregation, self.missing)

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        search = self.search
        size = search.expansions if isinstance(search, MCTS) else search.width
        return f"{search.label} {size}, {label_of(self.rule)}"

    @property
    def calls_per_question(self) -> int:
        """How many calls a question has under way at a time, more or less."""
        search = self.search
        return search.root_children if isinstance(search, MCTS) else search.width

    def description(self, llm: LLM, dataset: str) -> dict[str, Any]:
        """Return what determines the samples, as plain JSON."""
        return {
            "strategy": "TreeSearch",
            "search": {"name": type(self.search).__name__, **asdict(self.search)},
            "rule": {"name": type(self.rule).__name__, **asdict(self.rule)},
            "generators": [self.generator.description(llm.identity)],
            "reward": self.reward.description(llm.identity),
            "aggregation": self.aggregation,
            "missing": self.missing,
            "model": llm.model,
            "dataset": dataset,
            **self.generator.reading(),
        }

    def log_settings(self) -> None:
        """Return nothing: its candidates are no independent samples, and make no log."""
        return

    async def solve(
        self, llm: LLM, question: Question, *, rng: int = 0, run: int | None = None
    ) -> Solution:
        """Return the answer to a question; samples and scores that the store has cost nothing.

        Parameters
        ----------
        llm : LLM
            The model of generator and reward, where they have none of their own, and the store.
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
            Its candidates are the responses at which the tree ends, by the number of their node; one that a limit cut
            off has no answer unless one is found in it. There may be none, and no answer. `Solution.tree`
            has everything, pruned steps too.

        Raises
        ------
        LLMError
            If the server refuses, cannot continue a message in a chat, or no first step could be drawn and scored.
        BudgetError
            If the next call could exceed the budget.
        StoreError
            If the store cannot be written.
        """
        check_stores(llm, [self.generator.llm, self.reward.llm])
        store = llm.store
        if run is None:
            run = store.run(self.description(llm, question.dataset))
        place = Place(run, store.question(question))
        prefill = self.generator.prefill or await prefill_of(self.generator.llm or llm)
        growth = Growth(self, llm, question, place=place, prefill=prefill)
        return await self._solution(question, growth, await growth.finished(), rng=rng)

    async def _solution(
        self, question: Question, growth: Growth, state: SearchState, *, rng: int
    ) -> Solution:
        tree = state.tree
        status = tree.status
        ended = np.flatnonzero((status == Status.COMPLETE) | (status == Status.CUT)).tolist()
        found = extracted([growth.texts[node] for node in ended], self.generator.extract)
        scores = state.scores(ended, self.aggregation).tolist()
        candidates = tuple(
            Candidate(
                number=number,
                answer=answer,
                status="ok" if status[node] == Status.COMPLETE else "truncated",
                text=growth.texts[node],
                score=score if isfinite(score) else None,  # a product may be too large
                step_scores=tuple(tree.reward[state.path(node)].tolist()),
                node=node,
            )
            for number, (node, answer, score) in enumerate(zip(ended, found, scores, strict=True))
        )
        chosen = await choice_among(
            self.rule,
            question,
            candidates,
            equivalence=self.generator.equivalence,
            scored=True,
            rng=rng,
        )
        answers = dict(zip(ended, found, strict=True))
        for_rewards = spent(growth.scores.samples)
        return chosen.solution(
            question,
            candidates,
            spent=total([spent(growth.steps), for_rewards, _refused(growth)]),
            reward_spent=for_rewards,
            tree=replace(
                tree,
                texts=tuple(growth.written),
                answers=tuple(answers.get(node) for node in range(len(state))),
                chosen=_chosen(candidates, chosen.members),
            ),
        )


def _refused(growth: Growth) -> Spent:
    """Return calls that were refused: they took nothing, and are failures."""
    return Spent(failures=Counter(error.kind or "refused" for error in growth.refusals))


def _chosen(candidates: Sequence[Candidate], members: Sequence[int]) -> int | None:
    """Return the node of the best complete response with the answer chosen."""
    complete = [candidates[place] for place in members if candidates[place].status == "ok"]
    best = max(complete, key=_score, default=None)
    return None if best is None else best.node


def _score(candidate: Candidate) -> float:
    return -inf if candidate.score is None else candidate.score
