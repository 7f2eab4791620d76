"""The searches and their settings; `begin` starts one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from kcurve import _core
from kcurve._validation import choice, instance, number_between, positive_integer
from kcurve.errors import ArgumentError
from kcurve.search.allocation import Rounding, decimal
from kcurve.search.limits import Limits
from kcurve.search.state import SearchState

_MOST = 2**31
_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Rebase:
    r"""REBASE, reward-balanced search: all open paths of a depth share the budget by the softmax of their rewards.

    With :math:`R_j` the reward of open node j and B the solutions still wanted, node j is continued
    :math:`W_j \approx B \exp(R_j / T) / \sum_k \exp(R_k / T)` times; B begins at `width`, and every path that comes to its end
    takes one from it.

    Parameters
    ----------
    width : int
        The number of solutions wanted.
    temperature : float
        The balance temperature T, above 0: near 0 the best node takes all, for large T all are continued alike.
    rounding : {"ceil", "round"}
        How W becomes whole: see `rebase_widths`. ``"round"`` is the formula as printed, and may miss the budget.
    keep : float
        Of the open nodes of a depth only the best take part, this share of them, rounded up; 0 < keep <= 1.
    limits : Limits
        Of depth and tokens.

    Notes
    -----
    A failed child leaves its share to the others at the next depth. The published text has T = 0.1, the
    program that goes with it 0.2.

    References
    ----------
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, section 3.2 and eq. 1.

    Examples
    --------
    >>> state = Rebase(16).begin()
    >>> state.ask()
    Asked(nodes=array([0]), children=array([16]), tokens=array([-1]))
    >>> state.tell(rewards=[0.9, 0.8, 0.5, 0.3] * 4, tokens=[12] * 16, statuses=[0] * 16)
    >>> state.ask().children.tolist()
    [2, 1, 2, 1, 3, 1, 3, 2, 1]
    """

    width: int
    temperature: float = field(default=0.2, kw_only=True)
    rounding: Rounding = field(default="ceil", kw_only=True)
    keep: float = field(default=1.0, kw_only=True)
    limits: Limits = field(default=_NO_LIMITS, kw_only=True)
    label: ClassVar[str] = "REBASE"

    def __post_init__(self) -> None:
        """Check the settings."""
        _check("width", self.width, self.limits)
        number_between("temperature", self.temperature, 0, 1e300, low_excluded=True)
        choice("rounding", self.rounding, ("ceil", "round"))
        number_between("keep", self.keep, 0, 1, low_excluded=True)

    def begin(self) -> SearchState:
        """Return a search that has not begun."""
        ratio = (1, 1) if self.keep == 1 else decimal(self.keep)
        return SearchState(
            _core.Search.rebase(
                self.width, self.temperature, self.rounding, ratio, self.limits.core
            )
        )


@dataclass(frozen=True, slots=True)
class BeamSearch:
    """Beam search: the best paths of every depth are continued, equally often.

    Of B solutions still wanted the ``ceil(B / branching)`` best open nodes of a depth share the B continuations evenly, the
    better ones first; of equal rewards the earlier node is the better.

    Parameters
    ----------
    width : int
        The number of solutions wanted.
    branching : int
        How often a path is continued.
    limits : Limits
        Of depth and tokens.

    References
    ----------
    Snell et al., "Scaling LLM Test-Time Compute Optimally", arXiv 2408.03314, section 5.1.

    Examples
    --------
    >>> state = BeamSearch(4, branching=2).begin()
    >>> state.tell(rewards=[0.1, 0.9, 0.5, 0.2], tokens=[9] * 4, statuses=[0] * 4)
    >>> state.ask()
    Asked(nodes=array([2, 3]), children=array([2, 2]), tokens=array([-1, -1]))
    """

    width: int
    branching: int = field(default=4, kw_only=True)
    limits: Limits = field(default=_NO_LIMITS, kw_only=True)
    label: ClassVar[str] = "beam search"

    def __post_init__(self) -> None:
        """Check the settings."""
        _check("width", self.width, self.limits)
        _check("branching", self.branching, self.limits)

    def begin(self) -> SearchState:
        """Return a search that has not begun."""
        return SearchState(
            _core.Search.beam(self.width, self.branching, separate=False, limits=self.limits.core)
        )


@dataclass(frozen=True, slots=True)
class DVTS:
    """Diverse verifier tree search: beam searches of width `branching`, side by side.

    Every `branching` first steps are a search of their own, which continues the best of its open nodes as often as it
    still wants solutions. A subtree all of whose paths failed is lost.

    Parameters
    ----------
    width : int
        The number of solutions wanted, in all subtrees together.
    branching : int
        The number of solutions wanted in each subtree.
    limits : Limits
        Of depth and tokens.

    References
    ----------
    Beeching, Tunstall and Rush, "Scaling test-time compute with open models", 2024.

    Examples
    --------
    >>> state = DVTS(4, branching=2).begin()
    >>> state.tell(rewards=[0.8, 0.9, 0.5, 0.2], tokens=[9] * 4, statuses=[0] * 4)
    >>> state.ask()
    Asked(nodes=array([2, 3]), children=array([2, 2]), tokens=array([-1, -1]))
    """

    width: int
    branching: int = field(default=4, kw_only=True)
    limits: Limits = field(default=_NO_LIMITS, kw_only=True)
    label: ClassVar[str] = "DVTS"

    def __post_init__(self) -> None:
        """Check the settings."""
        _check("width", self.width, self.limits)
        _check("branching", self.branching, self.limits)

    def begin(self) -> SearchState:
        """Return a search that has not begun."""
        return SearchState(
            _core.Search.beam(self.width, self.branching, separate=True, limits=self.limits.core)
        )


@dataclass(frozen=True, slots=True)
class IndependentPaths:
    """Sampling step by step: every path continues itself, whatever its rewards are.

    The case without any choice that searches are compared with: best-of-n and weighted vote are rules over
    its solutions.

    Parameters
    ----------
    width : int
        The number of paths.
    limits : Limits
        Of depth and tokens.

    Examples
    --------
    >>> state = IndependentPaths(3).begin()
    >>> state.tell(rewards=[0.8, 0.9, 0.5], tokens=[9] * 3, statuses=[0, 1, 0])
    >>> state.ask().nodes
    array([1, 3])
    """

    width: int
    limits: Limits = field(default=_NO_LIMITS, kw_only=True)
    label: ClassVar[str] = "sampling"

    def __post_init__(self) -> None:
        """Check the settings."""
        _check("width", self.width, self.limits)

    def begin(self) -> SearchState:
        """Return a search that has not begun."""
        return SearchState(_core.Search.beam(self.width, 1, separate=True, limits=self.limits.core))


@dataclass(frozen=True, slots=True)
class MCTS:
    r"""Monte Carlo tree search with rewards in place of rollouts.

    From the root down the child with the largest :math:`Q(s) + C \sqrt{\ln N(\text{parent}) / N(s)}` is selected, of equal
    ones the first, until a node without children is reached, which is continued. The reward V of every new child
    goes up to the root: :math:`N \leftarrow N + 1`, :math:`Q \leftarrow ((N - 1) Q + V) / N`.

    Parameters
    ----------
    expansions : int
        The number of selections, the root's included. One that ends at a path which cannot go on backs
        its reward up again, and is spent.
    root_children : int
        The number of first steps.
    children : int
        How often every other node is continued.
    exploration : float
        C, at least 0.
    limits : Limits
        Of depth and tokens.

    References
    ----------
    Kocsis and Szepesvári, "Bandit Based Monte-Carlo Planning", 2006 (UCT).
    Wu et al., "Inference Scaling Laws", arXiv 2408.00724, appendix: C = 1; 4, 8 or 16 first steps, 2 children of every other
    node, 32, 64 or 128 expansions.

    Examples
    --------
    >>> state = MCTS(32, root_children=3).begin()
    >>> state.tell(rewards=[0.8, 0.9, 0.5], tokens=[9] * 3, statuses=[0] * 3)
    >>> state.ask()
    Asked(nodes=array([2]), children=array([2]), tokens=array([-1]))
    """

    expansions: int
    root_children: int = field(default=4, kw_only=True)
    children: int = field(default=2, kw_only=True)
    exploration: float = field(default=1.0, kw_only=True)
    limits: Limits = field(default=_NO_LIMITS, kw_only=True)
    label: ClassVar[str] = "MCTS"

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("expansions", "root_children", "children"):
            _check(name, getattr(self, name), self.limits)
        number_between("exploration", self.exploration, 0, 1e300)

    def begin(self) -> SearchState:
        """Return a search that has not begun."""
        return SearchState(
            _core.Search.mcts(
                self.expansions,
                self.root_children,
                self.children,
                self.exploration,
                self.limits.core,
            )
        )


Search: TypeAlias = Rebase | BeamSearch | DVTS | MCTS | IndependentPaths
"""The settings of any search."""


def _check(name: str, value: int, limits: Limits) -> None:
    positive_integer(name, value)
    if value >= _MOST:
        raise ArgumentError(f"{name} must be less than {_MOST:,}, got {value:,}")
    instance("limits", limits, Limits)
