"""Searches in plain Python, node by node: what the core's searches must do.

A world is a function of a path of child numbers, (2, 0, 1) for the second child of the first child of the third step,
and returns (reward, tokens, status) of that step; a search then has nothing left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf, log, sqrt

OPEN, COMPLETE, CUT, FAILED = range(4)


@dataclass
class Node:
    path: tuple[int, ...] = ()
    parent: Node | None = None
    reward: float = 0.0
    tokens: int = 0
    status: int = OPEN
    children: list[Node] = field(default_factory=list)
    visits: int = 0
    value: float = 0.0

    @property
    def depth(self):
        return len(self.path)

    @property
    def path_tokens(self):
        return self.tokens + (self.parent.path_tokens if self.parent else 0)

    @property
    def rewards(self):
        return [] if self.parent is None else [*self.parent.rewards, self.reward]


class Grown:
    """A tree that grows from a world, under limits (inf for none)."""

    def __init__(self, world, *, depth=25, path_tokens=inf):
        self.world, self.depth, self.limit = world, depth, path_tokens
        self.root = Node()
        self.nodes = [self.root]

    def grow(self, node, n):
        """Return `n` new children of a node."""
        assert not node.children
        assert node.status == OPEN
        for i in range(n):
            path = (*node.path, i)
            reward, tokens, status = self.world(path)
            child = Node(path, node, reward, tokens, status)
            if status == OPEN and (child.depth >= self.depth or child.path_tokens >= self.limit):
                child.status = CUT
            node.children.append(child)
        self.nodes += node.children
        return node.children


def rebase(tree, width, widths):
    """REBASE; `widths` shares a budget out over rewards."""
    level, budget = tree.grow(tree.root, width), width
    while True:
        budget -= sum(node.status in {COMPLETE, CUT} for node in level)
        candidates = [node for node in level if node.status == OPEN]
        if budget <= 0 or not candidates:
            return
        shares = widths([node.reward for node in candidates], budget)
        level = [
            child
            for node, n in zip(candidates, shares, strict=True)
            if n
            for child in tree.grow(node, n)
        ]


def beam(tree, width, branching, *, separate):
    """Beam search, or with separate subtrees DVTS."""
    first = tree.grow(tree.root, width)
    size = branching if separate else width
    levels = [first[i : i + size] for i in range(0, width, size)]
    budgets = [len(level) for level in levels]
    while any(levels):
        for group, level in enumerate(levels):
            budgets[group] -= sum(node.status in {COMPLETE, CUT} for node in level)
            candidates = [node for node in level if node.status == OPEN]
            keep = min(ceil(budgets[group] / branching), len(candidates))
            best = sorted(candidates, key=lambda node: -node.reward)[:keep]
            levels[group] = []
            for rank, node in enumerate(best):
                n = budgets[group] // keep + (rank < budgets[group] % keep)
                levels[group] += tree.grow(node, n)


def mcts(tree, expansions, root_children, children, exploration):
    """Monte Carlo tree search, Q as the mean of all that was backed up."""

    def back_up(node):
        found = node.reward
        while node is not None:
            node.visits += 1
            node.value = ((node.visits - 1) * node.value + found) / node.visits
            node = node.parent

    def bound(node):
        return node.value + exploration * sqrt(log(node.parent.visits) / node.visits)

    for selection in range(expansions):
        node = tree.root
        while alive := [child for child in node.children if child.status != FAILED]:
            node = max(alive, key=bound)
        if node is tree.root and selection:
            return
        if node.status == OPEN and not node.children:
            for child in tree.grow(node, root_children if node is tree.root else children):
                if child.status != FAILED:
                    back_up(child)
        else:
            back_up(node)
