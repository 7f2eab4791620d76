"""REBASE as research programmes keep its books: an object per node, and the budget shared out by a loop over NumPy scalars.

The rule: the candidates of a depth are sorted by reward, best first, of equal ones the later first. Each gets
the ceiling of its share of what is left of the budget; then its children leave the budget, and its weight the sum of the
weights. A path that ends takes one from the budget. `kind=np.float32` sums as such programmes do; the rounding errors of
its running sum cost or give away children, and make it fail on many candidates. `np.float64` is the same, repaired.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Allocation = Callable[[Sequence[float], int, float], list[int]]

DEPTHS = 25
AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "last": lambda scores: scores[-1],
    "min": min,
    "prod": math.prod,
    "mean": lambda scores: sum(scores) / len(scores),
}


def widths(
    rewards: Sequence[float], budget: int, temperature: float, *, kind: type = np.float32
) -> list[int]:
    """Return the number of children of each candidate, in the order given."""
    order = sorted(range(len(rewards)), key=rewards.__getitem__)[::-1]
    weights = np.exp(np.array([rewards[at] for at in order], kind) / kind(temperature))
    total = weights.sum()
    found = [0] * len(rewards)
    for at, weight in zip(order, weights, strict=True):
        number = int(np.ceil(budget * weight / total))
        budget -= number
        total -= weight
        found[at] = number
    return found


def double_widths(rewards: Sequence[float], budget: int, temperature: float) -> list[int]:
    """Return the same, summed in double precision."""
    return widths(rewards, budget, temperature, kind=np.float64)


def plain_widths(rewards: Sequence[float], budget: int, temperature: float) -> list[int]:
    """Return the same, with Python's own numbers in the loop: what NumPy's scalars cost."""
    order = sorted(range(len(rewards)), key=rewards.__getitem__)[::-1]
    weights = np.exp(np.array([rewards[at] for at in order]) / temperature)
    total = float(weights.sum())
    found = [0] * len(rewards)
    for at, weight in zip(order, weights.tolist(), strict=True):
        number = math.ceil(budget * weight / total)
        budget -= number
        total -= weight
        found[at] = number
    return found


def torch_widths(rewards: Sequence[float], budget: int, temperature: float) -> list[int]:
    """Return the same, with torch's scalars in the loop."""
    import torch  # noqa: PLC0415 - half a gigabyte, and only compared with where it is installed

    order = sorted(range(len(rewards)), key=rewards.__getitem__)[::-1]
    given = torch.tensor([rewards[at] for at in order], dtype=torch.float64)
    weights = torch.exp(given / temperature)
    total = weights.sum()
    found = [0] * len(rewards)
    for at, weight in zip(order, weights, strict=True):
        number = int(torch.ceil(budget * weight / total))
        budget -= number
        total = total - weight
        found[at] = number
    return found


class Node:
    """A step, with the rewards of all steps of its path."""

    def __init__(self, number: int, parent: Node | None, reward: float, tokens: int) -> None:
        self.number = number
        self.parent = parent
        self.reward = reward
        self.tokens = tokens
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.scores: list[float] = [] if parent is None else [*parent.scores, reward]
        self.children: list[Node] = []
        self.is_leaf = False


class Tree:
    """All steps, those that can be continued, those that have come to an end, and the budget."""

    def __init__(self, width: int, temperature: float, allocate: Allocation = widths) -> None:
        self.root = Node(0, None, 0.0, 0)
        self.nodes = [self.root]
        self.candidates: list[Node] = []
        self.leaves: list[Node] = []
        self.remaining = width
        self.temperature = temperature
        self.allocate = allocate
        self.tokens = 0

    def expansions(self) -> list[tuple[Node, int]]:
        """Return which nodes are to be continued, and how often."""
        if len(self.nodes) == 1:
            return [(self.root, self.remaining)]
        found = self.candidates
        if self.remaining <= 0 or not found:
            return []
        numbers = self.allocate([node.reward for node in found], self.remaining, self.temperature)
        self.candidates = []
        return [(node, number) for node, number in zip(found, numbers, strict=True) if number > 0]

    def insert(self, parent: Node, reward: float, tokens: int, *, ended: bool) -> None:
        """Add a step."""
        node = Node(len(self.nodes), parent, reward, tokens)
        parent.children.append(node)
        self.nodes.append(node)
        self.tokens += tokens
        if ended:
            node.is_leaf = True
            self.leaves.append(node)
            self.remaining -= 1
        else:
            self.candidates.append(node)


def search(
    width: int,
    temperature: float,
    rewards: Sequence[float],
    tokens: Sequence[int],
    ends: Sequence[Sequence[int]],
    *,
    allocate: Allocation = widths,
) -> Tree:
    """Return the tree of a whole search whose n-th step has the n-th reward; ``ends[d]`` says which of depth d end."""
    tree = Tree(width, temperature, allocate)
    at = 0
    for depth in range(1, DEPTHS + 1):
        for parent, number in tree.expansions():
            for _ in range(number):
                tree.insert(parent, rewards[at], tokens[at], ended=bool(ends[depth][at]))
                at += 1
    return tree


def path_scores(leaves: Sequence[Node], aggregation: str) -> list[float]:
    """Return the score of each path that has ended."""
    aggregate = AGGREGATIONS[aggregation]
    return [aggregate(leaf.scores) for leaf in leaves]
