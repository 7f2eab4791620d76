"""What a search leaves: the tree of steps with their texts, scores and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from kcurve.errors import ArgumentError
from kcurve.search.drawing import drawing, number
from kcurve.search.status import Status
from kcurve.search.tree_columns import (
    COLUMNS,
    SCORES,
    STATUSES,
    checked_columns,
    checked_texts,
    completed_columns,
)
from kcurve.search.tree_table import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SearchTree:
    """The tree of a finished search: what each step says, how it was scored, where it ended.

    Nodes are numbered in the order in which they were made; node 0 is the root, which stands for the question
    and has no step of its own. All arrays have one entry per node and are read-only.

    Parameters
    ----------
    parent : array_like of int
        The node that each node continues, which has a smaller number; that of the root is -1 (0 is read as -1).
    depth : array_like of int
        Steps from the root: one more than the parent's.
    reward : array_like of float
        The score of each node; NaN where there is none. That of a failed node may be infinite, and is read as NaN.
    visits : array_like of int
        How often MCTS has passed each node; 0 if another search made the tree.
    value : array_like of float
        The mean reward that MCTS has backed up; NaN where there is none.
    tokens : array_like of int
        Tokens of each step, 0 for the root.
    path_tokens : array_like of int
        Tokens of all steps from the root to each node, at most 2^32 - 1.
    status : array_like of int or of str
        ``"open"`` (0), ``"complete"`` (1), ``"cut"`` (2: a limit ended it) or ``"failed"`` (3: no text, or no
        score). Only open nodes have children.
    texts : sequence of str, optional
        The text of each step, empty for the root; by default all are empty.
    answers : sequence of str or None, optional
        The answer found at each node.
    chosen : int or None, default None
        The solution that was chosen, a complete node.

    Raises
    ------
    ArgumentError
        If these are not the columns of one tree.

    Notes
    -----
    ``print(tree)`` draws it, at most a hundred nodes of it; `render` has the settings.

    Examples
    --------
    >>> columns = {
    ...     "parent": [-1, 0, 0, 1, 1],
    ...     "reward": [0.0, 0.9, 0.2, 0.95, 0.4],
    ...     "tokens": [0, 9, 7, 6, 5],
    ...     "status": ["open", "open", "open", "complete", "cut"],
    ... }
    >>> texts = ["", "3 + 4 is 7. ", "Guess. ", "So the answer is 7.", "And"]
    >>> answers = [None, None, None, "7", None]
    >>> tree = SearchTree.from_columns(columns, texts=texts, answers=answers, chosen=3)
    >>> tree
    SearchTree(4 nodes, depth 2, 1 solution, 27 tokens, chosen '7')
    >>> tree.text(3)
    '3 + 4 is 7. So the answer is 7.'
    >>> print(tree)
    4 nodes, depth 2, 1 solution, 27 tokens, chosen '7'
    ├─ 0.900  9 tokens  3 + 4 is 7.
    │  ├─ 0.950  6 tokens  So the answer is 7. = 7 (chosen)
    │  └─ 0.400  5 tokens  And (cut)
    └─ 0.200  7 tokens  Guess.
    >>> SearchTree.from_json(tree.to_json()) == tree
    True
    """

    parent: Integers
    depth: Integers
    reward: Floats
    visits: Integers
    value: Floats
    tokens: Integers
    path_tokens: Integers
    status: NDArray[np.uint8]
    texts: tuple[str, ...] = ()
    answers: tuple[str | None, ...] = ()
    chosen: int | None = None

    def __post_init__(self) -> None:
        """Convert and check every column; then nothing can be written."""
        columns = checked_columns({name: getattr(self, name) for name in COLUMNS})
        for name, column in columns.items():
            object.__setattr__(self, name, column)
        nodes = len(columns["parent"])
        texts = self.texts if len(self.texts) else ("",) * nodes
        texts = checked_texts("texts", texts, nodes, missing=False)
        if texts[0]:
            raise ArgumentError(
                f"texts[0] must be empty, for the root is no step, got {texts[0]!r:.80}"
            )
        object.__setattr__(self, "texts", texts)
        answers = self.answers if len(self.answers) else (None,) * nodes
        object.__setattr__(self, "answers", checked_texts("answers", answers, nodes, missing=True))
        if self.chosen is not None:
            chosen = self._node(self.chosen, "chosen")
            if self.status[chosen] != Status.COMPLETE:
                found = STATUSES[self.status[chosen]]
                raise ArgumentError(f"chosen must be a complete node; node {chosen} is {found}")
            object.__setattr__(self, "chosen", chosen)

    @classmethod
    def from_columns(
        cls,
        columns: object,
        *,
        texts: Sequence[str] = (),
        answers: Sequence[str | None] = (),
        chosen: int | None = None,
    ) -> Self:
        """Return the tree with the arrays of `columns`, as the tree of a search has them.

        Parameters
        ----------
        columns : Mapping or object
            With the keys, or the attributes, parent, reward, tokens and status. Of the others depth and path_tokens
            are counted where they are not there; visits and value are 0 and NaN.
        texts, answers, chosen
            As for the class.

        Examples
        --------
        >>> root = {"parent": [-1], "reward": [0.0], "tokens": [0], "status": [0]}
        >>> SearchTree.from_columns(root)
        SearchTree(0 nodes, depth 0, 0 solutions, 0 tokens)
        """
        found = completed_columns(columns)
        return cls(**found, texts=tuple(texts), answers=tuple(answers), chosen=chosen)

    @property
    def solutions(self) -> Integers:
        """The complete nodes, in order of their numbers."""
        return np.flatnonzero(self.status == Status.COMPLETE).astype(np.int64, copy=False)

    @property
    def answer(self) -> str | None:
        """The answer of the chosen solution; None if it has none, or none was chosen."""
        return None if self.chosen is None else self.answers[self.chosen]

    def path(self, node: int) -> Integers:
        """Return the nodes from the first step to `node`, the root left out.

        Examples
        --------
        >>> columns = {"parent": [-1, 0, 1], "reward": [0, 1, 1], "tokens": [0, 4, 4]}
        >>> columns["status"] = ["open", "open", "complete"]
        >>> tree = SearchTree.from_columns(columns, texts=["", "a", "b"])
        >>> tree.path(2), tree.text(2)
        (array([1, 2]), 'ab')
        """
        node = self._node(node, "node")
        path = np.empty(int(self.depth[node]), np.int64)
        for place in range(len(path) - 1, -1, -1):
            path[place] = node
            node = int(self.parent[node])
        return path

    def text(self, node: int) -> str:
        """Return the texts of all steps up to `node`, joined."""
        return "".join(self.texts[step] for step in self.path(node).tolist())

    def render(self, *, width: int = 100, most_nodes: int = 100, scores: bool = True) -> str:
        """Return the tree as text, a line per node below a line of totals.

        A node with several children is followed by their branches; an only child continues its parent on the next
        line, without a branch. Of a large tree the path of the chosen solution, then those of the other
        solutions, then the first nodes are shown; the others are counted below the node that they are under.

        Parameters
        ----------
        width : int, default 100
            Cells of a line, at least 40. Longer texts are shortened.
        most_nodes : int, default 100
            The most nodes to show.
        scores : bool, default True
            Whether to show rewards (and values and visits of MCTS) and tokens.

        Returns
        -------
        str
            Without a newline at the end, and without control characters whatever the texts contain.
        """
        return drawing(self, width=width, most_nodes=most_nodes, scores=scores)

    def to_arrow(self) -> Any:  # noqa: ANN401 - a table of pyarrow
        """Return a pyarrow table with a row for each node, the root included.

        Columns: node, parent (null for the root), depth, reward and value (null for NaN), visits, tokens,
        path_tokens, status (a dictionary of strings), text, answer and chosen (true for the solution chosen).

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        """
        return table(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values: a list for each column, None for NaN, statuses by name."""
        from kcurve.search.tree_format import plain  # noqa: PLC0415 - msgspec only where used

        return plain(self)

    def to_json(self) -> str:
        """Return `to_dict` as JSON, on one line."""
        from kcurve.search.tree_format import encoded  # noqa: PLC0415 - msgspec only where used

        return encoded(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the tree that `to_dict` described; ArgumentError if it describes none."""
        from kcurve.search.tree_format import from_plain  # noqa: PLC0415 - msgspec only where used

        return cls(**from_plain(values))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the tree that `to_json` wrote; ArgumentError if the text holds none."""
        from kcurve.search.tree_format import decoded  # noqa: PLC0415 - msgspec only where used

        return cls(**decoded(text))

    def __len__(self) -> int:
        """Return the number of nodes, the root included."""
        return len(self.parent)

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold the same; NaN equals NaN."""
        if not isinstance(other, SearchTree):
            return NotImplemented
        return (
            self.chosen == other.chosen
            and self.texts == other.texts
            and self.answers == other.answers
            and all(
                np.array_equal(getattr(self, name), getattr(other, name), equal_nan=name in SCORES)
                for name in COLUMNS
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        """Return the drawing."""
        return self.render()

    def __repr__(self) -> str:
        """Show the totals."""
        return f"SearchTree({self.summary})"

    @property
    def summary(self) -> str:
        """Nodes (the root not counted), depth, solutions, tokens and the answer chosen, in words."""
        solutions = len(self.solutions)
        parts = [
            number(len(self) - 1, "node"),
            f"depth {self.depth.max()}",
            number(solutions, "solution"),
            number(int(self.tokens.sum()), "token"),
        ]
        if self.chosen is not None:
            answer = self.answers[self.chosen]
            parts.append(f"chosen {'without an answer' if answer is None else repr(answer)}")
        return ", ".join(parts)

    def _node(self, node: int, name: str) -> int:
        """Return `node` as an int; ArgumentError unless it is one of the tree."""
        if isinstance(node, bool) or not isinstance(node, int | np.integer):
            raise ArgumentError(f"{name} must be an integer, got {node!r:.80}")
        if not 0 <= node < len(self):
            raise ArgumentError(f"{name} must be between 0 and {len(self) - 1}, got {node}")
        return int(node)
