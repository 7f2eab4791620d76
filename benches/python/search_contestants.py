"""Who searches: kcurve through Python, and its peers, on the same steps drawn beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from kcurve.search import MCTS, Limits, Rebase, SearchState, rebase_widths

from peers import reference_rebase, treequest_mcts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TEMPERATURE = 0.2
DEPTH = 25
# From this depth on a step may be the last one; one in ten is.
FIRST_END = 10
STEPS_OF_A_PATH = 17.9  # on average
UNLIMITED = 2**31 - 1


@dataclass(frozen=True)
class Steps:
    """Rewards, tokens and ends of steps in the order in which they are made, for trees of about so many nodes."""

    nodes: int

    @property
    def width(self) -> int:
        return round(self.nodes / STEPS_OF_A_PATH)

    @property
    def most(self) -> int:
        return DEPTH * self.width

    @cached_property
    def rewards(self) -> Floats:
        return np.random.default_rng(1).uniform(size=self.most)

    @cached_property
    def tokens(self) -> NDArray[np.uint32]:
        return np.random.default_rng(2).integers(1, 60, self.most, dtype=np.uint32)

    @cached_property
    def ends(self) -> list[NDArray[np.uint8]]:
        """For each depth, whether the n-th step ends a path if it is of that depth."""
        last = (np.random.default_rng(3).uniform(size=self.most) < 0.1).astype(np.uint8)
        return [last if depth >= FIRST_END else np.zeros_like(last) for depth in range(DEPTH + 1)]

    @cached_property
    def lists(self) -> tuple[list[float], list[int], list[list[int]]]:
        ends = [one.tolist() for one in (self.ends[0], self.ends[-1])]
        by_depth = [ends[depth >= FIRST_END] for depth in range(DEPTH + 1)]
        return self.rewards.tolist(), self.tokens.tolist(), by_depth


def searched(steps: Steps, *, lists: bool = False) -> SearchState:
    """Return REBASE's state at its end, asked and told depth by depth; told arrays, or Python's lists."""
    state = Rebase(steps.width, temperature=TEMPERATURE, limits=Limits(depth=DEPTH)).begin()
    rewards, tokens, ends = steps.lists if lists else (steps.rewards, steps.tokens, steps.ends)
    at = depth = 0
    while not state.done:
        depth += 1
        end = at + int(state.ask().children.sum())
        state.tell(rewards[at:end], tokens[at:end], ends[depth][at:end])
        at = end
    return state


def climbed(state: SearchState, rewards: Floats, steps: int) -> None:
    """Ask and tell MCTS until there are so many nodes more."""
    tokens, statuses = np.full(2, 20, np.uint32), np.zeros(2, np.uint8)
    for at in range(0, steps, 2):
        state.ask()
        state.tell(rewards[at : at + 2], tokens, statuses)


def begun_mcts() -> SearchState:
    limits = Limits(depth=UNLIMITED)
    return MCTS(UNLIMITED, root_children=2, children=2, limits=limits).begin()


@dataclass(frozen=True)
class Contestant:
    """Who is timed: `work` does `once` pieces of work, `repeat` times a round, or a short one would be measured cold."""

    name: str
    once: int
    work: Callable[[], object]
    repeat: int = 1

    @property
    def units(self) -> int:
        return self.once * self.repeat

    def run(self) -> Floats:
        for _ in range(self.repeat):
            self.work()
        return np.empty(0)


def repeated(units: int, most: int = 20_000) -> int:
    """Return how often to do so many units, to make `most` of them."""
    return max(1, most // units)


def peers() -> dict[str, reference_rebase.Allocation]:
    """Return the allocations of those who take part."""
    found = {
        "reference rule in NumPy": reference_rebase.double_widths,
        "reference rule, Python's floats": reference_rebase.plain_widths,
    }
    if find_spec("torch"):
        found["reference rule in torch"] = reference_rebase.torch_widths
    return found


def whole_searches(nodes: int) -> list[Contestant]:
    """REBASE from its first ask to its end."""
    steps = Steps(nodes)
    made = len(searched(steps)) - 1
    ours = repeated(made, 100_000)
    found = [
        Contestant("kcurve", made, lambda: searched(steps), ours),
        Contestant("kcurve, told lists", made, lambda: searched(steps, lists=True), ours),
    ]
    for name, allocate in peers().items():
        work = partial(
            reference_rebase.search, steps.width, TEMPERATURE, *steps.lists, allocate=allocate
        )
        found.append(Contestant(name, made, work, repeated(made)))
    return found


def allocations(candidates: int) -> list[Contestant]:
    """A budget of one child per candidate, shared out."""
    rewards = np.random.default_rng(4).uniform(size=candidates)
    given = rewards.tolist()
    work = partial(rebase_widths, rewards, candidates, temperature=TEMPERATURE)
    found = [Contestant("kcurve", candidates, work, repeated(candidates, 100_000))]
    for name, allocate in peers().items():
        work = partial(allocate, given, candidates, TEMPERATURE)
        found.append(Contestant(name, candidates, work, repeated(candidates, 5_000)))
    return found


def aggregations(nodes: int) -> list[Contestant]:
    """The scores of all solutions, last, least, product and mean of their steps' rewards."""
    steps = Steps(nodes)
    state = searched(steps)
    leaves = state.solutions
    tree = reference_rebase.search(
        steps.width, TEMPERATURE, *steps.lists, allocate=reference_rebase.double_widths
    )
    names = tuple(reference_rebase.AGGREGATIONS)
    return [
        Contestant(
            "kcurve",
            len(leaves),
            lambda: [state.scores(leaves, name) for name in names],
            repeated(len(leaves)),
        ),
        Contestant(
            "lists of Python",
            len(tree.leaves),
            lambda: [reference_rebase.path_scores(tree.leaves, name) for name in names],
            repeated(len(leaves)),
        ),
    ]


def climbs(nodes: int, *, treequest: int = 0) -> list[Contestant]:
    """MCTS in a tree that has so many nodes: steps of kcurve, and so many of treequest."""
    rewards = np.random.default_rng(5).uniform(size=nodes + 1)
    state = begun_mcts()
    climbed(state, rewards, nodes)
    more = min(1_000, nodes // 20)
    found = [
        Contestant("kcurve", more, lambda: climbed(state, rewards, more)),
    ]
    if treequest:
        source = cycle(rewards.tolist())
        grown = treequest_mcts.grown(source, nodes)
        found.append(
            Contestant(
                "treequest",
                treequest,
                lambda: treequest_mcts.stepped(grown, source, treequest),
            )
        )
    return found


def whole_climbs(nodes: int) -> list[Contestant]:
    """MCTS from the root on."""
    rewards = np.random.default_rng(5).uniform(size=nodes)
    source = cycle(rewards.tolist())

    def peer(*, inplace: bool) -> object:
        start = treequest_mcts.algorithm().init_tree()
        return treequest_mcts.stepped(start, source, nodes, inplace=inplace)

    return [
        Contestant("kcurve", nodes, lambda: climbed(begun_mcts(), rewards, nodes), repeated(nodes)),
        Contestant("treequest, in place", nodes, lambda: peer(inplace=True)),
    ]
