"""The accuracy of a network in closed form, where one is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from kcurve.networks.nodes import Enhance, Filter, Generate, Node, Select
from kcurve.networks.pairwise import Pairwise
from kcurve.networks.selectors import FullList, Majority, Selector
from kcurve.theory import (
    filter_vote_accuracy,
    round_robin,
    select,
    two_layer,
    vote_accuracy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kcurve.networks.network import Network
    from kcurve.networks.qualities import Qualities
    from kcurve.simulate import Filter as KeepRates
    from kcurve.theory import Step

    Floats = NDArray[np.float64]

_LARGEST_ROUND_ROBIN = 10


@dataclass(frozen=True, slots=True)
class _Independent:
    """Candidates that are independent of each other given the question.

    `kept` and `dropped` are probabilities [Q, A] for each candidate: that it has the answer, and that a filter
    keeps it, or drops it. `labels` is False where only right and wrong can be told.
    """

    kept: tuple[Floats, ...]
    dropped: tuple[Floats, ...]
    sources: frozenset[str]
    labels: bool = True

    @property
    def filtered(self) -> bool:
        return any(masses.any() for masses in self.dropped)

    @property
    def answered(self) -> bool:
        """Whether every candidate has an answer."""
        return all(
            np.allclose((kept + dropped).sum(axis=-1), 1, rtol=0, atol=1e-9)
            for kept, dropped in zip(self.kept, self.dropped, strict=True)
        )

    @property
    def equal(self) -> bool:
        """Whether all candidates have the same law."""
        return all(np.array_equal(masses, self.kept[0]) for masses in self.kept) and all(
            np.array_equal(masses, self.dropped[0]) for masses in self.dropped
        )


def exact_accuracy(network: Network, qualities: Qualities) -> float:
    """Return the accuracy of a network, the mean over questions; NaN if no closed form is known."""
    laws: dict[str, _Independent | None] = {}
    for node in network.nodes:
        laws[node.name] = _law(node, laws, qualities)
    final = laws[network.output]
    return nan if final is None or final.filtered else float(final.kept[0][:, 0].mean())


def _law(
    node: Node, laws: Mapping[str, _Independent | None], qualities: Qualities
) -> _Independent | None:
    if isinstance(node, Generate):
        answers = qualities.answers[node.name]
        nothing = np.zeros_like(answers)
        return _Independent((answers,) * node.n, (nothing,) * node.n, frozenset({node.name}))
    given = _joined([laws[source] for source in node.inputs])
    if given is None:
        return None
    match node:
        case Enhance():
            return _enhanced(given, qualities.steps[node.name], node.rounds)
        case Filter():
            return _filtered(given, qualities.keeps[node.name])
        case Select():
            return _selected(given, node, qualities)


def _joined(laws: list[_Independent | None]) -> _Independent | None:
    """Return the law of several inputs; None unless they share no ancestor."""
    known = [law for law in laws if law is not None]
    sources = frozenset[str]().union(*(law.sources for law in known))
    if len(known) < len(laws) or len(sources) < sum(len(law.sources) for law in known):
        return None
    if len(known) > 1 and any(law.filtered for law in known):
        # Each falls back on its own.
        return None
    return _Independent(
        sum((law.kept for law in known), ()),
        sum((law.dropped for law in known), ()),
        sources,
        all(law.labels for law in known),
    )


def _enhanced(given: _Independent, step: Step, rounds: int) -> _Independent | None:
    if given.filtered and not given.answered:
        return None
    kept, dropped = given.kept, given.dropped
    for _ in range(rounds):
        kept = tuple(_stepped(masses, step, given.filtered) for masses in kept)
        dropped = tuple(_stepped(masses, step, complete=True) for masses in dropped)
    return _Independent(kept, dropped, given.sources, given.labels)


def _stepped(masses: Floats, step: Step, complete: bool) -> Floats:  # noqa: FBT001
    right, wrong = masses[:, :1], masses[:, 1:]
    # What has no answer is mended like what has a wrong one.
    others = wrong.sum(axis=-1, keepdims=True) if complete else 1 - right
    spoilt = right * (1 - step.keep_right) / wrong.shape[-1]
    return np.concatenate(
        [
            right * step.keep_right + others * step.fix_wrong,
            wrong * (1 - step.fix_wrong) + spoilt,
        ],
        axis=-1,
    )


def _filtered(given: _Independent, rates: KeepRates) -> _Independent | None:
    if given.filtered:
        return None
    chance = np.full(given.kept[0].shape[-1], rates.keep_wrong)
    chance[0] = rates.keep_right
    return _Independent(
        tuple(masses * chance for masses in given.kept),
        tuple(masses * (1 - chance) for masses in given.kept),
        given.sources,
        given.labels,
    )


def _selected(given: _Independent, node: Select, qualities: Qualities) -> _Independent | None:
    if isinstance(node.by, Majority):
        masses = _voted(given)
    elif given.filtered or not given.answered:
        masses = None
    else:
        accuracy = _preferred(given, node, qualities)
        masses = None if accuracy is None else np.stack([accuracy, 1 - accuracy], axis=-1)
    if masses is None:
        return None
    labels = given.labels and masses.shape == given.kept[0].shape
    wide = np.zeros_like(given.kept[0])
    wide[:, : masses.shape[-1]] = masses
    return _Independent((wide,), (np.zeros_like(wide),), given.sources, labels)


def _voted(given: _Independent) -> Floats | None:
    """Return the probability of each answer to win the vote [Q, A]."""
    if not given.equal or not given.labels:
        return None
    kept, dropped, n = given.kept[0], given.dropped[0], len(given.kept)
    wins = [
        filter_vote_accuracy(kept, dropped, n, correct=answer, calls="candidates")
        if given.filtered
        else vote_accuracy(kept, n, correct=answer)
        for answer in range(kept.shape[-1])
    ]
    return np.stack(wins, axis=-1)


def _preferred(given: _Independent, node: Select, qualities: Qualities) -> Floats | None:
    """Return the accuracy of a selector that judges [Q]."""
    right = [masses[:, 0] for masses in given.kept]
    name = node.name
    if isinstance(node.by, FullList):
        if not given.equal:
            return None
        table = np.array(
            qualities.shares[name](np.arange(len(right) + 1) / len(right)), dtype=np.float64
        )
        # Where all are alike there is nothing to choose.
        table[0], table[-1] = 0.0, 1.0
        return two_layer(right[0], table, len(right))
    if _is_chain(node.by, len(right)) and node.ties == "random":
        champion = right[0]
        for challenger in right[1:]:
            champion = select(champion, challenger, qualities.chances[name])
        return champion
    if (
        isinstance(node.by, Pairwise)
        and not node.by.both_orders
        and node.by.shared == 0.5
        and node.ties == "random"
        and given.equal
        and given.kept[0].shape[-1] == 2
        and len(right) <= _LARGEST_ROUND_ROBIN
    ):
        table = round_robin(len(right), qualities.chances[name])
        return two_layer(right[0], table, len(right))
    return None


def _is_chain(by: Selector, candidates: int) -> bool:
    """Return whether a selector does as a chain does: of two candidates all of them do."""
    return by.kind == "chained" or candidates == 2
