"""A network with nodes of known quality, played many times at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from kcurve._validation import positive_integer
from kcurve.errors import ArgumentError
from kcurve.networks import play
from kcurve.networks.exact import exact_accuracy
from kcurve.networks.nodes import Enhance, Filter, Generate, Select
from kcurve.networks.pairwise import Pairwise, PairwiseUnique
from kcurve.networks.qualities import checked
from kcurve.networks.structure import candidates_given
from kcurve.theory import vote_quality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kcurve.networks.network import Network
    from kcurve.networks.nodes import Node
    from kcurve.networks.qualities import Qualities, Quality

_SEEDS = 2**64

_BLOCK = 2**20
"""How many candidates, or pairs of them, are held at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedNode:
    """What one node did, on average over the runs.

    Attributes
    ----------
    node : str
        Its name.
    candidates : float
        How many candidates it handed on.
    accuracy : float
        The share of these that was right.
    calls : float
        The calls it made.
    """

    node: str
    candidates: float
    accuracy: float
    calls: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How a network does with nodes of known quality.

    Attributes
    ----------
    accuracy : float
        The share of the runs whose answer was right.
    standard_error : float
        Of the accuracy, from the runs.
    exact : float
        The accuracy that `accuracy` estimates, where a closed form is known; else NaN.
    calls : float
        The calls of a run, on average.
    calls_standard_error : float
        Of the calls.
    nodes : tuple of SimulatedNode
        Each node, inputs first.
    n_runs : int
        How many runs there were.
    """

    accuracy: float
    standard_error: float
    exact: float
    calls: float
    calls_standard_error: float
    nodes: tuple[SimulatedNode, ...]
    n_runs: int

    def __getitem__(self, name: str) -> SimulatedNode:
        """Return what the node with this name did."""
        for node in self.nodes:
            if node.node == name:
                return node
        names = ", ".join(repr(node.node) for node in self.nodes)
        raise ArgumentError(f"{name!r} is none of the nodes {names}; use one of these names")

    def __str__(self) -> str:
        """Return a table of the nodes."""
        width = max(4, *(len(node.node) for node in self.nodes))
        rows = [f"{'node':{width}}  candidates  accuracy      calls"]
        rows += [
            f"{node.node:{width}}  {node.candidates:10.2f}  {node.accuracy:8.4f}  {node.calls:9.2f}"
            for node in self.nodes
        ]
        exact = "" if isnan(self.exact) else f", exactly {self.exact:.4f}"
        rows.append(
            f"accuracy {self.accuracy:.4f} +- {self.standard_error:.4f}{exact}, "
            f"{self.calls:.2f} calls, {self.n_runs:,} runs"
        )
        return "\n".join(rows)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, None for NaN."""
        return {
            "accuracy": self.accuracy,
            "standard_error": self.standard_error,
            "exact": None if isnan(self.exact) else self.exact,
            "calls": self.calls,
            "calls_standard_error": self.calls_standard_error,
            "n_runs": self.n_runs,
            "nodes": [
                {
                    "node": node.node,
                    "candidates": node.candidates,
                    "accuracy": node.accuracy,
                    "calls": node.calls,
                }
                for node in self.nodes
            ],
        }


def simulated(
    network: Network, qualities: Mapping[str, Quality], *, n_runs: int, rng: int
) -> Simulation:
    """Play the network: see `Network.simulate`."""
    positive_integer("n_runs", n_runs)
    if isinstance(rng, bool) or rng not in range(_SEEDS):
        raise ArgumentError(f"rng must be an integer from 0 to 2^64 - 1, got {rng!r}")
    given = checked(network, qualities)
    runs = -(-n_runs // given.questions) * given.questions
    # Nodes draw from streams of their own: one that is changed leaves the luck of the others alone.
    streams = {
        node.name: np.random.default_rng([rng, place]) for place, node in enumerate(network.nodes)
    }
    block = max(1, _BLOCK // max(_size(node, network) for node in network.nodes))
    totals = _Totals([node.name for node in network.nodes])
    for start in range(0, runs, block):
        question = np.arange(start, min(start + block, runs)) % given.questions
        handed: dict[str, play.Codes] = {}
        for node in network.nodes:
            handed[node.name], calls = _played(node, handed, given, question, streams[node.name])
            totals.add(node.name, handed[node.name], calls)
        totals.finish(handed[network.output])
    return totals.result(runs, exact_accuracy(network, given))


def _size(node: Node, network: Network) -> int:
    """Return how many numbers a run of the node takes."""
    if isinstance(node, Generate):
        return node.n
    given = candidates_given(node, network.candidates).most
    pairs = isinstance(node, Select) and isinstance(node.by, Pairwise | PairwiseUnique)
    return given**2 if pairs else given


def _played(
    node: Node,
    handed: Mapping[str, play.Codes],
    given: Qualities,
    question: NDArray[np.int64],
    random: np.random.Generator,
) -> tuple[play.Codes, NDArray[np.int64]]:
    """Return what a node hands on in each run, and its calls."""
    name = node.name
    if isinstance(node, Generate):
        codes = play.generated(given.answers[name][question], node.n, random)
        return codes, np.full(len(question), node.n)
    taken = np.concatenate([handed[source] for source in node.inputs], axis=1)
    if isinstance(node, Enhance):
        present = (taken != play.ABSENT).sum(axis=1)
        for _ in range(node.rounds):
            taken = play.enhanced(taken, given.steps[name], given.alphabet, random)
        return taken, node.calls_per_candidate * present
    if isinstance(node, Filter):
        return play.filtered(taken, given.keeps[name], random)
    # Each kind of selector looks at the one quality that it has.
    chance, share = given.chances.get(name, nan), given.shares.get(name, vote_quality)
    return play.selected(taken, node, chance, share, random)


class _Totals:
    """Sums over runs."""

    def __init__(self, names: list[str]) -> None:
        self.candidates = dict.fromkeys(names, 0)
        self.right = dict.fromkeys(names, 0)
        self.calls = dict.fromkeys(names, 0)
        self.squares = 0
        self.correct = 0
        self._run: NDArray[np.int64] = np.zeros(1, dtype=np.int64)

    def add(self, name: str, codes: play.Codes, calls: NDArray[np.int64]) -> None:
        self.candidates[name] += int((codes != play.ABSENT).sum())
        self.right[name] += int((codes == play.RIGHT).sum())
        self.calls[name] += int(calls.sum())
        self._run = self._run + calls

    def finish(self, answers: play.Codes) -> None:
        self.correct += int((answers == play.RIGHT).sum())
        self.squares += int((self._run**2).sum())
        self._run = np.zeros(1, dtype=np.int64)

    def result(self, runs: int, exact: float) -> Simulation:
        accuracy = self.correct / runs
        calls = sum(self.calls.values()) / runs
        spread = max(0.0, self.squares / runs - calls**2)
        return Simulation(
            accuracy=accuracy,
            standard_error=sqrt(accuracy * (1 - accuracy) / runs),
            exact=exact,
            calls=calls,
            calls_standard_error=sqrt(spread / runs),
            nodes=tuple(
                SimulatedNode(
                    node=name,
                    candidates=self.candidates[name] / runs,
                    accuracy=self.right[name] / self.candidates[name],
                    calls=self.calls[name] / runs,
                )
                for name in self.candidates
            ),
            n_runs=runs,
        )
