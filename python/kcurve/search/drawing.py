"""A search tree drawn as text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from kcurve import _validation
from kcurve.errors import ArgumentError
from kcurve.search.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kcurve.search.search_tree import SearchTree

LEAST_WIDTH = 40


def drawing(tree: SearchTree, *, width: int, most_nodes: int, scores: bool) -> str:
    """Return the lines of the tree, joined; `SearchTree.render` says what they are."""
    _validation.positive_integer("most_nodes", most_nodes)
    _validation.positive_integer("width", width)
    if width < LEAST_WIDTH:
        raise ArgumentError(f"width must be at least {LEAST_WIDTH}, got {width}")
    lines = _Lines(tree, most_nodes=most_nodes, width=width, scores=scores)
    return "\n".join([shortened(tree.summary, width), *lines])


class _Lines:
    """The lines of the nodes to show, and of the counts of those that are not."""

    def __init__(self, tree: SearchTree, *, most_nodes: int, width: int, scores: bool) -> None:
        self.tree = tree
        self.width = width
        self.scores = scores
        self.searched = bool(tree.visits.any())
        shown = shown_nodes(tree, most_nodes)
        self.hidden, self.hidden_solutions = _hidden(tree, shown)
        self.children: dict[int, list[int]] = {}
        nodes = np.flatnonzero(shown)[1:]
        for node, parent in zip(nodes.tolist(), tree.parent[nodes].tolist(), strict=True):
            self.children.setdefault(parent, []).append(node)

    def __iter__(self) -> Iterator[str]:
        # Nodes still to be drawn, next one last: the node (None: a count of those hidden, below `parent`), the
        # branches to its left, and the one that leads to it.
        waiting: list[tuple[int | None, int, _Indent, str]] = []
        self._push(waiting, 0, _Indent(self.width // 2), root=True)
        while waiting:
            node, parent, indent, branch = waiting.pop()
            if node is None:
                yield shortened(f"{indent}{branch}{self._count(parent)}", self.width)
                continue
            yield self._line(node, f"{indent}{branch}")
            self._push(waiting, node, indent.below(branch), root=False)

    def _push(
        self,
        waiting: list[tuple[int | None, int, _Indent, str]],
        node: int,
        indent: _Indent,
        *,
        root: bool,
    ) -> None:
        """Add what is below a node."""
        below: list[int | None] = [*self.children.get(node, [])]
        if self.hidden.get(node):
            below.append(None)
        if len(below) == 1 and not root:
            waiting.append((below[0], node, indent, ""))
            return
        branches = ["├─ "] * (len(below) - 1) + ["└─ "]
        for child, branch in zip(reversed(below), reversed(branches), strict=False):
            waiting.append((child, node, indent, branch))

    def _count(self, parent: int) -> str:
        solutions = self.hidden_solutions.get(parent, 0)
        words = f", {solutions:,} of them solutions" if solutions else ""
        return f"... {self.hidden[parent]:,} more{words}"

    def _line(self, node: int, indent: str) -> str:
        start = indent + self._scores(node)
        end = self._end(node)
        room = self.width - cells(start) - cells(end)
        return shortened(
            f"{start}{shortened(one_line(self.tree.texts[node], room), room)}{end}", self.width
        )

    def _scores(self, node: int) -> str:
        if not self.scores:
            return ""
        tree = self.tree
        parts = [_score(float(tree.reward[node]))]
        if self.searched:
            parts.append(f"mean {_score(float(tree.value[node]))}")
            parts.append(number(int(tree.visits[node]), "visit"))
        parts.append(number(int(tree.tokens[node]), "token"))
        return "  ".join(parts) + "  "

    def _end(self, node: int) -> str:
        """Return what became of a node: its answer, why it ended, and whether it was chosen."""
        tree, status = self.tree, self.tree.status[node]
        answer = tree.answers[node]
        end = ""
        if answer is not None:
            room = self.width // 3
            end = f" = {shortened(one_line(answer, room), room)}"
        elif status == Status.COMPLETE:
            end = " (no answer)"
        if status == Status.CUT:
            end += " (cut)"
        elif status == Status.FAILED:
            end += " (failed)"
        return end + " (chosen)" * (node == tree.chosen)


class _Indent:
    """The branches to the left of a node, of which a deep one shows the last few."""

    def __init__(self, room: int, levels: int = 0, last: str = "") -> None:
        self.room = room
        self.levels = levels
        self.last = last

    def below(self, branch: str) -> _Indent:
        """Return the indent of what is below a node with this branch before it."""
        if not branch:
            return self
        last = self.last + ("│  " if branch.startswith("├") else "   ")
        return _Indent(self.room, self.levels + 1, last[-self.room :])

    def __str__(self) -> str:
        if 3 * self.levels <= self.room:
            return self.last
        mark = f"[{self.levels:,}] "
        return mark + self.last[len(mark) :]


def shown_nodes(tree: SearchTree, most: int) -> NDArray[np.bool_]:
    """Return which nodes to show: the root, at most `most` others, and with each its parent.

    Paths to solutions come first, that of the chosen one before all; then the nodes in order of their numbers.
    """
    shown = np.zeros(len(tree), np.bool_)
    shown[0] = True
    left = most
    solutions = tree.solutions[:most].tolist()
    first = [] if tree.chosen is None else [tree.chosen]
    for solution in (*first, *solutions):
        if left == 0:
            break
        path = tree.path(solution)
        new = path[~shown[path]][:left]
        shown[new] = True
        left -= len(new)
    shown[np.flatnonzero(~shown)[:left]] = True
    return shown


def _hidden(tree: SearchTree, shown: NDArray[np.bool_]) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many nodes that are not shown, and how many solutions, are below each that is."""
    nodes = np.arange(len(tree))
    above = np.where(shown, nodes, tree.parent)
    while not shown[above].all():
        above = above[above]
    counts = []
    for which in (~shown, ~shown & (tree.status == Status.COMPLETE)):
        found, number = np.unique(above[which], return_counts=True)
        counts.append(dict(zip(found.tolist(), number.tolist(), strict=True)))
    return counts[0], counts[1]


def one_line(text: str, room: int) -> str:
    """Return the text with its white space as single blanks, and without control characters.

    Of a long text only what may fit into `room` cells is looked at.
    """
    start = text[: 4 * max(room, 0) + 100]
    line = " ".join(start.split())
    line = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line
    )
    return line + " ..." * (len(start) < len(text))


def shortened(text: str, room: int) -> str:
    """Return the text, or as much of it as fits into `room` cells with three dots behind it."""
    if cells(text) <= room:
        return text
    room -= 3
    used = 0
    for place, letter in enumerate(text):
        used += cells(letter)
        if used > room:
            return text[:place].rstrip() + "..."[: max(room + 3, 0)]
    return text


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes: two for wide letters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_letter_cells(letter) for letter in text)


def _letter_cells(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _score(value: float) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def number(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
