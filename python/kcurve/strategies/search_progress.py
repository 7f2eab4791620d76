"""How far a search is, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProgress:
    """A search after it was told of one more round of steps.

    Attributes
    ----------
    question : str
        The id of the question.
    depth : int
        Depth of the deepest step of this round, 1 for first steps.
    nodes : int
        Steps sampled up to now.
    complete, failed : int
        Those that end a response, and those that brought no text or no score.
    open : int
        Nodes that are continued next; 0 at the end.
    remaining : int
        What is left of the budget: solutions still wanted, for `MCTS` selections.
    tokens : int
        Tokens of all steps, pruned ones included.
    """

    question: str
    depth: int
    nodes: int
    complete: int
    failed: int
    open: int
    remaining: int
    tokens: int


Watch: TypeAlias = Callable[[SearchProgress], None]
"""Is told how far a search is, after every round of steps."""
