"""Monte Carlo tree search by treequest (Apache 2.0): `StandardMCTS`, whose step makes one node.

treequest looks a node up by sorting all nodes of the tree, so that a step costs as many steps as there are nodes. To measure
steps in a large tree without waiting for the square of its size, `grown` makes the tree with the same parts of the
algorithm, the look-up left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treequest.algos.standard_mcts import StandardMCTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from treequest.algos.standard_mcts import MCTSState

CHILDREN = 2


def algorithm() -> StandardMCTS[str]:
    """Return the search whose nodes have two children each."""
    return StandardMCTS(samples_per_action=CHILDREN, exploration_weight=1.0)


def stepped(
    state: MCTSState[str], rewards: Iterator[float], steps: int, *, inplace: bool = True
) -> MCTSState[str]:
    """Return the state after so many steps, whose generation does nothing but hand out a reward."""
    search = algorithm()
    generate = {"continue": lambda _: ("step", next(rewards))}
    for _ in range(steps):
        state = search.step(state, generate, inplace=inplace)
    return state


def grown(rewards: Iterator[float], nodes: int) -> MCTSState[str]:
    """Return the state with so many nodes, the root included."""
    # ruff: noqa: SLF001 - these are its parts
    search = algorithm()
    state = search.init_tree()
    while state.tree.size < nodes:
        parent = search._select(state)
        for _ in range(CHILDREN):
            reward = next(rewards)
            child = state.tree.add_node(("step", reward), parent)
            search._backpropagate(state, child, reward)
            if len(parent.children) > 1:
                search._update_priors(state, parent)
    return state
