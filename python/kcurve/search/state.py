"""The state of a search: ask for continuations, tell what came, save and go on."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from kcurve import _core
from kcurve._validation import choice
from kcurve.errors import ArgumentError
from kcurve.search.search_tree import SearchTree

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

Aggregation: TypeAlias = Literal["last", "min", "prod", "mean"]
"""How the rewards of the steps of a path become one score."""

AGGREGATIONS = ("last", "min", "prod", "mean")


class Asked(NamedTuple):
    """Continuations that a search wants.

    Attributes
    ----------
    nodes : int64 [m]
        The nodes to be continued; node 0 is the root.
    children : int64 [m]
        How many continuations of each.
    tokens : int64 [m]
        The most tokens of each continuation; -1 for no limit.
    """

    nodes: NDArray[np.int64]
    children: NDArray[np.int64]
    tokens: NDArray[np.int64]


class SearchState:
    """A search under way, made by `begin` of its settings or by `load`.

    It does no input or output: whoever drives it makes the continuations that `ask` wants, and tells their
    rewards. Nodes are numbered in the order in which they are told, from 1; the root is 0.

    Examples
    --------
    >>> from kcurve.search import BeamSearch
    >>> state = BeamSearch(2, branching=2).begin()
    >>> state.tell(rewards=[0.2, 0.7], tokens=[5, 6], statuses=[0, 0])
    >>> again = SearchState.load(state.save())
    >>> again.tell(rewards=[0.6, 0.9], tokens=[7, 7], statuses=[1, 1])
    >>> again.done, again.solutions, again.scores(again.solutions, "min")
    (True, array([3, 4]), array([0.6, 0.7]))
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Search) -> None:
        self._core = core

    @property
    def core(self) -> _core.Search:
        """The search as the core has it."""
        return self._core

    @property
    def done(self) -> bool:
        """Whether nothing more is asked."""
        return self._core.done

    @property
    def remaining(self) -> int:
        """What is left to be spent: solutions, for MCTS selections."""
        return self._core.remaining

    def __len__(self) -> int:
        """Return the number of nodes, the root included."""
        return len(self._core)

    def ask(self) -> Asked:
        """Return the continuations wanted: the same until they are told, none once the search is done."""
        return Asked(*self._core.ask())

    def tell(self, rewards: ArrayLike, tokens: ArrayLike, statuses: ArrayLike) -> None:
        """Take the continuations asked for, all of them.

        Parameters
        ----------
        rewards : array_like of float [n]
            The reward of each new step, in the order asked: all children of the first node, then those of the
            second, and so on. Those of failed ones are not looked at, and become NaN.
        tokens : array_like of int [n]
            The tokens of each step.
        statuses : array_like of Status or int [n]
            Open, complete or failed. What reaches a limit is cut by the search itself.

        Raises
        ------
        ArgumentError
            If these are not the children asked for, a reward is not finite, or tokens are negative. Nothing
            is changed then.

        Notes
        -----
        Costs microseconds, and some tens of nanoseconds a child.
        """
        self._core.tell(
            np.ascontiguousarray(rewards, dtype=np.float64),
            _counts("tokens", tokens, np.uint32),
            _counts("statuses", statuses, np.uint8),
        )

    @property
    def solutions(self) -> NDArray[np.int64]:
        """The nodes that came to their end, in the order of their numbers."""
        return self._core.solutions()

    def path(self, node: int) -> NDArray[np.int64]:
        """Return the nodes from the first step to a node."""
        return self._core.path(index(node))

    def scores(self, nodes: ArrayLike, aggregation: Aggregation = "last") -> NDArray[np.float64]:
        """Return the scores of the paths to these nodes.

        Parameters
        ----------
        nodes : array_like of int
            The nodes.
        aggregation : {"last", "min", "prod", "mean"}
            The reward of the last step, or the least, the product or the mean of those of all steps.

        Raises
        ------
        ArgumentError
            If there is no such node.
        """
        choice("aggregation", aggregation, AGGREGATIONS)
        given = np.asarray(nodes)
        if given.size and given.dtype.kind not in "iu":
            raise ArgumentError(f"nodes must be integers, got {given.dtype}")
        return self._core.scores(np.ascontiguousarray(given, dtype=np.int64), aggregation)

    @property
    def tree(self) -> SearchTree:
        """The tree as it stands, without texts."""
        return SearchTree.from_columns(self._core.columns())

    def settings(self) -> dict[str, Any]:
        """Return the method and its settings, as plain values."""
        name, settings = self._core.settings()
        return {"method": name, **settings}

    def save(self) -> bytes:
        """Return the whole state, to be restored by `load`; equal states give equal bytes."""
        return self._core.save()

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """Return the search that `save` gave.

        Raises
        ------
        ArgumentError
            If the bytes are no saved search, or are damaged.
        """
        return cls(_core.Search.load(saved))

    def __repr__(self) -> str:
        """Show the method, and how far it is."""
        name, _ = self._core.settings()
        return (
            f"SearchState({name}, nodes={len(self)}, solutions={len(self.solutions)}, "
            f"remaining={self.remaining}, done={self.done})"
        )


def _counts(name: str, values: ArrayLike, kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Return integers of at least 0 as the core takes them.

    Raises
    ------
    ArgumentError
        If one is negative or too large, or they are no integers.
    """
    given = np.asarray(values)
    if given.dtype == kind and given.flags.c_contiguous:
        return given
    if given.size and given.dtype.kind not in "iub":
        raise ArgumentError(f"{name} must be integers, got {given.dtype}")
    if given.size and (given.min() < 0 or given.max() > np.iinfo(kind).max):
        bad = given.min() if given.min() < 0 else given.max()
        raise ArgumentError(f"{name} must be between 0 and {np.iinfo(kind).max}, got {bad}")
    return np.ascontiguousarray(given, dtype=kind)
