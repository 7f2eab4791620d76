"""What a network made of a question: the answer, and what every node did and cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kcurve.errors import ArgumentError
from kcurve.strategies.solution import Solution

if TYPE_CHECKING:
    from kcurve.strategies.solution import Candidate, Spent


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What one node did.

    Attributes
    ----------
    node : str
        Its name.
    candidates : tuple of Candidate
        What it handed on; their numbers are those that it gave them.
    spent : Spent
        Its calls, tokens and money.
    """

    node: str
    candidates: tuple[Candidate, ...]
    spent: Spent

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "node": self.node,
            "candidates": [asdict(candidate) for candidate in self.candidates],
            "spent": self.spent.to_dict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSolution(Solution):
    """The answer of a network to a question.

    Attributes
    ----------
    nodes : tuple of NodeResult
        What each node did, inputs first.

    Notes
    -----
    The other attributes are those of `kcurve.strategies.Solution`: `candidates` are those that the output was
    given, and `spent` is the sum over the nodes. There are no votes.
    """

    nodes: tuple[NodeResult, ...] = ()

    def __getitem__(self, name: str) -> NodeResult:
        """Return what the node with this name did."""
        for node in self.nodes:
            if node.node == name:
                return node
        names = ", ".join(repr(node.node) for node in self.nodes)
        raise ArgumentError(f"{name!r} is none of the nodes {names}; use one of these names")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        # The argument-free super() does not work in a dataclass with slots.
        return {
            **Solution.to_dict(self),
            "nodes": [node.to_dict() for node in self.nodes],
        }
