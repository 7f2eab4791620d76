"""What a network costs before it is run: the fewest and the most calls of every node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcurve.networks.nodes import Enhance, Filter, Generate, Node, Select
from kcurve.networks.structure import Count, candidates_given
from kcurve.strategies import StepVerifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class NodeCalls:
    """The calls of one node, if none of them fails.

    Attributes
    ----------
    node, kind : str
        The name of the node, and what it is.
    formula : str
        The most calls, for n candidates given.
    candidates : (int, int)
        The fewest and the most candidates that it hands on.
    least, most : int
        The fewest calls: a selector whose candidates agree makes none; and the most.
    """

    node: str
    kind: str
    formula: str
    candidates: Count
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of all nodes of a network, in the order in which they can run.

    Attributes
    ----------
    nodes : tuple of NodeCalls
        One for each node; iterating goes over them.
    """

    nodes: tuple[NodeCalls, ...]

    @property
    def least(self) -> int:
        """The fewest calls of the network."""
        return sum(node.least for node in self.nodes)

    @property
    def most(self) -> int:
        """The most calls of the network."""
        return sum(node.most for node in self.nodes)

    def __iter__(self) -> Iterator[NodeCalls]:
        """Iterate over the nodes."""
        return iter(self.nodes)

    def __getitem__(self, name: str) -> NodeCalls:
        """Return the calls of a node."""
        return next(node for node in self.nodes if node.node == name)

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        rows = [
            {
                "node": row.node,
                "kind": row.kind,
                "formula": row.formula,
                "candidates": list(row.candidates),
                "least": row.least,
                "most": row.most,
            }
            for row in self.nodes
        ]
        return {"least": self.least, "most": self.most, "nodes": rows}


def node_calls(node: Node, counts: Mapping[str, Count]) -> NodeCalls:
    """Return the calls of one node, for the numbers of candidates that nodes hand on."""
    given = candidates_given(node, counts)
    match node:
        case Generate(n=n):
            kind, formula, least, most = "generate", "n", n, n
        case Enhance(calls_per_candidate=each):
            kind = f"enhance, {node.rounds} round{'s' * (node.rounds > 1)}"
            formula, least, most = f"{each} n", each * given.least, each * given.most
        case Filter(verifier=StepVerifier(most_steps=steps)):
            kind, formula = "filter, by steps", f"{steps} n"
            least, most = given.least, steps * given.most
        case Filter():
            kind, formula, least, most = "filter", "n", given.least, given.most
        case Select(by=by):
            kind, formula = f"select, {by.kind}", by.formula
            least, most = 0, by.most_calls(given.most)
    return NodeCalls(node.name, kind, formula, counts[node.name], least, most)
