"""What a network must be: named nodes without cycles, all of which lead to one candidate."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from kcurve.errors import ArgumentError
from kcurve.networks.nodes import Enhance, Filter, Generate, Node, Select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Count(NamedTuple):
    """The least and the most of something."""

    least: int
    most: int


def ordered(nodes: Sequence[object], output: str | None) -> tuple[dict[str, Node], str]:
    """Return the nodes by name, inputs before those that take them, and the name of the output.

    Raises
    ------
    ArgumentError
        If names are not unique, an input is unknown, there is a cycle, or not exactly one node
        is the output.
    """
    named = _named(nodes)
    for node in named.values():
        for source in node.inputs:
            if source not in named:
                raise ArgumentError(
                    f"the input {source!r} of node {node.name!r} is none of the nodes "
                    f"{_list(named)}; add it or name one of these"
                )
    try:
        names = list(
            TopologicalSorter({name: node.inputs for name, node in named.items()}).static_order()
        )
    except CycleError as error:
        cycle = " -> ".join(repr(name) for name in error.args[1])
        raise ArgumentError(
            f"the nodes {cycle} form a cycle, a network has none; "
            "for repetition use rounds of an Enhance, or one node per turn"
        ) from None
    final = _output(named, output)
    unused = named.keys() - _ancestors(named, final)
    if unused:
        raise ArgumentError(
            f"nothing leads from node {_list(n for n in named if n in unused)} to the output "
            f"{final!r}; make it an input of a node on the way, or leave it out"
        )
    return {name: named[name] for name in names}, final


def check_readings(nodes: Iterable[Node]) -> None:
    """Fail unless all generators read answers alike.

    Raises
    ------
    ArgumentError
        If one has another extractor or equivalence than the first.
    """
    first, *others = [node for node in nodes if isinstance(node, Generate)]
    for other in others:
        one, two = first.generator, other.generator
        if (one.extract, one.equivalence) != (two.extract, two.equivalence):
            raise ArgumentError(
                f"the generators of a network must read answers alike, {first.name!r} and {other.name!r} "
                "do not; use answers.FirstOf for several formats"
            )


def candidate_counts(nodes: Mapping[str, Node], output: str) -> dict[str, Count]:
    """Return how many candidates each node, inputs first, hands on.

    Raises
    ------
    ArgumentError
        If a selector has fewer than two candidates, or the output hands on more than one.
    """
    counts: dict[str, Count] = {}
    for name, node in nodes.items():
        given = candidates_given(node, counts)
        match node:
            case Generate(n=n):
                counts[name] = Count(n, n)
            case Enhance():
                counts[name] = given
            case Filter():
                counts[name] = Count(1, given.most)
            case Select():
                if given.most < 2:
                    raise ArgumentError(
                        f"node {name!r} selects among {given.most} candidate, the least is 2; "
                        f"add an input, or candidates to {_list(node.inputs)}"
                    )
                counts[name] = Count(1, 1)
    if counts[output].most > 1:
        raise ArgumentError(
            f"the output {output!r} hands on up to {counts[output].most} candidates, the limit is 1; "
            "add a Select that takes them"
        )
    return counts


def candidates_given(node: Node, counts: Mapping[str, Count]) -> Count:
    """Return how many candidates a node is given."""
    return Count(
        sum(counts[source].least for source in node.inputs),
        sum(counts[source].most for source in node.inputs),
    )


def _named(nodes: Sequence[object]) -> dict[str, Node]:
    if not nodes:
        raise ArgumentError("a network has 0 nodes, the least is 1; begin with a Generate")
    named: dict[str, Node] = {}
    for node in nodes:
        if not isinstance(node, Generate | Enhance | Filter | Select):
            raise TypeError(f"a node must be Generate, Enhance, Filter or Select, got {node!r:.80}")
        if node.name in named:
            raise ArgumentError(
                f"2 nodes are named {node.name!r}, a name stands for 1; rename one of them"
            )
        named[node.name] = node
    return named


def _output(named: Mapping[str, Node], output: str | None) -> str:
    if output is not None:
        if output not in named:
            raise ArgumentError(
                f"the output {output!r} is none of the nodes {_list(named)}; name one of these"
            )
        return output
    taken = {source for node in named.values() for source in node.inputs}
    ends = [name for name in named if name not in taken]
    if len(ends) != 1:
        raise ArgumentError(
            f"the network has {len(ends)} outputs, {_list(ends)}, the limit is 1; "
            "select between them, or leave out what is not used"
        )
    return ends[0]


def _ancestors(named: Mapping[str, Node], name: str) -> set[str]:
    found, waiting = {name}, [name]
    while waiting:
        new = set(named[waiting.pop()].inputs) - found
        found |= new
        waiting += new
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
