"""A search over steps, one call after another: what a live search has to leave, whatever its calls' latencies.

The search itself decides (it has its own oracle); this says which sample of which request every child is, what its text
is, and how it ends.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN, COMPLETE, CUT, FAILED = range(4)


@dataclass(frozen=True)
class Node:
    """A node: its parent, its step, the response up to it, its score, tokens and status when it was told."""

    parent: int
    step: str
    text: str
    reward: float
    tokens: int
    status: int


def searched(
    search: object,
    *,
    sample: Callable[[str, int | None, int], tuple[str | None, int, bool]],
    score: Callable[[str], float],
    ends: Callable[[str], bool],
    step_end: str,
) -> tuple[object, list[Node]]:
    """Return the search, done, and all nodes in order of their numbers.

    ``sample(text, limit, index)`` gives text, tokens and whether a limit cut it, for sample `index` of the step after
    `text`; ``score(text)`` the score of a response, NaN for none.
    """
    state = search.begin()
    nodes = [Node(-1, "", "", float("nan"), 0, OPEN)]
    drawn: Counter[tuple[str, int]] = Counter()
    while not state.done:
        asked = state.ask()
        new = []
        for parent, children, limit in zip(*map(list, asked), strict=True):
            before = nodes[parent].text
            for _ in range(children):
                index = drawn[before, limit]
                drawn[before, limit] += 1
                drawn_step = sample(before, None if limit < 0 else int(limit), index)
                path, status, tokens = _continued(before, drawn_step, ends, step_end)
                reward = float("nan") if status == FAILED else score(path)
                if math.isnan(reward):
                    status = FAILED
                step = path[len(before) :]
                new.append(Node(int(parent), step, path, reward, tokens, status))
        state.tell(
            [node.reward for node in new],
            [node.tokens for node in new],
            [node.status for node in new],
        )
        nodes += new
    return state, nodes


def _continued(before, drawn_step, ends, step_end):
    """Return the response with a step, what has become of it, and the step's tokens."""
    text, tokens, is_cut = drawn_step
    if text is None or not (text or before):
        return before, FAILED, tokens
    if not text:
        return before, CUT if is_cut else COMPLETE, tokens
    path = before + (text if is_cut else text + step_end)
    return path, COMPLETE if ends(path) else OPEN, tokens
