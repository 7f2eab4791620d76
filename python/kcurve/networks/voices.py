"""Which samples of a request belong to which node.

Samples of equal requests are the same samples. Two nodes that ask alike, or one that asks the same thing twice, would
get one sample where the network means two; so everybody takes samples of their own, the same ones whenever the
network is run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from json import dumps
from typing import TYPE_CHECKING, Any

from kcurve.answers import describe
from kcurve.networks.nodes import Enhance, Filter, Generate, Node, Select

if TYPE_CHECKING:
    from kcurve.llm import LLM, Parameters
    from kcurve.networks.network import Network
    from kcurve.strategies import Template


@dataclass(frozen=True, slots=True)
class Voice:
    """One who asks: a template, filled with candidates, and who is asked.

    Attributes
    ----------
    template : Template or str
        What is asked.
    parameters : Parameters
        How is sampled.
    system : str or None
        The instruction before it.
    llm : LLM or None
        The model, None for that of the run.
    """

    template: Template | str
    parameters: Parameters
    system: str | None
    llm: LLM | None

    def description(self, model: str) -> dict[str, Any]:
        """Return what determines the requests, as plain JSON; `model` is the one without its own."""
        return {
            "template": str(getattr(self.template, "text", self.template)),
            "system": self.system,
            "parameters": self.parameters.body(),
            "model": model if self.llm is None else self.llm.identity,
        }


def voices(node: Node) -> tuple[Voice, ...]:
    """Return who asks in a node that is no generator, in the order in which they do."""
    match node:
        case Enhance(templates=templates, parameters=parameters, llm=llm):
            return tuple(Voice(template, parameters, None, llm) for template in templates)
        case Filter(verifier=by):
            return (Voice(by.template, by.parameters, by.system, by.llm),)
        case Select(template=template, parameters=parameters, llm=llm):
            return (Voice(template, parameters, None, llm),)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Lanes:
    """Who takes which samples in a run.

    Attributes
    ----------
    first : dict
        Of each generator (node, position): its first sample, behind those of equal generators.
    ranks : dict
        Of each voice of a node (node, voice): its rank among the nodes that share it, and how many these
        are. The samples of a request that are its own are ``rank``, ``rank + number``, ``rank + 2 number``, ...
    """

    first: dict[tuple[str, int], int]
    ranks: dict[tuple[str, Voice], tuple[int, int]]

    @classmethod
    def of(cls, network: Network, model: str) -> Lanes:
        """Return the lanes of a network that is run with a model."""
        taken: Counter[str] = Counter()
        first = {}
        sharing: dict[str, list[tuple[str, Voice]]] = {}
        for node in network.nodes:
            if isinstance(node, Generate):
                made = Counter(node.turns)
                for member, generator in enumerate(node.generators):
                    asks = _text(generator.description(model))
                    first[node.name, member] = taken[asks]
                    taken[asks] += made[member]
            for voice in dict.fromkeys(voices(node)):
                sharing.setdefault(_text(voice.description(model)), []).append((node.name, voice))
        ranks = {
            one: (rank, len(everyone))
            for everyone in sharing.values()
            for rank, one in enumerate(everyone)
        }
        return cls(first, ranks)


def described(node: Node, model: str) -> dict[str, Any]:
    """Return what determines the samples of a node, as plain JSON."""
    known: dict[str, Any] = {
        "node": type(node).__name__,
        "name": node.name,
        "inputs": list(node.inputs),
        "voices": [voice.description(model) for voice in voices(node)],
    }
    match node:
        case Generate(n=n, generators=generators):
            weights = getattr(node.generator, "weights", None)
            known["n"] = n
            known["generators"] = [one.description(model) for one in generators]
            known["weights"] = None if weights is None else list(weights)
        case Enhance(rounds=rounds):
            known["rounds"] = rounds
        case Filter(verifier=verifier):
            known["verifier"] = verifier.description(model)
        case Select(by=by, verdict=verdict, ties=ties):
            known |= {"by": by.kind, **asdict(by), "verdict": describe(verdict), "ties": ties}
    return known


def _text(description: object) -> str:
    return dumps(description, sort_keys=True)
