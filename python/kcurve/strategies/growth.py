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
from kcurve.strategies.path_scores import PathScores
from kcurve.strategies.search_progress import SearchProgress

if TYPE_CHECKING:
    from kcurve.datasets import Question
    from kcurve.llm import LLM, Prefill
    from kcurve.llm.parameters import Parameters
    from kcurve.search import SearchState
    from kcurve.store.records import Prompt, Sample
    from kcurve.strategies.drawing import Place
    from kcurve.strategies.tree_search import TreeSearch


class Expansion(NamedTuple):
    """Steps to be sampled: what they continue, which nodes they become, and which samples of which request they are."""

    parent: int
    nodes: range
    prompt: Prompt
    parameters: Parameters
    start: int


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
    steps : list of Sample
        The calls made for steps.
    scores : PathScores
        The scores, and the calls made for them.
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
        self.refusals: list[LLMError] = []
        self.scores = PathScores(strategy, llm, question, place=place)
        self._watch = strategy.watch
        self._generator = strategy.generator
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
            expansions = self._expansions()
            parts = await all_of(self._expanded(expansion) for expansion in expansions)
            for expansion, part in zip(expansions, parts, strict=True):
                self._add(expansion, part)
            grown = [step for part in parts for step in part]
            state.tell(
                [step.reward for step in grown],
                [step.tokens for step in grown],
                [step.status for step in grown],
            )
            if self._statuses[Status.FAILED] == len(self.texts) - 1:
                raise self._nothing()
            self._report(len(grown))
        return state

    def _expansions(self) -> list[Expansion]:
        """Return what the search asks for; which samples the steps are depends on the order of asking alone."""
        asked = self._state.ask()
        made: list[Expansion] = []
        node = len(self.texts)
        for parent, n, tokens in zip(
            asked.nodes.tolist(), asked.children.tolist(), asked.tokens.tolist(), strict=True
        ):
            text = self.texts[parent]
            prompt = self._generator.continued(self._prompt, text)
            parameters = self._step_parameters(tokens, continues=bool(text))
            # Nodes of equal text make the same request, and are independent all the same.
            request = (text, parameters.max_tokens)
            start = self._asked[request]
            self._asked[request] += n
            made.append(Expansion(parent, range(node, node + n), prompt, parameters, start))
            node += n
        return made

    def _step_parameters(self, tokens: int, *, continues: bool) -> Parameters:
        key = (tokens, continues)
        if key not in self._parameters:
            self._parameters[key] = self._generator.step_parameters(
                None if tokens < 0 else tokens, extra=self._prefill.extra if continues else {}
            )
        return self._parameters[key]

    async def _expanded(self, expansion: Expansion) -> list[Grown]:
        """Return the steps of an expansion, each scored as soon as it is there.

        If sampling fails, those that came are scored all the same: a search that goes on later needs them.
        """
        parent, nodes, prompt, parameters, start = expansion
        scoring: dict[int, asyncio.Task[Grown]] = {}

        def arrived(sample: Sample) -> None:
            node = nodes[sample.index - start]
            scoring[node] = asyncio.create_task(self._grown(node, parent, sample))

        failure: Exception | None = None
        try:
            self.steps += await self._policy.sample(
                prompt,
                start=start,
                until=start + len(nodes),
                parameters=parameters,
                purpose=Purpose(self._place.run, self._place.question, "step", nodes.start),
                each=arrived,
            )
        except Exception as error:  # noqa: BLE001 - raised below, once all is scored
            failure = error
        except asyncio.CancelledError:
            for task in scoring.values():
                task.cancel()
            await asyncio.gather(*scoring.values(), return_exceptions=True)
            raise
        await all_of(scoring.values())
        if failure is not None:
            self._refuse(failure)
        lost = Grown(self._paths[parent], "", self.texts[parent], nan, 0, Status.FAILED)
        return [scoring[node].result() if node in scoring else lost for node in nodes]

    async def _grown(self, node: int, parent: int, sample: Sample) -> Grown:
        """Return a step that came, with its score."""
        tokens = sample.usage.completion or 0
        before, path = self.texts[parent], self._paths[parent]
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
        try:
            reward = await self.scores.score(node, path, text)
        except LLMError as error:
            self._refuse(error)
            reward = nan
        if not isfinite(reward):
            return Grown(path, written, text, nan, tokens, Status.FAILED)
        return Grown(path, written, text, reward, tokens, status)

    def _refuse(self, error: Exception) -> None:
        """Note that the server refuses a prompt for what it says; raise any other error."""
        if not isinstance(error, LLMError) or error.kind not in OF_ONE_PROMPT:
            raise error
        if error not in self.refusals:  # which those share who share a score
            self.refusals.append(error)

    def _add(self, expansion: Expansion, steps: list[Grown]) -> None:
        depth = self._depths[expansion.parent] + 1
        for step in steps:
            self.written.append(step.written)
            self.texts.append(step.text)
            self._paths.append(step.steps)
            self._depths.append(depth)
            self._statuses[step.status] += 1
            self._tokens += step.tokens

    def _report(self, grown: int) -> None:
        if self._watch is None:
            return
        self._watch(
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
