"""A search over steps, one call after another: what a live search has to leave, whatever its calls' latencies.

The search itself decides (it has its own oracle); this says which sample of which request every child is, what its text
is, and how it ends.
"""

from __future__ import annotations

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
                text, tokens, is_cut = sample(before, None if limit < 0 else int(limit), index)
                new.append(_node(int(parent), before, text, tokens, is_cut, score, ends, step_end))
        state.tell(
            [node.reward for node in new],
            [node.tokens for node in new],
            [node.status for node in new],
        )
        nodes += new
    return state, nodes


def _node(parent, before, text, tokens, is_cut, score, ends, step_end):
    if text is None or not (text or before):
        return Node(parent, "", before, float("nan"), tokens, FAILED)
    step = text if is_cut or not text else text + step_end
    whole = before + step
    reward = score(whole)
    if reward != reward:
        return Node(parent, step, whole, reward, tokens, FAILED)
    if not text:
        status = CUT if is_cut else COMPLETE
    else:
        status = COMPLETE if ends(whole) else OPEN
    return Node(parent, step, whole, reward, tokens, status)
