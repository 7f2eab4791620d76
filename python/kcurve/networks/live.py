"""A network run live: every node a task that waits for those whose candidates it takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from kcurve.answers import Classes, SameExpression, classes
from kcurve.networks.nodes import Enhance, Filter, Generate, Node, Select
from kcurve.networks.result import NetworkSolution, NodeResult
from kcurve.networks.selectors import FullList
from kcurve.networks.voices import Lanes, Voice, voices
from kcurve.prompts import as_template, conversation, question_fields
from kcurve.store import Purpose
from kcurve.strategies.decision import tie_draw
from kcurve.strategies.drawing import Place, all_of, check_stores
from kcurve.strategies.solution import Candidate, spent, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kcurve.datasets import Question
    from kcurve.llm import LLM
    from kcurve.networks.comparisons import Comparison
    from kcurve.networks.network import Network
    from kcurve.store import Sample
    from kcurve.store.records import Prompt


class Solving:
    """One question on its way through a network.

    Parameters
    ----------
    network : Network
        The network.
    llm : LLM
        The model of all nodes without one of their own.
    question : Question
        What is asked.
    place : Place
        Where its samples belong.
    rng : int
        Decides ties.
    """

    def __init__(
        self, network: Network, llm: LLM, question: Question, *, place: Place, rng: int
    ) -> None:
        self._network = network
        self._llm = llm
        self._question = question
        self._fields = question_fields(question)
        self._lanes = Lanes.of(network, llm.identity)
        self._place = place
        self._rng = rng
        self._used: dict[str, list[Sample]] = {node.name: [] for node in network.nodes}
        self._asked: Counter[tuple[str, Voice, str]] = Counter()
        self._error: Exception | None = None

    async def solution(self) -> NetworkSolution:
        """Return the answer, and what every node did."""
        nodes = await self._results()
        handed = {node.node: node.candidates for node in nodes}
        output = self._network.output
        (chosen,) = handed[output]
        given = [one for name in self._network[output].inputs for one in handed[name]]
        same = await self._classes([chosen.answer])
        question = self._question
        return NetworkSolution(
            question=question.id,
            dataset=question.dataset,
            answer=chosen.answer,
            correct=None
            if question.reference is None
            else int(same.codes[0]) == same.correct != -1,
            candidates=_numbered(given or [chosen]),
            spent=total(node.spent for node in nodes),
            nodes=nodes,
        )

    async def _results(self) -> tuple[NodeResult, ...]:
        """Return what every node did.

        After an error of one node the others begin no call, but those under way end, so that what is paid for is
        kept; then the error is raised.
        """
        tasks: dict[str, asyncio.Task[tuple[Candidate, ...]]] = {}
        async with asyncio.TaskGroup() as group:
            for node in self._network.nodes:
                inputs = [tasks[name] for name in node.inputs]
                tasks[node.name] = group.create_task(self._node(node, inputs))
        if self._error is not None:
            raise self._error
        return tuple(
            NodeResult(name, task.result(), spent(self._used[name])) for name, task in tasks.items()
        )

    async def _node(
        self, node: Node, inputs: Sequence[asyncio.Task[tuple[Candidate, ...]]]
    ) -> tuple[Candidate, ...]:
        given = [candidate for task in inputs for candidate in await task]
        try:
            self._go_on()
            match node:
                case Generate():
                    made = await self._generated(node)
                case Enhance():
                    made = await self._enhanced(node, given)
                case Filter():
                    made = await self._filtered(node, given)
                case Select():
                    made = [await self._selected(node, given)]
        except Exception as error:  # noqa: BLE001 - `_results` raises it when calls under way have ended
            self._error = self._error or error
            return ()
        return _numbered(made)

    async def _generated(self, node: Generate) -> list[Candidate]:
        order = node.turns
        members = sorted(set(order))
        parts = await all_of(
            self._drafts(
                node, member, [place for place, turn in enumerate(order) if turn == member]
            )
            for member in members
        )
        drawn = dict(zip(members, map(iter, parts), strict=True))
        return [self._candidate(next(drawn[member]), member) for member in order]

    async def _drafts(self, node: Generate, member: int, places: list[int]) -> list[Sample]:
        """Return the samples of one generator of a node, which are the candidates at these places."""
        generator = node.generators[member]
        llm = generator.llm or self._llm
        first = self._lanes.first[node.name, member]
        prompt = generator.prompt(self._question, endpoint=llm.endpoint)
        parts = await all_of(
            llm.sample(
                prompt,
                start=first + done,
                until=first + done + size,
                parameters=generator.parameters,
                purpose=self._purpose(node, places[done], stride),
            )
            for done, size, stride in _stretches(places)
        )
        samples = [sample for part in parts for sample in part]
        self._used[node.name] += samples
        return samples

    async def _enhanced(self, node: Enhance, given: list[Candidate]) -> list[Candidate]:
        *critics, rewriter = voices(node)
        made: dict[Comparison, Candidate] = {(place,): one for place, one in enumerate(given)}
        for _ in range(node.rounds):
            known = {place: {"response": one.text} for place, one in made.items() if one.text}
            for critic in critics:
                replies = await self._replies(node, critic, self._filled(critic, known))
                known = {
                    place: {**known[place], "critique": reply.text or ""}
                    for place, reply in replies.items()
                }
            rewritten = await self._replies(node, rewriter, self._filled(rewriter, known))
            made |= {place: self._candidate(reply) for place, reply in rewritten.items()}
        return list(made.values())

    async def _filtered(self, node: Filter, given: list[Candidate]) -> list[Candidate]:
        (voice,) = voices(node)
        endpoint = (voice.llm or self._llm).endpoint
        prompts: dict[Comparison, Prompt] = {
            (place, step): prompt
            for place, one in enumerate(given)
            if one.text and one.answer is not None
            for step, prompt in enumerate(
                node.verifier.prompts(self._question, one.text, endpoint=endpoint)
            )
        }
        replies = await self._replies(node, voice, prompts)
        refused = {
            asked[0]
            for asked in prompts
            if asked not in replies or node.verifier.verdict(replies[asked].text or "") is None
        }
        kept = sorted({place for place, *_ in prompts} - refused)
        return [given[place] for place in kept] or given

    async def _selected(self, node: Select, given: list[Candidate]) -> Candidate:
        (voice,) = voices(node)
        same = await self._classes([one.answer for one in given])
        codes = same.codes.tolist()
        verdicts: dict[Comparison, int | None] = {}
        while asked := node.by.asks(codes, verdicts):
            shown = {comparison: _shown(node, comparison, given) for comparison in asked}
            replies = await self._replies(node, voice, self._filled(voice, shown))
            for comparison in asked:
                reply = replies.get(comparison)
                named = None if reply is None else node.verdict(reply.text or "")
                verdicts[comparison] = _position(named, len(comparison))
        leaders = node.by.leaders(codes, verdicts)
        draw = tie_draw(self._rng, self._question.dataset, f"{self._question.id}\0{node.name}")
        return given[leaders[draw % len(leaders) if node.ties == "random" else 0]]

    async def _replies(
        self, node: Node, voice: Voice, prompts: Mapping[Comparison, Prompt]
    ) -> dict[Comparison, Sample]:
        """Return the replies to prompts, without those that brought no text."""
        self._go_on()
        rank, number = self._lanes.ranks[node.name, voice]
        llm = voice.llm or self._llm
        calls = []
        for key, prompt in prompts.items():
            # What is asked again, of the same text in another place or a later round, is another sample.
            asked = (node.name, voice, repr(prompt))
            index = rank + number * self._asked[asked]
            self._asked[asked] += 1
            # By the number of the candidate that is shown, the first of several.
            purpose = self._purpose(node, key[0])
            calls.append(
                llm.sample(
                    prompt,
                    start=index,
                    until=index + 1,
                    parameters=voice.parameters,
                    purpose=purpose,
                )
            )
        samples = [sample for part in await all_of(calls) for sample in part]
        self._used[node.name] += samples
        replies = zip(prompts, samples, strict=True)
        return {key: sample for key, sample in replies if sample.text}

    def _filled(
        self, voice: Voice, known: Mapping[Comparison, Mapping[str, str]]
    ) -> dict[Comparison, Prompt]:
        endpoint = (voice.llm or self._llm).endpoint
        template = as_template(voice.template)
        return {
            key: conversation(
                template.fill_from({**self._fields, **fields}),
                endpoint=endpoint,
                system=voice.system,
            )
            for key, fields in known.items()
        }

    def _candidate(self, sample: Sample, generator: int = 0) -> Candidate:
        return Candidate(
            number=0,
            generator=generator,
            answer=self._network.extract(sample.text) if sample.text else None,
            status=sample.status,
            text=sample.text,
        )

    async def _classes(self, answers: Sequence[str | None]) -> Classes:
        equivalence, reference = self._network.equivalence, self._question.reference

        def found() -> Classes:
            return classes(answers, equivalence=equivalence, reference=reference)

        # Symbolic comparison waits for worker processes, and must not hold up the calls of other nodes.
        return (
            await asyncio.to_thread(found) if isinstance(equivalence, SameExpression) else found()
        )

    def _purpose(self, node: Node, candidate: int, stride: int = 1) -> Purpose:
        return Purpose(self._place.run, self._place.question, node.name, candidate, stride)

    def _go_on(self) -> None:
        if self._error is not None:
            raise self._error


def checked_stores(network: Network, llm: LLM) -> None:
    """Fail unless all models of a network keep their samples in the store of `llm`."""
    for node in network.nodes:
        if isinstance(node, Generate):
            check_stores(llm, [generator.llm for generator in node.generators])
        check_stores(llm, [voice.llm for voice in voices(node)])


def _numbered(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(replace(one, number=number) for number, one in enumerate(candidates))


def _shown(node: Select, comparison: Comparison, given: Sequence[Candidate]) -> dict[str, str]:
    """Return what stands for the candidates in the template of a judge."""
    texts = [given[place].text or "" for place in comparison]
    if isinstance(node.by, FullList):
        listed = (f"Answer {number}:\n{text}" for number, text in enumerate(texts))
        return {"candidates": "\n\n".join(listed)}
    return {"first": texts[0], "second": texts[1]}


def _position(named: str | None, shown: int) -> int | None:
    """Return the position that a reply names, None if it names none that was shown."""
    if named is None or not named.isdecimal() or int(named) >= shown:
        return None
    return int(named)


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield where each stretch of evenly spaced places begins, its length and its spacing."""
    begin = 0
    while begin < len(places):
        end = begin + 1
        stride = places[end] - places[begin] if end < len(places) else 1
        while end < len(places) and places[end] - places[end - 1] == stride:
            end += 1
        yield begin, end - begin, stride
        begin = end
