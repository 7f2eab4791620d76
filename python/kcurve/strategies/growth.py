"""The tree of one question while it grows: a search asks, models answer, all of a depth at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import isfinite, nan
from typing import TYPE_CHECKING, NamedTuple

from kcurve.errors import LLMError
from kcurve.search import Status
from kcurve.store.records import Purpose
from kcurve.strategies.drawing import OF_ONE_PROMPT, all_of
from kcurve.strategies.search_progress import SearchProgress

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM, Prefill
    from kcurve.llm.parameters import Parameters
    from kcurve.rewards import Score
    from kcurve.search import SearchState
    from kcurve.store.records import Prompt, Sample
    from kcurve.strategies.drawing import Place
    from kcurve.strategies.tree_search import TreeSearch


class Child(NamedTuple):
    """A step to be sampled: which node it becomes, what it continues, and which sample of which request it is."""

    node: int
    parent: int
    prompt: Prompt
    parameters: Parameters
    sample: int


class Grown(NamedTuple):
    """A step as it came back: its text and that of the whole path, its score, and how it ended."""

    steps: tuple[str, ...]
    written: str
    text: str
    reward: float
    tokens: int
    status: Status


class Growth:
    """Grows the tree of a question by what a search asks for.

    Parameters
    ----------
    strategy : TreeSearch
        Search, step generator, reward.
    llm : LLM
        The model of those without one of their own.
    question : Question
        What is asked.
    place : Place
        Where its samples belong.
    prefill : Prefill
        How the model of the steps continues a response.

    Attributes
    ----------
    written : list of str
        The step of each node, empty for the root.
    texts : list of str
        The response up to each node.
    steps, scores : list of Sample
        The calls made for steps, and for their scores.
    refusals : list of LLMError
        Calls that the server refused for what they said, such as a response too long to be continued.
    """

    def __init__(
        self,
        strategy: TreeSearch,
        llm: LLM,
        question: Question,
        *,
        place: Place,
        prefill: Prefill,
    ) -> None:
        self.written = [""]
        self.texts = [""]
        self.steps: list[Sample] = []
        self.scores: list[Sample] = []
        self.refusals: list[LLMError] = []
        self._strategy = strategy
        self._generator = strategy.generator
        self._llm = llm
        self._policy = strategy.generator.llm or llm
        self._question = question
        self._place = place
        self._prompt = self._generator.prompt(question, endpoint=self._policy.endpoint)
        self._prefill = prefill
        self._parameters: dict[tuple[int, bool], Parameters] = {}
        self._state = strategy.search.begin()
        self._paths: list[tuple[str, ...]] = [()]
        self._depths = [0]
        self._asked: Counter[tuple[str, int | None]] = Counter()
        self._scored: dict[object, asyncio.Future[Score]] = {}
        self._statuses: Counter[Status] = Counter()
        self._tokens = 0

    async def finished(self) -> SearchState:
        """Return the search, grown until it is done.

        Raises
        ------
        LLMError
            If no first step could be drawn and scored.
        """
        state = self._state
        while not state.done:
            children = self._children()
            grown = await all_of(self._grown(child) for child in children)
            for child, step in zip(children, grown, strict=True):
                self._add(child, step)
            state.tell(
                [step.reward for step in grown],
                [step.tokens for step in grown],
                [step.status for step in grown],
            )
            if self._statuses[Status.FAILED] == len(self.texts) - 1:
                raise self._nothing()
            self._report(len(children))
        return state

    def _children(self) -> list[Child]:
        """Return what the search asks for, child by child; which sample each is depends on the order alone."""
        asked = self._state.ask()
        made: list[Child] = []
        for parent, n, tokens in zip(
            asked.nodes.tolist(), asked.children.tolist(), asked.tokens.tolist(), strict=True
        ):
            text = self.texts[parent]
            prompt = self._generator.continued(self._prompt, text)
            parameters = self._step_parameters(tokens, continues=bool(text))
            # Nodes of equal text make the same request, and are independent all the same.
            request = (text, parameters.max_tokens)
            first = self._asked[request]
            self._asked[request] += n
            node = len(self.texts) + len(made)
            made += (Child(node + i, parent, prompt, parameters, first + i) for i in range(n))
        return made

    def _step_parameters(self, tokens: int, *, continues: bool) -> Parameters:
        key = (tokens, continues)
        if key not in self._parameters:
            self._parameters[key] = self._generator.step_parameters(
                None if tokens < 0 else tokens, extra=self._prefill.extra if continues else {}
            )
        return self._parameters[key]

    async def _grown(self, child: Child) -> Grown:
        """Return a child, sampled and scored; one whose prompt alone the server refuses has failed."""
        try:
            return await self._sampled(child)
        except LLMError as error:
            if error.kind not in OF_ONE_PROMPT:
                raise
            self.refusals.append(error)
            before, path = self.texts[child.parent], self._paths[child.parent]
            return Grown(path, "", before, nan, 0, Status.FAILED)

    async def _sampled(self, child: Child) -> Grown:
        purpose = Purpose(self._place.run, self._place.question, "step", child.node)
        (sample,) = await self._policy.sample(
            child.prompt,
            start=child.sample,
            until=child.sample + 1,
            parameters=child.parameters,
            purpose=purpose,
        )
        self.steps.append(sample)
        tokens = sample.usage.completion or 0
        before, path = self.texts[child.parent], self._paths[child.parent]
        said = sample.text
        if said is not None and before:
            said = self._prefill.continuation(said, begun=before)
        if said is None or not (path or said):
            return Grown(path, "", before, nan, tokens, Status.FAILED)
        is_cut = sample.status == "truncated"
        if said:
            written = said if is_cut else said + self._generator.step_end
            path, text = (*path, written), before + written
            status = Status.COMPLETE if self._generator.has_ended(text) else Status.OPEN
        else:
            written, text = "", before
            status = Status.CUT if is_cut else Status.COMPLETE
        reward = await self._reward(child.node, path, text)
        if not isfinite(reward):
            return Grown(path, written, text, nan, tokens, Status.FAILED)
        return Grown(path, written, text, reward, tokens, status)

    async def _reward(self, node: int, path: tuple[str, ...], text: str) -> float:
        """Return the score of a path; NaN if it has none and is to be dropped."""
        score = await self._score(node, path, text)
        if isfinite(score.value):
            return score.value
        missing = self._strategy.missing
        if missing == "error":
            raise LLMError(
                f"step {len(path)} of a response to question {self._question.id!r} has no score "
                f"({score.reason or 'the reward gave none'}); use missing='drop', or a number that stands in",
                kind="no_score",
            )
        return nan if missing == "drop" else missing

    async def _score(self, node: int, path: tuple[str, ...], text: str) -> Score:
        """Return the score of a path; equal ones are scored once."""
        reward = self._strategy.reward
        key: object = text if reward.kind == "outcome" else path
        shared = self._scored.get(key)
        if shared is not None:
            # Whoever scores it ends by itself when all are cancelled.
            return await asyncio.shield(shared)
        shared = self._scored[key] = asyncio.get_running_loop().create_future()
        purpose = Purpose(self._place.run, self._place.question, "reward", node)
        try:
            score = await reward.score(self._llm, self._question, path, purpose=purpose)
        except Exception as error:
            shared.set_exception(error)
            shared.exception()  # those who share it raise it; there may be none
            raise
        except asyncio.CancelledError:
            shared.cancel()
            raise
        shared.set_result(score)
        self.scores += score.samples
        return score

    def _add(self, child: Child, step: Grown) -> None:
        self.written.append(step.written)
        self.texts.append(step.text)
        self._paths.append(step.steps)
        self._depths.append(self._depths[child.parent] + 1)
        self._statuses[step.status] += 1
        self._tokens += step.tokens

    def _report(self, grown: int) -> None:
        watch = self._strategy.watch
        if watch is None:
            return
        watch(
            SearchProgress(
                question=self._question.id,
                depth=max(self._depths[-grown:]),
                nodes=len(self.texts) - 1,
                complete=self._statuses[Status.COMPLETE],
                failed=self._statuses[Status.FAILED],
                open=len(self._state.ask().nodes),
                remaining=self._state.remaining,
                tokens=self._tokens,
            )
        )

    def _nothing(self) -> LLMError:
        if self.refusals:
            return self.refusals[0]
        n = len(self.texts) - 1
        lost = Counter(
            (sample.error or sample.status).partition(":")[0]
            for sample in self.steps
            if not sample.text
        )
        reasons = [f"{count} {kind}" for kind, count in lost.items()]
        if unscored := n - lost.total():
            reasons.append(f"{unscored} without a score")
        return LLMError(
            f"none of the {n} first steps could be drawn and scored ({', '.join(reasons)})",
            kind="no_candidate",
        )
