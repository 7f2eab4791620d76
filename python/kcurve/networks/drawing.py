"""A network as text: a tree from the output down, and what each node may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kcurve.networks.network import Network


def drawing(network: Network) -> str:
    """Return the nodes as a tree of inputs, with candidates and calls beside it.

    A node that several others take is drawn below each, what it takes itself only below the first.
    """
    calls = {row.node: row for row in network.calls()}
    rows = [("node", "kind", "candidates", "calls")]
    for branch, name, again in _branches(network):
        row = calls[name]
        if again:
            rows.append((branch + name, "(above)", "", ""))
        else:
            rows.append(
                (branch + name, row.kind, _range(*row.candidates), _range(row.least, row.most))
            )
    total = network.calls()
    rows.append(("", "", "", _range(total.least, total.most)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{node:{widths[0]}}  {kind:{widths[1]}}  {some:>{widths[2]}}  {cost:>{widths[3]}}".rstrip()
        for node, kind, some, cost in rows
    )


def _range(least: int, most: int) -> str:
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _branches(network: Network) -> Iterator[tuple[str, str, bool]]:
    drawn: set[str] = set()
    # Names to draw, the next one last: with what stands before them, and before what they take.
    waiting = [("", "", network.output)]
    while waiting:
        branch, margin, name = waiting.pop()
        again = name in drawn and bool(network[name].inputs)
        yield branch, name, name in drawn
        drawn.add(name)
        if not again:
            inputs = network[name].inputs
            below = [(f"{margin}├─ ", f"{margin}│  ", source) for source in inputs[:-1]]
            below += [(f"{margin}└─ ", f"{margin}   ", source) for source in inputs[-1:]]
            waiting += reversed(below)
