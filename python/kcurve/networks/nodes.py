"""The nodes of a network: what makes candidates, betters, keeps and selects them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from kcurve._validation import choice, instance, positive_integer
from kcurve.errors import ArgumentError
from kcurve.networks.selectors import (
    Chained,
    FullList,
    Majority,
    Pairwise,
    PairwiseUnique,
    Selector,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SELECTORS = (Majority, FullList, Pairwise, PairwiseUnique, Chained)

Draw: TypeAlias = Literal["random", "first"]
"""Who wins of those that share first place: a fair draw, or the first of them."""


@dataclass(frozen=True, slots=True)
class Generate:
    """A node that makes candidates: so many samples of a generator.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    n : int
        How many candidates.

    Examples
    --------
    >>> Generate("draft", 5)
    Generate(name='draft', n=5)
    """

    name: str
    n: int = 1

    def __post_init__(self) -> None:
        """Check the name and the number."""
        check_name(self.name)
        positive_integer("n", self.n)

    @property
    def inputs(self) -> tuple[str, ...]:
        """A generator has none."""
        return ()


@dataclass(frozen=True, slots=True)
class Enhance:
    """A node that criticises every candidate and has it rewritten in view of the criticism.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order.
    rounds : int
        How often each candidate is criticised and rewritten: two calls a round.

    Examples
    --------
    >>> Enhance("polish", "draft", rounds=2)
    Enhance(name='polish', inputs=('draft',), rounds=2)
    """

    name: str
    inputs: str | Sequence[str]
    rounds: int = 1

    @property
    def calls_per_candidate(self) -> int:
        """How many calls it makes for each candidate."""
        return 2 * self.rounds

    def __post_init__(self) -> None:
        """Check the name, the inputs and the number."""
        check_name(self.name)
        object.__setattr__(self, "inputs", input_names(self.name, self.inputs))
        positive_integer("rounds", self.rounds)


@dataclass(frozen=True, slots=True)
class Filter:
    """A node that keeps the candidates that a verifier finds right; all of them if it finds none.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order.

    Examples
    --------
    >>> Filter("check", ["draft", "polish"])
    Filter(name='check', inputs=('draft', 'polish'))
    """

    name: str
    inputs: str | Sequence[str]

    def __post_init__(self) -> None:
        """Check the name and the inputs."""
        check_name(self.name)
        object.__setattr__(self, "inputs", input_names(self.name, self.inputs))


@dataclass(frozen=True, slots=True)
class Select:
    """A node that selects one of its candidates.

    Parameters
    ----------
    name : str
        The name of the node, unique in its network.
    inputs : str or sequence of str
        The nodes whose candidates it takes, in order; at least two candidates.
    by : Majority, FullList, Pairwise, PairwiseUnique or Chained
        How it decides.
    ties : {"random", "first"}
        Who wins of several that lead: a fair draw, the same one whenever the question is solved again;
        or the first.

    Examples
    --------
    >>> Select("answer", "draft", by=Chained())
    Select(name='answer', inputs=('draft',), by=Chained(), ties='random')
    """

    name: str
    inputs: str | Sequence[str]
    by: Selector = Majority()  # noqa: RUF009 - frozen
    ties: Draw = "random"

    def __post_init__(self) -> None:
        """Check the name, the inputs and the settings."""
        check_name(self.name)
        object.__setattr__(self, "inputs", input_names(self.name, self.inputs))
        instance("by", self.by, *SELECTORS)
        choice("ties", self.ties, ("random", "first"))


Node: TypeAlias = Generate | Enhance | Filter | Select
"""Any node of a network."""


def check_name(name: str) -> None:
    """Fail unless a node can have this name."""
    instance("name", name, str)
    if not name.strip() or name != name.strip():
        raise ArgumentError(
            f"the name of a node must be a text without blanks around it, got {name!r}"
        )


def input_names(node: str, inputs: str | Sequence[str]) -> tuple[str, ...]:
    """Return inputs as names, at least one, none of them twice."""
    names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    for name in names:
        instance(f"an input of node {node!r}", name, str)
    if not names:
        raise ArgumentError(
            f"node {node!r} has 0 inputs, the least is 1; name the nodes whose candidates it takes"
        )
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(
                f"node {node!r} takes {name!r} {names.count(name)} times, the limit is once; "
                "list it once, or add another node with more candidates"
            )
    return names
