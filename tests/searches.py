"""Searches driven through trees that are known beforehand."""

import numpy as np

from tests.oracles.search import COMPLETE, FAILED, OPEN


def known_world(seed, *, completes=0.2, fails=0.05, most_tokens=9, grid=None):
    """Return a world: reward, tokens and status of the step at the end of a path of child numbers."""

    def world(path):
        random = np.random.default_rng([seed, *path])
        luck = random.random()
        status = FAILED if luck < fails else COMPLETE if luck < fails + completes else OPEN
        reward = random.random()
        if grid:
            reward = round(reward * grid) / grid
        return reward, int(random.integers(1, most_tokens + 1)), status

    return world


def driven(state, world, *, each=lambda state: state):
    """Run a search through a world, and return its state and the path of child numbers of every node.

    `each` is given the state before every ask, and returns the one to go on with.
    """
    paths = [()]
    while True:
        state = each(state)
        asked = state.ask()
        if not len(asked.nodes):
            return state, paths
        new = [
            (*paths[node], child)
            for node, children in zip(asked.nodes, asked.children, strict=True)
            for child in range(children)
        ]
        rewards, tokens, statuses = zip(*map(world, new), strict=True)
        state.tell(rewards, tokens, statuses)
        paths += new
